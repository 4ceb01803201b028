import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BRANDS } from '../../src/card/brand.ts';
import { BRANDS_SEEN } from '../../src/payment/brand.ts';
import { loadConfig } from '../../src/system/config.ts';

test('the card, the wire and the configuration know the same brands, in the same order', () => {
  // Three lists, because neither `card` nor `system` may import anything: this holds them together.
  assert.deepEqual(BRANDS_SEEN, BRANDS);
  assert.deepEqual(loadConfig(null, {}).merchant.brands, [...BRANDS]);
});
