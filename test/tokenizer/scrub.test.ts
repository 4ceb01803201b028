import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScrubber, type Scrubber } from '../../src/tokenizer/scrub.ts';
import { seededRandomness } from '../randomness.ts';

const activeCount = (kind: string): number =>
  process.getActiveResourcesInfo().filter((active) => active === kind).length;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

const open = (onLost: () => void): Promise<Scrubber> => openScrubber(seededRandomness(1), onLost);

test('a scrub reads one record over TLS inside this process, and those in between are joined', async () => {
  const scrubber = await open(() => assert.fail('lost'));
  for (let i = 1; i <= 3; i++) {
    scrubber.scrub();
    await until(() => scrubber.recordCount() === i);
  }
  for (let i = 0; i < 50; i++) scrubber.scrub();
  await until(() => scrubber.recordCount() === 5);
  for (let i = 0; i < 50; i++) await turn();
  assert.equal(scrubber.recordCount(), 5);
  scrubber.close();
});

test('a scrubber listens to nobody, keeps no process alive, and lets go of everything', async () => {
  const scrubber = await open(() => assert.fail('closing is no loss'));
  await until(() => activeCount('TCPServerWrap') === 0);
  // Sockets that keep no process alive are not listed.
  assert.equal(activeCount('TCPSocketWrap'), 0);
  scrubber.close();
  scrubber.scrub();
  for (let i = 0; i < 50; i++) await turn();
  assert.equal(scrubber.recordCount(), 0);
});
