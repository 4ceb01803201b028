import type { Arguments } from '../arguments.ts';
import { dateTime, duration, integer } from '../results.ts';
import { defineFunction, type ArchitectFunction } from '../signature.ts';
import type { Value } from '../value.ts';

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

function dateOf(args: Arguments): Date {
  return new Date(args.milliseconds(0));
}

/** One number of a DateTime, in UTC. */
function part(name: string, what: string, read: (date: Date) => number): ArchitectFunction {
  return defineFunction(name, `The ${what} of a DateTime, in UTC.`, {
    '(value: datetime): integer': (args) => integer(args, read(dateOf(args))),
  });
}

function adding(name: string, what: string, unitMs: number): ArchitectFunction {
  return defineFunction(name, `A DateTime so many ${what} later.`, {
    '(start: datetime, count: integer): datetime': (args) =>
      dateTime(args, args.milliseconds(0) + args.number(1) * unitMs),
  });
}

/** The same day of a later month, or its last day where it is shorter. */
function addMonths(args: Arguments, months: number): Value {
  const start = dateOf(args);
  const month = start.getUTCMonth() + months;
  const last = new Date(Date.UTC(start.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const later = new Date(start);
  later.setUTCFullYear(start.getUTCFullYear(), month, Math.min(start.getUTCDate(), last));
  return dateTime(args, later.getTime());
}

function makeDateTime(args: Arguments): Value {
  const [year, month, day, hour = 0, minute = 0, second = 0] = args.values.map((_, index) =>
    args.number(index),
  );
  if (year === undefined || month === undefined || day === undefined) {
    return args.fail('a DateTime has a year, a month and a day');
  }
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const kept =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return kept ? dateTime(args, date.getTime()) : args.fail('there is no such date and time');
}

function makeDuration(args: Arguments): Value {
  const ms = args.values.length > 4 ? args.number(4) : 0;
  return duration(
    args,
    args.number(0) * MS_PER_DAY +
      args.number(1) * MS_PER_HOUR +
      args.number(2) * MS_PER_MINUTE +
      args.number(3) * MS_PER_SECOND +
      ms,
  );
}

/** Weeks begin on Sunday, and the week of 1 January is the first (examples of the help data). */
function weekOfYear(date: Date): number {
  const first = new Date(Date.UTC(date.getUTCFullYear(), 0, 1));
  const days = Math.floor((date.getTime() - first.getTime()) / MS_PER_DAY);
  return Math.floor((days + first.getUTCDay()) / 7) + 1;
}

export const DATE_TIME_FUNCTIONS = [
  defineFunction('GetCurrentDateTimeUtc', 'Now, in UTC.', {
    '(): datetime': (args) => dateTime(args, args.scope.now()),
  }),
  defineFunction('MakeDateTime', 'A DateTime in UTC from its numbers.', {
    '(year: integer, month: integer, day: integer): datetime': makeDateTime,
    '(year: integer, month: integer, day: integer, hour: integer, minute: integer, second: integer): datetime':
      makeDateTime,
  }),
  defineFunction('MakeDuration', 'A Duration from days, hours, minutes and seconds.', {
    '(days: integer, hours: integer, minutes: integer, seconds: integer): duration': makeDuration,
    '(days: integer, hours: integer, minutes: integer, seconds: integer, milliseconds: integer): duration':
      makeDuration,
  }),
  defineFunction('DateTimeDiff', 'The Duration from the second DateTime to the first.', {
    '(one: datetime, other: datetime): duration': (args) =>
      duration(args, args.milliseconds(0) - args.milliseconds(1)),
  }),
  defineFunction('AddDuration', 'A DateTime a Duration later.', {
    '(start: datetime, add: duration): datetime': (args) =>
      dateTime(args, args.milliseconds(0) + args.milliseconds(1)),
  }),
  adding('AddSeconds', 'seconds', MS_PER_SECOND),
  adding('AddMinutes', 'minutes', MS_PER_MINUTE),
  adding('AddHours', 'hours', MS_PER_HOUR),
  adding('AddDays', 'days', MS_PER_DAY),
  defineFunction('AddMonths', 'The same day so many months later, or the last day of that month.', {
    '(start: datetime, count: integer): datetime': (args) => addMonths(args, args.number(1)),
  }),
  defineFunction('AddYears', 'The same day so many years later.', {
    '(start: datetime, count: integer): datetime': (args) => addMonths(args, args.number(1) * 12),
  }),
  part('Year', 'year', (date) => date.getUTCFullYear()),
  part('Month', 'month, from 1,', (date) => date.getUTCMonth() + 1),
  part('Day', 'day of the month', (date) => date.getUTCDate()),
  part('Hour', 'hour', (date) => date.getUTCHours()),
  part('Minute', 'minute', (date) => date.getUTCMinutes()),
  part('Second', 'second', (date) => date.getUTCSeconds()),
  part('DayOfWeek', 'day of the week, Sunday is 1,', (date) => date.getUTCDay() + 1),
  part('WeekNum', 'week of the year, from 1,', weekOfYear),
];
