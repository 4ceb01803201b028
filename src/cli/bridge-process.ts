import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startApi } from '../api/api.ts';
import { openApiMetrics } from '../api/metrics.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { Directory } from '../bridge/directory.ts';
import { emptyDirectory, openHttpDirectory } from '../bridge/http-directory.ts';
import { openBridge } from '../bridge/open.ts';
import { startWork } from '../bridge/work.ts';
import { assertDurableForLive, openStore } from '../store/open.ts';
import { openSigner, openVerifier } from '../system/access-token.ts';
import { systemClock } from '../system/clock.ts';
import type { HttpClient } from '../system/http-client.ts';
import { loadOrCreateEd25519, signText, type Ed25519Key } from '../system/keys.ts';
import { openLog, type Log } from '../system/log.ts';
import { openMetrics } from '../system/metrics.ts';
import { systemRandomness } from '../system/randomness.ts';
import { webhookSecret } from '../system/standard-webhooks.ts';
import { openHttpClient } from '../system/wire.ts';
import { checkpointLine } from './checkpoint-file.ts';
import { runAsChild, type Running } from './child-entry.ts';
import { openAdapter } from './gateways.ts';
import type { BridgeSettings } from './settings.ts';

/** The settings come from the parent, which has the same version and has validated them. */
function areSettings(value: unknown): value is BridgeSettings {
  return typeof value === 'object' && value !== null && 'api' in value && 'ledger' in value;
}

function clientOf(url: string, ca: string | null): HttpClient {
  return openHttpClient(
    { origin: new URL(url).origin, ...(ca === null ? {} : { ca }) },
    systemClock,
  );
}

/** The key of the ledger, with its public half as a file for auditors. */
async function ledgerKey(ledger: BridgeSettings['ledger']): Promise<Ed25519Key> {
  const key = await loadOrCreateEd25519(ledger.keyFile);
  await mkdir(dirname(ledger.publicKeyFile), { recursive: true, mode: 0o700 });
  await writeFile(ledger.publicKeyFile, key.publicPem, { mode: 0o644 });
  return key;
}

interface Ground {
  readonly settings: BridgeSettings;
  readonly log: Log;
  /** Closed when everything else is. */
  readonly clients: HttpClient[];
}

function directoryOf({ settings, log, clients }: Ground): Directory {
  const { directory } = settings;
  if (directory === null) return emptyDirectory;
  const http = clientOf(directory.url, null);
  clients.push(http);
  return openHttpDirectory(directory, http, systemClock, log);
}

async function start(value: unknown): Promise<Running> {
  if (!areSettings(value)) throw new Error('the settings of the bridge are not what it takes');
  const settings = value;
  const clock = systemClock;
  const randomness = systemRandomness;
  const log = openLog('bridge', (line) => void process.stdout.write(`${line}\n`), clock);
  const ground: Ground = { settings, log, clients: [] };
  const signing = await ledgerKey(settings.ledger);
  const access = await loadOrCreateEd25519(settings.accessKeyFile);
  const { databaseUrl, dataDir: dataDirectory } = settings;
  const store = await openStore({ databaseUrl, dataDirectory }, clock, randomness, log);
  if (settings.mode === 'live') assertDurableForLive(store);
  const metrics = openApiMetrics(openMetrics('bridge'));
  const http = clientOf(settings.gateway.url, settings.gatewayCa);
  const billing = clientOf(settings.billing.url, null);
  ground.clients.push(http, billing);
  const { plans, prompts, merchant, limits } = settings;
  const forGateway = { timeZone: merchant.timeZone, plans };
  const gateway = openAdapter(settings.gateway, forGateway, http, clock);
  const directory = directoryOf(ground);
  const parts = { store, clock, randomness, gateway, directory, metrics, log };
  const bridge: Bridge = { ...parts, plans, prompts, merchant, limits };
  const verbs = await openBridge(bridge, [{ key_id: signing.keyId, pem: signing.publicPem }]);
  const { timeoutMs, url } = settings.billing;
  const target = { url, secret: webhookSecret(settings.billing.secret), timeoutMs };
  const work = startWork(bridge, {
    delivery: { target, http: billing },
    sealing: {
      keyId: signing.keyId,
      sign: (text) => signText(signing.privatePem, text),
      ship: (checkpoint) => appendFile(settings.ledger.checkpointFile, checkpointLine(checkpoint)),
      checkpointEveryMs: settings.ledger.checkpointEveryMs,
    },
  });
  const api = await startApi(settings.api, verbs, {
    clock,
    randomness,
    log,
    metrics,
    signer: openSigner(access.privatePem),
    verifier: openVerifier([access]),
    publicKeys: [access],
  });
  log.info('process.ready', { port: api.port, pid: process.pid });
  return {
    port: api.port,
    async close() {
      await api.close();
      await work.close();
      await Promise.all(ground.clients.map((client) => client.close()));
      await store.close();
      log.info('process.stopped');
    },
  };
}

await runAsChild(start);
