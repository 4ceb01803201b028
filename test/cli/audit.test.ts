import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { storyOf } from '../../src/cli/audit-query.ts';
import { timeline } from '../../src/cli/audit-story.ts';
import { verifyLedger } from '../../src/cli/audit-verify.ts';
import {
  isAuditPage,
  lineOf,
  type AuditEntry,
  type AuditPage,
} from '../../src/contract/audit-page.ts';
import type { BridgeClient } from '../../src/cli/bridge-client.ts';
import { openPaint } from '../../src/cli/paint.ts';
import type { LedgerKey } from '../../src/payment/ledger-check.ts';
import {
  chainHash,
  checkpointText,
  entryHash,
  GENESIS,
  type Checkpoint,
} from '../../src/payment/ledger.ts';
import { signText } from '../../src/system/keys.ts';

const pair = generateKeyPairSync('ed25519');
const PRIVATE = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEY: LedgerKey = {
  keyId: 'key-a',
  pem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

/** A ledger as the bridge shows it: every tenth call has a subscription. */
function ledgerOf(count: number): AuditEntry[] {
  let chain = GENESIS;
  return Array.from({ length: count }, (_, index) => {
    const seq = index + 1;
    const entry: AuditEntry = {
      seq,
      id: `led_${seq}`,
      at: new Date(Date.UTC(2026, 10, 23, 12, 0, seq)).toISOString(),
      actor: 'tokenline-sandbox',
      action: seq % 3 === 0 ? 'event.delivered' : 'subscribe.approved',
      result: 'success',
      origin: 'api 127.0.0.1',
      resource: `thing_${seq}`,
      operation_id: '',
      interaction_id: seq % 3 === 0 ? '' : `call-${Math.ceil(seq / 3)}`,
      subscription_id: seq % 3 === 1 ? '' : `sub_${Math.ceil(seq / 3)}`,
      gateway_transaction_id: seq % 3 === 2 ? `txn_${seq}` : '',
      detail: { gateway: 'sandbox' },
      entry_hash: '',
      chain_hash: '',
    };
    const hash = entryHash(lineOf(entry).entry);
    chain = chainHash(chain, hash);
    return { ...entry, entry_hash: hash, chain_hash: chain };
  });
}

function signed(entry: AuditEntry): Checkpoint {
  const text = { seq: entry.seq ?? 0, chainHash: entry.chain_hash, at: entry.at, keyId: 'key-a' };
  return { ...text, signature: signText(PRIVATE, checkpointText(text)) };
}

interface FakeBridge extends BridgeClient {
  readonly asked: URLSearchParams[];
}

/** Answers as `GET /v1/audit` does, with pages of its own size. */
function bridgeWith(
  entries: readonly AuditEntry[],
  checkpoints: readonly Checkpoint[],
): FakeBridge {
  const asked: URLSearchParams[] = [];
  function pageFor(query: URLSearchParams): AuditPage {
    const wants = (name: keyof AuditEntry): boolean => query.has(name);
    const names = ['gateway_transaction_id', 'interaction_id', 'subscription_id'] as const;
    const found = entries.filter(
      (entry) =>
        names.every((name) => !wants(name) || entry[name] === query.get(name)) &&
        (entry.seq ?? 0) > Number(query.get('after_seq') ?? 0),
    );
    const shown = found.slice(0, Number(query.get('limit')));
    const last = shown.at(-1)?.seq ?? 0;
    return {
      outcome: 'approved',
      route: 'continue',
      prompt: 'available',
      prompt_text: '',
      entries: shown,
      checkpoints: checkpoints
        .filter(({ seq }) => seq <= last)
        .map(({ seq, chainHash: chain_hash, at, keyId: key_id, signature }) => {
          return { seq, chain_hash, at, key_id, signature };
        }),
      links: [],
      public_keys: [{ key_id: KEY.keyId, pem: KEY.pem }],
      unsealed: 0,
    };
  }
  return {
    asked,
    get(path, isWanted) {
      const query = new URL(path, 'http://bridge.test').searchParams;
      asked.push(query);
      const page: unknown = pageFor(query);
      assert.ok(isAuditPage(page));
      assert.ok(isWanted(page));
      return Promise.resolve(page);
    },
    close: () => Promise.resolve(),
  };
}

const TRUST = { keys: [KEY], said: 'ledger.pub.pem' };
const LEDGER = ledgerOf(2_345);
const CHECKPOINTS = [500, 1_000, 2_000, 2_345].map((seq) => signed(LEDGER[seq - 1] as AuditEntry));

test('the whole ledger is paged through and every row is checked', async () => {
  const bridge = bridgeWith(LEDGER, CHECKPOINTS);
  const progress: number[] = [];
  const report = await verifyLedger(bridge, TRUST, CHECKPOINTS, (rows) => progress.push(rows));
  assert.deepEqual(report.findings, []);
  assert.deepEqual([report.rows, report.checkpoints, report.coveredSeq], [2_345, 4, 2_345]);
  assert.deepEqual(progress, [1_000, 2_000, 2_345, 2_345]);
  assert.deepEqual(
    bridge.asked.map((query) => query.get('after_seq')),
    ['0', '1000', '2000', '2345'],
  );
});

test('the keys of the bridge serve where no other is at hand', async () => {
  const report = await verifyLedger(bridgeWith(LEDGER, CHECKPOINTS), null, [], () => undefined);
  assert.equal(report.checkpoints, 4);
});

test('a row that was changed at the far end of the ledger is named', async () => {
  const changed = LEDGER.map((entry) =>
    entry.seq === 2_001 ? { ...entry, detail: { gateway: 'other' } } : entry,
  );
  const { findings } = await verifyLedger(bridgeWith(changed, []), TRUST, [], () => undefined);
  assert.deepEqual(
    findings.map(({ kind, seq, entryId }) => [kind, seq, entryId]),
    [['content_changed', 2_001, 'led_2001']],
  );
});

test('an end that was cut off shows by the shipped checkpoints alone', async () => {
  const bridge = bridgeWith(LEDGER.slice(0, 2_100), CHECKPOINTS.slice(0, 3));
  assert.deepEqual((await verifyLedger(bridge, TRUST, [], () => undefined)).findings, []);
  const { findings } = await verifyLedger(bridge, TRUST, CHECKPOINTS, () => undefined);
  assert.deepEqual(
    findings.map(({ kind, seq }) => [kind, seq]),
    [['tail_missing', 2_345]],
  );
});

test('the story of a transaction is its call and what billing was told, in order, each once', async () => {
  const bridge = bridgeWith(LEDGER, []);
  const story = await storyOf(bridge, { gatewayTransactionId: 'txn_5' });
  assert.deepEqual(
    story.entries.map((entry) => entry.seq),
    [4, 5, 6],
  );
  assert.equal(story.cut, false);
});

test('a timeline has a heading for each call, the result, and who did it from where', () => {
  const lines = timeline(LEDGER.slice(3, 6), openPaint({ isTTY: false }, undefined));
  assert.deepEqual(lines, [
    '2026-11-23  call call-2',
    '  12:00:04.000  #4  subscribe.approved  success  thing_4',
    '                    by tokenline-sandbox from api 127.0.0.1 · gateway sandbox',
    '  12:00:05.000  #5  subscribe.approved  success  thing_5',
    '                    by tokenline-sandbox from api 127.0.0.1 · subscription sub_2 · gateway transaction txn_5 · gateway sandbox',
    '',
    '2026-11-23',
    '  12:00:06.000  #6  event.delivered     success  thing_6',
    '                    by tokenline-sandbox from api 127.0.0.1 · subscription sub_2 · gateway sandbox',
  ]);
});

test('colours are for a terminal, unless NO_COLOR says otherwise', () => {
  assert.equal(openPaint({ isTTY: true }, undefined).red('x'), '\u001B[31mx\u001B[0m');
  assert.equal(openPaint({ isTTY: true }, '1').red('x'), 'x');
  assert.equal(openPaint({ isTTY: false }, undefined).red('x'), 'x');
});
