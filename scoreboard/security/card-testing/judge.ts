import { LIMITS } from '../../../test/bridge/world.ts';
import type { Violation } from '../../board.ts';
import type { Call, Strategy } from './callers.ts';
import type { Heard } from './line.ts';

/** One card that reached the gateway. */
export interface Arrival {
  readonly call: Call;
  readonly atMs: number;
  readonly declined: boolean;
  readonly macKey: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Worlds begin at noon UTC; the windows of the counters are those of the clock. */
const BEGINS_AT_MS = 12 * HOUR_MS;

const { cardTesting } = LIMITS;

/** What one world has shown. */
export class Judge {
  readonly strategy: Strategy;
  readonly violations: Violation[] = [];
  readonly #attackEndsMs: number;
  readonly #arrivals: Arrival[] = [];
  refused = 0;
  genuine = 0;
  /** Genuine callers who were sent to a person: with a card of an attacked range, and all others. */
  readonly held = { attacked: 0, others: 0 };
  attackedCallers = 0;

  constructor(strategy: Strategy, attackEndsMs: number) {
    this.strategy = strategy;
    this.#attackEndsMs = attackEndsMs;
  }

  fail(promise: string, what: string): void {
    if (this.violations.length >= 20) return;
    this.violations.push({ promise, what, replay: this.strategy.name });
  }

  /** One card of one call, as its caller heard of it. */
  heard(call: Call, atMs: number, declined: boolean, heard: Heard): void {
    const { outcome, route, errorCode, atGateway, macKey } = heard;
    if (atGateway) {
      this.#arrivals.push({ call, atMs, declined, macKey });
      const wanted = declined ? 'declined' : 'approved';
      if (outcome !== wanted) this.fail('I5', `${call.kind}: ${outcome} instead of ${wanted}`);
    } else if (errorCode !== 'too_many_attempts' || route !== 'agent') {
      this.fail('I12', `${call.kind} was refused with ${errorCode}, and sent to ${route}`);
    }
  }

  /** A whole call: whether all of its cards were taken. */
  called(call: Call, taken: boolean): void {
    if (call.who === 'attacker') {
      if (!taken) this.refused += 1;
      return;
    }
    this.genuine += 1;
    const attacked = call.range < this.strategy.ranges;
    const during = call.atMs < this.#attackEndsMs + HOUR_MS;
    if (attacked && during) this.attackedCallers += 1;
    if (taken) return;
    this.held[attacked ? 'attacked' : 'others'] += 1;
    const { hurts } = this.strategy;
    const mayBe = during && (hurts === 'all' || (hurts === 'range' && attacked));
    if (!mayBe) {
      const when = during ? '' : ', more than an hour after the last attempt';
      this.fail('false block', `${call.kind} was sent to a person${when}`);
    }
  }

  /** @param played how many attempts were made. */
  conclude(played: number): Readonly<Record<string, number | string>> {
    this.#subjects('number in an hour', HOUR_MS, LIMITS.cardTriesPerAniHour, ({ ani }) => ani);
    this.#subjects('number in a day', DAY_MS, LIMITS.cardTriesPerAniDay, ({ ani }) => ani);
    const perCustomer = LIMITS.cardTriesPerCustomerDay;
    this.#subjects('customer in a day', DAY_MS, perCustomer, ({ customer }) => customer);
    this.#subjects('card in a day', DAY_MS, LIMITS.cardTriesPerCardDay, ({ card }) => card);
    const { binWindow, binDeclineRateMax, allWindow, allDeclineRateMax } = cardTesting;
    // A key of its own for each day: ranges are counted anew with it.
    this.#declines('range', binWindow, binDeclineRateMax, ({ call, macKey }) => {
      return `${macKey} ${call.range}`;
    });
    this.#declines('gateway', allWindow, allDeclineRateMax, () => '');
    const attacks = this.#arrivals.filter(({ call }) => call.who === 'attacker');
    if (attacks.length === 0 || this.refused === 0) {
      this.fail('board', 'no attempt got through, or all did, so that nothing is shown');
    }
    if (this.genuine === 0 || this.attackedCallers === 0) {
      this.fail('board', 'nobody else called, so that nothing is shown about them');
    }
    const { name } = this.strategy;
    const share = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`;
    return {
      [`${name}: at the gateway per 1,000 attempts`]: Math.round((1_000 * attacks.length) / played),
      [`${name}: at the gateway in an hour, at most`]: most(attacks.map(({ atMs }) => atMs)),
      [`${name}: callers with such a card sent to a person`]: share(
        this.held.attacked,
        this.attackedCallers,
      ),
      [`${name}: other callers sent to a person`]: share(
        this.held.others,
        this.genuine - this.attackedCallers,
      ),
    };
  }

  /** Of one caller, customer or card never more than its limit in one window of the clock. */
  #subjects(what: string, windowMs: number, max: number, of: (call: Call) => string): void {
    const counts = new Map<string, number>();
    for (const { call, atMs } of this.#arrivals) {
      const key = `${of(call)} ${Math.floor((BEGINS_AT_MS + atMs) / windowMs)}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count === max + 1) this.fail('limit', `more than ${max} cards of one ${what}`);
    }
  }

  /**
   * From the gateway's books: none comes while the newest `window` of the last hour are mostly
   * declined. So in an hour no more are declined than a window holds, and the permitted share of all.
   */
  #declines(
    what: string,
    window: number,
    rateMax: number,
    groupOf: (arrival: Arrival) => string,
  ): void {
    const groups = new Map<string, Arrival[]>();
    for (const arrival of this.#arrivals) {
      const name = groupOf(arrival);
      const group = groups.get(name) ?? [];
      group.push(arrival);
      groups.set(name, group);
    }
    for (const group of groups.values()) {
      for (const [at, { atMs }] of group.entries()) {
        const hour = group.slice(0, at).filter((earlier) => earlier.atMs > atMs - HOUR_MS);
        const newest = hour.slice(-window);
        const declined = newest.filter((earlier) => earlier.declined).length;
        if (newest.length === window && declined > rateMax * window) {
          this.fail('limit', `a card was sent after ${declined} of ${window} declined (${what})`);
        }
        const all = hour.filter((earlier) => earlier.declined).length;
        if (all > window + rateMax * hour.length) {
          this.fail('limit', `${all} of ${hour.length} declined in an hour (${what})`);
        }
      }
    }
  }
}

/** The most of these moments that lie in one hour, wherever it begins. */
function most(momentsMs: readonly number[]): number {
  let first = 0;
  let found = 0;
  for (const [at, ms] of momentsMs.entries()) {
    while (ms - (momentsMs[first] ?? ms) >= HOUR_MS) first += 1;
    found = Math.max(found, at - first + 1);
  }
  return found;
}
