import type { IsoDate } from './plan.ts';

const DAY_MS = 24 * 3_600_000;

/** Making one takes two hundred times as long as using it; a merchant has one time zone. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const style = { dateStyle: 'short', timeStyle: 'medium' } as const;
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone, ...style });
  formats.set(timeZone, made);
  return made;
}

/** The wall clock of a time zone at a moment, as if it were UTC: milliseconds. */
function wallMs(timeZone: string, epochMs: number): number {
  const format = formatOf(timeZone);
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
