import assert from 'node:assert/strict';
import { PlatformRefused } from '../../src/genesys/refusal.ts';

/** What an organisation keeps under a name. */
export function named<T extends { readonly name?: string }>(
  kept: ReadonlyMap<string, T>,
  name: string,
): T {
  const found = [...kept.values()].find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

/** How Genesys refused it; nothing else may have gone wrong. */
export async function refusalOf(work: Promise<unknown>): Promise<PlatformRefused> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof PlatformRefused, String(error));
    return error;
  }
  throw new Error('it was not refused');
}
