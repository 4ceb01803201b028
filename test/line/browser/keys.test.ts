import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { WaitingKeys } from '../../../src/line/browser/keys.ts';

const codes = (keys: string): number[] => [...Buffer.from(keys, 'latin1')];

/** Waiting keys, with the bytes that they lie in. */
function withSlab(): { readonly keys: WaitingKeys; readonly slab: Buffer } {
  const alloc = mock.method(Buffer, 'alloc');
  try {
    const keys = new WaitingKeys();
    const slab = alloc.mock.calls[0]?.result;
    assert.ok(slab);
    return { keys, slab };
  } finally {
    alloc.mock.restore();
  }
}

test('keys are taken in the order in which they were pressed, round the end as well', () => {
  const { keys, slab } = withSlab();
  for (let round = 0; round < slab.length; round++) {
    for (const code of codes('73#')) keys.put(code);
    assert.deepEqual([keys.take(), keys.take(), keys.take()], codes('73#'));
  }
  assert.equal(keys.take(), null);
});

test('a key too many is lost, and none of those before it', () => {
  const { keys, slab } = withSlab();
  for (let n = 0; n < slab.length; n++) keys.put(codes(String(n % 10))[0] ?? 0);
  keys.put(codes('*')[0] ?? 0);
  assert.equal(keys.count, slab.length);
  assert.equal(keys.take(), codes('0')[0]);
});

test('a key that was taken, or is not wanted any more, is nowhere in the memory of keys', () => {
  const { keys, slab } = withSlab();
  for (const code of codes('7391')) keys.put(code);
  assert.ok(slab.includes('7391'));
  keys.take();
  keys.take();
  assert.ok(!slab.includes('7') && !slab.includes('3'));
  assert.ok(slab.includes('91'));
  keys.clear();
  assert.ok(slab.every((byte) => byte === 0));
  assert.equal(keys.count, 0);
});
