import { setTimeout as wait } from 'node:timers/promises';
import { Broken, Call } from './call.ts';
import { shippedSeq, signedSeq } from './chain.ts';
import { heal, struck } from './faults.ts';
import { judge, truthOf, type Breach } from './judge.ts';
import type { Lane } from './lane.ts';
import type { Verb } from './points.ts';

/** What a case came to. */
export interface Played {
  readonly breaches: readonly Breach[];
  /** Operations that were ended by a look-up. */
  readonly settled: number;
  /** From the last caller's end until nothing was open any more. */
  readonly quietMs: number;
  readonly restarts: number;
  /** The point was reached by the next caller: the fault had taken away what it lies on. */
  readonly byNext: boolean;
}

const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 15;

/** Looks again and again until it is so. @throws {Broken} the promise, where it never is. */
export async function until(
  promise: string,
  what: string,
  look: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await look())) {
    if (performance.now() > endMs) throw new Broken(promise, `${what} within ${patienceMs} ms`);
    await wait(LOOK_EVERY_MS);
  }
}

const OPEN = `select
  (select count(*) from operation where state in ('started','pending','in_doubt'))::int as operations,
  (select count(*) from job where kind in ('settle','deliver'))::int as jobs,
  (select count(*) from subscription
   where open_operation is not null or charging_operation is not null)::int as held`;

/** Nothing is open, here or on its way. */
export async function isQuiet(lane: Lane): Promise<boolean> {
  if (lane.gateway.held > 0 || lane.billing.held > 0) return false;
  const { rows } = await lane.db.query(OPEN);
  const [row] = rows as { operations: number; jobs: number; held: number }[];
  return row !== undefined && row.operations + row.jobs + row.held === 0;
}

/** The callers of a case, the system on which they call, and what is to be said about both. */
export class Case {
  readonly lane: Lane;
  readonly verb: Verb;
  readonly calls: Call[] = [];
  readonly #restarts: number;
  byNext = false;

  constructor(lane: Lane, verb: Verb) {
    this.lane = lane;
    this.verb = verb;
    this.#restarts = this.#fallen();
  }

  #fallen(): number {
    return this.lane.bridge.restarts + this.lane.tokenizer.restarts;
  }

  /** A caller who has not come to the verb yet, on a system at rest. */
  async caller(): Promise<Call> {
    const call = new Call(this.lane);
    this.calls.push(call);
    await call.prepare(this.verb);
    return call;
  }

  /** Heals, waits for rest, and judges. */
  async end(failed: unknown): Promise<Played> {
    const { lane } = this;
    const breaches: Breach[] = [];
    const note = (error: unknown): void => {
      const promise = error instanceof Broken ? error.promise : 'board';
      const what = error instanceof Error ? error.message : String(error);
      breaches.push({ promise, what });
    };
    if (failed !== null) note(failed);
    await until('board', 'the fault did not strike', () => struck(lane), 5_000).catch(note);
    if (!lane.fired()) note(new Broken('board', 'nothing died'));
    lane.disarm();
    await heal(lane);
    const healedMs = performance.now();
    await until('I4', 'not everything came to its end', () => isQuiet(lane)).catch(note);
    const quietMs = performance.now() - healedMs;
    const vouched = async (): Promise<boolean> => shippedSeq(lane) >= (await signedSeq(lane));
    await until('I7', 'a checkpoint was not shipped', vouched, 3_000).catch(note);
    let settled = 0;
    const truth = await truthOf(lane);
    if (failed === null) {
      for (const call of this.calls) {
        const judged = await judge(lane, call, this.verb, truth);
        breaches.push(...judged.breaches);
        settled += judged.settled;
      }
    }
    for (const process of [lane.bridge, lane.tokenizer]) {
      for (const how of process.endedByItself.splice(0)) {
        breaches.push({ promise: 'board', what: `a process ended by itself: ${how}` });
      }
    }
    const restarts = this.#fallen() - this.#restarts;
    return { breaches, settled, quietMs, restarts, byNext: this.byNext };
  }
}
