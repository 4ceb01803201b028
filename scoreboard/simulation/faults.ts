import type { Randomness } from '../../src/system/randomness.ts';

/** Where something can go wrong. */
export const PLACES = [
  'gateway',
  'look_up',
  'caller',
  'internal',
  'billing',
  'store',
  'process',
] as const;
export type Place = (typeof PLACES)[number];

/** What can go wrong, by place. */
export const KINDS = {
  gateway: [
    'connect_refused',
    'dns_failed',
    'tls_failed',
    'reset_before_body',
    'reset_after_body',
    'time_out_before_commit',
    'time_out_after_commit',
    'cut_mid_body',
    'slow_31_s',
    '503_before_commit',
    '503_after_commit',
    '429_retry_after',
    '409_in_progress',
    'malformed_200',
    'late_commit',
    'duplicated',
    'pending',
    'declined',
    '401_expired',
    '500_after_commit',
  ],
  look_up: ['not_found_though_committed', 'look_up_lost', 'look_up_503', 'look_up_slow'],
  caller: ['request_lost', 'answer_lost', 'delayed', 'request_duplicated', 'answer_reordered'],
  internal: ['line_request_lost', 'line_answer_lost', 'line_delayed', 'line_duplicated'],
  billing: ['billing_500', 'billing_hang', 'billing_refused', 'billing_lost_after', 'billing_410'],
  store: [
    'statement_lost_before',
    'statement_lost_after',
    'statement_stalls',
    'dies_before_statement',
    'dies_after_statement',
  ],
  process: ['dies_before_send', 'dies_after_send'],
} as const satisfies Record<Place, readonly string[]>;

export type FaultAt<P extends Place> = (typeof KINDS)[P][number];
export type FaultKind = FaultAt<Place>;

export const ALL_KINDS: readonly FaultKind[] = PLACES.flatMap((place) => [...KINDS[place]]);

export function isKind(text: string): text is FaultKind {
  return ALL_KINDS.some((kind) => kind === text);
}

/** How often each kind strikes in one run, as a share of its occasions. */
export type Rates = Partial<Record<FaultKind, number>>;

/** A kind is in a run or not ("swarm testing": a run with all of them never gets far enough). */
const SHARE_OF_KINDS = 0.3;
const RATES = [0.03, 0.12, 0.4];
/** In a run without faults the order alone is shuffled. */
const SHARE_WITHOUT = 0.04;
/** There are many more statements than messages. */
const STATEMENT_RATES = [0.01, 0.04, 0.12];
const ENDS_THE_EVENT = 0.05;

/** Draws what this run is made of. */
export function ratesOf(random: Randomness): Rates {
  const rates: Rates = {};
  if (random.fraction() < SHARE_WITHOUT) return rates;
  for (const place of PLACES) {
    const steps = place === 'store' ? STATEMENT_RATES : RATES;
    for (const kind of KINDS[place]) {
      const isIn = random.fraction() < SHARE_OF_KINDS;
      const rate = steps[Math.floor(random.fraction() * steps.length)] ?? 0;
      if (!isIn) continue;
      rates[kind] = kind === 'billing_410' ? ENDS_THE_EVENT : rate;
    }
  }
  return rates;
}

/** Decides at every occasion whether something goes wrong, and counts what did. */
export class Faults {
  /** Off while a run is set up, and once it has healed. */
  on = false;
  /** Faults that struck, by kind and by what was going on: `late_commit subscribe`. */
  readonly struck = new Map<string, number>();
  readonly #random: Randomness;
  readonly #rates: Rates;

  constructor(random: Randomness, rates: Rates) {
    this.#random = random;
    this.#rates = rates;
  }

  /** One number is drawn for each occasion, so that leaving a kind out moves nothing else. */
  draw<P extends Place>(place: P, during: string): FaultAt<P> | null {
    if (!this.on) return null;
    let left = this.#random.fraction();
    for (const kind of KINDS[place] as readonly FaultAt<P>[]) {
      const rate = this.#rates[kind] ?? 0;
      if (left < rate) {
        const name = `${kind} ${during}`;
        this.struck.set(name, (this.struck.get(name) ?? 0) + 1);
        return kind;
      }
      left -= rate;
    }
    return null;
  }
}
