import { daysAfter } from './local-time.ts';
import type { ErrorCode } from './outcome.ts';
import type { IsoDate } from './plan.ts';

/** When Tokenline's own charges are made and tried again; the defaults are in `system/config.ts`. */
export interface ChargePolicy {
  /** 0 to 23: the hour of the due day, in the merchant's time zone. */
  readonly hour: number;
  /**
   * Days after each declined try before the next one. Their number is the number of further tries.
   * Visa lets a card be tried 20 times in 30 days for one amount (Visa Core Rules, 18 April 2026,
   * table 7-2; 15 until May 2025), Mastercard 35 times, and 10 times in a day
   * (https://developers.tabapay.com/docs/excessive-retry-rules).
   */
  readonly retryDays: readonly number[];
  /** What becomes of the subscription after the last try. */
  readonly afterLastTry: 'past_due' | 'cancel';
  /** How long to wait where the issuer was not asked: the gateway was away. Doubles, up to a day. */
  readonly againAfterMs: number;
}

/**
 * Declines that may pass by themselves. After all others the same card is not charged again: the
 * number, the date or the consent is wrong, and time does not mend that (Visa's decline categories 1
 * and 3). A plain decline may be lost or stolen; then the gateway's advice says `stop`.
 */
const MAY_PASS: ReadonlySet<ErrorCode> = new Set([
  'card_declined',
  'insufficient_funds',
  'limit_exceeded',
  'processing_error',
]);

/** A charge that was declined. */
export interface DeclinedCharge {
  readonly errorCode: ErrorCode;
  /** Of this series before this one. */
  readonly declines: number;
  /** Of the issuer or the scheme, where there was any. */
  readonly advice: 'stop' | { readonly afterMs: number } | null;
  readonly today: IsoDate;
  /** When the period after the declined one is due. */
  readonly nextDueDate: IsoDate;
}

/** What follows a charge that was declined. */
export type AfterDecline =
  | { readonly kind: 'retry'; readonly date: IsoDate }
  /** The tries are used up; the next period is another matter. */
  | { readonly kind: 'last_try' }
  /** Never again with this card. */
  | { readonly kind: 'stop' };

const DAY_MS = 24 * 3_600_000;

/** On the next due date the next period is charged, so a try is announced only where it comes before. */
export function afterDecline(declined: DeclinedCharge, policy: ChargePolicy): AfterDecline {
  const { errorCode, declines, advice, today, nextDueDate } = declined;
  if (advice === 'stop' || !MAY_PASS.has(errorCode)) return { kind: 'stop' };
  const days = policy.retryDays[declines];
  if (days === undefined) return { kind: 'last_try' };
  const advisedDays = advice === null ? 0 : Math.ceil(advice.afterMs / DAY_MS);
  const date = daysAfter(today, Math.max(days, advisedDays));
  return date < nextDueDate ? { kind: 'retry', date } : { kind: 'last_try' };
}

/** Failures of a gateway that never asked the issuer; a charge that is wrong is not sent again so. */
export function isStoppedByFailure(errorCode: ErrorCode): boolean {
  return errorCode === 'not_found' || errorCode === 'not_allowed';
}

/** Wait before asking a gateway again that did not ask the issuer. @param failures before this one. */
export function againAfterMs(failures: number, policy: ChargePolicy): number {
  return Math.min(DAY_MS, policy.againAfterMs * 2 ** Math.min(failures, 10));
}
