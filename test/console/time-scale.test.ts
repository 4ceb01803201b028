import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lengthOf } from '../../src/console/desk/lengths.ts';
import { placeOf, stretches } from '../../src/console/desk/time-scale.ts';

const S = 1_000;
const H = 3_600 * S;

test('a call of a minute is drawn as it was', () => {
  const line = stretches([0, 10 * S, 10 * S, 40 * S, 60 * S]);
  assert.deepEqual(
    line.map(({ broken }) => broken),
    [false, false, false],
  );
  assert.deepEqual(
    [0, 10 * S, 30 * S, 60 * S].map((ms) => Number(placeOf(line, ms).toFixed(3))),
    [0, 0.167, 0.5, 1],
  );
});

test('a wait of hours is shortened and marked, and the call before it is still seen', () => {
  const line = stretches([0, 30 * S, 31 * S, 5 * H]);
  assert.deepEqual(
    line.map(({ broken }) => broken),
    [false, false, true],
  );
  assert.ok(placeOf(line, 30 * S) > 0.2, 'the call is a dot');
  assert.ok(placeOf(line, 30 * S) < placeOf(line, 31 * S));
  assert.equal(placeOf(line, 5 * H), 1);
  const later = stretches([0, 30 * S, 31 * S, 72 * H]);
  assert.ok(placeOf(later, 30 * S) < placeOf(line, 30 * S), 'a longer wait is drawn longer');
});

test('nothing, and one moment alone, have their place', () => {
  assert.equal(placeOf(stretches([]), 7), 0);
  assert.equal(placeOf(stretches([7]), 7), 0);
});

test('a length of time is told in its two largest units', () => {
  for (const [ms, words] of [
    [340, '340 ms'],
    [12_440, '12.4 s'],
    [200 * S, '3 min 20 s'],
    [2 * H + 300 * S, '2 h 5 min'],
    [24 * H, '1 day'],
    [75 * H, '3 days 3 h'],
  ] as const) {
    assert.equal(lengthOf(ms), words);
  }
});
