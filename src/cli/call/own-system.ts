import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenDataActions } from '../../line/integrations.ts';
import type { CaptureMode } from '../../payment/capture.ts';
import { startSandbox } from '../../sandbox/process.ts';
import type { Clock } from '../../system/clock.ts';
import { loadConfig, type Config } from '../../system/config.ts';
import { secretText, type Randomness } from '../../system/randomness.ts';
import { startTokenizer } from '../../tokenizer/process.ts';
import type { Running } from '../child-entry.ts';
import { gatewayPlaceOf, openIntegrations, type IntegrationsPlace } from '../integrations.ts';
import { CHECKPOINT_FILE, prepareData } from '../data-dir.ts';
import { holdPort } from '../ports.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from '../prompts.ts';
import type { Places } from '../places.ts';
import { bridgeSettings, sandboxSettings, tokenizerSettings } from '../settings.ts';
import { startBridge } from '../start-bridge.ts';
import { productVersion } from '../version.ts';
import { HttpWorld } from './http-world.ts';
import type { KeptStore } from './kept-store.ts';
import { SystemClient, type SystemClients } from './system-client.ts';

/** Nobody listens there: port 1 is reserved (IANA, tcpmux), and a connection is refused at once. */
export const NOBODY = 'http://127.0.0.1:1';

/**
 * Between two rounds of the bridge's work in the background: a call of two minutes would be six
 * hundred rounds at the 200 ms of its process, and virtual time makes each of them run.
 */
const IDLE_MS = 1_000;

/** Another program may take a port between the moment that it was found free and its use. */
const STARTS_MAX = 5;

export interface OwnSystemParts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly store: KeptStore;
  /** Its own directory; emptied of what an earlier system left, its keys kept. */
  readonly directory: string;
  /** Settings beyond the defaults, as variables of the environment. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly capture: CaptureMode;
}

/** A whole Tokenline in this process: the code of the three processes, over loopback sockets. */
export interface OwnSystem {
  readonly world: HttpWorld;
  close(): Promise<void>;
}

/** Who flows and operators are in a system. */
export function clientsOf({ clients }: Config): SystemClients {
  const clientWith = (scope: string) => {
    const found = clients.find(({ scopes }) => scopes.some((one) => one === scope));
    return { id: found?.id ?? '', secret: found?.secret ?? '' };
  };
  return { flows: clientWith('calls'), operator: clientWith('operator') };
}

/**
 * The data actions of a system, over HTTP, as Genesys runs them.
 *
 * @param away processes whose address is nobody's.
 */
export function openActions(
  place: IntegrationsPlace,
  away: ReadonlySet<'bridge' | 'tokenizer'>,
  ports: { readonly clock: Clock; readonly randomness: Randomness },
): OpenDataActions {
  const nobody = Object.fromEntries([...away].map((part) => [part, NOBODY]));
  return openIntegrations({ ...place, ...nobody }, ports);
}

/** Starts a system with nothing in it. */
export async function startOwnSystem(parts: OwnSystemParts): Promise<OwnSystem> {
  for (let start = 1; ; start += 1) {
    try {
      return await startOnce(parts);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || start === STARTS_MAX) throw error;
    }
  }
}

async function startOnce(parts: OwnSystemParts): Promise<OwnSystem> {
  const { clock, randomness, store, directory, settings = {} } = parts;
  const own = { TOKENLINE_DATA: directory, TOKENLINE_CAPTURE: parts.capture };
  const config = loadConfig(null, { ...own, ...settings });
  const { capture } = config;
  forget(config);
  prepareData(directory);
  await store.empty();
  const lines: string[] = [];
  const places = await freePlaces(randomness);
  const processes = await startProcesses(config, places, parts, (line) => void lines.push(line));
  const clients = clientsOf(config);
  const origins = originsOf(places, capture);
  const system = new SystemClient(origins, clients, clock);
  const place = {
    bridge: origins.bridge,
    tokenizer: origins.tokenizer ?? NOBODY,
    client: clients.flows,
    capture,
    gateway: gatewayPlaceOf(config, origins.sandbox),
  };
  const actions: OpenDataActions[] = [];
  const world = new HttpWorld({
    system,
    clock,
    randomness,
    openDataActions(away) {
      const opened = openActions(place, away, parts);
      actions.push(opened);
      return opened;
    },
    async actionsSettled() {
      for (const opened of actions) await opened.settled();
    },
    isShared: false,
    insideTraces: async () => ({
      ...(await store.texts()),
      ...filesBelow(directory),
      log: lines.join('\n'),
    }),
  });
  return {
    world,
    async close() {
      for (const opened of actions) await opened.close();
      await system.close();
      await processes.close();
    },
  };
}

/** The code of the three processes, one after the other; closed the other way round. */
async function startProcesses(
  config: Config,
  places: Places,
  { clock, randomness, store }: OwnSystemParts,
  write: (line: string) => void,
): Promise<{ close(): Promise<void> }> {
  const prompts = loadPrompts(BUILT_IN_PROMPTS);
  const running: Running[] = [];
  const close = async (): Promise<void> => {
    for (const part of running.toReversed()) await part.close();
  };
  try {
    // Nobody signs in to a call file's system.
    const sandbox = { ...sandboxSettings(config, places), people: null, genesys: null };
    running.push(await startSandbox(sandbox, clock, randomness));
    const ground = { clock, randomness, write, store: store.store, idleMs: IDLE_MS };
    const { api, ...bridge } = bridgeSettings(config, places, prompts);
    const { console: _, agent: __, ...withoutPages } = api;
    running.push(await startBridge({ ...bridge, api: withoutPages, genesys: null }, ground));
    // Earlier calls of a file may have been by keypad, also where this one is by link.
    if (config.capture !== 'direct') {
      const settings = tokenizerSettings(config, places, prompts);
      running.push(await startTokenizer(settings, { clock, randomness, write }));
    }
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What an earlier system has written; its keys may serve the next one. */
function forget({ data }: Config): void {
  for (const path of [join(data, 'sandbox'), join(data, CHECKPOINT_FILE), join(data, 'run')]) {
    rmSync(path, { recursive: true, force: true });
  }
}

function originsOf({ bridgePort, tokenizerPort, sandboxPort }: Places, capture: CaptureMode) {
  return {
    bridge: `http://127.0.0.1:${bridgePort}`,
    tokenizer: capture === 'direct' ? null : `http://127.0.0.1:${tokenizerPort}`,
    sandbox: `http://127.0.0.1:${sandboxPort}`,
  };
}

async function freePlaces(randomness: Randomness): Promise<Places> {
  const listen = { host: '127.0.0.1', port: 0, tls: null };
  const bridge = await holdPort('bridge', listen);
  const tokenizer = await holdPort('tokenizer', listen);
  const sandbox = await holdPort('sandbox', listen);
  for (const hold of [bridge, tokenizer, sandbox]) await hold.release();
  return {
    bridgePort: bridge.port,
    tokenizerPort: tokenizer.port,
    linePort: 0,
    sandboxPort: sandbox.port,
    credential: secretText(randomness, 32),
    version: productVersion(),
  };
}

/** Text of every file, by its path. Keys are no place for a card number, and are read as well. */
function filesBelow(directory: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    try {
      texts[`file ${path}`] = readFileSync(join(directory, path), 'latin1');
    } catch {
      // A folder, or a socket.
    }
  }
  return texts;
}
