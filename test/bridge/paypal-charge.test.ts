import assert from 'node:assert/strict';
import { openPayPalAdapter } from '../../src/gateway/paypal/adapter.ts';
import { openPayPalTokenizer } from '../../src/gateway/paypal/tokenize.ts';
import type { GatewayReply, TokenGrant } from '../../src/gateway/gateway.ts';
import type { GatewayTokenizer } from '../../src/gateway/tokenize.ts';
import type { Exchange, HttpClient } from '../../src/system/http-client.ts';
import { tokeniseWith } from '../conformance/gateway/rig.ts';
import { CLIENT, startPayPalDouble, type PayPalDouble } from '../doubles/paypal/double.ts';
import { WEBHOOK_ID } from '../doubles/paypal/signer.ts';
import { Caller } from './caller.ts';
import { live, nine } from './living.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

const HOUR_MS = 3_600_000;

/** A line to PayPal that can lose an answer. */
class Line implements HttpClient {
  readonly #http: HttpClient;
  /** How many answers to an order are lost after it has been carried out. */
  losses = 0;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async exchange(...given: Parameters<HttpClient['exchange']>): Promise<Exchange> {
    const exchange = await this.#http.exchange(...given);
    if (given[0].path !== '/v2/checkout/orders' || this.losses === 0) return exchange;
    this.losses -= 1;
    return { kind: 'no_answer', reason: 'reset', latencyMs: 1 };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Gives its card to PayPal's digit side. */
class PayPalCaller extends Caller {
  readonly #sides: { readonly tokenizer: GatewayTokenizer; readonly http: HttpClient };

  constructor(world: World, sides: PayPalWorld) {
    super(world);
    this.#sides = sides;
  }

  override send(operationId: string): Promise<GatewayReply<TokenGrant>> {
    const { gateway: adapter } = this.world.bridge;
    const order = {
      idempotencyKey: operationId,
      operationId,
      interactionId: this.interaction,
      customerId: this.customer,
      face: { brand: 'visa', last4: '5556' } as const,
    };
    return tokeniseWith({ ...this.#sides, adapter }, order, new AbortController().signal);
  }
}

interface PayPalWorld {
  readonly double: PayPalDouble;
  readonly line: Line;
  readonly http: HttpClient;
  readonly tokenizer: GatewayTokenizer;
}

/** The bridge of a world, with PayPal in its gateway's place. */
async function withPayPal(
  world: World,
  run: (paypal: PayPalWorld, caller: PayPalCaller) => Promise<void>,
): Promise<void> {
  const double = await startPayPalDouble();
  double.workMs = 0;
  double.account.manners.blocksInvoices = true;
  const line = new Line(double.http);
  const settings = { ...CLIENT, webhookId: WEBHOOK_ID, cardCountry: 'US' };
  const gateway = openPayPalAdapter(settings, line, world.clock);
  const tokenizer = openPayPalTokenizer(double.origin, settings, line, world.clock);
  Object.assign(world.bridge, { gateway });
  await world.restart();
  const paypal = { double, line, http: line, tokenizer };
  try {
    await run(paypal, new PayPalCaller(world, paypal));
    assert.deepEqual(double.problems, []);
  } finally {
    await double.close();
  }
}

type Json = Record<string, unknown>;

const credentialOf = (order: Json): Json => {
  const { card } = order['payment_source'] as { card: Json };
  return card['stored_credential'] as Json;
};

withWorlds((inWorld) => {
  inWorld('a year at PayPal is one first charge and eleven of the merchant’s', async (world) => {
    await withPayPal(world, async ({ double }, caller) => {
      const { subscription_id: id } = await caller.enrol();
      await live(world, nine('2027-11-22'));
      const { orders } = double.account;
      assert.equal(orders.length, 12);
      assert.equal(double.account.charges(), 12);
      const [first, ...later] = orders;
      assert.ok(first);
      assert.deepEqual(credentialOf(first.request), {
        payment_initiator: 'CUSTOMER',
        payment_type: 'RECURRING',
        usage: 'FIRST',
      });
      const references = new Set<unknown>();
      for (const { request } of later) {
        const { previous_network_transaction_reference: reference, ...rest } =
          credentialOf(request);
        references.add((reference as Json)['id']);
        assert.deepEqual(rest, {
          payment_initiator: 'MERCHANT',
          payment_type: 'RECURRING',
          usage: 'SUBSEQUENT',
        });
      }
      assert.equal(references.size, 1, 'all refer to the same transaction');
      assert.match(String([...references][0]), /^NETWORK/);
      const invoices = orders.map(({ capture }) => String(capture['invoice_id']));
      assert.ok(invoices.every((invoice) => invoice.startsWith(`${id}.20`)));
      assert.equal(new Set(invoices).size, 12, 'one for each period');
    });
  });

  inWorld('a renewal whose answer was lost is paid once, and is known to be', async (world) => {
    await withPayPal(world, async ({ double, line }, caller) => {
      const { subscription_id: id } = await caller.enrol();
      await live(world, nine('2026-12-23') - 1);
      line.losses = 1;
      await live(world, nine('2026-12-24'));
      assert.equal(line.losses, 0);
      const asked = double.seen.filter((seen) => seen === 'POST /v2/checkout/orders').length;
      assert.equal(asked, 3, 'the first, the renewal, and the renewal once more under its key');
      assert.equal(double.account.charges(), 2);
      const [row] = await world.rows('select next_charge_date from subscription where id = $1', id);
      assert.equal(row?.['next_charge_date'], '2027-01-23');
    });
  });

  inWorld('what is in doubt when the key has gone is not sent again', async (world) => {
    await withPayPal(world, async ({ double, line }, caller) => {
      await caller.enrol();
      await live(world, nine('2026-12-23') - 1);
      line.losses = 1;
      while ((await world.charge()) === 0) await world.clock.advance(1);
      assert.equal(line.losses, 0);
      // Nobody could look for longer than PayPal keeps a key.
      await world.pass(4 * HOUR_MS);
      const seen = double.seen.length;
      await live(world, world.clock.now() + HOUR_MS / 6);
      assert.equal(double.seen.slice(seen).filter((one) => one.includes('orders')).length, 0);
      assert.equal(double.account.charges(), 2, 'it had been paid, and was not paid again');
      const [row] = await world.rows(
        `select state from operation where kind = 'charge' order by started_at desc limit 1`,
      );
      assert.equal(row?.['state'], 'in_doubt');
    });
  });

  for (const { word, status, paid, state } of [
    { word: 'lets it through', status: 'COMPLETED', paid: 2, state: 'approved' },
    { word: 'stops it', status: 'DECLINED', paid: 1, state: 'declined' },
  ] as const) {
    inWorld(
      `a review that lasts a day holds the subscription until PayPal ${word}`,
      async (world) => {
        await withPayPal(world, async ({ double }, caller) => {
          const { subscription_id: id } = await caller.enrol();
          await live(world, nine('2026-12-23') - 1);
          double.account.manners.reviews.push('charge');
          while ((await world.charge()) === 0) await world.clock.advance(1);
          // Nobody looks meanwhile, so that PayPal has forgotten the key.
          await world.pass(24 * HOUR_MS);
          await world.settle();
          const cancelled = await caller.change('cancel', id);
          assert.equal(cancelled.outcome, 'pending');
          double.account.decide(status);
          await live(world, world.clock.now() + HOUR_MS / 6);
          const asked = double.seen.filter((seen) => seen === 'POST /v2/checkout/orders').length;
          assert.equal(asked, 2, 'the first and the renewal, each once');
          assert.equal(double.account.charges(), paid);
          const [row] = await world.rows(
            `select state from operation where kind = 'charge' order by started_at desc limit 1`,
          );
          assert.equal(row?.['state'], state);
          const [now] = await world.rows('select status from subscription where id = $1', id);
          assert.equal(now?.['status'], 'cancelled');
        });
      },
    );
  }

  inWorld('a card that was reported lost is not tried again', async (world) => {
    await withPayPal(world, async ({ double }, caller) => {
      await caller.enrol();
      await live(world, nine('2026-12-23') - 1);
      double.account.manners.declines.push({ step: 'charge', code: '9520' });
      await live(world, nine('2027-02-24'));
      assert.equal(double.account.orders.length, 2);
      assert.equal(double.account.charges(), 1);
    });
  });
});
