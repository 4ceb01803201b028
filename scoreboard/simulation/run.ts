import { SUBSCRIPTION_VERBS } from '../../src/payment/subscription.ts';
import { sleep } from '../../src/system/clock.ts';
import { Caller, type Answer } from './caller.ts';
import { ratesOf, type FaultKind, type Rates } from './faults.ts';
import { Judge } from './judge.ts';
import { Stage } from './stage.ts';
import { System } from './system.ts';
import { judgeRun, type Ended } from './verdict.ts';

export type Mode = 'safety' | 'liveness';

/** What one run came to. */
export interface Outcome extends Ended {
  readonly violations: readonly { readonly promise: string; readonly what: string }[];
  readonly struck: ReadonlyMap<string, number>;
  readonly virtualMs: number;
  readonly story: readonly string[] | null;
}

export interface RunOptions {
  readonly seed: number;
  readonly mode: Mode;
  /** The only kinds of fault that may strike; `null` for those that the seed draws. */
  readonly only?: ReadonlySet<FaultKind> | null;
  readonly told?: boolean;
}

const PREMIUM = 'recurring_monthly_premium';
/** Its first charge comes two weeks later. */
const BASIC = 'recurring_monthly_basic';
const YEARLY = 'recurring_yearly_premium';

const OWN_RECURRING = 0.25;
const EXISTING = 0.6;
const SWITCHED = 0.08;
const TRIES_CARDS = 0.05;
/** Above the three that one call may try. */
const CARDS = 6;
const START_MS_MAX = 25_000;
/** Faults go on for so long after the last caller has hung up. */
const TAIL_MS = 150_000;
const CALLS_MS_MAX = 3_600_000;
/** The promise of the liveness board. */
const REST_MS = 120_000;
/** The longest way through the waits of a delivery that has failed a few times. */
const DELIVERED_MS = 6 * 3_600_000;
/** Nine o'clock in New York, a month after the day on which runs begin. */
const CHARGED_AT_MS = Date.UTC(2026, 11, 23, 14);
const CHARGED_AROUND_MS = 90_000;
const CHARGES_MS = 6 * 60_000;

type Call = () => Promise<Answer | null>;

/** Plays one world from its beginning to its verdict. */
export async function playRun({
  seed,
  mode,
  only = null,
  told = false,
}: RunOptions): Promise<Outcome> {
  const stage = new Stage(seed, (random) => within(ratesOf(random), only), told);
  const recurring = stage.chance(OWN_RECURRING) ? 'tokenline' : 'gateway';
  const system = new System(stage, { bridges: stage.between(1, 3), recurring });
  const judge = new Judge(system);
  await system.opened();
  const { calls, existing } = await prepared(system, judge);
  stage.shuffled = true;
  stage.faults.on = true;
  if (stage.chance(0.1)) outage(system);
  const isSwitched = stage.chance(SWITCHED);
  if (isSwitched) switchedOff(system);
  const all = Promise.all(calls.map((call) => later(system, call)));
  await stage.until(all, CALLS_MS_MAX);
  if (mode === 'safety') await stage.pass(TAIL_MS);
  else {
    system.heal();
    if (isSwitched) await stage.until(system.switchTo('on'), REST_MS);
    await stage.pass(REST_MS);
  }
  if (recurring === 'tokenline')
    await untilCharged(system, mode, lateCalls(system, judge, existing));
  else if (mode === 'liveness') await stage.pass(DELIVERED_MS);
  stage.faults.on = false;
  stage.shuffled = false;
  const virtualMs = stage.clock.monotonicMs();
  const ended = await judgeRun(system, judge, mode === 'liveness');
  const { violations, story } = stage;
  return { ...ended, violations, struck: stage.faults.struck, virtualMs, story };
}

/** To the day of the second charge, over a month in which nothing fails; on that day it does again. */
async function untilCharged(system: System, mode: Mode, calls: readonly Call[]): Promise<void> {
  const { stage } = system;
  stage.faults.on = false;
  await stage.pass(CHARGED_AT_MS - 60_000 - stage.clock.now());
  stage.faults.on = mode === 'safety';
  const all = Promise.all(calls.map((call) => later(system, call, CHARGED_AROUND_MS)));
  await stage.until(all, CALLS_MS_MAX);
  await stage.pass(mode === 'safety' ? CHARGES_MS : DELIVERED_MS);
}

/** Changes to a subscription around the moment at which it is charged. */
function lateCalls(system: System, judge: Judge, existing: string | null): readonly Call[] {
  const { stage } = system;
  if (existing === null) return [];
  return Array.from({ length: stage.between(0, 3) }, (_, n) => {
    const verb = stage.pick(SUBSCRIPTION_VERBS);
    return () => new Caller(system, judge, `late-ada-${n}`, 'ada').manage(verb, existing, YEARLY);
  });
}

function within(rates: Rates, only: ReadonlySet<FaultKind> | null): Rates {
  if (only === null) return rates;
  return Object.fromEntries(Object.entries(rates).filter(([kind]) => only.has(kind as FaultKind)));
}

/** The gateway cannot be reached at all, for a while. */
function outage({ stage, gateway }: System): void {
  stage.clock.after(stage.between(0, START_MS_MAX), () => {
    gateway.awayUntilMs = stage.clock.now() + stage.between(5_000, 200_000);
    stage.tell('gateway', 'is away');
  });
}

/** An operator switches payments off for a while, or for good. */
function switchedOff(system: System): void {
  const { stage } = system;
  stage.clock.after(stage.between(0, START_MS_MAX), () => void system.switchTo('off'));
  if (stage.chance(0.5)) {
    stage.clock.after(stage.between(30_000, 120_000), () => void system.switchTo('on'));
  }
}

async function later({ stage }: System, call: Call, withinMs = START_MS_MAX): Promise<void> {
  await sleep(stage.clock, stage.between(0, withinMs));
  await call();
}

/** One to five calls of one customer or two, some about a subscription that is there already. */
async function prepared(
  system: System,
  judge: Judge,
): Promise<{ readonly calls: readonly Call[]; readonly existing: string | null }> {
  const { stage } = system;
  const count = stage.between(1, 5);
  const callers = (customer: string, n: number): Caller =>
    new Caller(system, judge, `call-${customer}-${n}`, customer);
  const calls: Call[] = [];
  let existing: string | null = null;
  if (stage.chance(EXISTING)) {
    const answer = await stage.until(callers('ada', 0).enrol(PREMIUM), 600_000);
    existing = answer?.subscription_id || null;
    if (existing === null)
      throw new Error(`a run could not be prepared: ${JSON.stringify(answer)}`);
  }
  for (let n = 1; n <= count; n += 1) {
    if (existing !== null && stage.chance(0.85)) {
      const verb = stage.pick(SUBSCRIPTION_VERBS);
      const id = existing;
      calls.push(() => callers('ada', n).manage(verb, id, YEARLY));
      continue;
    }
    const customer = stage.chance(0.8) ? 'ada' : 'luz';
    const plan = stage.chance(0.8) ? PREMIUM : BASIC;
    calls.push(() => callers(customer, stage.chance(0.15) ? 1 : n).enrol(plan));
  }
  if (stage.chance(TRIES_CARDS)) calls.push(() => callers('eve', 0).tryCards(CARDS));
  return { calls, existing };
}
