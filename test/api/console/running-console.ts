import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsoleMeans } from '../../../src/api/console/console.ts';
import type { ConsoleSettings, SignInSettings } from '../../../src/api/console/settings.ts';
import { openDesk } from '../../../src/bridge/desk/desk.ts';
import { holdPort } from '../../../src/cli/ports.ts';
import type { LedgerEntry } from '../../../src/payment/ledger.ts';
import { startSandbox } from '../../../src/sandbox/process.ts';
import { readLedger } from '../../../src/store/ledger.ts';
import { loadConfig } from '../../../src/system/config.ts';
import { openWebFetch } from '../../../src/system/web-fetch.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { World } from '../../bridge/world.ts';
import { openEmpty, ports, silentLog } from '../../database.ts';
import { EVERY_ENTRY } from '../../every-entry.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import type { Ending } from '../running-api.ts';
import { startWorldApi } from '../world-api.ts';
import { Browser } from './browser.ts';

export const IDLE_MS = 900_000;
export const SESSION_MS_MAX = 43_200_000;

export interface RunningConsole {
  readonly base: string;
  readonly settings: ConsoleSettings;
  readonly means: ConsoleMeans;
  /** Of the console and its sessions; it stands still until a test moves it. */
  readonly world: World;
  readonly browser: Browser;
  /** Another browser, with cookies of its own. */
  readonly newBrowser: () => Browser;
  readonly entries: () => Promise<LedgerEntry[]>;
}

export async function freePort(): Promise<number> {
  const held = await holdPort('bridge', { host: '127.0.0.1', port: 0 });
  await held.release();
  return held.port;
}

/** A bridge with its console, and an identity provider; they end with the test. */
export async function runConsole(
  t: Ending,
  signIn: Partial<SignInSettings> = {},
): Promise<RunningConsole> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-console-'));
  const opened = await openEmpty('pglite');
  await migrate(opened.store, ports);
  const world = await World.open(opened.store);
  const [bridgePort, providerPort] = [await freePort(), await freePort()];
  const base = `http://127.0.0.1:${bridgePort}`;
  const people = {
    issuer: `http://127.0.0.1:${providerPort}/people`,
    clientId: 'console',
    clientSecret: 'a secret of the console in a test',
    redirectUri: `${base}/console/signed-in`,
  };
  const provider = await startSandbox(
    sandboxSettings(join(directory, 'sandbox'), { port: providerPort, people }),
  );
  const settings: SignInSettings = {
    ...loadConfig(null, {}).signIn,
    issuer: people.issuer,
    clientId: people.clientId,
    clientSecret: people.clientSecret,
    idleMs: IDLE_MS,
    sessionMsMax: SESSION_MS_MAX,
    ...signIn,
  };
  const consoleSettings: ConsoleSettings = {
    mode: 'sandbox',
    version: '1.2.3',
    publicOrigin: base,
    pageFolder: 'dist/console/desk',
    signIn: settings,
  };
  const web = openWebFetch({ timeoutMs: 10_000 }, systemClock);
  const means: ConsoleMeans = {
    desk: openDesk(
      world.bridge,
      settings,
      world.keys.map(({ keyId, pem }) => ({ key_id: keyId, pem })),
    ),
    clock: world.clock,
    randomness: world.bridge.randomness,
    log: silentLog,
    fetch: web.fetch,
    cookieKey: new Uint8Array(32).fill(7),
  };
  const api = await startWorldApi(
    world,
    directory,
    { host: '127.0.0.1', port: bridgePort },
    { console: consoleSettings },
    { console: means },
  );
  t.after(async () => {
    await api.close();
    await provider.close();
    await web.close();
    await opened.drop();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    base,
    settings: consoleSettings,
    means,
    world,
    browser: new Browser(base),
    newBrowser: () => new Browser(base),
    async entries() {
      return (await readLedger(world.store.inner, EVERY_ENTRY)).map(({ entry }) => entry);
    },
  };
}
