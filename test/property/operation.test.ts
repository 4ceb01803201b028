import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { joinReplies } from '../../src/gateway/reading.ts';
import type { GatewayReply } from '../../src/gateway/gateway.ts';
import { canonicalEntry, entryHash, type LedgerEntry } from '../../src/payment/ledger.ts';
import { isFinal, mayBecome, OPERATION_STATES } from '../../src/payment/operation.ts';
import { OUTCOMES, type Outcome } from '../../src/payment/outcome.ts';
import { operationKey, type KeyParts } from '../../src/bridge/key.ts';

test('an operation never leaves a final state, and every open one can end', () => {
  const asked = fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 20 });
  fc.assert(
    fc.property(asked, (outcomes) => {
      let state: (typeof OPERATION_STATES)[number] = 'started';
      let ended: (typeof OPERATION_STATES)[number] | null = null;
      for (const outcome of outcomes) {
        if (mayBecome(state, outcome)) state = outcome;
        if (ended !== null) assert.equal(state, ended);
        if (isFinal(state)) ended = state;
      }
    }),
  );
  for (const state of OPERATION_STATES) {
    const ends = OUTCOMES.filter((outcome) => isFinal(outcome) && mayBecome(state, outcome));
    assert.equal(ends.length, isFinal(state) ? 0 : 3, state);
  }
  assert.deepEqual(OPERATION_STATES.filter(isFinal), ['approved', 'declined', 'failed']);
});

const outcome: fc.Arbitrary<Outcome<string>> = fc.constantFrom<Outcome<string>>(
  { kind: 'approved', value: 'token' },
  { kind: 'pending' },
  { kind: 'declined', errorCode: 'card_declined' },
  { kind: 'failed', errorCode: 'gateway_unavailable' },
  { kind: 'in_doubt' },
);

function replyOf(said: Outcome<string>): GatewayReply<string> {
  return {
    outcome: said,
    again: { kind: 'never' },
    latencyMs: 1,
    healthy: true,
    statusCode: null,
    rawCode: null,
    gatewayTransactionId: null,
  };
}

test('a doubt is only ended by an answer, never by a later failure', () => {
  fc.assert(
    fc.property(fc.array(outcome, { minLength: 1, maxLength: 8 }), (outcomes) => {
      const joined = outcomes.map(replyOf).reduce((one, other) => joinReplies(one, other));
      let lastAnswer = outcomes.findLastIndex(({ kind }) => kind !== 'failed');
      if (lastAnswer < 0) lastAnswer = outcomes.length - 1;
      const last = outcomes.at(-1);
      const doubted = outcomes[lastAnswer]?.kind === 'in_doubt';
      assert.equal(joined.outcome.kind, doubted ? 'in_doubt' : last?.kind);
    }),
  );
});

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('', '","', '[]', 'null', 'a', 'A', 'é', '\u0000'),
);
const entry: fc.Arbitrary<LedgerEntry> = fc.record({
  id: text,
  at: text,
  actor: text,
  action: text,
  result: fc.constantFrom('success' as const, 'failure' as const, 'unknown' as const),
  origin: text,
  resource: text,
  operationId: fc.option(text),
  interactionId: fc.option(text),
  subscriptionId: fc.option(text),
  gatewayTransactionId: fc.option(text),
  detail: fc.dictionary(fc.string({ minLength: 1 }), text, { maxKeys: 4, noNullPrototype: true }),
});

test('any change to any one field changes the hash of an entry', () => {
  fc.assert(
    fc.property(entry, entry, (one, other) => {
      for (const field of Object.keys(one) as (keyof LedgerEntry)[]) {
        const changed: LedgerEntry = { ...one, [field]: other[field] };
        const same = isDeepStrictEqual(changed.detail, one.detail);
        const isSame = field === 'detail' ? same : changed[field] === one[field];
        assert.equal(entryHash(changed) === entryHash(one), isSame, field);
      }
    }),
  );
});

test('two entries of one canonical text are one entry', () => {
  fc.assert(
    fc.property(entry, (one) => {
      const shuffled = Object.fromEntries(Object.entries(one.detail).toReversed());
      assert.equal(canonicalEntry({ ...one, detail: shuffled }), canonicalEntry(one));
      const parsed: unknown = JSON.parse(canonicalEntry(one));
      assert.ok(Array.isArray(parsed));
      assert.equal(parsed.length, 13);
    }),
  );
});

const name = fc.string({ minLength: 1, maxLength: 12 }).map((raw) => raw.replaceAll(':', '.'));
const parts: fc.Arbitrary<KeyParts> = fc.record({
  header: fc.option(name),
  interactionId: name,
  step: fc.constantFrom('tokenise', 'subscribe', 'pause:sub_a', 'pause:sub_b'),
  attempt: fc.option(fc.integer({ min: 1, max: 99 })),
  content: name,
});

test('a derived key is made of interaction, step and attempt, or of the content', () => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same =
        one.header !== null || other.header !== null
          ? one.header === other.header
          : one.interactionId === other.interactionId &&
            one.step === other.step &&
            one.attempt === other.attempt &&
            (one.attempt !== null || one.content === other.content);
      assert.equal(operationKey(one) === operationKey(other), same);
    }),
  );
});
