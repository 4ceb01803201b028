import { chargeDue } from '../../src/bridge/charge.ts';
import { replayDeadLetter } from '../../src/bridge/deliver.ts';
import { Fault } from '../../src/payment/fault.ts';
import { SUBSCRIPTION_VERBS } from '../../src/payment/subscription.ts';
import * as jobs from '../../src/store/jobs.ts';
import { countEvents } from '../../src/store/outbox.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { seededRandomness } from '../randomness.ts';
import { BASIC, Caller, PREMIUM } from '../bridge/caller.ts';
import { ask } from '../bridge/ledger-walk.ts';
import type { Behaviour } from '../bridge/scripted-gateway.ts';
import { AUDITOR, CLIENT, keyed, type World } from '../bridge/world.ts';

/** Draws that can be repeated. */
export class Draw {
  readonly #next: () => number;

  constructor(seed: number) {
    const randomness = seededRandomness(seed);
    this.#next = () => randomness.fraction();
  }

  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  chance(of: number): boolean {
    return this.#next() < of;
  }
}

const BEHAVIOURS: readonly Behaviour[] = [
  { does: 'pending' },
  { does: 'decline', code: 'insufficient_funds' },
  { does: 'decline', code: 'suspected_fraud' },
  { does: 'status', status: 503, effect: true },
  { does: 'status', status: 402 },
  { does: 'unreachable' },
  { does: 'lose', effectAfterMs: 0 },
  { does: 'lose', effectAfterMs: 5_000 },
  { does: 'lose', effectAfterMs: null },
  { does: 'approve', afterMs: 16_000 },
];
const STEPS = ['tokenise', 'verify', 'subscribe', 'change', 'charge'] as const;
const WAITS_MS = [1_000, 10_000, 60_000, 3_600_000, 86_400_000, 40 * 86_400_000];

/** What the callers of a world have so far, so that later ones meet it. */
export interface Known {
  readonly tokens: string[];
  readonly consents: string[];
  readonly subscriptions: string[];
  readonly operations: string[];
}

type Act = (world: World, draw: Draw, known: Known) => Promise<unknown>;

function callerOf(world: World, draw: Draw): Caller {
  const ani = draw.of(['+13175550100', '+13175550111', undefined]);
  return new Caller(world, {
    interaction: draw.of(['call-a', 'call-b', world.name('call')]),
    customer: draw.of(['ada', 'luz', 'somebody']),
    language: draw.of(['en-us', 'es-us']),
    plan: draw.of([PREMIUM, BASIC]),
    ...(ani === undefined ? {} : { ani }),
  });
}

function keep(list: string[], id: string): void {
  if (id !== '') list.push(id);
}

async function enrolment(world: World, draw: Draw, known: Known): Promise<void> {
  const caller = callerOf(world, draw);
  if (draw.chance(0.5)) await caller.availability();
  if (draw.chance(0.5)) await caller.lookup(caller.ani !== undefined ? 'ani' : 'customer');
  const { disclosure_id: disclosure } = await caller.disclose();
  const { consent_id: consent } = await caller.press(disclosure, draw.of(['1', '1', '1', '2']));
  keep(known.consents, consent);
  const card = await caller.card(draw.chance(0.3) ? { card_mac: 'again', pan_mac: '' } : {});
  keep(known.tokens, card.token_id);
  keep(known.operations, card.operation_id);
  const token = draw.chance(0.8) ? card.token_id : draw.of(known.tokens);
  const named = draw.chance(0.3) ? { consent_id: draw.of(known.consents) } : {};
  const answer = await caller.subscribe(token, named);
  keep(known.subscriptions, answer.subscription_id);
  keep(known.operations, answer.operation_id);
}

async function change(world: World, draw: Draw, known: Known): Promise<void> {
  const caller = callerOf(world, draw);
  const verb = draw.of(SUBSCRIPTION_VERBS);
  const extra =
    verb === 'change_plan'
      ? { plan_id: caller.plan }
      : verb === 'change_card'
        ? { payment_method_token: draw.of(known.tokens) }
        : {};
  if (verb === 'change_plan') await caller.consent();
  const { operation_id: id } = await caller.change(verb, draw.of(known.subscriptions), extra);
  keep(known.operations, id);
}

const ACTS: readonly (readonly [weight: number, act: Act])[] = [
  [6, enrolment],
  [6, change],
  [
    5,
    async (world, draw) => {
      world.gateway.will(draw.of(STEPS), draw.of(BEHAVIOURS));
    },
  ],
  [5, (world, draw) => world.pass(draw.of(WAITS_MS))],
  [4, (world) => world.settle()],
  [3, (world) => world.deliver()],
  [3, (world) => world.run(Promise.all([chargeDue(world.bridge), chargeDue(world.bridge)]))],
  [3, (world) => world.seal()],
  [1, (world) => world.restart()],
  [2, (world, draw, known) => new Caller(world).operation(draw.of(known.operations))],
  [1, (world, draw) => callerOf(world, draw).handOff('caller_asked')],
  [1, (world) => world.run(world.verbs.gauges())],
  [1, (world) => world.run(countEvents(world.store))],
  [
    2,
    (world, draw, known) =>
      ask(
        world,
        draw.of([
          { interaction_id: 'call-a' },
          { after_seq: draw.below(20), limit: 5 },
          { operation_id: draw.of(known.operations) },
          { subscription_id: draw.of(known.subscriptions) },
          { from: '2026-11-23T00:00:00Z', to: '2026-12-24T00:00:00Z' },
        ]),
      ),
  ],
  [
    1,
    (world, draw) =>
      world.run(
        world.verbs.setSwitch(
          keyed(
            { automated_payments: draw.of(['on', 'on', 'off']), reason: 'drawn' },
            null,
            CLIENT,
          ),
        ),
      ),
  ],
  [
    1,
    async (world, draw) => {
      world.billing.answer = () => draw.of([204, 204, 500, 410, 'reset'] as const);
    },
  ],
  [
    2,
    async (world, draw) => {
      const first = world.store.asked.length + draw.below(12);
      const how = draw.of(['before', 'after'] as const);
      world.store.rule = (_text, index) => (index === first ? how : null);
    },
  ],
  [1, (world) => world.run(jobs.purge(world.store, world.clock.now() - 86_400_000))],
  [1, (world) => world.run(jobs.hurryUnanswered(world.store, world.clock.now()))],
  [
    1,
    async (world) => {
      const [row] = await world.rows('select id from outbox where dead_at is not null limit 1');
      if (row) await world.run(replayDeadLetter(world.bridge, AUDITOR, String(row['id'])));
    },
  ],
];

/** One act, drawn; what a caller is refused is part of life. */
export async function act(world: World, draw: Draw, known: Known): Promise<void> {
  let left = draw.below(ACTS.reduce((sum, [weight]) => sum + weight, 0));
  const [, chosen] = ACTS.find(([weight]) => (left -= weight) < 0) ?? [0, enrolment];
  // Nothing asks for an order between what two callers do in one millisecond.
  await world.clock.advance(1);
  try {
    await chosen(world, draw, known);
  } catch (error) {
    if (!(error instanceof Fault) && !(error instanceof StoreUnavailable)) throw error;
  }
}
