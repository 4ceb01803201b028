import { chargeDate, type Interval, type IsoDate } from './plan.ts';

/**
 * Where a subscription that Tokenline charges stands: the period that is being charged or is the next
 * to be, and how the dates after it are counted. A period is known by the day on which it is due.
 */
export interface Rhythm {
  /** The day from which the periods are counted. */
  readonly anchor: IsoDate;
  readonly interval: Interval;
  /** When the present period is due. */
  readonly dueDate: IsoDate;
  /** How many periods after the anchor the one after it is. */
  readonly nextIndex: number;
}

/** The rhythm of a new subscription, with its first period still to be charged. */
export function rhythmFrom(first: IsoDate, interval: Interval): Rhythm {
  return { anchor: first, interval, dueDate: first, nextIndex: 1 };
}

/** When the period after the present one is due. */
export function following({ anchor, interval, nextIndex }: Rhythm): IsoDate {
  return chargeDate(anchor, interval, nextIndex);
}

/** The present period is over with: the one after it takes its place. */
export function advanced(rhythm: Rhythm): Rhythm {
  return { ...rhythm, dueDate: following(rhythm), nextIndex: rhythm.nextIndex + 1 };
}

/**
 * Goes on to the newest period that is due on `today`; the ones before it are `missed`. Nobody agreed
 * to several charges at once, so a merchant whose system was down charges the newest one only.
 */
export function caughtUp(
  rhythm: Rhythm,
  today: IsoDate,
): { readonly rhythm: Rhythm; readonly missed: readonly IsoDate[] } {
  const missed: IsoDate[] = [];
  let now = rhythm;
  while (following(now) <= today) {
    missed.push(now.dueDate);
    now = advanced(now);
  }
  return { rhythm: now, missed };
}

/** After a pause: the first period that is due today or later. Those in between were never due. */
export function resumedOn(rhythm: Rhythm, today: IsoDate): Rhythm {
  let now = rhythm;
  while (now.dueDate < today) now = advanced(now);
  return now;
}

/**
 * Another plan, from the next period on. A present period that is due already keeps its date and its
 * price, and the first of the new ones comes when the next of the old ones would have come.
 */
export function replanned(rhythm: Rhythm, interval: Interval, today: IsoDate): Rhythm {
  return rhythm.dueDate > today
    ? { anchor: rhythm.dueDate, interval, dueDate: rhythm.dueDate, nextIndex: 1 }
    : { anchor: following(rhythm), interval, dueDate: rhythm.dueDate, nextIndex: 0 };
}
