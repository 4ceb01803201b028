import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecretBytes } from '../../src/card/secret.ts';
import { MacKeys } from '../../src/tokenizer/mac-keys.ts';
import { ManualClock } from '../clock.ts';
import { seededRandomness } from '../randomness.ts';

const DAY_MS = 24 * 3_600_000;

test('a MAC key lives for a day by the clock that never goes back, and its name has no digit', async () => {
  const clock = new ManualClock();
  const keys = new MacKeys(clock, seededRandomness(1));
  const first = keys.current();
  assert.match(first.name, /^mk_[a-z]{20}$/);
  clock.jumpWall(3 * DAY_MS);
  await clock.advance(DAY_MS - 1);
  assert.equal(keys.current(), first);
  await clock.advance(1);
  const second = keys.current();
  assert.notEqual(second.name, first.name);
  const pan = SecretBytes.copyOf(Buffer.from('4242424242424242'));
  const zeroed = first.ofPan(pan);
  assert.notEqual(second.ofPan(pan), zeroed);
  // The old key is zeroed: two of them give the same now.
  await clock.advance(DAY_MS);
  keys.current();
  assert.equal(second.ofPan(pan), zeroed);
});
