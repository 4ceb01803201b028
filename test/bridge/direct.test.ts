import assert from 'node:assert/strict';
import type { FinishCardRequest } from '../../src/contract/direct-schemas.ts';
import * as schemas from '../../src/contract/schemas.ts';
import type { ShownCard } from '../../src/gateway/gateway.ts';
import { Fault } from '../../src/payment/fault.ts';
import { Caller, read, type TokenAnswer } from './caller.ts';
import { CLIENT, keyed, type World } from './world.ts';
import { withWorlds } from './worlds.ts';

const VISA: ShownCard = { brand: 'visa', last4: '4242', fingerprint: 'mark-of-the-card' };
const MINUTE_MS = 60_000;

/** What a flow does with a card that it sends itself. */
class Flow {
  readonly caller: Caller;
  #attempt = 0;

  constructor(world: World, caller = new Caller(world)) {
    this.caller = caller;
    world.gateway.shows ??= VISA;
  }

  get #world(): World {
    return this.caller.world;
  }

  async begin(attempt = (this.#attempt += 1)): Promise<TokenAnswer> {
    const { interaction: interaction_id, customer: customer_id } = this.caller;
    const ask = keyed({ interaction_id, customer_id, attempt });
    return read(schemas.TokenAnswer, await this.#world.run(this.#world.verbs.beginCard(ask)));
  }

  /** The data action: what the gateway calls the card, and nothing of why there is none. */
  async send(operationId: string): Promise<Omit<FinishCardRequest, 'interaction_id'>> {
    const facts = {
      idempotencyKey: operationId,
      operationId,
      interactionId: this.caller.interaction,
      customerId: this.caller.customer,
    };
    const { signal } = new AbortController();
    const reply = await this.#world.run(this.#world.gateway.tokenise(facts, signal));
    const { outcome } = reply;
    if (outcome.kind !== 'approved') return { sent: 'failure' };
    return { sent: 'success', token_reference: outcome.value.tokenReference };
  }

  async finish(
    operationId: string,
    told: Omit<FinishCardRequest, 'interaction_id'>,
    interaction_id = this.caller.interaction,
    actor = CLIENT,
  ): Promise<TokenAnswer> {
    const ask = keyed({ interaction_id, ...told }, null, actor);
    const text = await this.#world.run(this.#world.verbs.finishCard(operationId, ask));
    return read(schemas.TokenAnswer, text);
  }

  /** Begins, sends and finishes, as far as it is let. */
  async card(): Promise<TokenAnswer> {
    const begun = await this.begin();
    if (begun.outcome !== 'pending') return begun;
    return this.finish(begun.operation_id, await this.send(begun.operation_id));
  }
}

const heard = (answer: TokenAnswer): unknown[] => [
  answer.outcome,
  answer.error_code,
  answer.route,
  answer.retry_field,
];

withWorlds((inWorld) => {
  for (const direct of ['by_key', 'by_token'] as const) {
    inWorld(
      `a card that the flow has sent enrols somebody, proved ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        const consentId = await flow.caller.consent();
        const begun = await flow.begin();
        assert.deepEqual(heard(begun), ['pending', '', 'continue', 'none']);
        assert.deepEqual(await world.states('tokenise'), ['started'], 'the intent is committed');
        const told = await flow.send(begun.operation_id);
        const answer = await flow.finish(begun.operation_id, told);
        assert.deepEqual(heard(answer), ['approved', '', 'continue', 'none']);
        assert.deepEqual([answer.card_brand, answer.card_last4], ['visa', '4242']);
        const subscribed = await flow.caller.subscribe(answer.token_id, { consent_id: consentId });
        assert.equal(subscribed.outcome, 'approved');
        const [token] = await world.rows('select reference, brand, last4 from card_token');
        const reference = told.token_reference;
        assert.deepEqual(token, { reference, brand: 'visa', last4: '4242' });
      },
      { direct },
    );

    inWorld(
      `a card is verified before it counts, ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        world.gateway.will('verify', { does: 'decline', code: 'cvv_mismatch' });
        const wrong = await flow.card();
        assert.deepEqual(heard(wrong), ['declined', 'cvv_mismatch', 'retry', 'cvv']);
        assert.equal((await flow.card()).outcome, 'approved');
      },
      { direct, verification: true },
    );

    inWorld(
      `what a flow does twice is done once, ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        const first = await flow.begin(1);
        assert.deepEqual(await flow.begin(1), first, 'the same leave, for the same operation');
        const told = await flow.send(first.operation_id);
        await flow.send(first.operation_id);
        const answer = await flow.finish(first.operation_id, told);
        assert.deepEqual(await flow.finish(first.operation_id, told), answer);
        assert.deepEqual(await flow.finish(first.operation_id, { sent: 'failure' }), answer);
        assert.deepEqual(await flow.begin(1), answer, 'what came of it is known by now');
        assert.equal(world.gateway.count('tokenise'), 1);
        assert.equal(await world.count('card_token'), 1);
        const [counted] = await world.rows(
          `select n from velocity where subject like 'card_day:%'`,
        );
        assert.deepEqual(counted, { n: 1 }, 'one attempt with this card');
      },
      { direct },
    );

    inWorld(
      `somebody else’s token is refused, ${direct}`,
      async (world) => {
        const [mine, theirs] = [new Flow(world), new Flow(world)];
        const other = await theirs.begin();
        const stolen = await theirs.send(other.operation_id);
        const begun = await mine.begin();
        await mine.send(begun.operation_id);
        const answer = await mine.finish(begun.operation_id, stolen);
        assert.deepEqual(heard(answer), ['failed', 'not_allowed', 'agent', 'none']);
        assert.deepEqual(world.alarms(), ['card.foreign_token']);
        assert.equal(await world.count('card_token'), 0);
        assert.equal((await theirs.finish(other.operation_id, stolen)).outcome, 'approved');
      },
      { direct },
    );

    inWorld(
      `three declines and a person takes over, ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        const routes: string[] = [];
        for (let attempt = 1; attempt <= 3; attempt++) {
          world.gateway.will('verify', { does: 'decline', code: 'card_declined' });
          routes.push((await flow.card()).route);
        }
        assert.deepEqual(routes, ['retry', 'retry', 'agent']);
        const sent = world.gateway.asked('tokenise').length;
        const fourth = await flow.card();
        assert.deepEqual(heard(fourth), ['failed', 'too_many_attempts', 'agent', 'none']);
        assert.equal(world.gateway.asked('tokenise').length, sent, 'no leave to send');
      },
      { direct, verification: true },
    );

    inWorld(
      `no leave while payments are switched off, ${direct}`,
      async (world) => {
        const off = { automated_payments: 'off', reason: 'a test' } as const;
        await world.run(world.verbs.setSwitch(keyed(off)));
        const begun = await new Flow(world).begin();
        assert.deepEqual(heard(begun), ['failed', 'switched_off', 'agent', 'none']);
        assert.deepEqual(await world.states('tokenise'), ['failed']);
      },
      { direct },
    );

    inWorld(
      `a card of a brand that is not taken is not verified, ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        world.gateway.shows = { ...VISA, brand: 'mir' };
        const { brands } = world.bridge;
        Object.assign(world.bridge, { brands: brands.filter((brand) => brand !== 'unknown') });
        const answer = await flow.card();
        assert.deepEqual(heard(answer), ['declined', 'unsupported_card', 'retry', 'card']);
        assert.equal(world.gateway.asked('verify').length, 0);
      },
      { direct, verification: true },
    );

    inWorld(
      `a card is another call’s, or another client’s, business, ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        const { operation_id } = await flow.begin();
        const told = await flow.send(operation_id);
        const refusals = [
          flow.finish(operation_id, told, 'another-call'),
          flow.finish(operation_id, told, flow.caller.interaction, {
            ...CLIENT,
            clientId: 'other',
          }),
          flow.finish('op_aaaaaaaaaaaaaaaaaaaa', told),
        ];
        for (const refusal of refusals) {
          await assert.rejects(refusal, (error) => {
            assert.ok(error instanceof Fault);
            return error.code === 'unknown_resource';
          });
        }
        assert.equal((await flow.finish(operation_id, told)).outcome, 'approved');
      },
      { direct },
    );

    inWorld(
      `a card whose flow hung up is settled, ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        const { operation_id } = await flow.begin();
        await flow.send(operation_id);
        await world.settleFor(4 * MINUTE_MS);
        // By its key the gateway knows it. By its token alone nobody can ask, and nobody has the token.
        const end = direct === 'by_key' ? 'approved' : 'failed';
        assert.deepEqual(await world.states('tokenise'), [end]);
      },
      { direct },
    );

    inWorld(
      `a look that gets no answer leaves the card in doubt, ${direct}`,
      async (world) => {
        const flow = new Flow(world);
        const { operation_id } = await flow.begin();
        const told = await flow.send(operation_id);
        world.gateway.lookUps = 'unanswered';
        const answer = await flow.finish(operation_id, told);
        assert.deepEqual(heard(answer), ['in_doubt', 'in_doubt', 'wait', 'none']);
        world.gateway.lookUps = 'answered';
        await world.settleFor(MINUTE_MS);
        assert.deepEqual(await world.states('tokenise'), ['approved']);
        assert.deepEqual(
          await world.rows('select brand, last4 from card_token'),
          [{ brand: 'visa', last4: '4242' }],
          'the card is shown as the gateway shows it',
        );
      },
      { direct },
    );
  }

  inWorld(
    'a verification whose answer was lost is found by the token',
    async (world) => {
      const flow = new Flow(world);
      world.gateway.will('verify', { does: 'lose', effectAfterMs: null });
      const answer = await flow.card();
      assert.deepEqual(heard(answer), ['in_doubt', 'in_doubt', 'wait', 'none']);
      await world.settleFor(MINUTE_MS);
      assert.deepEqual(await world.states('tokenise'), ['approved']);
    },
    { direct: 'by_token', verification: true },
  );

  inWorld(
    'a refusal that the flow cannot see is read at the gateway',
    async (world) => {
      const flow = new Flow(world);
      world.gateway.will('tokenise', { does: 'decline', code: 'invalid_card_number' });
      const answer = await flow.card();
      assert.deepEqual(heard(answer), ['declined', 'invalid_card_number', 'retry', 'card_number']);
    },
    { direct: 'by_key' },
  );

  inWorld(
    'an answer that the flow has lost is read at the gateway',
    async (world) => {
      const flow = new Flow(world);
      const { operation_id } = await flow.begin();
      await flow.send(operation_id);
      const answer = await flow.finish(operation_id, { sent: 'failure' });
      assert.equal(answer.outcome, 'approved');
    },
    { direct: 'by_key' },
  );

  inWorld(
    'a card that never came is in doubt until that is proved',
    async (world) => {
      const flow = new Flow(world);
      const { operation_id } = await flow.begin();
      const answer = await flow.finish(operation_id, { sent: 'timeout' });
      assert.deepEqual(heard(answer), ['in_doubt', 'in_doubt', 'wait', 'none']);
      await world.settleFor(2 * MINUTE_MS);
      assert.deepEqual(await world.states('tokenise'), ['failed']);
    },
    { direct: 'by_key' },
  );

  inWorld(
    'where only the token leads to a card, none is none, and the card is asked for again',
    async (world) => {
      const flow = new Flow(world);
      const { operation_id } = await flow.begin();
      const answer = await flow.finish(operation_id, { sent: 'failure' });
      assert.deepEqual(heard(answer), ['failed', 'card_not_stored', 'retry', 'card']);
      assert.equal(world.gateway.asked('look_up').length, 0);
      const late = await flow.begin();
      const slow = await flow.finish(late.operation_id, { sent: 'timeout' });
      assert.deepEqual(heard(slow), ['failed', 'gateway_timeout', 'agent', 'none']);
    },
    { direct: 'by_token' },
  );

  inWorld(
    'gateways too slow for the flow open the breaker, and refused cards do not',
    async (world) => {
      const told = async (sent: 'failure' | 'timeout', ms: number): Promise<void> => {
        const flow = new Flow(world);
        const { operation_id } = await flow.begin();
        await world.pass(ms);
        await flow.finish(operation_id, { sent });
      };
      for (let call = 0; call < 25; call++) await told('failure', 100);
      assert.deepEqual(world.alarms(), []);
      for (let call = 0; call < 3; call++) await told('timeout', 20_000);
      assert.deepEqual(world.alarms(), ['breaker.opened']);
      const begun = await new Flow(world).begin();
      assert.deepEqual(heard(begun), ['failed', 'breaker_open', 'agent', 'none']);
    },
    { direct: 'by_token' },
  );

  inWorld(
    'one card in ever new calls is known by the gateway’s mark of it',
    async (world) => {
      const outcomes: unknown[] = [];
      for (let call = 0; call < 6; call++) {
        world.gateway.will('verify', { does: 'decline', code: 'card_declined' });
        outcomes.push((await new Flow(world).card()).error_code);
      }
      const declined = Array.from({ length: 5 }, () => 'card_declined');
      assert.deepEqual(outcomes, [...declined, 'too_many_attempts']);
      assert.equal(world.gateway.asked('verify').length, 5, 'the issuer is not asked again');
    },
    { direct: 'by_token', verification: true },
  );

  inWorld(
    'ever new cards are stopped by the share of declines',
    async (world) => {
      for (let call = 0; call < 100; call++) {
        world.gateway.shows = { ...VISA, fingerprint: `mark-${call}` };
        world.gateway.will('verify', { does: 'decline', code: 'card_declined' });
        await new Flow(world).card();
      }
      const begun = await new Flow(world).begin();
      assert.deepEqual(heard(begun), ['failed', 'too_many_attempts', 'agent', 'none']);
      assert.ok(world.alarms().includes('card_testing.suspected'));
    },
    { direct: 'by_key', verification: true },
  );

  inWorld(
    'one number that calls again and again is stopped, and near that hears no field',
    async (world) => {
      const codes: string[] = [];
      for (const tries of [3, 3]) {
        const caller = new Caller(world, { ani: '+13175550142' });
        await caller.availability();
        const flow = new Flow(world, caller);
        for (let attempt = 0; attempt < tries; attempt++) {
          world.gateway.will('verify', { does: 'decline', code: 'cvv_mismatch' });
          codes.push((await flow.card()).error_code);
        }
      }
      // The fifth is the second of its call and above what one call explains; an hour has five.
      assert.deepEqual(codes, [
        'cvv_mismatch',
        'cvv_mismatch',
        'cvv_mismatch',
        'cvv_mismatch',
        'card_declined',
        'too_many_attempts',
      ]);
    },
    { direct: 'by_key', verification: true },
  );
});
