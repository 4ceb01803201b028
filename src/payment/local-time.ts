import type { IsoDate } from './plan.ts';

const DAY_MS = 24 * 3_600_000;

/** The wall clock of a time zone at a moment, as if it were UTC: milliseconds. */
function wallMs(timeZone: string, epochMs: number): number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  // The Swedish locale writes ISO 8601, `2026-11-23 09:00:00`.
  return Date.parse(`${format.format(epochMs).replace(' ', 'T')}Z`);
}

/**
 * The moment at which it is `hour` o'clock on `date` in an IANA time zone. An hour that the change to
 * summer time leaves out is taken for the one after it; one that comes twice is the first of the two.
 */
export function momentIn(timeZone: string, date: IsoDate, hour: number): number {
  const wanted = Date.parse(`${date}T00:00:00Z`) + hour * 3_600_000;
  // Offsets lie between 14 hours ahead and 12 behind, and change at most once in that time.
  const offsets = [wanted - DAY_MS, wanted + DAY_MS].map((near) => wallMs(timeZone, near) - near);
  const moments = offsets.map((offset) => wanted - offset).sort((one, other) => one - other);
  const exact = moments.find((moment) => wallMs(timeZone, moment) === wanted);
  return exact ?? Math.max(...moments);
}

/** The date `days` after another one. */
export function daysAfter(date: IsoDate, days: number): IsoDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
