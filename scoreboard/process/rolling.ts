import { setTimeout as wait } from 'node:timers/promises';
import type { Randomness } from '../../src/system/randomness.ts';
import type { Violation } from '../board.ts';
import type { Fleet } from './fleet.ts';
import { keepCalling, type Told } from './load.ts';
import { watchReadiness } from './readiness.ts';
import type { Unit } from './unit.ts';

/** What a replica that ends in order may answer; a connection that is refused is none. */
const ORDERLY = new Set(['503 shutting_down', '429 too_many_requests']);

export interface Rolled {
  readonly told: readonly Told[];
  readonly violations: readonly Violation[];
  readonly restarts: number;
  /** Of single replicas, milliseconds. */
  readonly outages: readonly number[];
}

/**
 * Takes every replica down and up again, one after another, under load.
 *
 * @param how `SIGTERM` is what a rolling restart does: then nothing may be in doubt for anybody.
 */
export async function roll(
  fleet: Fleet,
  units: readonly Unit[],
  how: 'SIGTERM' | 'SIGKILL',
  inFlight: number,
  random: Randomness,
): Promise<Rolled> {
  const violations: Violation[] = [];
  const wrong = (promise: string, what: string): void => {
    violations.push({ promise, what, replay: how });
  };
  const faultsBefore = new Map(fleet.counts.faults);
  const watch = watchReadiness(units);
  const calls = keepCalling(fleet, inFlight, random);
  for (const unit of units) {
    await wait(100 + random.fraction() * 200);
    if (how === 'SIGKILL') {
      unit.kill9('both');
    } else {
      const code = await unit.terminate();
      if (code !== 0) wrong('shutdown', `${unit.name} ended with exit code ${code}`);
      unit.start();
    }
    await unit.ready();
  }
  const told = await calls.stop();
  const outages = await watch.stop();
  if (how === 'SIGTERM') {
    for (const [name, count] of fleet.counts.faults) {
      const more = count - (faultsBefore.get(name) ?? 0);
      if (more > 0 && !ORDERLY.has(name)) wrong('shutdown', `${more} answers ${name}`);
    }
    const unsure = told.filter((one) => one.unsure > 0).length;
    if (unsure > 0) wrong('shutdown', `${unsure} calls were in doubt or failed on the way`);
  }
  return { told, violations, restarts: units.length, outages };
}
