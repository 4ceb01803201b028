import { deliverDue, replayDeadLetter, type Delivery } from '../../src/bridge/deliver.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bridge } from '../../src/bridge/bridge.ts';
import { systemClock } from '../../src/system/clock.ts';
import { webhookSecret } from '../../src/system/standard-webhooks.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import type { Randomness } from '../../src/system/randomness.ts';
import { Caller } from '../../test/bridge/caller.ts';
import { CLIENT, type World } from '../../test/bridge/world.ts';
import type { Violation } from '../board.ts';
import { Billing, TAKEN, type Heard, type Reception } from './billing.ts';
import { certificatesFor } from './certificate.ts';

const TIMEOUT_MS = 250;
const RETRY_MS = 40;
/** Failures of one event, at most. */
const FAILURES_MAX = 3;
/** Looks for due events in this time; more is a delivery that never comes. */
const PATIENCE_MS = 60_000;
const WORKERS = 2;

/** Every way to fail that a receiver has on a connection, by the name that a figure has. */
const WAYS: Readonly<Record<string, Reception>> = {
  'status 500': { kind: 'answer', status: 500 },
  'status 429': { kind: 'answer', status: 429 },
  'a redirect': { kind: 'answer', status: 307 },
  'a time-out': { kind: 'hang' },
  'a reset before': { kind: 'reset-before' },
  'a reset after': { kind: 'reset-after' },
  'a cut body': { kind: 'cut' },
  'slow, in time': { kind: 'slow', pauseMs: 5 },
  'slow, too late': { kind: 'slow', pauseMs: 60 },
  'a second answer': { kind: 'twice' },
};

/** What a case found. */
export interface Found {
  readonly violations: Violation[];
  /** Failures that were played, by name. */
  readonly ways: Map<string, number>;
  readonly events: number;
  readonly deliveries: number;
}

/** The same bridge, but in real time: sockets and a receiver's library know no other. */
function awake(world: World): Bridge {
  const { limits } = world.bridge;
  const deliverDelaysMs = Array<number>(200).fill(RETRY_MS);
  return { ...world.bridge, clock: systemClock, limits: { ...limits, deliverDelaysMs } };
}

async function waiting(world: World): Promise<number> {
  return world.count('outbox where delivered_at is null and dead_at is null');
}

/** Two workers that compete, as two replicas do, until every event has come to its end. */
async function deliverAll(world: World, delivery: Delivery): Promise<boolean> {
  const bridge = awake(world);
  const endMs = performance.now() + PATIENCE_MS;
  const worker = async (): Promise<void> => {
    while ((await waiting(world)) > 0 && performance.now() < endMs) {
      if ((await deliverDue(bridge, delivery)) === 0) await pause(10);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return (await waiting(world)) === 0;
}

function deliveryTo(
  world: World,
  url: string,
  ca: string | null,
): { delivery: Delivery; close: () => Promise<void> } {
  const options = { origin: new URL(url).origin, ...(ca === null ? {} : { ca }) };
  const http = openHttpClient(options, systemClock);
  const target = { url, secret: webhookSecret(world.secretText), timeoutMs: TIMEOUT_MS };
  return { delivery: { target, http }, close: () => http.close() };
}

/** Four events of each subscription, in this order. */
async function makeEvents(world: World, subscriptions: number): Promise<void> {
  for (let n = 0; n < subscriptions; n += 1) {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    for (const verb of ['pause', 'resume', 'cancel'] as const) await caller.change(verb, id);
  }
}

/** I6, from what billing has heard: everything, verified, in order, under a name that stays. */
async function judge(world: World, billing: Billing, replay: string): Promise<Violation[]> {
  const violations: Violation[] = [];
  const check = (holds: boolean, what: string): void => {
    if (!holds) violations.push({ promise: 'I6', what, replay });
  };
  const known = billing.known();
  const rows = await world.rows(
    `select o.id, o.subscription_id, o.sequence, o.body, s.status
     from outbox o join subscription s on s.id = o.subscription_id
     order by o.subscription_id, o.sequence`,
  );
  check(rows.length > 0, 'there was nothing to tell');
  check(billing.strays === 0, `${billing.strays} requests followed a redirect`);
  for (const { id, body } of rows) {
    check(
      known.some((heard) => heard.id === id),
      `billing never heard of ${String(id)}`,
    );
    const texts = billing.heard.filter((heard) => heard.id === id).map(({ text }) => text);
    check(
      texts.every((text) => text === body),
      `${String(id)} came with another body`,
    );
  }
  const foreign = billing.heard.filter(({ id }) => !rows.some((row) => row['id'] === id));
  check(foreign.length === 0, `${foreign.length} deliveries under ids of no event`);
  check(
    billing.heard.every(({ verified }) => verified),
    'a signature does not hold',
  );
  check(
    billing.heard.every(({ atOnce }) => atOnce === 1),
    'an event was delivered twice at once',
  );
  const statuses = new Map(rows.map((row) => [String(row['subscription_id']), row['status']]));
  for (const [subscription, status] of statuses) {
    const ours = known.filter(({ subscriptionId }) => subscriptionId === subscription);
    const order = ours.map(({ sequence }) => sequence).join(', ');
    check(order === '1, 2, 3, 4', `${subscription} was heard in the order ${order}`);
    const last = ours.at(-1)?.data['status'];
    check(
      last === status,
      `billing thinks ${subscription} is ${String(last)}, it is ${String(status)}`,
    );
  }
  return violations;
}

/** Events fail in every way, several times each, before they are taken. */
export async function everyWay(
  world: World,
  subscriptions: number,
  random: Randomness,
): Promise<Found> {
  const billing = await Billing.open(world.secretText);
  const { delivery, close } = deliveryTo(world, billing.url, null);
  const ways = new Map<string, number>();
  const left = new Map<string, string[]>();
  const names = Object.keys(WAYS);
  const unlucky = (): string[] =>
    Array.from(
      { length: Math.ceil(random.fraction() * FAILURES_MAX) },
      () => names[Math.floor(random.fraction() * names.length)] ?? 'status 500',
    );
  billing.decide = ({ id }) => {
    const mine = left.get(id) ?? unlucky();
    left.set(id, mine);
    const way = mine.shift();
    if (way === undefined) return TAKEN;
    ways.set(way, (ways.get(way) ?? 0) + 1);
    return WAYS[way] ?? TAKEN;
  };
  try {
    await makeEvents(world, subscriptions);
    const all = await deliverAll(world, delivery);
    const violations = await judge(world, billing, 'every way');
    if (!all) {
      const what = `${await waiting(world)} events still wait after ${PATIENCE_MS / 1_000} s`;
      violations.push({ promise: 'I6', what, replay: 'every way' });
    }
    const deliveries = billing.heard.length;
    return { violations, ways, events: await world.count('outbox'), deliveries };
  } finally {
    await close();
    await billing.close();
  }
}

/** A receiver with a certificate that cannot be trusted hears nothing, until it has a good one. */
export async function badCertificate(world: World): Promise<Found> {
  const { ca, own, stranger } = await certificatesFor(['localhost']);
  const violations: Violation[] = [];
  const wrong = (what: string): void => {
    violations.push({ promise: 'I6', what, replay: 'a bad certificate' });
  };
  await makeEvents(world, 1);
  const heard: Heard[] = [];
  let failures = 0;
  // Of another name, and of an authority that nobody was told of.
  for (const [certificate, authority] of [
    [stranger, ca],
    [own, null],
  ] as const) {
    const bad = await Billing.open(world.secretText, certificate);
    const { delivery, close } = deliveryTo(world, bad.url, authority);
    await deliverDue(awake(world), delivery);
    await pause(RETRY_MS * 2);
    heard.push(...bad.heard);
    failures += bad.broken;
    if (bad.broken === 0) wrong('no handshake was refused');
    await close();
    await bad.close();
  }
  if (heard.length > 0) wrong(`a stranger was told of ${heard.length} events`);
  const good = await Billing.open(world.secretText, own);
  const { delivery, close } = deliveryTo(world, good.url, ca);
  const all = await deliverAll(world, delivery);
  if (!all) wrong('a good certificate did not heal it');
  violations.push(...(await judge(world, good, 'a bad certificate')));
  await close();
  await good.close();
  const ways = new Map([['a bad certificate', failures]]);
  return { violations, ways, events: 4, deliveries: good.heard.length };
}

/** Who says 410 is asked no more, until somebody sends the dead letters again: once each. */
export async function gone(world: World): Promise<Found> {
  const violations: Violation[] = [];
  const wrong = (what: string): void => {
    violations.push({ promise: 'I6', what, replay: '410' });
  };
  const billing = await Billing.open(world.secretText);
  const { delivery, close } = deliveryTo(world, billing.url, null);
  try {
    await makeEvents(world, 1);
    billing.decide = () => ({ kind: 'answer', status: 410 });
    if (!(await deliverAll(world, delivery))) wrong('an event that is gone was tried on and on');
    const dead = await world.rows(
      'select id from outbox where dead_at is not null order by sequence',
    );
    if (dead.length !== 4) wrong(`${dead.length} dead letters of 4 events`);
    if (billing.heard.length !== 4) wrong(`${billing.heard.length} deliveries of 4 events`);
    billing.decide = () => TAKEN;
    for (const { id } of dead) {
      const first = await replayDeadLetter(awake(world), CLIENT, String(id));
      const second = await replayDeadLetter(awake(world), CLIENT, String(id));
      if (!first || second) wrong(`${String(id)} was sent again ${second ? 'twice' : 'never'}`);
    }
    if (!(await deliverAll(world, delivery))) wrong('a dead letter was not delivered again');
    violations.push(...(await judge(world, billing, '410')));
    if (billing.heard.length !== 8) wrong(`${billing.heard.length} deliveries, and not 8`);
    return { violations, ways: new Map([['status 410', 4]]), events: 4, deliveries: 8 };
  } finally {
    await close();
    await billing.close();
  }
}
