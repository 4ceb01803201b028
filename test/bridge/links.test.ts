import assert from 'node:assert/strict';
import * as schemas from '../../src/contract/schemas.ts';
import { enrolDue } from '../../src/bridge/enrol-later.ts';
import type { LinkPolicy } from '../../src/payment/link.ts';
import { countCallSteps } from '../../src/store/watch.ts';
import { loadConfig } from '../../src/system/config.ts';
import { Caller, read } from './caller.ts';
import { deliverFor } from './deliver-for.ts';
import { eventOf } from './receiver.ts';
import { keyed, type World } from './world.ts';
import { withWorlds, type InWorld } from './worlds.ts';

const LINKS: LinkPolicy = { ...loadConfig(null, {}).payLink, use: 'only' };

/** A caller who waits for a page. */
class Waiting {
  readonly caller: Caller;
  readonly #world: World;
  consentId: string | null = null;

  constructor(world: World, customer?: string) {
    this.#world = world;
    this.caller = new Caller(world, customer === undefined ? {} : { customer });
  }

  async agrees(): Promise<this> {
    await this.caller.availability();
    this.consentId = await this.caller.consent();
    return this;
  }

  async asks(attempt = 1) {
    const { interaction: interaction_id, customer: customer_id } = this.caller;
    const consent = this.consentId === null ? {} : { consent_id: this.consentId };
    const request = { interaction_id, customer_id, ...consent, attempt };
    const text = await this.#world.run(this.#world.verbs.createLink(keyed(request)));
    return read(schemas.LinkAnswer, text);
  }

  /** Polls, and lets the settler look, as its loop would. */
  async polls(linkId: string, declines_heard = 0) {
    await this.#world.settle();
    const request = { interaction_id: this.caller.interaction, declines_heard };
    const text = await this.#world.run(this.#world.verbs.readLink(linkId, keyed(request)));
    return read(schemas.LinkAnswer, text);
  }

  async givesUp(linkId: string) {
    const request = { interaction_id: this.caller.interaction };
    const text = await this.#world.run(this.#world.verbs.cancelLink(linkId, keyed(request)));
    return read(schemas.LinkAnswer, text);
  }
}

/** Asks for a link, which the merchant's system takes at once. */
async function waiting(world: World, agreed = true): Promise<[Waiting, string]> {
  const person = new Waiting(world);
  if (agreed) await person.agrees();
  else await person.caller.availability();
  const { operation_id: id, route } = await person.asks();
  assert.equal(route, 'wait');
  await world.deliver();
  return [person, id];
}

/** Lets time pass in which the caller polls every five seconds. */
async function waits(world: World, person: Waiting, id: string, ms: number) {
  let answer = await person.polls(id);
  for (let passedMs = 0; passedMs < ms && answer.route === 'wait'; passedMs += 5_000) {
    await world.clock.advance(5_000);
    answer = await person.polls(id);
  }
  return answer;
}

const enrols = (world: World): Promise<number> => world.run(enrolDue(world.bridge));

withWorlds((declare) => {
  const inWorld: InWorld = (title, run, options) =>
    declare(title, run, { ...options, links: LINKS });

  inWorld(
    'a link is sent by the merchant, paid on the page, and the flow goes on',
    async (world) => {
      const [person, id] = await waiting(world);
      const [sent] = world.billing.received.map(({ text }) => eventOf(text));
      assert.equal(sent?.type, 'payment_link.created');
      const expires = new Date(world.clock.now() + LINKS.openMs).toISOString();
      const { caller } = person;
      const wanted = {
        link_id: id,
        channel: 'sms',
        customer_id: caller.customer,
        language: 'en-us',
      };
      assert.deepEqual({ ...sent.data, ...wanted, expires_at: expires }, sent.data);
      assert.equal(sent.data['url'], `https://pay.test/page-of-${id}`);
      assert.equal((await person.polls(id)).prompt, 'link_waiting');
      world.pages.pay();
      await world.clock.advance(2_000);
      const paid = await person.polls(id);
      assert.equal(paid.route, 'continue');
      assert.deepEqual([paid.card_brand, paid.card_last4], ['visa', '4242']);
      assert.equal(paid.gateway_transaction_id, `stored-on-page-of-${id}`);
      assert.equal((await caller.subscribe(paid.token_id)).outcome, 'approved');
      await world.clock.advance(60_000);
      assert.equal(await enrols(world), 1);
      assert.deepEqual(await world.states('subscribe'), ['approved'], 'nothing is left to do');
      assert.deepEqual(world.alarms(), []);
    },
  );

  inWorld('the same request is the same link', async (world) => {
    const person = await new Waiting(world).agrees();
    const first = await person.asks();
    assert.deepEqual(await person.asks(), first);
    assert.equal(world.pages.made.size, 1);
    await assert.rejects(
      world.verbs.createLink(
        keyed({ interaction_id: person.caller.interaction, customer_id: 'other', attempt: 1 }),
      ),
      { code: 'key_reused' },
    );
  });

  inWorld('a decline on the page is told once, and three end it', async (world) => {
    const [person, id] = await waiting(world);
    world.pages.decline(1);
    await world.clock.advance(2_000);
    const declined = await person.polls(id);
    assert.deepEqual(
      [declined.route, declined.retry_field, declined.declines, declined.attempts_left],
      ['retry', 'card', 1, 2],
    );
    assert.equal((await person.polls(id, 1)).route, 'wait');
    world.pages.decline(3);
    await world.clock.advance(2_000);
    const last = await person.polls(id, 1);
    assert.deepEqual([last.route, last.error_code], ['agent', 'too_many_attempts']);
    assert.equal(world.pages.only.page.status, 'expired');
    assert.deepEqual(await world.states('link'), ['declined']);
  });

  inWorld(
    'a link that is not used in time is closed before the caller is told so',
    async (world) => {
      const [person, id] = await waiting(world);
      const answer = await waits(world, person, id, LINKS.waitMsMax + 10_000);
      assert.deepEqual([answer.route, answer.error_code], ['agent', 'link_expired']);
      assert.equal(world.pages.only.page.status, 'expired');
      assert.deepEqual(await world.states('link'), ['failed']);
      assert.equal(await world.count(`job where kind in ('settle', 'enrol')`), 0);
    },
  );

  inWorld('a link that the merchant does not take is told, and never sent later', async (world) => {
    world.billing.answer = () => 503;
    const person = await new Waiting(world).agrees();
    const { operation_id: id } = await person.asks();
    await deliverFor(world, 1_000);
    assert.equal((await person.polls(id)).prompt, 'link_sending');
    await world.clock.advance(LINKS.sendMsMax);
    const answer = await person.polls(id);
    assert.deepEqual([answer.route, answer.prompt], ['agent', 'link_not_sent']);
    assert.equal(world.pages.only.page.status, 'expired');
    world.billing.answer = () => 204;
    const before = world.billing.received.length;
    await deliverFor(world, 3_600_000);
    assert.equal(world.billing.received.length, before, 'nobody opens a page that is closed');
    assert.equal(await world.count(`ledger where action = 'event.dead'`), 1);
  });

  inWorld('who gives up closes the page, also twice', async (world) => {
    const [person, id] = await waiting(world);
    const first = await person.givesUp(id);
    assert.deepEqual([first.route, first.error_code], ['agent', 'link_expired']);
    assert.deepEqual(await person.givesUp(id), first);
    assert.equal(world.pages.only.page.status, 'expired');
  });

  inWorld('a card that came as the caller gave up is kept, and begins nothing', async (world) => {
    const [person, id] = await waiting(world);
    world.pages.pay();
    assert.equal((await person.givesUp(id)).route, 'continue');
    await world.clock.advance(60_000);
    await enrols(world);
    assert.equal(world.gateway.count('subscribe'), 0);
  });

  inWorld('a page that cannot be closed now is closed by settle', async (world) => {
    const [person, id] = await waiting(world);
    world.pages.answers = false;
    assert.equal((await person.givesUp(id)).route, 'agent');
    assert.deepEqual(await world.states('link'), ['pending']);
    world.pages.answers = true;
    await world.settleFor(60_000);
    assert.equal(world.pages.only.page.status, 'expired');
    assert.deepEqual(await world.states('link'), ['failed']);
  });

  inWorld('who hangs up without having agreed leaves nothing behind', async (world) => {
    const [, id] = await waiting(world, false);
    await world.settleFor(LINKS.goneMs + 61_000);
    assert.equal(world.pages.only.page.status, 'expired');
    assert.deepEqual(world.pages.closings, [`page-of-${id}`]);
    assert.deepEqual(await world.states('link'), ['failed']);
  });

  inWorld('who hangs up after having agreed and pays is enrolled, once', async (world) => {
    const [person] = await waiting(world);
    await world.settleFor(120_000);
    assert.deepEqual(await world.states('link'), ['pending'], 'the page stays open');
    world.pages.pay();
    await world.settleFor(61_000);
    await world.clock.advance(46_000);
    assert.equal(await enrols(world), 1);
    assert.deepEqual(await world.states('subscribe'), ['approved']);
    const [made] = world.gateway.subscriptions.values();
    assert.equal(made?.customerId, person.caller.customer);
    await world.clock.advance(600_000);
    assert.equal(await enrols(world), 0);
    assert.equal(world.gateway.count('subscribe'), 1);
    await deliverFor(world, 1_000);
    assert.deepEqual(world.billing.types(), ['payment_link.created', 'subscription.created']);
  });

  inWorld('who hangs up and whose card is declined then is told by the merchant', async (world) => {
    const [person, id] = await waiting(world);
    world.pages.pay();
    await world.settleFor(5_000);
    await world.clock.advance(46_000);
    world.gateway.will('subscribe', { does: 'decline', code: 'insufficient_funds' });
    await enrols(world);
    await deliverFor(world, 1_000);
    const told = world.billing.received.map(({ text }) => eventOf(text)).at(-1);
    assert.equal(told?.type, 'payment_link.not_enrolled');
    const wanted = {
      link_id: id,
      error_code: 'insufficient_funds',
      customer_id: person.caller.customer,
    };
    assert.deepEqual({ ...told.data, ...wanted }, told.data);
    assert.deepEqual(await world.states('subscribe'), ['declined']);
    assert.equal(await enrols(world), 0, 'it is not tried again');
  });

  inWorld(
    'an enrolment that is left to us waits while payments are switched off',
    async (world) => {
      await waiting(world);
      world.pages.pay();
      await world.settleFor(5_000);
      const off = { automated_payments: 'off', reason: 'a test' } as const;
      await world.run(world.verbs.setSwitch(keyed(off)));
      await world.clock.advance(46_000);
      await enrols(world);
      assert.equal(world.gateway.count('subscribe'), 0);
      await world.run(world.verbs.setSwitch(keyed({ ...off, automated_payments: 'on' })));
      await world.clock.advance(61_000);
      await enrols(world);
      assert.equal(world.gateway.count('subscribe'), 1);
    },
  );

  inWorld('who hangs up and never pays leaves a page that the gateway closes', async (world) => {
    await waiting(world);
    await world.settleFor(LINKS.openMs + 61_000);
    assert.deepEqual(await world.states('link'), ['failed']);
    assert.equal(await world.count('job where kind = $1', 'settle'), 0);
  });

  inWorld('a page whose making was lost is told to nobody, and closed', async (world) => {
    world.pages.opening = 'loses its answer';
    const person = await new Waiting(world).agrees();
    const answer = await person.asks();
    assert.deepEqual(
      [answer.route, answer.outcome, answer.prompt],
      ['agent', 'in_doubt', 'link_not_sent'],
    );
    await world.settleFor(60_000);
    assert.equal(world.pages.only.page.status, 'expired');
    assert.deepEqual(await world.states('link'), ['failed']);
    assert.deepEqual(world.billing.types(), []);
  });

  inWorld('a page that was never made is absent only once that is proof', async (world) => {
    world.pages.opening = 'is lost before';
    const person = await new Waiting(world).agrees();
    await person.asks();
    await world.settleFor(10_000);
    assert.deepEqual(await world.states('link'), ['in_doubt']);
    await world.settleFor(120_000);
    assert.deepEqual(await world.states('link'), ['failed']);
  });

  inWorld(
    'switch, limits and a consent of another call refuse a link before it is made',
    async (world) => {
      const person = await new Waiting(world).agrees();
      const other = new Waiting(world, person.caller.customer);
      await other.caller.availability();
      other.consentId = person.consentId;
      assert.equal((await other.asks()).error_code, 'not_allowed');
      const off = { automated_payments: 'off', reason: 'a test' } as const;
      await world.run(world.verbs.setSwitch(keyed(off)));
      assert.equal((await person.asks()).error_code, 'switched_off');
      await world.run(world.verbs.setSwitch(keyed({ ...off, automated_payments: 'on' })));
      for (const attempt of [2, 3]) assert.equal((await person.asks(attempt)).route, 'wait');
      assert.equal((await person.asks(4)).error_code, 'too_many_attempts');
      assert.equal(world.pages.made.size, 2);
    },
  );

  inWorld('a link of another call is nobody’s, to read and to close', async (world) => {
    const [, id] = await waiting(world);
    const other = keyed({ interaction_id: 'another-call' });
    await assert.rejects(world.verbs.readLink(id, other), { code: 'unknown_resource' });
    await assert.rejects(world.verbs.cancelLink(id, other), { code: 'unknown_resource' });
    assert.equal(world.pages.only.page.status, 'open');
  });

  inWorld(
    'a page that the gateway has lost is over when its time is up, not before',
    async (world) => {
      await waiting(world);
      world.pages.made.clear();
      await world.settleFor(LINKS.openMs - 60_000);
      assert.deepEqual(await world.states('link'), ['pending']);
      await world.settleFor(180_000);
      assert.deepEqual(await world.states('link'), ['failed']);
    },
  );

  inWorld('the gateway’s event brings the look forward', async (world) => {
    const [person, id] = await waiting(world);
    await world.clock.advance(1_000);
    await world.settle();
    world.pages.pay();
    await world.run(
      world.verbs.gatewayEvent('scripted', { signature: 'good' }, Buffer.from(id, 'utf8')),
    );
    assert.equal((await person.polls(id)).route, 'continue');
  });

  inWorld(
    'every step of a link is in the ledger, and a page that is open is not in doubt',
    async (world) => {
      const [person, id] = await waiting(world);
      const [step] = await countCallSteps(world.store, 0);
      assert.deepEqual(step, { step: 'card', count: 1 });
      assert.equal((await world.run(world.verbs.gauges())).operations_in_doubt, 0);
      world.pages.pay();
      await world.clock.advance(2_000);
      await person.polls(id);
      const rows = await world.rows('select action from ledger where operation_id = $1', id);
      assert.deepEqual(rows.map(({ action }) => String(action)).toSorted(), [
        'event.delivered',
        'link.approved',
        'link.intent',
        'link.pending',
      ]);
    },
  );

  declare('without pages no link is offered, and none is made', async (world) => {
    const person = await new Waiting(world).agrees();
    assert.equal((await person.caller.availability()).pay_link, 'off');
    assert.equal((await person.asks()).error_code, 'not_allowed');
  });
});
