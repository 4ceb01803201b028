import { appendFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { BridgeSettings } from '../../../../src/cli/settings.ts';
import { startBridge } from '../../../../src/cli/start-bridge.ts';
import { startSandbox } from '../../../../src/sandbox/process.ts';
import { readSandboxSettings } from '../../../../src/sandbox/settings.ts';
import { openStore } from '../../../../src/store/open.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { openLog } from '../../../../src/system/log.ts';
import { systemRandomness } from '../../../../src/system/randomness.ts';
import { startTokenizer } from '../../../../src/tokenizer/process.ts';
import { readSettings } from '../../../../src/tokenizer/settings.ts';
import type { ChildTask } from '../crew.ts';
import { resolveNames } from './names.ts';
import { Plan } from './plan.ts';
import { Ports } from './ports.ts';

/**
 * One process of a board: the product's own start of its role, on ports that can be told to die.
 * What is in it is loaded before its task is known, so that one can wait for another to fall.
 */

/** Connections of a bridge: several systems share one server, which takes a hundred. */
const POOL_MAX = 5;

type Started = { readonly ports: readonly number[]; close(): Promise<void> };

async function startOne(task: Exclude<ChildTask, { role: 'sandboxes' }>): Promise<Started> {
  const { clock, randomness, write } = groundOf(task.log);
  const plan = new Plan(task.plan);
  const ports = new Ports(plan);
  resolveNames(plan);
  ports.watchReplies();
  const { openHttp } = ports;
  if (task.role === 'tokenizer') {
    const settings = readSettings(JSON.stringify(task.settings));
    const running = await startTokenizer(settings, { clock, randomness, write, openHttp });
    return { ports: [running.port], close: () => running.close() };
  }
  const settings = task.settings as BridgeSettings;
  const opening = { ...settings, dataDirectory: settings.dataDir, poolMax: POOL_MAX };
  const inner = await openStore(opening, clock, randomness, openLog('bridge', write, clock));
  const store = ports.store(inner);
  const { idleMs } = task;
  const running = await startBridge(settings, {
    clock,
    randomness,
    write,
    store,
    openHttp,
    idleMs,
  });
  const close = async (): Promise<void> => {
    await running.close();
    await inner.close();
  };
  return { ports: [running.port], close };
}

function groundOf(log: string | null) {
  const write = (line: string): void => {
    if (log !== null) appendFileSync(log, `${process.pid} ${line}\n`);
  };
  return { clock: systemClock, randomness: systemRandomness, write };
}

async function startSandboxes(settings: readonly unknown[]): Promise<Started> {
  const all = await Promise.all(settings.map((one) => startSandbox(readSandboxSettings(one))));
  return {
    ports: all.map(({ port }) => port),
    close: async () => {
      await Promise.all(all.map((sandbox) => sandbox.close()));
    },
  };
}

async function main(): Promise<void> {
  process.send?.({ loaded: true });
  const task = JSON.parse(await text(process.stdin)) as ChildTask;
  const started =
    task.role === 'sandboxes' ? await startSandboxes(task.settings) : await startOne(task);
  const stop = (): void => void started.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.send?.({ ports: started.ports });
}

// With its parent it ends at once: whatever it was doing was the board's.
process.once('disconnect', () => process.exit(0));
main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
