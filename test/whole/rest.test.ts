import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SANDBOX_GATEWAY } from '../../src/system/config-defaults.ts';
import { approved, Caller } from './caller.ts';
import { System } from './system.ts';
import { assertEnrolment, settledTruth } from './truth.ts';

/** The sandbox verifies a card in a step of its own, which the guide's endpoint does not have. */
const MAPPING = {
  verify: {
    method: 'POST',
    path: '/v1/tokens/{token}/verify',
    fields: [
      { to: 'metadata.call_id', from: 'interaction_id' },
      { to: 'metadata.interaction_id', from: 'interaction_id' },
      { to: 'metadata.operation_id', from: 'operation_id' },
      { to: 'metadata.source', value: 'ivr_payment_flow' },
    ],
    answer: 'object',
  },
};

/** What a gateway does to a subscription's request, and what has to come of it. */
const TROUBLES = [
  'status:503',
  'status:503-after-commit',
  'reset-before',
  'reset-after',
  'malformed',
  'retry-after:0',
];

describe('a whole system whose gateway is described by a mapping', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tl-mapping-'));
  let system: System;
  before(async () => {
    const file = join(folder, 'mapping.yaml');
    writeFileSync(file, JSON.stringify(MAPPING));
    system = await System.start({
      engine: 'pglite',
      gateway: { name: 'rest', mapping_file: file, ...SANDBOX_GATEWAY },
      limits: { deadline_ms: 4_000 },
    });
  });
  after(async () => {
    await system.stop();
    rmSync(folder, { recursive: true });
  });

  test('enrols and cancels, told by the gateway’s own ledger', async () => {
    const caller = new Caller(system);
    const enrolled = await caller.enrol();
    assert.equal(enrolled.body['status'], 'active');
    assertEnrolment('enrolment', 'approved', await settledTruth(system, caller));
    approved(await caller.cancel());
    const { subscriptions, charges } = await settledTruth(system, caller);
    assert.deepEqual(
      subscriptions[0]?.changes.map(({ verb }) => verb),
      ['cancel'],
    );
    assert.equal(charges, 1);
  });

  test('understands a decline, and keeps its word for the ledger', async () => {
    const caller = new Caller(system);
    await caller.script('tokenize', ['decline:Stolen_Card']);
    const answer = await caller.tokenise();
    assert.equal(answer.body['outcome'], 'declined');
    assert.equal(answer.body['error_code'], 'card_declined');
  });

  for (const trouble of TROUBLES) {
    test(`subscribes once and no more when the gateway answers ${trouble}`, async () => {
      const caller = new Caller(system);
      await caller.consent();
      approved(await caller.tokenise());
      await caller.script('subscribe', [trouble]);
      const last = await caller.ended(await caller.subscribe());
      const truth = await settledTruth(system, caller);
      assertEnrolment(trouble, last.body['outcome'], truth);
      assert.equal(truth.subscriptions.length, 1);
    });
  }
});
