import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { ErrorCode } from '../../src/payment/outcome.ts';
import { chargeDate, dateIn, type Plan } from '../../src/payment/plan.ts';
import { Caller } from './caller.ts';
import { DAY_MS, live, nine } from './living.ts';
import { eventOf } from './receiver.ts';
import type { Behaviour } from './scripted-gateway.ts';
import { MERCHANT, type World } from './world.ts';

/** Catalogue of these lives: rhythms that meet short months, leap years and daylight saving. */
export const LIFE_PLANS: readonly Plan[] = (
  [
    ['monthly', 1, 'month', 2_999],
    ['quarterly', 3, 'month', 7_999],
    ['every_six_weeks', 6, 'week', 4_200],
    ['yearly', 1, 'year', 29_900],
  ] as const
).map(([id, count, unit, amountMinor]) => ({
  id,
  name: { 'en-us': id, 'es-us': id },
  price: { amountMinor, currency: 'USD' },
  interval: { count, unit },
  trialDays: 0,
}));

/** How a process fails at its n-th statement from now on. */
export interface Crash {
  readonly n: number;
  readonly how: 'before' | 'after' | 'dies' | 'dies_after';
}

export type Act =
  | { readonly do: 'pause' | 'resume' | 'cancel' | 'change_card' }
  | { readonly do: 'change_plan'; readonly plan: number }
  | { readonly do: 'gateway'; readonly behaviours: readonly Behaviour[] }
  | { readonly do: 'crash'; readonly crash: Crash }
  /** Nobody charges for so many days. */
  | { readonly do: 'down'; readonly days: number }
  | { readonly do: 'twice' };

export interface Life {
  readonly startDay: number;
  readonly plan: number;
  readonly acts: readonly {
    readonly afterDays: number;
    readonly hour: number;
    readonly act: Act;
  }[];
}

const SOFT: readonly ErrorCode[] = ['insufficient_funds', 'card_declined', 'limit_exceeded'];
const HARD: readonly ErrorCode[] = ['expired_card', 'suspected_fraud'];

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(...SOFT).map((code) => ({ does: 'decline' as const, code })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...HARD).map((code) => ({ does: 'decline' as const, code })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(0, 5_000, null)
      .map((effectAfterMs) => ({ does: 'lose' as const, effectAfterMs })),
  },
  { weight: 2, arbitrary: fc.constant({ does: 'unreachable' as const }) },
  { weight: 1, arbitrary: fc.constant({ does: 'status' as const, status: 503, effect: true }) },
);

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom('pause', 'resume').map((verb) => ({ do: verb }) as const),
  },
  { weight: 16, arbitrary: fc.constant({ do: 'resume' as const }) },
  { weight: 12, arbitrary: fc.constant({ do: 'change_card' as const }) },
  {
    weight: 8,
    arbitrary: fc.nat(LIFE_PLANS.length - 1).map((plan) => ({ do: 'change_plan' as const, plan })),
  },
  {
    weight: 20,
    arbitrary: fc
      .array(behaviour, { minLength: 1, maxLength: 6 })
      .map((behaviours) => ({ do: 'gateway' as const, behaviours })),
  },
  {
    weight: 24,
    arbitrary: fc
      .record({ n: fc.nat(14), how: fc.constantFrom('before', 'after', 'dies', 'dies_after') })
      .map((crash) => ({ do: 'crash' as const, crash: crash as Crash })),
  },
  {
    weight: 8,
    arbitrary: fc.integer({ min: 1, max: 200 }).map((days) => ({ do: 'down' as const, days })),
  },
  { weight: 12, arbitrary: fc.constant({ do: 'twice' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cancel' as const }) },
);

export const lives: fc.Arbitrary<Life> = fc.record({
  startDay: fc.nat(400),
  plan: fc.nat(LIFE_PLANS.length - 1),
  acts: fc.array(fc.record({ afterDays: fc.nat(220), hour: fc.nat(23), act }), {
    minLength: 5,
    maxLength: 28,
  }),
});

/** What a test knows by itself about one subscription: its rhythm and when nothing may be charged. */
interface Known {
  anchor: string;
  plan: Plan;
  /** Due dates that have been left behind by changes of plan, with what each costs. */
  readonly past: { readonly date: string; readonly amountMinor: number }[];
  /** `[from, until)` in which it was paused; the last one may be open. */
  readonly pauses: { readonly fromMs: number; untilMs: number }[];
  cancelledAtMs: number;
}

const today = (world: World): string => dateIn(MERCHANT.timeZone, world.clock.now());

/** Due dates of the present plan before or on a day. */
function datesThrough(known: Known, last: string): { date: string; amountMinor: number }[] {
  const dates: { date: string; amountMinor: number }[] = [];
  for (let index = 0; ; index += 1) {
    const date = chargeDate(known.anchor, known.plan.interval, index);
    if (date > last) return dates;
    dates.push({ date, amountMinor: known.plan.price.amountMinor });
  }
}

/** Lives one life of ten years, and checks it against what the gateway and billing have seen. */
export async function lifeOf(world: World, life: Life): Promise<void> {
  world.plans.splice(0, world.plans.length, ...LIFE_PLANS);
  await world.clock.advance(life.startDay * DAY_MS);
  const startMs = world.clock.now();
  const plan = LIFE_PLANS[life.plan] as Plan;
  const caller = new Caller(world, { plan: plan.id, customer: 'one-customer' });
  const { subscription_id: id } = await caller.enrol();
  const known: Known = {
    anchor: today(world),
    plan,
    past: [],
    pauses: [],
    cancelledAtMs: Infinity,
  };
  world.gateway.onArrival = async ({ step }) => {
    if (step !== 'charge') return;
    const nowMs = world.clock.now();
    assert.ok(nowMs < known.cancelledAtMs, 'a charge was sent after the cancel');
    assert.ok(
      !known.pauses.some((one) => nowMs >= one.fromMs && nowMs < one.untilMs),
      'a charge was sent during a pause',
    );
  };
  for (const { afterDays, hour, act: what } of life.acts) {
    await live(world, world.clock.now() + afterDays * DAY_MS);
    await live(
      world,
      Math.max(world.clock.now(), nine(today(world)) - 9 * 3_600_000 + hour * 3_600_000),
    );
    if (world.clock.now() - startMs > 3_652 * DAY_MS) break;
    await doAct(world, id, known, what);
  }
  await live(world, Math.max(world.clock.now(), startMs + 3_652 * DAY_MS));
  world.gateway.recovers('charge');
  await live(world, world.clock.now() + 2 * DAY_MS);
  await checkLife(world, id, known);
}

async function doAct(world: World, id: string, known: Known, what: Act): Promise<void> {
  switch (what.do) {
    case 'gateway':
      world.gateway.will('charge', ...what.behaviours);
      return;
    case 'down':
      await world.clock.advance(what.days * DAY_MS);
      return;
    case 'twice': {
      await live(world, world.clock.now());
      const [row] = await world.rows(`select due_at from job where kind = 'charge'`);
      if (row) await world.clock.advance(Math.max(0, Number(row['due_at']) - world.clock.now()));
      await Promise.all([world.charge(), world.charge()]);
      return;
    }
    case 'crash':
      return crash(world, what.crash);
    case 'pause':
    case 'resume':
    case 'cancel':
    case 'change_card':
    case 'change_plan':
      return change(world, id, known, what);
  }
}

/** The next charge meets its end at the n-th statement; then another process takes over. */
async function crash(world: World, { n, how }: Crash): Promise<void> {
  await live(world, world.clock.now());
  const [row] = await world.rows(`select due_at from job where kind = 'charge'`);
  if (!row) return;
  await world.clock.advance(Math.max(0, Number(row['due_at']) - world.clock.now()));
  const first = world.store.asked.length;
  world.store.rule = (_text, index) => (index === first + n ? how : null);
  if (how === 'before' || how === 'after') {
    await world.charge().catch(() => 0);
    await world.settle().catch(() => 0);
  } else {
    await world.begun(world.charge());
  }
  world.store.rule = () => null;
  await world.restart();
}

async function change(
  world: World,
  id: string,
  known: Known,
  what: Exclude<Act, { do: 'gateway' | 'down' | 'twice' | 'crash' }>,
): Promise<void> {
  const caller = new Caller(world, { customer: 'one-customer' });
  const wished = what.do === 'change_plan' ? (LIFE_PLANS[what.plan] as Plan) : null;
  let extra: Record<string, string> = {};
  if (wished) {
    await caller.consent(wished.id);
    extra = { plan_id: wished.id };
  }
  if (what.do === 'change_card') extra = { payment_method_token: (await caller.card()).token_id };
  let { outcome } = await caller.change(what.do, id, extra);
  for (let waits = 0; outcome === 'pending' || outcome === 'in_doubt'; waits += 1) {
    assert.ok(waits < 50, 'a change never ends');
    await world.settleFor(15_000);
    const [row] = await world.rows(
      'select state from operation where interaction_id = $1 and kind = $2',
      caller.interaction,
      what.do,
    );
    outcome = String(row?.['state']) as typeof outcome;
  }
  if (outcome === 'approved') note(world, known, what.do, wished);
}

function note(world: World, known: Known, verb: string, wished: Plan | null): void {
  const nowMs = world.clock.now();
  const pause = known.pauses.at(-1);
  if (verb === 'pause') known.pauses.push({ fromMs: nowMs, untilMs: Infinity });
  if (verb === 'resume' && pause) pause.untilMs = nowMs;
  if (verb === 'cancel') known.cancelledAtMs = nowMs;
  if (wished) {
    const gone = datesThrough(known, today(world));
    known.past.push(...gone);
    known.anchor = chargeDate(known.anchor, known.plan.interval, gone.length);
    known.plan = wished;
  }
}

/** Everything that has to agree at the end of a life. */
async function checkLife(world: World, id: string, known: Known): Promise<void> {
  const rows = (await world.rows('select * from charge where subscription_id = $1', id)).map(
    (row) => ({
      date: String(row['due_date']),
      state: String(row['state']),
      amountMinor: Number(row['amount_minor']),
    }),
  );
  const paid = rows.filter((row) => row.state === 'paid');
  const made = world.gateway.charges.map((one) => ({
    date: one.dueDate,
    amountMinor: one.price.amountMinor,
  }));
  const sorted = <T extends { date: string }>(list: readonly T[]): T[] =>
    [...list].sort((one, other) => (one.date < other.date ? -1 : 1));
  assert.equal(
    new Set(made.map((one) => one.date)).size,
    made.length,
    'a period was charged twice',
  );
  assert.deepEqual(
    sorted(paid).map(({ date, amountMinor }) => ({ date, amountMinor })),
    sorted(made),
    'what we hold for paid is what the gateway has charged',
  );
  checkPeriods(known, rows, world.clock.now());
  await checkEvents(world, id, rows);
  assert.equal(
    await world.count(`operation where state in ('started', 'pending', 'in_doubt')`),
    0,
    'everything ends',
  );
}

function checkPeriods(
  known: Known,
  rows: readonly { date: string; state: string; amountMinor: number }[],
  nowMs: number,
): void {
  const last = dateIn(MERCHANT.timeZone, nowMs);
  const expected = [...known.past, ...datesThrough(known, last)];
  const byDate = new Map(rows.map((row) => [row.date, row]));
  for (const { date, amountMinor } of expected) {
    const row = byDate.get(date);
    const atMs = nine(date);
    const off =
      atMs >= known.cancelledAtMs ||
      known.pauses.some((one) => atMs >= one.fromMs && atMs < one.untilMs);
    // A try that is to come, seven days after the last one at most, passes over what came due meanwhile.
    if (!off && atMs < nowMs - 9 * DAY_MS)
      assert.ok(row, `the period of ${date} is not accounted for`);
    if (row) assert.equal(row.amountMinor, amountMinor, `the price of ${date}`);
    byDate.delete(date);
  }
  assert.deepEqual([...byDate.keys()], [], 'a period that was never due');
}

async function checkEvents(
  world: World,
  id: string,
  rows: readonly { date: string; state: string; amountMinor: number }[],
): Promise<void> {
  const stored = await world.rows(
    'select sequence, body from outbox where subscription_id = $1 order by sequence',
    id,
  );
  const events = stored.map((row) => eventOf(String(row['body'])));
  const [now] = await world.rows('select * from subscription where id = $1', id);
  assert.deepEqual(
    stored.map((row) => Number(row['sequence'])),
    Array.from({ length: Number(now?.['version']) }, (_, index) => index + 1),
    'billing hears of every step, once',
  );
  const final = events.at(-1)?.data ?? {};
  for (const field of ['status', 'plan_id', 'next_charge_date', 'amount_minor'] as const) {
    assert.equal(final[field], now?.[field], `the last event and the state differ in ${field}`);
  }
  const told = events
    .filter((event) => event.type === 'charge.succeeded')
    .map(({ data }) => `${String(data['charge_due_date'])} ${String(data['charge_amount_minor'])}`);
  const paid = rows
    .filter((row) => row.state === 'paid')
    .map((row) => `${row.date} ${row.amountMinor}`);
  assert.deepEqual(told.sort(), paid.sort(), 'billing hears of every charge that was made');
  const skipped = events
    .filter((event) => event.type === 'charge.skipped')
    .reduce((sum, event) => sum + Number(event.data['charge_count']), 0);
  assert.ok(skipped >= rows.filter((row) => row.state === 'skipped').length);
}
