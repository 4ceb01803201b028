import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { databaseUrl, ports } from '../database.ts';
import { approved, Caller, CARDS } from './caller.ts';
import { audit, run, tokenline } from './command.ts';
import { ROOT, System, until } from './system.ts';
import { assertEnrolment, settledTruth } from './truth.ts';

/** A fresh start is to be ready within 10 s; twice that where other tests run beside it. */
const START_MS_MAX = 20_000;

/** The guide's tokenisation payload ("JSON Payload Construction"), to the letter. */
const GUIDE_TOKEN = `{
"card_number": "{{card_number}}",
"cvv": "{{cvv}}",
"expiry_month": "{{expiry_month}}",
"expiry_year": "{{expiry_year}}",
"customer_id": "{{external_customer_id}}",
"amount": {{payment_amount}},
"currency": "USD",
"recurring_flag": true,
"metadata": {
"call_id": "{{cc.callId}}",
"interaction_id": "{{cc.interaction.id}}",
"source": "ivr_payment_flow"
}
}`;

/** The guide's subscription payload ("JSON Payload for Subscription Creation"), to the letter. */
const GUIDE_SUBSCRIPTION = `{
"customer_id": "{{external_customer_id}}",
"payment_method_token": "{{payment_token}}",
"plan_id": "recurring_monthly_premium",
"interval_count": 1,
"interval_unit": "month",
"metadata": {
"ivr_session_id": "{{cc.interaction.id}}"
}
}`;

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(
    /\{\{([^}]+)\}\}/g,
    (_, name: string) => values[name] ?? assert.fail(),
  );
}

/** Changes the ledger behind the product's back, as an owner of the database could. */
async function tamper(system: System, sql: string): Promise<readonly Record<string, unknown>[]> {
  const databaseAt = system.databaseName === null ? null : databaseUrl(system.databaseName);
  const settings = { databaseUrl: databaseAt, dataDirectory: system.data };
  const store = await openStore(settings, ports.clock, ports.randomness, ports.log);
  const tables = ['ledger', 'ledger_seal', 'ledger_checkpoint'];
  const triggers = (how: string): string =>
    tables.map((table) => `alter table ${table} ${how} trigger ${table}_append_only;`).join('');
  try {
    await store.query(triggers('disable'));
    const rows = await store.query(sql);
    await store.query(triggers('enable'));
    return rows;
  } finally {
    await store.close();
  }
}

for (const engine of ['pglite', 'postgres'] as const) {
  describe(`an enrolment from start to evidence, on ${engine}`, () => {
    let system: System;
    let transaction = '';
    let subscription = '';
    before(async () => {
      system = await System.start({ engine });
      for (const pan of CARDS) system.pans.add(pan);
    });
    after(() => system.stop());

    test('a fresh start is ready in seconds', (t) => {
      t.diagnostic(`ready after ${system.startedInMs.toFixed()} ms`);
      assert.ok(system.startedInMs < START_MS_MAX, `${system.startedInMs} ms`);
    });

    test('the example in the shell enrols somebody: one subscription, one charge, one signed event', async () => {
      const { code, out, err } = await run('bash', [join(ROOT, 'examples', 'enrol.sh')], {
        TOKENLINE_BRIDGE_PORT: String(system.ports.bridge),
        TOKENLINE_TOKENIZER_PORT: String(system.ports.tokenizer),
        TOKENLINE_SANDBOX_PORT: String(system.ports.sandbox),
      });
      assert.equal(code, 0, out + err);
      transaction = /--gateway-transaction-id (\S+)/.exec(out)?.[1] ?? '';
      subscription = /subscription_id +(sub_\w+)/.exec(out)?.[1] ?? '';
      const { subscriptions, charges } = await system.ledger();
      assert.equal(subscriptions.length, 1);
      assert.equal(charges.length, 1);
      assert.equal(charges[0]?.['gateway_transaction_id'], transaction);
      assert.equal(charges[0]?.['amount'], '29.99');
      const [event, ...others] = await system.billing();
      assert.deepEqual(others, []);
      assert.equal(event?.type, 'subscription.created');
      assert.equal(event?.verified, true, 'billing could check its signature');
      assert.equal(event?.deliveries, 1);
      assert.equal(event?.body.data['subscription_id'], subscription);
    });

    test('an auditor finds the whole story by the gateway’s transaction, from disclosure to delivery', async () => {
      const { code, out } = await audit(system, 'find', '--gateway-transaction-id', transaction);
      assert.equal(code, 0);
      const story = [
        'disclosure.rendered',
        'consent.given',
        'tokenise.intent',
        'tokenise.approved',
        'subscribe.intent',
        'subscribe.approved',
        'event.delivered',
      ];
      const places = story.map((action) => out.indexOf(action));
      assert.ok(!places.includes(-1), out);
      assert.deepEqual(
        places,
        places.toSorted((one, other) => one - other),
        out,
      );
    });

    for (const [how, amount] of [
      ['a number', '29.99'],
      ['a string', '"29.99"'],
    ] as const) {
      test(`the guide’s two payloads are taken as they stand, the amount as ${how}`, async () => {
        const caller = new Caller(system);
        await caller.consent();
        const post = async (role: 'bridge' | 'tokenizer', path: string, body: string) =>
          approved(
            await system.send(role, {
              method: 'POST',
              path,
              headers: {
                'content-type': 'application/json',
                authorization: `Bearer ${await system.token()}`,
                'x-api-key': 'the-guide-sends-one',
              },
              body,
            }),
          );
        const values = {
          card_number: CARDS[0],
          cvv: '123',
          expiry_month: '09',
          expiry_year: '2031',
          external_customer_id: caller.customerId,
          payment_amount: amount,
          'cc.callId': caller.interactionId,
          'cc.interaction.id': caller.interactionId,
        };
        const token = await post('tokenizer', '/v1/tokens', filled(GUIDE_TOKEN, values));
        const payment_token = String(token.body['token_id']);
        const body = filled(GUIDE_SUBSCRIPTION, { ...values, payment_token });
        const subscribed = await post('bridge', '/v1/subscriptions', body);
        assert.equal(subscribed.body['is_subscriber'], true);
        assert.equal(subscribed.body['status_code'], 200);
        const truth = await settledTruth(system, caller);
        assertEnrolment('the guide', subscribed.body['outcome'], truth);
      });
    }

    async function covered(): Promise<void> {
      await until('a checkpoint over everything', async () => {
        const { code, out } = await audit(system, 'verify');
        assert.equal(code, 0, out);
        return Number(/Signed checkpoints that hold: (\d+)/.exec(out)?.[1]) > 0 ? true : null;
      });
    }

    test('the ledger verifies, and exported evidence proves itself without the system', async () => {
      await covered();
      const file = join(system.directory, 'evidence.json');
      const selector = ['--subscription-id', subscription, '--out', file];
      const exported = await audit(system, 'export', ...selector);
      assert.equal(exported.code, 0, exported.err);
      const key = join(system.data, 'keys', 'ledger.pub.pem');
      const checked = await tokenline(['audit', 'verify', '--file', file, '--public-key', key]);
      assert.equal(checked.code, 0, checked.out + checked.err);
      assert.match(checked.out, /^ok: \d+ entries/);
    });

    /** Verifies after a change to the stopped database, and once more after it has been undone. */
    async function verdictAfter(change: string): Promise<string> {
      assert.equal(await system.terminate(), 0);
      await tamper(system, change);
      await system.start();
      const { code, out } = await audit(system, 'verify');
      assert.equal(code, 1, out);
      return out;
    }

    test('one changed byte of one row is named, and undone it verifies again', async () => {
      const change = (from: string, to: string): string =>
        `update ledger set actor = replace(actor, '${from}', '${to}')
         where id = (select entry_id from ledger_seal where seq = 5) returning id`;
      assert.equal(await system.terminate(), 0);
      const [row] = await tamper(system, change('e', '3'));
      await system.start();
      const { code, out } = await audit(system, 'verify');
      assert.equal(code, 1, out);
      assert.match(
        out,
        new RegExp(`content_changed: entry 5 \\(${String(row?.['id'])}\\) was changed`),
      );
      assert.equal(await system.terminate(), 0);
      await tamper(system, change('3', 'e'));
      await system.start();
      assert.equal((await audit(system, 'verify')).code, 0);
    });

    test('a deleted row and a tail that was cut off are named', async () => {
      const gone = await verdictAfter('delete from ledger_seal where seq = 7');
      assert.match(gone, /entry_missing: entry 7 is missing before entry 8/);
      // The newest checkpoint stands in the shipped file alone.
      const cut = await verdictAfter(
        `delete from ledger_checkpoint where seq > 12; delete from ledger_seal where seq > 12;
         delete from ledger_unsealed;`,
      );
      assert.match(cut, /tail_missing: .* its end was cut off|checkpoint_differs: .* written anew/);
    });
  });
}
