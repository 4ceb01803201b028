import { setTimeout as wait } from 'node:timers/promises';
import { Caller } from '../../test/whole/caller.ts';
import { until } from '../../test/whole/system.ts';
import type { Violation } from '../board.ts';
import type { Fleet } from './fleet.ts';
import type { Unit } from './unit.ts';

/** Opens when more than half of the last twenty calls failed, as in production; half-open soon. */
export const BREAKER = {
  latency_ms_max: 60_000,
  slow_calls: 1_000,
  error_rate_max: 0.5,
  window: 20,
  open_ms: 2_500,
  probe_ms: 30_000,
};
const FAILURES = 12;
/** A request of this board's limits is sent once and twice again. */
const SENDS = 3;
const PROBES = 6;

interface Seen {
  readonly violations: Violation[];
  /** Looks at a replica, each the first after a change at another one. */
  looks: number;
}

/** What a replica says to a new call. */
async function availability(fleet: Fleet, bridge: Unit): Promise<{ id: string; reason: unknown }> {
  const { interactionId: id } = new Caller(fleet.place(0));
  const body = { interaction_id: id, language: 'en-us' };
  const outgoing = { method: 'POST', path: '/v1/availability' };
  const answer = await fleet.askOf(bridge, outgoing, body);
  return { id, reason: answer.body['reason'] };
}

/** The very next call hears it, wherever it arrives: that is the promised time. */
async function allSay(fleet: Fleet, seen: Seen, wanted: string, what: string): Promise<void> {
  for (const bridge of fleet.of('bridge')) {
    const { reason } = await availability(fleet, bridge);
    seen.looks += 1;
    if (reason === wanted) continue;
    const said = `${bridge.name} says ${String(reason)} right after ${what}`;
    seen.violations.push({ promise: 'replicas', what: said, replay: 'switch and breaker' });
  }
}

async function switchEverywhere(fleet: Fleet, seen: Seen): Promise<void> {
  for (const bridge of fleet.of('bridge')) {
    for (const [state, wanted] of [
      ['off', 'switched_off'],
      ['on', 'available'],
    ] as const) {
      const body = { automated_payments: state, reason: 'a drill' };
      await fleet.operator(bridge, 'PUT', '/v1/switch', body);
      await allSay(fleet, seen, wanted, `it was switched ${state} at ${bridge.name}`);
    }
  }
}

async function breakerEverywhere(fleet: Fleet, seen: Seen): Promise<void> {
  for (let failure = 0; failure < FAILURES; failure += 1) {
    const caller = new Caller(fleet.place(failure));
    await caller.script('tokenize', Array<string>(SENDS).fill('status:503'));
    await caller.persist('a card that fails', () => caller.tokenise());
  }
  await allSay(fleet, seen, 'breaker_open', 'it opened');
  await wait(BREAKER.open_ms);
  // All at once, at all replicas: one of them is the probe.
  const asked = await Promise.all(
    Array.from({ length: PROBES }, (_, n) => {
      const bridge = fleet.of('bridge').at(n % fleet.of('bridge').length);
      if (bridge === undefined) throw new Error('there is no bridge');
      return availability(fleet, bridge);
    }),
  );
  const probes = asked.filter(({ reason }) => reason === 'available');
  seen.looks += PROBES;
  if (probes.length !== 1) {
    const what = `${probes.length} of ${PROBES} calls were let through a half-open breaker`;
    seen.violations.push({ promise: 'replicas', what, replay: 'switch and breaker' });
  }
  const probe = new Caller(fleet.place(0), probes[0]?.id);
  await until('the success of the probe', async () => {
    const answer = await probe.persist('the probe', () => probe.tokenise());
    return answer.body['outcome'] === 'approved' ? true : null;
  });
  await allSay(fleet, seen, 'available', 'the probe succeeded');
}

/** The switch and the breaker are one for all replicas. */
export async function seenEverywhere(fleet: Fleet): Promise<Seen> {
  const seen: Seen = { violations: [], looks: 0 };
  await switchEverywhere(fleet, seen);
  await breakerEverywhere(fleet, seen);
  return seen;
}
