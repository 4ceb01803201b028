import type { CallStep } from './console.ts';

/** What the console's page Funnel shows. As `console.ts`: both sides take the types from here. */

/** The way of an enrolment. Going to a person is no step of it: that can happen at each. */
export const FUNNEL_STEPS = [
  'greeting',
  'terms',
  'consent',
  'card',
  'enrolment',
  'enrolled',
] as const satisfies readonly CallStep[];
export type FunnelStepName = (typeof FUNNEL_STEPS)[number];

/** One step: every call that came to it went on, left, went to a person, or is under way. */
export interface FunnelStep {
  readonly step: FunnelStepName;
  /** Calls that came at least so far. */
  readonly reached: number;
  /** Calls that came no further and have ended; 0 for the last step, which is where they wanted to be. */
  readonly left: number;
  /** Calls that came no further and were passed to a person. */
  readonly to_agent: number;
  /** Calls that came no further, of which something was heard in the last quarter of an hour; 0 for the last step. */
  readonly under_way: number;
  /** From the step before, seconds; `null` for the first step, and where no call came so far. */
  readonly median_s: number | null;
}

/** So many of a kind, the most frequent first. */
export interface FunnelCount {
  readonly what: string;
  readonly count: number;
}

export interface Funnel {
  /** Empty for all of them together. */
  readonly language: string;
  readonly calls: number;
  readonly steps: readonly FunnelStep[];
  /** Calls that heard the terms, said no, and came no further; they are among those who left there. */
  readonly refused: number;
  /** Cards that were tried: `approved`, or the error code. */
  readonly cards: readonly FunnelCount[];
  /** Why calls were passed to a person. */
  readonly agents: readonly FunnelCount[];
}

/** A leap year: what is asked for once a year. */
export const FUNNEL_DAYS_MAX = 366;

/** `GET /console/api/funnel`: so many days, today included and by the merchant’s clock; or a time. */
export interface FunnelQuestion {
  readonly days?: number;
  /** UTC, ISO 8601, inclusive. */
  readonly from?: string;
  /** UTC, ISO 8601, exclusive. */
  readonly to?: string;
}

export interface FunnelView {
  readonly at: string;
  /** UTC, ISO 8601, inclusive. */
  readonly from: string;
  /** UTC, ISO 8601, exclusive. */
  readonly to: string;
  readonly all: Funnel;
  /** Of each language in which there were calls. */
  readonly languages: readonly Funnel[];
  /** Calls about a subscription that there was already; they are not in the funnel. */
  readonly other_calls: number;
}
