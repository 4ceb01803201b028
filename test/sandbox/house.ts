import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startSandbox } from '../../src/sandbox/process.ts';
import type { SandboxSettings } from '../../src/sandbox/settings.ts';
import { systemClock, type Clock } from '../../src/system/clock.ts';
import { Client } from './client.ts';
import { sandboxSettings } from './settings.ts';

/** A sandbox for one test, signed in to; it is gone when the test ends. */
export async function sandboxFor(
  context: TestContext,
  changed: Partial<SandboxSettings> = {},
  clock: Clock = systemClock,
): Promise<{ client: Client; origin: string; dataDir: string; close: () => Promise<void> }> {
  const dataDir = changed.dataDir ?? (await mkdtemp(join(tmpdir(), 'tokenline-sandbox-')));
  const sandbox = await startSandbox(sandboxSettings(dataDir, changed), clock);
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await sandbox.close();
    open = false;
  };
  context.after(async () => {
    await close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const client = new Client(sandbox.origin);
  await client.signIn();
  return { client, origin: sandbox.origin, dataDir, close };
}
