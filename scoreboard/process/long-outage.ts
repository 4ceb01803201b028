import { Webhook } from 'standardwebhooks';
import { replayDeadLetter } from '../../src/bridge/deliver.ts';
import { Caller } from '../../test/bridge/caller.ts';
import { deliverFor } from '../../test/bridge/deliver-for.ts';
import { eventOf, type Delivered, type Reception } from '../../test/bridge/receiver.ts';
import { CLIENT, LIMITS, type World } from '../../test/bridge/world.ts';
import type { Violation } from '../board.ts';
import type { Found } from './failing-billing.ts';

const HOUR_MS = 3_600_000;
/** The schedule's waits, a tenth of jitter, and a tenth of a second for each try. */
const WHOLE_MS = LIMITS.deliverDelaysMs.reduce((sum, ms) => sum + ms * 1.1 + 15_100, 0);

/** How a receiver can be down. */
export const DOWNS: readonly Reception[] = ['refused', 'reset', 'hang', 500, 503];

/** The official library signs the same text at the same second with the same secret. */
function verified(world: World, { id, text, headers }: Delivered): boolean {
  const seconds = Number(headers['webhook-timestamp']);
  const signature = new Webhook(world.secretText).sign(id, new Date(seconds * 1_000), text);
  return headers['webhook-signature'] === signature;
}

function sequences(deliveries: readonly Delivered[]): string {
  return deliveries.map(({ text }) => String(eventOf(text).data['sequence'])).join(', ');
}

async function lifeOf(world: World): Promise<void> {
  const caller = new Caller(world);
  const { subscription_id: id } = await caller.enrol();
  await caller.change('pause', id);
  await caller.change('resume', id);
}

/** A receiver that is down for a day hears everything in its order when it is back. */
export async function aDay(world: World, down: Reception): Promise<Found> {
  const violations: Violation[] = [];
  const check = (holds: boolean, what: string): void => {
    const replay = `a day of ${down}`;
    if (!holds) violations.push({ promise: 'I6', what: `${replay}: ${what}`, replay });
  };
  await lifeOf(world);
  const startMs = world.clock.monotonicMs();
  world.billing.answer = () => down;
  await deliverFor(world, 24 * HOUR_MS);
  const during = world.billing.received.length;
  check(during > 1, `it was tried ${during} times in the day`);
  check((await world.count('outbox where dead_at is not null')) === 0, 'it was given up');
  world.billing.answer = () => 204;
  await deliverFor(world, WHOLE_MS - 24 * HOUR_MS);
  const after = world.billing.received.slice(during);
  check(sequences(after) === '1, 2, 3', `heard in the order ${sequences(after)}`);
  const waited = (after[0]?.atMs ?? Infinity) - startMs;
  check(waited < 24 * HOUR_MS * 2, `told ${waited / HOUR_MS} h after it happened`);
  check(
    world.billing.received.every((one) => verified(world, one)),
    'a signature does not hold',
  );
  check(new Set(world.billing.received.map(({ id }) => id)).size === 3, 'an id has changed');
  const ways = new Map([['a day away', during]]);
  return { violations, ways, events: 3, deliveries: world.billing.received.length };
}

/** A receiver that never works: a dead letter after three days, and not before; sent again, once. */
export async function threeDays(world: World, down: Reception): Promise<Found> {
  const violations: Violation[] = [];
  const check = (holds: boolean, what: string): void => {
    const replay = `three days of ${down}`;
    if (!holds) violations.push({ promise: 'I6', what: `${replay}: ${what}`, replay });
  };
  const deads = (): Promise<number> => world.count('outbox where dead_at is not null');
  await new Caller(world).enrol();
  world.billing.answer = () => down;
  await deliverFor(world, 75 * HOUR_MS);
  check((await deads()) === 0, 'it was given up within 75 h');
  await deliverFor(world, WHOLE_MS - 75 * HOUR_MS);
  check((await deads()) === 1, 'it was not given up after its last try');
  const tries = world.billing.received.length;
  check(tries === LIMITS.deliverDelaysMs.length + 1, `it was tried ${tries} times`);
  const [id] = new Set(world.billing.received.map((one) => one.id));
  check(await replayDeadLetter(world.bridge, CLIENT, id ?? ''), 'it could not be sent again');
  check(!(await replayDeadLetter(world.bridge, CLIENT, id ?? '')), 'it was sent again twice');
  world.billing.answer = () => 204;
  await deliverFor(world, WHOLE_MS);
  const again = world.billing.received.slice(tries);
  check(again.length === 1 && again[0]?.id === id, `heard ${again.length} times after that`);
  check((await deads()) === 0, 'it is still dead');
  check(
    world.billing.received.every((one) => verified(world, one)),
    'a signature does not hold',
  );
  const ways = new Map([['three days away', tries]]);
  return { violations, ways, events: 1, deliveries: world.billing.received.length };
}
