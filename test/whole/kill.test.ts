import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { approved, Caller } from './caller.ts';
import { audit } from './command.ts';
import type { Answer } from './http.ts';
import { ROLES, System, until, type Role } from './system.ts';
import { assertEnrolment, settledTruth } from './truth.ts';

/** Where a call is held when the processes are killed; `start` is in the middle of its first steps. */
const MOMENTS: readonly (readonly [operation: string, behave: string])[] = [
  ['start', ''],
  ['tokenize', 'hang'],
  ['tokenize', 'hang-after-commit'],
  ['tokenize', 'delay:500'],
  ['tokenize', 'late-commit:700'],
  ['verify', 'hang'],
  ['verify', 'hang-after-commit'],
  ['verify', 'delay:500'],
  ['subscribe', 'hang'],
  ['subscribe', 'hang-after-commit'],
  ['subscribe', 'delay:500'],
  ['subscribe', 'late-commit:700'],
  ['subscribe', 'pending:700'],
];

/** The sandbox takes this many deliveries of events slowly, and refuses as many after them. */
const SLOW_DELIVERIES = 4;

interface Life {
  readonly what: string;
  readonly caller: Caller;
  readonly outcome: unknown;
}

/** One call from consent to enrolment, by a client that never gives up and never changes a request. */
async function live(caller: Caller, operation: string, behave: string): Promise<Life> {
  if (operation !== 'start') await caller.script(operation, [behave]);
  await caller.consent();
  let card: Answer | null = null;
  for (let attempt = 1; card?.body['outcome'] !== 'approved' && attempt <= 8; attempt += 1) {
    const first = await caller.persist('the card', () => caller.tokenise(attempt));
    card = await caller.ended(first);
    if (card.body['outcome'] === 'failed') await wait(250);
  }
  assert.equal(card?.body['outcome'], 'approved', card?.text);
  const first = await caller.persist('the enrolment', () => caller.subscribe());
  const last = await caller.ended(first);
  const repeated = await caller.persist('the repeat', () => caller.subscribe());
  assert.equal(repeated.body['subscription_id'], last.body['subscription_id']);
  return { what: `${operation} ${behave}`, caller, outcome: last.body['outcome'] };
}

for (const engine of ['pglite', 'postgres'] as const) {
  describe(`processes that are killed, on ${engine}`, () => {
    let system: System;
    before(async () => {
      system = await System.start({ engine });
    });
    after(() => system.stop());

    async function killWhile(kill: () => Promise<void>): Promise<void> {
      await system.ready();
      const deliveries = ['delay:600', 'status:503'].flatMap((behave) =>
        Array.from({ length: SLOW_DELIVERIES }, () => ({ operation: 'billing', behave })),
      );
      await system.script(deliveries);
      // One call that has its answer, and whose event has not been delivered.
      const told = new Caller(system);
      approved(await told.enrol());
      const lives = MOMENTS.flatMap(([operation, behave], index) =>
        [0, 1].map(async (turn) => {
          await wait(turn * 450 + index * 30);
          return live(new Caller(system), operation, behave);
        }),
      );
      const all = Promise.all(lives);
      all.catch(() => undefined);
      await wait(700);
      await kill();
      const ended: Life[] = [...(await all), { what: 'told', caller: told, outcome: 'approved' }];
      await system.ready();
      for (const { what, caller, outcome } of ended) {
        assertEnrolment(what, outcome, await settledTruth(system, caller));
      }
      const made = ended.filter(({ outcome }) => outcome === 'approved').length;
      assert.ok(made > ended.length / 2, `only ${made} of ${ended.length} were enrolled`);
      const { code, out, err } = await audit(system, 'verify');
      assert.equal(code, 0, out + err);
    }

    for (const role of ROLES) {
      test(`a ${role} that is killed at any moment of an enrolment breaks no promise`, async () => {
        await killWhile(() => system.kill9(role));
      });
    }

    test('all three killed at once break no promise', async () => {
      await killWhile(async () => {
        await Promise.all(ROLES.map((role) => system.kill9(role)));
      });
    });

    test('a bridge that is killed again while it starts comes back with everything', async () => {
      await killWhile(async () => {
        await system.kill9('bridge');
        await until('the next bridge', () => system.pidOf('bridge'));
        await wait(200);
        await system.kill9('bridge');
      });
    });

    test('when the parent is killed its children end, and a new one goes on where it was', async () => {
      const caller = new Caller(system);
      await caller.consent();
      approved(await caller.tokenise());
      await caller.script('subscribe', ['hang-after-commit']);
      const lost = caller.subscribe().catch(() => null);
      await until('the request at the gateway', async () => {
        const { subscriptions } = await system.ledger();
        const ours = subscriptions.some(
          (record) => record['interaction_id'] === caller.interactionId,
        );
        return ours ? true : null;
      });
      const pids = ROLES.map((role: Role) => system.pidOf(role));
      process.kill(system.parentPid(), 'SIGKILL');
      await lost;
      await until('the end of its children', () =>
        pids.some((pid) => existsSync(`/proc/${pid}`)) ? null : true,
      );
      await system.start();
      const first = await caller.persist('the enrolment', () => caller.subscribe());
      const last = approved(await caller.ended(first));
      assertEnrolment('after the parent', last.body['outcome'], await settledTruth(system, caller));
    });
  });
}
