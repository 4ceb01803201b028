import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { chargeDate, dateIn, INTERVAL_UNITS } from '../../src/payment/plan.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2020, 0, 1);

const isoOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const anchor = fc.integer({ min: 0, max: 40_000 }).map((days) => isoOf(FIRST + days * DAY_MS));
/** The longest ends at 8005-01-01: 41 times 143 years after the last anchor. */
const COUNT_MAX = { day: 366, week: 366, month: 366, year: 143 } as const;
const interval = fc
  .constantFrom(...INTERVAL_UNITS)
  .chain((unit) =>
    fc.record({ count: fc.integer({ min: 1, max: COUNT_MAX[unit] }), unit: fc.constant(unit) }),
  );
const periods = fc.integer({ min: 0, max: 40 });

test('days and weeks are the same as steps of one day', () => {
  const short = fc.record({
    count: fc.integer({ min: 1, max: 30 }),
    unit: fc.constantFrom('day' as const, 'week' as const),
  });
  fc.assert(
    fc.property(anchor, short, periods, (from, every, n) => {
      let date = from;
      for (let step = 0; step < n; step++) date = chargeDate(date, every, 1);
      assert.equal(chargeDate(from, every, n), date);
      const days = every.count * n * (every.unit === 'week' ? 7 : 1);
      assert.equal(date, isoOf(Date.parse(from) + days * DAY_MS));
    }),
  );
});

test('later charges are later, and the 0th is the anchor itself', () => {
  fc.assert(
    fc.property(anchor, interval, periods, (from, every, n) => {
      assert.equal(chargeDate(from, every, 0), from);
      assert.ok(chargeDate(from, every, n + 1) > chargeDate(from, every, n));
    }),
  );
});

test('months and years keep the day of the anchor, or take the last of the month', () => {
  const long = fc.record({
    count: fc.integer({ min: 1, max: 24 }),
    unit: fc.constantFrom('month' as const, 'year' as const),
  });
  fc.assert(
    fc.property(anchor, long, periods, (from, every, n) => {
      const date = chargeDate(from, every, n);
      const wanted = Number(from.slice(8));
      const day = Number(date.slice(8));
      const next = new Date(Date.parse(date) + DAY_MS);
      assert.ok(day === wanted || (day < wanted && next.getUTCDate() === 1), date);
      const months = (iso: string): number =>
        Number(iso.slice(0, 4)) * 12 + Number(iso.slice(5, 7));
      const steps = every.count * n * (every.unit === 'year' ? 12 : 1);
      assert.equal(months(date) - months(from), steps, 'no month is jumped over');
    }),
  );
});

test('the ends of months and leap years are as a calendar has them', () => {
  const month = { count: 1, unit: 'month' } as const;
  const year = { count: 1, unit: 'year' } as const;
  assert.deepEqual(
    [1, 2, 3, 12, 13].map((n) => chargeDate('2027-01-31', month, n)),
    ['2027-02-28', '2027-03-31', '2027-04-30', '2028-01-31', '2028-02-29'],
  );
  assert.deepEqual(
    [1, 2, 3, 4].map((n) => chargeDate('2028-02-29', year, n)),
    ['2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29'],
  );
  assert.equal(chargeDate('2096-02-29', year, 4), '2100-02-28', 'no leap year: ISO 8601 §4.2.1');
});

test('a date that a calendar of four digits does not have is refused', () => {
  assert.equal(chargeDate('9998-12-31', { count: 1, unit: 'year' }, 1), '9999-12-31');
  assert.throws(() => chargeDate('9999-12-31', { count: 1, unit: 'day' }, 1), RangeError);
  assert.throws(
    () => chargeDate('2024-01-01', { count: 366, unit: 'year' }, 1_000_000),
    RangeError,
  );
});

test('the day is the merchant’s, not the server’s', () => {
  const midnight = Date.UTC(2027, 0, 1, 2);
  assert.equal(dateIn('America/New_York', midnight), '2026-12-31');
  assert.equal(dateIn('UTC', midnight), '2027-01-01');
  assert.equal(dateIn('Asia/Tokyo', midnight), '2027-01-01');
});
