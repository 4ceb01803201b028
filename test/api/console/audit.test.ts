import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AuditView, VerifyLine, VerifyVerdict } from '../../../src/contract/audit-view.ts';
import { verifyFile } from '../../../src/cli/audit-verify.ts';
import { Caller } from '../../bridge/caller.ts';
import { GUARDED } from '../../bridge/watched-store.ts';
import { problemOf } from '../running-api.ts';
import { runConsole, type RunningConsole } from './running-console.ts';

const FIND = '/console/api/audit/find';
const EVIDENCE = '/console/api/audit/evidence';
const PRINT = '/console/api/audit/print';
const VERIFY = '/console/api/audit/verify';

interface Enrolled extends RunningConsole {
  readonly caller: Caller;
  readonly subscriptionId: string;
  readonly transactionId: string;
}

/** Two callers who enrolled, a sealed ledger, and an auditor who is signed in. */
async function enrolled(t: Parameters<typeof runConsole>[0]): Promise<Enrolled> {
  const running = await runConsole(t);
  const { world, browser } = running;
  const caller = new Caller(world);
  const { subscription_id: subscriptionId, gateway_transaction_id: transactionId } =
    await caller.enrol();
  await new Caller(world).enrol();
  await world.deliver();
  await world.seal();
  await browser.signIn('audrey');
  return { ...running, caller, subscriptionId, transactionId };
}

async function viewOf(response: Response): Promise<AuditView> {
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as AuditView;
}

function query(path: string, question: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(question).toString()}`;
}

/** What somebody with every right on the database can do. */
async function asOwner({ world }: RunningConsole, text: string): Promise<void> {
  await world.store.inner.tx(async (owner) => {
    for (const table of GUARDED) await owner.query(`alter table ${table} disable trigger user`);
    await owner.query(text);
    for (const table of GUARDED) await owner.query(`alter table ${table} enable trigger user`);
  });
}

async function linesOf(response: Response): Promise<VerifyLine[]> {
  assert.equal(response.status, 200, await response.clone().text());
  const text = await response.text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as VerifyLine);
}

async function verdictOf(response: Response): Promise<VerifyVerdict> {
  const last = (await linesOf(response)).at(-1);
  assert.equal(last?.kind, 'verdict');
  return last;
}

test('any id finds the whole call, each entry with its proof', async (t) => {
  const running = await enrolled(t);
  const { browser, world, caller, subscriptionId, transactionId } = running;
  const [event] = await world.rows(
    'select id, operation_id from outbox where subscription_id = $1',
    subscriptionId,
  );
  const ids = {
    gateway_transaction: transactionId,
    interaction: caller.interaction,
    subscription: subscriptionId,
    operation: String(event?.['operation_id']),
    event: String(event?.['id']),
    customer: caller.customer,
  };
  for (const [kind, id] of Object.entries(ids)) {
    const view = await viewOf(await browser.go(query(FIND, { id })));
    assert.deepEqual(view.found_as, [kind], id);
    const actions = view.entries.map(({ action }) => action);
    for (const action of ['disclosure.rendered', 'consent.given', 'subscribe.approved']) {
      assert.ok(actions.includes(action), `${kind}: ${action}`);
    }
    assert.ok(actions.includes('event.delivered'), `${kind}: what billing was told`);
    assert.ok(
      view.entries.every((entry) => ['', caller.interaction].includes(entry.interaction_id)),
      'nothing of the other call',
    );
    assert.equal(view.counts.proved, view.entries.length);
    assert.equal(view.counts.wrong + view.counts.unproved + view.counts.waiting, 0);
  }
});

test('an entry says who, what, when, from where, on what and with which result', async (t) => {
  const { browser, transactionId, subscriptionId } = await enrolled(t);
  const view = await viewOf(await browser.go(query(FIND, { id: transactionId })));
  const entry = view.entries.find(({ action }) => action === 'subscribe.approved');
  assert.ok(entry);
  assert.equal(entry.text, 'The enrolment was approved');
  assert.match(entry.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(
    [entry.actor, entry.origin, entry.result],
    ['flows', 'api 192.0.2.7', 'success'],
  );
  assert.equal(entry.gateway_transaction_id, transactionId);
  assert.equal(entry.subscription_id, subscriptionId);
  assert.match(entry.entry_hash, /^[a-p]{64}$/);
  assert.match(entry.chain_hash, /^[a-p]{64}$/);
  assert.ok(entry.seq !== null && entry.proof.checkpoint !== null);
  assert.ok(entry.proof.checkpoint.seq >= entry.seq);
});

test('what is not sealed yet says so, and an id that nothing has finds nothing', async (t) => {
  const { browser, world } = await enrolled(t);
  const young = new Caller(world);
  await young.enrol();
  const view = await viewOf(await browser.go(query(FIND, { id: young.interaction })));
  assert.equal(view.counts.waiting, view.entries.length);
  assert.match(view.entries[0]?.proof.sentence ?? '', /no place in the chain yet/);
  const none = await viewOf(await browser.go(query(FIND, { id: 'txn_of_nobody' })));
  assert.deepEqual([none.found_as, none.entries], [[], []]);
});

test('a time alone finds what happened in it, and narrows an id', async (t) => {
  const running = await enrolled(t);
  const { browser, world, caller } = running;
  const end = new Date(world.clock.now() + 1).toISOString();
  await world.pass(60_000);
  const later = new Caller(world, { customer: caller.customer });
  await later.consent();
  const all = await viewOf(await browser.go(query(FIND, { from: end })));
  assert.ok(all.entries.length > 0);
  assert.ok(all.entries.every(({ at }) => at >= end));
  const narrowed = await viewOf(await browser.go(query(FIND, { id: caller.customer, from: end })));
  assert.ok(narrowed.entries.every((entry) => entry.interaction_id === later.interaction));
  for (const bad of [{}, { from: 'yesterday' }, { from: end, to: end }]) {
    assert.equal((await browser.go(query(FIND, bad))).status, 400, JSON.stringify(bad));
  }
});

test('one question is one entry: who, what was asked, and how much was shown', async (t) => {
  const running = await enrolled(t);
  const { browser, entries, transactionId: id } = running;
  const before = (await entries()).length;
  const view = await viewOf(await browser.go(query(FIND, { id })));
  const file = await browser.go(query(EVIDENCE, { id }));
  await file.text();
  await (await browser.go(query(PRINT, { id }))).text();
  await verdictOf(await browser.tell(VERIFY));
  const told = (await entries()).slice(before);
  const shown = String(view.entries.length);
  assert.deepEqual(
    told.map(({ actor, action, result, resource, detail }) => [
      actor,
      action,
      result,
      resource,
      detail['entries'],
      detail['form'] ?? '',
    ]),
    [
      ['staff:audrey', 'audit.read', 'success', id, shown, ''],
      ['staff:audrey', 'audit.export', 'success', id, shown, 'file'],
      ['staff:audrey', 'audit.export', 'success', id, shown, 'page'],
      ['staff:audrey', 'audit.verify', 'success', 'ledger', String(before - 1), ''],
    ],
  );
  assert.equal(told[0]?.detail['found_as'], 'gateway_transaction');
  assert.match(told[0]?.origin ?? '', /^console /);
});

test('who has not the right to audit reads nothing, and that they tried is in the ledger', async (t) => {
  const { newBrowser, entries, transactionId: id } = await enrolled(t);
  for (const person of ['vera', 'otto']) {
    const browser = newBrowser();
    await browser.signIn(person);
    const answers = [
      await browser.go(query(FIND, { id })),
      await browser.go(query(EVIDENCE, { id })),
      await browser.go(query(PRINT, { id })),
      await browser.tell(VERIFY),
    ];
    for (const answer of answers) {
      assert.equal((await problemOf(answer)).code, 'missing_right', person);
    }
    const last = (await entries()).at(-1);
    assert.deepEqual([last?.actor, last?.action], [`staff:${person}`, 'console.refused']);
  }
});

test('a link on another site asks for nothing in somebody’s name', async (t) => {
  const { browser, entries, transactionId: id } = await enrolled(t);
  const before = (await entries()).length;
  for (const path of [FIND, EVIDENCE, PRINT]) {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const answer = await browser.go(query(path, { id }), { headers });
    assert.equal((await problemOf(answer)).code, 'foreign_page', path);
  }
  assert.equal((await entries()).length, before);
});

test('a card number that is asked for is refused, and kept nowhere', async (t) => {
  const { browser, entries } = await enrolled(t);
  const before = (await entries()).length;
  for (const id of ['4242424242424242', '4242-4242-4242-4242']) {
    const answer = await browser.go(query(FIND, { id }));
    assert.equal((await problemOf(answer)).code, 'card_number_in_wrong_place');
  }
  // A time with a remark in it is a time to JavaScript.
  const from = '1 Jan 2026 (4242424242424242)';
  for (const answer of [
    await browser.go(query(FIND, { from })),
    await browser.tell(VERIFY, { from }),
  ]) {
    assert.equal((await problemOf(answer)).code, 'card_number_in_wrong_place');
  }
  assert.equal((await entries()).length, before);
});

test('an entry that was changed is the one that is red', async (t) => {
  const running = await enrolled(t);
  const { browser, transactionId: id } = running;
  await asOwner(
    running,
    `update ledger set actor = 'nobody'
     where action = 'subscribe.approved' and gateway_transaction_id = '${id}'`,
  );
  const view = await viewOf(await browser.go(query(FIND, { id })));
  const wrong = view.entries.filter(({ proof }) => proof.state === 'wrong');
  assert.deepEqual(
    wrong.map(({ action }) => action),
    ['subscribe.approved'],
  );
  assert.match(wrong[0]?.proof.sentence ?? '', /was changed after it was written/);
  assert.equal(view.counts.proved, view.entries.length - 1);
  const verdict = await verdictOf(await browser.tell(VERIFY));
  assert.equal(verdict.holds, false);
  assert.deepEqual(
    verdict.findings.map(({ kind, seq }) => [kind, seq]),
    [['content_changed', wrong[0]?.seq]],
  );
  const page = await (await browser.go(query(PRINT, { id }))).text();
  assert.match(page, /1 of \d+ entries are not proved/);
});

test('an entry whose hash was made to fit breaks the chain where it stands', async (t) => {
  const running = await enrolled(t);
  const { browser, transactionId: id } = running;
  await asOwner(
    running,
    `update ledger set entry_hash = repeat('b', 64) where action = 'subscribe.approved'
     and gateway_transaction_id = '${id}'`,
  );
  const { entries } = await viewOf(await browser.go(query(FIND, { id })));
  const [wrong, ...others] = entries.filter(({ proof }) => proof.state === 'wrong');
  assert.equal(wrong?.action, 'subscribe.approved');
  assert.deepEqual(others, []);
  for (const { seq, proof } of entries) {
    const expected: string = (seq ?? 0) < (wrong.seq ?? 0) ? 'unproved' : 'proved';
    if (seq !== wrong.seq) assert.equal(proof.state, expected, `entry ${seq}`);
  }
});

test('a part of the ledger is verified from checkpoint to checkpoint', async (t) => {
  const running = await enrolled(t);
  const { browser, world } = running;
  const first = await world.count('ledger_seal');
  await world.pass(120_000);
  const from = new Date(world.clock.now()).toISOString();
  await new Caller(world).enrol();
  await world.seal();
  await world.pass(120_000);
  const to = new Date(world.clock.now()).toISOString();
  await new Caller(world).enrol();
  await world.seal();
  const lines = await linesOf(await browser.tell(VERIFY, { from, to }));
  const verdict = lines.at(-1);
  assert.ok(verdict?.kind === 'verdict' && verdict.holds);
  // The sign-in waits behind the first checkpoint, and is sealed with what came after it.
  assert.equal(verdict.first_seq, first + 1);
  assert.ok(verdict.last_seq < (await world.count('ledger_seal')));
  assert.equal(verdict.entries, verdict.last_seq - first);
  assert.deepEqual(lines[0], { kind: 'progress', checked: verdict.entries, of: verdict.entries });
  await asOwner(running, `update ledger_checkpoint set signature = 'x' where seq = ${first}`);
  const broken = await verdictOf(await browser.tell(VERIFY, { from, to }));
  assert.deepEqual(
    broken.findings.map(({ kind, seq }) => [kind, seq]),
    [['signature_wrong', first]],
  );
  const nothing = await verdictOf(await browser.tell(VERIFY, { to: '2020-01-01T00:00:00Z' }));
  assert.match(nothing.sentences[0] ?? '', /nothing was verified/);
});

test('an end that was cut off shows while its checkpoint is there', async (t) => {
  const running = await enrolled(t);
  const { browser, world } = running;
  const last = await world.count('ledger_seal');
  await asOwner(running, `delete from ledger_seal where seq = ${last}`);
  const verdict = await verdictOf(await browser.tell(VERIFY));
  assert.deepEqual(
    verdict.findings.map(({ kind, seq }) => [kind, seq]),
    [['tail_missing', last]],
  );
});

test('the evidence pack is checked as the command does it, and a changed byte shows', async (t) => {
  const { browser, world, transactionId: id } = await enrolled(t);
  const response = await browser.go(query(EVIDENCE, { id }));
  assert.match(
    response.headers.get('content-disposition') ?? '',
    /^attachment; filename="evidence-/,
  );
  const text = await response.text();
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-evidence-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'evidence.json');
  writeFileSync(file, text);
  const pack = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(pack['asked_for'], { id });
  assert.equal(pack['taken_by'], 'staff:audrey');
  const trust = { keys: world.keys, said: 'ledger.pub.pem' };
  const { report, entries } = verifyFile(file, trust);
  assert.deepEqual([report.findings, report.proved], [[], entries]);
  const at = text.indexOf('"flows"') + 1;
  writeFileSync(file, `${text.slice(0, at)}F${text.slice(at + 1)}`);
  const changed = verifyFile(file, trust).report;
  assert.deepEqual(
    changed.findings.map(({ kind }) => kind),
    ['content_changed'],
  );
});

test('nothing, and more than a file holds, is no evidence', async (t) => {
  const { browser } = await enrolled(t);
  for (const path of [EVIDENCE, PRINT]) {
    const answer = await browser.go(query(path, { id: 'txn_of_nobody' }));
    assert.equal((await problemOf(answer)).code, 'unknown_resource', path);
  }
});

test('the printable page has no script, and what is in the ledger is text in it', async (t) => {
  const running = await enrolled(t);
  const { browser, world, transactionId: id } = running;
  await asOwner(running, `update ledger set origin = '<script>alert(1)</script>'`);
  const response = await browser.go(query(PRINT, { id }));
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /script-src|unsafe/);
  const page = await response.text();
  assert.doesNotMatch(page, /<script/);
  assert.match(page, /&lt;script&gt;alert\(1\)/);
  assert.match(page, /gateway transaction/);
  assert.match(page, /staff:audrey/);
  assert.ok(page.includes(new Date(world.clock.now()).toISOString().slice(0, 10)));
});
