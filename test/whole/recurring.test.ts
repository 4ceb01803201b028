import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from './http.ts';
import { approved, Caller } from './caller.ts';
import { audit } from './command.ts';
import { System, until } from './system.ts';
import { settledTruth, truthOf } from './truth.ts';

const DAILY = 'daily';
const LATER = 'daily_after_a_trial';

const PLANS = [
  [DAILY, 0],
  [LATER, 1],
].map(([id, trial_days]) => ({
  id,
  name: { 'en-us': 'Daily', 'es-us': 'Diario' },
  price: { amount_minor: 2_999, currency: 'USD' },
  interval: { count: 1, unit: 'day' },
  trial_days,
}));

const MERCHANT = {
  name: 'Tokenline Sandbox',
  support_phone: '+1 317 555 0100',
  brands: ['visa', 'mastercard', 'amex', 'discover'],
};
/**
 * No process can be told that it is another day, but a merchant can move. From the last time zone of
 * the earth to the first one it is 26 hours later: always another date.
 */
const WEST = 'Etc/GMT+12';
const EAST = 'Pacific/Kiritimati';

function subscribe(caller: Caller, plan: string): Promise<Answer> {
  const body = { ...caller.subscribeBody(), plan_id: plan, interval_unit: 'day' };
  return caller.system.ask('bridge', 'POST', '/v1/subscriptions', body);
}

function change(caller: Caller, verb: 'pause' | 'resume', id: string): Promise<Answer> {
  const body = { interaction_id: caller.interactionId };
  return caller.system.ask('bridge', 'POST', `/v1/subscriptions/${id}/${verb}`, body);
}

async function withCard(system: System, plan = DAILY): Promise<Caller> {
  const caller = new Caller(system);
  await caller.consent({ planId: plan });
  approved(await caller.tokenise());
  return caller;
}

async function enrolled(system: System, plan = DAILY): Promise<Caller> {
  const caller = await withCard(system, plan);
  caller.subscriptionId = String(approved(await subscribe(caller, plan)).body['subscription_id']);
  return caller;
}

/** What the gateway has charged for a subscription: due date, amount and who began it. */
async function chargesOf(system: System, id: string): Promise<string[]> {
  const { charges } = await system.ledger();
  return charges
    .filter((made) => made['subscription_id'] === id)
    .map((made) => [made['due_date'], made['amount'], made['initiator']].join(' '));
}

async function typesOf(system: System, caller: Caller): Promise<string[]> {
  const { events } = await settledTruth(system, caller);
  assert.ok(events.every(({ verified }) => verified));
  return events.map(({ type }) => type);
}

async function charged(system: System, id: string, count: number): Promise<void> {
  await until(`charge ${count} of ${id}`, async () =>
    (await chargesOf(system, id)).length >= count ? true : null,
  );
}

async function moved(system: System, timeZone: string): Promise<void> {
  assert.equal(await system.terminate(), 0);
  const config = JSON.parse(readFileSync(system.configFile, 'utf8')) as Record<string, unknown>;
  const merchant = { ...MERCHANT, time_zone: timeZone };
  writeFileSync(system.configFile, JSON.stringify({ ...config, merchant }));
  await system.start();
  await system.ready();
}

for (const engine of ['pglite', 'postgres'] as const) {
  describe(`a whole system that charges by itself, on ${engine}`, () => {
    let system: System;
    before(async () => {
      system = await System.start({
        engine,
        gateway: { recurring: 'tokenline' },
        limits: {
          deadline_ms: 4_000,
          wait_ms_max: 20_000,
          charges: {
            hour: 0,
            retry_days: [1],
            after_last_try: 'past_due',
            again_after_ms: 60_000,
          },
        },
        config: { plans: PLANS, merchant: { ...MERCHANT, time_zone: WEST } },
      });
    });
    after(() => system.stop());

    test('the caller’s own charge is made at once, and none after a cancel', async () => {
      const caller = await enrolled(system);
      const [made, ...others] = await chargesOf(system, caller.subscriptionId);
      assert.match(made ?? '', /^\d{4}-\d\d-\d\d 29\.99 customer$/);
      assert.deepEqual(others, []);
      assert.deepEqual((await system.ledger()).subscriptions, [], 'the gateway has none');
      approved(await caller.cancel());
      assert.deepEqual(await typesOf(system, caller), [
        'subscription.created',
        'charge.succeeded',
        'subscription.cancelled',
      ]);
      assert.equal((await chargesOf(system, caller.subscriptionId)).length, 1);
    });

    test('a trial enrols, and charges nothing yet', async () => {
      const caller = await enrolled(system, LATER);
      assert.deepEqual(await chargesOf(system, caller.subscriptionId), []);
      assert.deepEqual(await typesOf(system, caller), ['subscription.created']);
    });

    for (const behave of ['reset-after', 'hang-after-commit', 'reset-before', 'late-commit:800']) {
      test(`a first charge is made once and enrols once where the gateway does ${behave}`, async () => {
        const caller = await withCard(system);
        await caller.script('charge', [behave]);
        const last = approved(await caller.ended(await subscribe(caller, DAILY)));
        const id = String(last.body['subscription_id']);
        assert.deepEqual(await typesOf(system, caller), [
          'subscription.created',
          'charge.succeeded',
        ]);
        assert.equal((await chargesOf(system, id)).length, 1);
        assert.equal((await settledTruth(system, caller)).charges, 1);
      });
    }

    for (const behave of ['hang-after-commit', 'hang']) {
      test(`a bridge killed while the first charge is out (${behave}) makes one charge`, async () => {
        const caller = await withCard(system);
        await caller.script('charge', [behave]);
        assert.equal(await system.gauge('operations_to_settle'), 0);
        const lost = subscribe(caller, DAILY).catch(() => null);
        await until('the intent', async () =>
          (await system.gauge('operations_to_settle')) > 0 ? true : null,
        );
        if (behave === 'hang-after-commit') {
          await until('the charge', async () =>
            truthOf(caller, await system.ledger(), []).charges > 0 ? true : null,
          );
        }
        await system.kill9('bridge');
        assert.equal(await lost, null, 'it was killed before it could answer');
        await system.ready();
        const first = await caller.persist('the enrolment', () => subscribe(caller, DAILY));
        const last = approved(await caller.ended(first));
        assert.deepEqual(await typesOf(system, caller), [
          'subscription.created',
          'charge.succeeded',
        ]);
        assert.equal((await settledTruth(system, caller)).charges, 1);
        assert.equal((await chargesOf(system, String(last.body['subscription_id']))).length, 1);
      });
    }

    test('the next day is charged once, whatever happens to the bridge, and only who is active', async () => {
      const [plain, lost, killed, paused, cancelled] = await Promise.all(
        Array.from({ length: 5 }, () => enrolled(system)),
      );
      assert.ok(plain && lost && killed && paused && cancelled);
      const waking = [plain, lost, killed];
      for (const caller of [...waking, paused]) {
        approved(await change(caller, 'pause', caller.subscriptionId));
      }
      approved(await cancelled.cancel());
      await moved(system, EAST);
      // A renewal has no call: its subscription stands in for it.
      const troubles = [
        [lost, 'reset-after'],
        [killed, 'hang-after-commit'],
      ] as const;
      await system.script(
        troubles.map(([{ subscriptionId: interaction_id }, behave]) => ({
          operation: 'charge',
          behave,
          interaction_id,
        })),
      );
      for (const caller of waking) {
        approved(await change(caller, 'resume', caller.subscriptionId));
      }
      await charged(system, killed.subscriptionId, 2);
      await system.kill9('bridge');
      await system.ready();
      for (const caller of waking) {
        await charged(system, caller.subscriptionId, 2);
        const types = await until(`all events of ${caller.subscriptionId}`, async () => {
          const found = await typesOf(system, caller);
          return found.length >= 5 ? found : null;
        });
        assert.deepEqual(types, [
          'subscription.created',
          'charge.succeeded',
          'subscription.paused',
          'subscription.resumed',
          'charge.succeeded',
        ]);
      }
      // Whoever charges a second time does so in these looks.
      await wait(3_000);
      for (const caller of waking) {
        const [first, second, ...others] = await chargesOf(system, caller.subscriptionId);
        assert.deepEqual(others, []);
        assert.match(first ?? '', / 29\.99 customer$/);
        assert.match(second ?? '', / 29\.99 merchant$/);
        assert.ok((first ?? '') < (second ?? ''), 'another day');
      }
      for (const caller of [paused, cancelled]) {
        assert.equal((await chargesOf(system, caller.subscriptionId)).length, 1);
      }
      const { code, out, err } = await audit(system, 'verify');
      assert.equal(code, 0, out + err);
    });
  });
}
