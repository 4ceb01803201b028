import { hkdfSync } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startApi } from '../api/api.ts';
import { openApiMetrics } from '../api/metrics.ts';
import type { CheckpointKeys } from '../bridge/audit.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { Directory } from '../bridge/directory.ts';
import { emptyDirectory, openHttpDirectory } from '../bridge/http-directory.ts';
import { openDesk } from '../bridge/desk/desk.ts';
import { openConversations } from '../bridge/seat/genesys-conversations.ts';
import { openBridge } from '../bridge/open.ts';
import { openSeats } from '../bridge/seat/seat.ts';
import { startWork } from '../bridge/work.ts';
import type { Checkpoint } from '../payment/ledger.ts';
import { assertDurableForLive, openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { openSigner, openVerifier } from '../system/access-token.ts';
import type { Clock } from '../system/clock.ts';
import type { HttpClient, OpenHttp } from '../system/http-client.ts';
import { loadOrCreateEd25519, signText, type Ed25519Key } from '../system/keys.ts';
import { openLog, type Log } from '../system/log.ts';
import { openMetrics } from '../system/metrics.ts';
import type { Randomness } from '../system/randomness.ts';
import { webhookSecret } from '../system/standard-webhooks.ts';
import { openWebFetch } from '../system/web-fetch.ts';
import { openHttpClient } from '../system/wire.ts';
import { checkpointLine } from './checkpoint-file.ts';
import type { Running } from './child-entry.ts';
import { openAdapter } from './gateways.ts';
import type { BridgeSettings } from './settings.ts';

/** What the bridge stands on: the machine's own in its process, a made-up world for call files. */
export interface BridgeGround {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Takes one line of the log. */
  readonly write: (line: string) => void;
  /** In place of the one that the settings name. It is the ground's own to close. */
  readonly store?: Store;
  /** In place of the client over the network. */
  readonly openHttp?: OpenHttp;
  /** Between two rounds of the work in the background that found nothing to do. */
  readonly idleMs?: number;
}

interface Opened {
  readonly settings: BridgeSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly openHttp: OpenHttp;
  /** Closed when everything else is. */
  readonly clients: HttpClient[];
}

function clientOf(opened: Opened, url: string, ca: string | null): HttpClient {
  const origin = new URL(url).origin;
  const http = opened.openHttp({ origin, ...(ca === null ? {} : { ca }) }, opened.clock);
  opened.clients.push(http);
  return http;
}

/** The key of the ledger, with its public half as a file for auditors. */
async function ledgerKey(ledger: BridgeSettings['ledger']): Promise<Ed25519Key> {
  const key = await loadOrCreateEd25519(ledger.keyFile);
  await mkdir(dirname(ledger.publicKeyFile), { recursive: true, mode: 0o700 });
  await writeFile(ledger.publicKeyFile, key.publicPem, { mode: 0o644 });
  return key;
}

function directoryOf(opened: Opened): Directory {
  const { directory } = opened.settings;
  if (directory === null) return emptyDirectory;
  const http = clientOf(opened, directory.url, null);
  return openHttpDirectory(directory, http, opened.clock, opened.log);
}

async function storeOf(
  { settings, log }: Opened,
  { clock, randomness, store }: BridgeGround,
): Promise<{ store: Store; closeStore: () => Promise<void> }> {
  if (store) return { store, closeStore: () => Promise.resolve() };
  const { databaseUrl, keepStatements, databasePoolMax: poolMax, dataDir } = settings;
  const place = { databaseUrl, dataDirectory: dataDir, keepStatements, poolMax };
  const opened = await openStore(place, clock, randomness, log);
  if (settings.mode === 'live') assertDurableForLive(opened);
  return { store: opened, closeStore: () => opened.close() };
}

/** Takes checkpoints out of the database's reach. */
function shipperOf(
  file: string | null,
  write: BridgeGround['write'],
): (checkpoint: Checkpoint) => Promise<void> {
  if (file !== null) return (checkpoint) => appendFile(file, checkpointLine(checkpoint));
  return async (checkpoint) => write(checkpointLine(checkpoint).trimEnd());
}

function startBackground(
  bridge: Bridge,
  opened: Opened,
  signing: Ed25519Key,
  { write, idleMs }: BridgeGround,
) {
  const { billing, ledger } = opened.settings;
  const target = {
    url: billing.url,
    secret: webhookSecret(billing.secret),
    timeoutMs: billing.timeoutMs,
  };
  return startWork(bridge, {
    delivery: { target, http: clientOf(opened, billing.url, null) },
    sealing: {
      keyId: signing.keyId,
      sign: (text) => signText(signing.privatePem, text),
      ship: shipperOf(ledger.checkpointFile, write),
      checkpointEveryMs: ledger.checkpointEveryMs,
    },
    ...(idleMs === undefined ? {} : { idleMs }),
  });
}

/** The identity provider and Genesys are asked while somebody waits. */
const PROVIDER_MS_MAX = 10_000;

/** 32 bytes that every replica has, because they share the access key. */
function derivedKey(access: Ed25519Key, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', access.privatePem, '', info, 32));
}

/** What the agent's page works with; `null` where there is none. */
function agentOf(bridge: Bridge, { genesys }: BridgeSettings, access: Ed25519Key) {
  if (genesys === null) return null;
  const web = openWebFetch({ timeoutMs: PROVIDER_MS_MAX }, bridge.clock);
  const conversations = openConversations(genesys, web.fetch, bridge.clock);
  const sealKey = derivedKey(access, 'tokenline agent');
  return {
    means: { seats: openSeats(bridge), conversations, sealKey },
    close: () => web.close(),
  };
}

/** What the console works with; `null` where there is none. */
function deskOf(
  bridge: Bridge,
  { api }: BridgeSettings,
  access: Ed25519Key,
  ledgerKeys: CheckpointKeys,
) {
  if (api.console === undefined) return null;
  const web = openWebFetch({ timeoutMs: PROVIDER_MS_MAX }, bridge.clock);
  const cookieKey = derivedKey(access, 'tokenline console sign-in');
  const desk = openDesk(bridge, api.console.signIn, ledgerKeys);
  return { means: { desk, fetch: web.fetch, cookieKey }, close: () => web.close() };
}

/**
 * Starts everything without card digits: store, verbs, the work that nobody asks for, and the HTTP
 * face.
 *
 * @throws {StartRefused} where the store must not be used; the system's error where a port is taken.
 */
export async function startBridge(
  settings: BridgeSettings,
  ground: BridgeGround,
): Promise<Running> {
  const { clock, randomness, openHttp = openHttpClient } = ground;
  const log = openLog('bridge', ground.write, clock);
  const opened: Opened = { settings, clock, log, openHttp, clients: [] };
  const signing = await ledgerKey(settings.ledger);
  const access = await loadOrCreateEd25519(settings.accessKeyFile);
  const { store, closeStore } = await storeOf(opened, ground);
  const metrics = openApiMetrics(openMetrics('bridge'));
  const http = clientOf(opened, settings.gateway.url, settings.gatewayCa);
  const { plans, prompts, merchant, limits, links } = settings;
  const forGateway = { timeZone: merchant.timeZone, plans };
  const gateway = openAdapter(settings.gateway, forGateway, http, clock);
  const directory = directoryOf(opened);
  const parts = { store, clock, randomness, gateway, directory, metrics, log };
  const { brands } = settings;
  const bridge: Bridge = { ...parts, plans, prompts, merchant, brands, limits, links };
  const ledgerKeys = [{ key_id: signing.keyId, pem: signing.publicPem }];
  const verbs = await openBridge(bridge, ledgerKeys);
  const work = startBackground(bridge, opened, signing, ground);
  const desk = deskOf(bridge, settings, access, ledgerKeys);
  const agent = agentOf(bridge, settings, access);
  const api = await startApi(settings.api, verbs, {
    clock,
    randomness,
    log,
    metrics,
    signer: openSigner(access.privatePem),
    verifier: openVerifier([access]),
    publicKeys: [access],
    ...(desk === null ? {} : { console: desk.means }),
    ...(agent === null ? {} : { agent: agent.means }),
  });
  log.info('process.ready', { port: api.port, pid: process.pid });
  return {
    port: api.port,
    async close() {
      await api.close();
      await work.close();
      await Promise.all(opened.clients.map((client) => client.close()));
      await desk?.close();
      await agent?.close();
      await closeStore();
      log.info('process.stopped');
    },
  };
}
