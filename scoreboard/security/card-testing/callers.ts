import type { Randomness } from '../../../src/system/randomness.ts';
import type { Size } from '../../board.ts';
import { madeUpCard, type MadeUpCard } from '../../simulation/card.ts';

/** One call: who calls, and what becomes of each card at the gateway, should it get there. */
export interface Call {
  readonly atMs: number;
  readonly who: 'attacker' | 'genuine';
  /** What kind of caller it is, for whoever reads a violation. */
  readonly kind: string;
  readonly ani: string;
  readonly customer: string;
  /** The range of the card; its place among all ranges. */
  readonly range: number;
  /** A card that comes again has the same name. */
  readonly card: string;
  /** True for each try that the issuer declines. */
  readonly declines: readonly boolean[];
}

/** Somebody with stolen cards. */
export interface Strategy {
  readonly name: string;
  readonly attempts: Readonly<Record<Size, number>>;
  readonly everyMs: Readonly<Record<Size, number>>;
  /** Who the n-th attempt says it is; what is left out is new each time. */
  readonly same: Partial<Record<'ani' | 'customer' | 'card', true>>;
  readonly ranges: number;
  /** Who may be sent to a person while it goes on: nobody else, callers with such cards, everybody. */
  readonly hurts: 'nobody' | 'range' | 'all';
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const ANIS = 500;
const ATTACKED_RANGES = 2;
const GENUINE_RANGES = 10;
const ATTACKER_DECLINED = 0.97;
const GENUINE_DECLINED = 0.08;

/** A day, or two hours, at the rate of a diallers’ handful of lines. */
const MANY = {
  attempts: { full: 10_000, short: 500 },
  everyMs: { full: 8_640, short: 14_400 },
  ranges: ATTACKED_RANGES,
} as const;

export const STRATEGIES: readonly Strategy[] = [
  { ...MANY, name: 'one number, many cards', same: { ani: true }, hurts: 'nobody' },
  {
    ...MANY,
    name: 'many numbers, one card',
    same: { card: true, customer: true },
    hurts: 'nobody',
  },
  { ...MANY, name: 'many customers, one card', same: { card: true }, hurts: 'nobody' },
  { ...MANY, name: 'one customer, many cards', same: { customer: true }, hurts: 'nobody' },
  { ...MANY, name: 'all new each time', same: {}, hurts: 'range' },
  {
    ...MANY,
    name: 'low and slow',
    attempts: { full: 1_440, short: 120 },
    everyMs: { full: MINUTE_MS, short: MINUTE_MS },
    same: {},
    hurts: 'range',
  },
  { ...MANY, name: 'all new, of 60 ranges', same: {}, ranges: 60, hurts: 'all' },
];

/** When the last stolen card is tried. */
export function attackEndsMs(strategy: Strategy, size: Size): number {
  return (strategy.attempts[size] - 1) * strategy.everyMs[size];
}

function attacks(strategy: Strategy, size: Size, random: Randomness): Call[] {
  const { same, ranges } = strategy;
  return Array.from({ length: strategy.attempts[size] }, (_, n) => ({
    atMs: n * strategy.everyMs[size],
    who: 'attacker',
    kind: strategy.name,
    ani: numberOf(same.ani ? 0 : n % ANIS),
    customer: same.customer ? 'victim' : `attacker-${n}`,
    range: same.card ? 0 : n % ranges,
    card: same.card ? 'stolen' : `stolen-${n}`,
    declines: [random.fraction() < ATTACKER_DECLINED],
  }));
}

/** A number of the North American plan that nobody has. */
function numberOf(n: number): string {
  return `+1317555${String(n).padStart(4, '0')}`;
}

/** Ranges that nobody attacks come behind the attacked ones. */
function quietRange(random: Randomness): number {
  return ATTACKED_RANGES_MAX + Math.floor(random.fraction() * GENUINE_RANGES);
}

const ATTACKED_RANGES_MAX = Math.max(...STRATEGIES.map(({ ranges }) => ranges));
export const RANGES = ATTACKED_RANGES_MAX + GENUINE_RANGES;

/** Everybody else, as long as the attack goes on and for two hours after it. */
function genuine(endMs: number, random: Randomness): Call[] {
  const calls: Call[] = [];
  let n = 0;
  const caller = (
    kind: string,
    everyMs: number,
    firstMs: number,
    more: () => Partial<Call>,
    count = Infinity,
  ): void => {
    for (let at = 0; at < count && firstMs + at * everyMs < endMs; at += 1) {
      n += 1;
      calls.push({
        atMs: firstMs + at * everyMs,
        who: 'genuine',
        kind,
        ani: numberOf(ANIS + n),
        customer: `customer-${n}`,
        range: quietRange(random),
        card: `card-${n}`,
        declines: [random.fraction() < GENUINE_DECLINED],
        ...more(),
      });
    }
  };
  caller('an ordinary caller', 2 * MINUTE_MS, 1_111, () => ({}));
  caller('a caller who tries twice', 15 * MINUTE_MS, 2_222, () => ({ declines: [true, false] }));
  caller('a caller who tries three times', 20 * MINUTE_MS, 3_333, () => ({
    declines: [true, true, false],
  }));
  const family = { ani: numberOf(9_000) };
  caller('a family with one number', 4 * MINUTE_MS, 20 * MINUTE_MS, () => family, 3);
  caller(
    'a family, second try',
    4 * MINUTE_MS,
    33 * MINUTE_MS,
    () => ({
      ...family,
      declines: [true, false],
    }),
    1,
  );
  const company = { ani: numberOf(9_001) };
  caller('a company with one number', 30 * MINUTE_MS, 5 * MINUTE_MS, () => company, 8);
  const again = { ani: numberOf(9_002), customer: 'regular', card: 'regular', declines: [false] };
  const range = quietRange(random);
  caller(
    'the same card an hour later',
    70 * MINUTE_MS,
    10 * MINUTE_MS,
    () => ({ ...again, range }),
    2,
  );
  caller('a caller with a card of an attacked range', 15 * MINUTE_MS, 4_444, () => ({
    range: Math.floor(random.fraction() * ATTACKED_RANGES),
  }));
  return calls;
}

export const AFTERWARDS_MS = 2 * HOUR_MS;

/** All calls of one world, in their order. */
export function callsOf(strategy: Strategy, size: Size, random: Randomness): readonly Call[] {
  const endMs = attackEndsMs(strategy, size) + AFTERWARDS_MS;
  const calls = [...attacks(strategy, size, random), ...genuine(endMs, random)];
  return calls.toSorted((one, other) => one.atMs - other.atMs);
}

/** The cards of one world: a name is always the same card. */
export class Cards {
  readonly #random: Randomness;
  readonly #ranges: readonly string[];
  readonly #known = new Map<string, MadeUpCard>();

  constructor(random: Randomness) {
    this.#random = random;
    const first = 400_000 + Math.floor(random.fraction() * 90_000);
    this.#ranges = Array.from({ length: RANGES }, (_, n) => String(first + n * 7));
  }

  of({ card, range }: Pick<Call, 'card' | 'range'>): MadeUpCard {
    const made = this.#known.get(card) ?? madeUpCard(this.#random, this.#ranges[range]);
    this.#known.set(card, made);
    return made;
  }
}
