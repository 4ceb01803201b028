import type { Language } from './language.ts';
import type { Money } from './money.ts';

export const INTERVAL_UNITS = ['day', 'week', 'month', 'year'] as const;
export type IntervalUnit = (typeof INTERVAL_UNITS)[number];

/** How often a plan is charged: every `count` `unit`s. */
export interface Interval {
  /** 1 to 366. */
  readonly count: number;
  readonly unit: IntervalUnit;
}

/** One entry of the merchant's catalogue. The price is here and nowhere else: no flow sets one. */
export interface Plan {
  readonly id: string;
  /** Spoken name by language. */
  readonly name: Readonly<Record<Language, string>>;
  readonly price: Money;
  readonly interval: Interval;
  /** Days before the first charge; 0 charges on enrolment. */
  readonly trialDays: number;
}

/** A calendar date without a time, `2026-11-23`. */
export type IsoDate = string;

/** By time zone: making one takes a hundred times as long as using it. */
const DATES = new Map<string, Intl.DateTimeFormat>();

/** The date it is at `epochMs` in an IANA time zone. */
export function dateIn(timeZone: string, epochMs: number): IsoDate {
  let format = DATES.get(timeZone);
  if (format === undefined) {
    // The Swedish locale writes ISO 8601 dates.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    DATES.set(timeZone, format);
  }
  return format.format(epochMs);
}

function utcParts(date: IsoDate): [year: number, month: number, day: number] {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return [year, month, day];
}

/** @throws RangeError past 9999-12-31: ISO 8601 §4.1.2.1 has four digits for a year, and dates here sort as text. */
function isoDate(year: number, monthIndex: number, day: number): IsoDate {
  const date = new Date(Date.UTC(year, monthIndex, day));
  if (!(date.getUTCFullYear() <= 9999))
    throw new RangeError('no charge is due after the year 9999');
  return date.toISOString().slice(0, 10);
}

function daysInMonth(year: number, monthIndex: number): number {
  return new Date(Date.UTC(year, monthIndex + 1, 0)).getUTCDate();
}

/**
 * The date of the `periods`-th charge after `anchor`. Months and years keep the anchor's day where
 * the month has it and use its last day where it has not, so that a subscription of 31 January is
 * charged on 28 February and then on 31 March again.
 */
export function chargeDate(anchor: IsoDate, interval: Interval, periods: number): IsoDate {
  const [year, month, day] = utcParts(anchor);
  const steps = interval.count * periods;
  switch (interval.unit) {
    case 'day':
      return isoDate(year, month - 1, day + steps);
    case 'week':
      return isoDate(year, month - 1, day + 7 * steps);
    case 'month':
    case 'year': {
      const months = month - 1 + steps * (interval.unit === 'year' ? 12 : 1);
      const targetYear = year + Math.floor(months / 12);
      const targetMonth = ((months % 12) + 12) % 12;
      return isoDate(targetYear, targetMonth, Math.min(day, daysInMonth(targetYear, targetMonth)));
    }
  }
}

/** By language, as they are spoken. */
const SPOKEN = new Map<Language, Intl.DateTimeFormat>();

/** The date as it is spoken: "23 December 2026" in the order of the language. */
export function dateText(date: IsoDate, language: Language): string {
  const [year, month, day] = utcParts(date);
  let format = SPOKEN.get(language);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
    SPOKEN.set(language, format);
  }
  return format.format(Date.UTC(year, month - 1, day));
}
