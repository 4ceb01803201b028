import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { daysAfter, momentIn } from '../../src/payment/local-time.ts';
import { chargeDate, dateIn, INTERVAL_UNITS } from '../../src/payment/plan.ts';
import { afterDecline, againAfterMs, type ChargePolicy } from '../../src/payment/retry-charge.ts';
import {
  advanced,
  caughtUp,
  following,
  replanned,
  resumedOn,
  rhythmFrom,
} from '../../src/payment/rhythm.ts';
import { ERROR_CODE_LIST } from '../../src/payment/outcome.ts';

const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;

const dates = fc
  .integer({ min: Date.UTC(2024, 0, 1) / DAY_MS, max: Date.UTC(2044, 0, 1) / DAY_MS })
  .map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
const intervals = fc.record({
  count: fc.integer({ min: 1, max: 13 }),
  unit: fc.constantFrom(...INTERVAL_UNITS),
});
const zones = fc.constantFrom(
  'UTC',
  'America/New_York',
  'America/St_Johns',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
);

/** The day and the hour that a clock on the wall shows. */
function wall(timeZone: string, epochMs: number): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(epochMs).map((part) => [part.type, part.value]));
  const [year, month, day] = [parts.get('year'), parts.get('month'), parts.get('day')];
  return `${year}-${month}-${day} ${parts.get('hour')}:${parts.get('minute')}`;
}

test('an hour of a day is that hour on the wall, or the next one that there is', () => {
  fc.assert(
    fc.property(zones, dates, fc.integer({ min: 0, max: 23 }), (zone, date, hour) => {
      const moment = momentIn(zone, date, hour);
      const wanted = `${date} ${String(hour).padStart(2, '0')}:00`;
      const shown = wall(zone, moment);
      if (shown === wanted) return;
      // The hour is left out: the wall jumps over it, by an hour at most.
      assert.ok(shown > wanted && wall(zone, moment - HOUR_MS) < wanted, `${shown} for ${wanted}`);
      assert.equal(dateIn(zone, moment), date);
    }),
    { numRuns: 2_000 },
  );
});

test('an hour that comes twice is the first of the two, one that is left out the one after it', () => {
  const zone = 'America/New_York';
  assert.equal(momentIn(zone, '2026-11-01', 1), Date.parse('2026-11-01T05:00:00Z'));
  assert.equal(momentIn(zone, '2027-03-14', 2), Date.parse('2027-03-14T07:00:00Z'));
});

test('periods follow one another as they are counted from the first one', () => {
  fc.assert(
    fc.property(dates, intervals, fc.nat(130), (first, interval, count) => {
      let rhythm = rhythmFrom(first, interval);
      for (let index = 0; index < count; index += 1) {
        assert.equal(rhythm.dueDate, chargeDate(first, interval, index));
        assert.ok(following(rhythm) > rhythm.dueDate);
        rhythm = advanced(rhythm);
      }
    }),
  );
});

test('catching up passes over every period but the newest that is due', () => {
  fc.assert(
    fc.property(dates, intervals, fc.integer({ min: -40, max: 4_000 }), (first, interval, days) => {
      const today = daysAfter(first, days);
      const start = rhythmFrom(first, interval);
      const { rhythm, missed } = caughtUp(start, today);
      assert.ok(following(rhythm) > today);
      assert.ok(rhythm.dueDate <= today || missed.length === 0);
      assert.deepEqual(
        [...missed, rhythm.dueDate],
        Array.from({ length: missed.length + 1 }, (_, index) => chargeDate(first, interval, index)),
      );
    }),
  );
});

test('after a pause the first period of the rhythm that is still to come is the next', () => {
  fc.assert(
    fc.property(dates, intervals, fc.integer({ min: -40, max: 4_000 }), (first, interval, days) => {
      const today = daysAfter(first, days);
      const { dueDate } = resumedOn(rhythmFrom(first, interval), today);
      assert.ok(dueDate >= today);
      let index = 0;
      while (chargeDate(first, interval, index) < today) index += 1;
      assert.equal(dueDate, chargeDate(first, interval, index));
    }),
  );
});

test('another plan begins where the next period would have begun, and never today', () => {
  fc.assert(
    fc.property(dates, intervals, intervals, fc.nat(60), (first, one, other, days) => {
      const today = daysAfter(first, days);
      const { rhythm } = caughtUp(rhythmFrom(first, one), today);
      const next = rhythm.dueDate > today ? rhythm.dueDate : following(rhythm);
      const planned = replanned(rhythm, other, today);
      assert.equal(planned.dueDate, rhythm.dueDate);
      const began = planned.dueDate > today ? planned : advanced(planned);
      assert.equal(began.dueDate, next);
      assert.ok(began.dueDate > today);
      assert.equal(following(began), chargeDate(next, other, 1));
    }),
  );
});

const policy: ChargePolicy = {
  hour: 9,
  retryDays: [1, 3, 5, 7],
  afterLastTry: 'past_due',
  againAfterMs: HOUR_MS,
};

/** Far enough away that no retry meets it. */
const declined = {
  declines: 0,
  advice: null,
  today: '2026-12-01',
  nextDueDate: '2027-12-01',
} as const;

test('a card is tried again only after a decline that may pass, and no more often than the schedule has days', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ERROR_CODE_LIST), fc.nat(20), (errorCode, declines) => {
      const one = { ...declined, errorCode, declines };
      const after = afterDecline(one, policy);
      assert.equal(afterDecline({ ...one, advice: 'stop' }, policy).kind, 'stop');
      if (after.kind === 'retry') {
        assert.equal(after.date, daysAfter(one.today, policy.retryDays[declines] ?? 0));
      } else assert.ok(after.kind === 'stop' || declines >= policy.retryDays.length);
    }),
  );
  const passing = ERROR_CODE_LIST.filter(
    (errorCode) => afterDecline({ ...declined, errorCode }, policy).kind === 'retry',
  );
  assert.deepEqual(passing, [
    'card_declined',
    'insufficient_funds',
    'limit_exceeded',
    'processing_error',
  ]);
});

test('advice not to come back too soon makes a wait longer, never shorter', () => {
  const second = { ...declined, errorCode: 'insufficient_funds', declines: 1 } as const;
  const soon = afterDecline({ ...second, advice: { afterMs: HOUR_MS } }, policy);
  const late = afterDecline({ ...second, advice: { afterMs: 8 * DAY_MS } }, policy);
  assert.deepEqual(soon, { kind: 'retry', date: '2026-12-04' });
  assert.deepEqual(late, { kind: 'retry', date: '2026-12-09' });
});

test('a retry that would meet the next due date is not announced: the try before it was the last', () => {
  fc.assert(
    fc.property(dates, fc.nat(40), fc.nat(3), fc.nat(20), (today, untilNext, declines, advised) => {
      const nextDueDate = daysAfter(today, untilNext);
      const advice = advised === 0 ? null : { afterMs: advised * DAY_MS };
      const one = { errorCode: 'card_declined', declines, advice, today, nextDueDate } as const;
      const wait = Math.max(policy.retryDays[declines] ?? 0, advised);
      assert.deepEqual(
        afterDecline(one, policy),
        wait < untilNext ? { kind: 'retry', date: daysAfter(today, wait) } : { kind: 'last_try' },
      );
    }),
  );
});

test('a gateway that is away is asked again after 1, 2, 4, … hours, and at least once a day', () => {
  const waits = [0, 1, 2, 3, 4, 5, 60].map((failures) => againAfterMs(failures, policy) / HOUR_MS);
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 24, 24]);
});
