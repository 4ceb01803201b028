import { monthIn } from '../card/expiry.ts';
import { openapi } from '../contract/openapi.ts';
import { systemClock, type Clock } from '../system/clock.ts';
import type { HttpClient, OpenHttp } from '../system/http-client.ts';
import { openLog } from '../system/log.ts';
import { openMetrics } from '../system/metrics.ts';
import { systemRandomness, type Randomness } from '../system/randomness.ts';
import { openHttpClient } from '../system/wire.ts';
import { Access } from './access.ts';
import { openBridgeLine } from './bridge-line.ts';
import { connectorDoor, tokensDoor, type CardDoor, type ConnectorCredential } from './doors.ts';
import { openGatewayTokenizer } from './gateways.ts';
import type { Weakness } from './hardening.ts';
import { MacKeys } from './mac-keys.ts';
import { openTokenizerMetrics } from './metrics.ts';
import { openScrubber, type Scrubber } from './scrub.ts';
import { CardServer, type CardServerDeps } from './server.ts';
import { withSetting, type TokenizerSettings } from './settings.ts';
import { tokenise } from './tokenise.ts';

export interface RunningTokenizer {
  readonly port: number;
  /** Takes no more requests, waits for those in flight, and lets everything go. */
  close(): Promise<void>;
}

/** What the process stands on; tests bring their own. */
export interface TokenizerGround {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Takes one line of the log. */
  readonly write: (line: string) => void;
  readonly weaknesses: readonly Weakness[];
  readonly openHttp: OpenHttp;
}

const ROLE = 'tokenizer';

/** Longer than a begin and a finish at once need: the bridge is next door. */
const LINE_SOCKETS_MAX = 64;

function clientOf(
  path: string,
  origin: string,
  ca: string | null,
  socketsMax: number,
  { clock, openHttp }: Pick<TokenizerGround, 'clock' | 'openHttp'>,
): HttpClient {
  const options = { origin, socketsMax, ...(ca === null ? {} : { ca }) };
  const wanted = 'an origin without a path, and with https a bundle of PEM certificates or none';
  return withSetting(path, wanted, () => openHttp(options, clock));
}

/** The two ends that the card process stands between. */
function openEnds(settings: TokenizerSettings, means: Pick<TokenizerGround, 'clock' | 'openHttp'>) {
  const { clock } = means;
  const { gateway, internal, inFlightMax } = settings;
  const { origin, ca = null } = internal;
  const http = clientOf('/gateway/origin', gateway.origin, gateway.ca, inFlightMax, means);
  const lineHttp = clientOf('/internal/origin', origin, ca, LINE_SOCKETS_MAX, means);
  return {
    http,
    gateway: openGatewayTokenizer(gateway, http, clock),
    line: openBridgeLine(lineHttp, internal.credential),
    closeEnds: async () => {
      await Promise.all([http.close(), lineHttp.close()]);
    },
  };
}

function doorsOf(
  access: Access,
  connector: ConnectorCredential | null,
): ReadonlyMap<string, CardDoor> {
  const doors = new Map([['/v1/tokens', tokensDoor(access)]]);
  if (connector !== null) doors.set('/v1/pay-connector', connectorDoor(access, connector));
  return doors;
}

/**
 * Starts the card process: everything between a secure data action and the gateway.
 *
 * @throws SettingsError for settings that cannot work; the system's error where it cannot listen.
 */
export async function startTokenizer(
  settings: TokenizerSettings,
  ground: Partial<TokenizerGround> = {},
): Promise<RunningTokenizer> {
  const { clock = systemClock, randomness = systemRandomness, weaknesses = [] } = ground;
  const { openHttp = openHttpClient } = ground;
  const write = ground.write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const { listen, timeZone, brands, mode, retry, inDoubtTexts } = settings;
  withSetting('/timeZone', 'an IANA name', () => monthIn(timeZone, clock.now()));
  const log = openLog(ROLE, write, clock);
  const metrics = openTokenizerMetrics(openMetrics(ROLE));
  const { closeEnds, ...ends } = openEnds(settings, { clock, openHttp });
  const macKeys = new MacKeys(clock, randomness);
  let scrubber: Scrubber | null = null;
  const deps = { ...ends, clock, randomness, log, metrics, macKeys };
  const access = new Access(ends.line, clock);
  const serverDeps: CardServerDeps = {
    ...deps,
    access,
    doors: doorsOf(access, settings.payConnector ?? null),
    tokenise: (ask) => tokenise({ ...deps, timeZone, brands, mode, retry, inDoubtTexts }, ask),
    openapi: () => openapi(ROLE, settings.version),
    afterCapture: () => scrubber?.scrub(),
    deadlineMs: settings.deadlineMs,
    inFlightMax: settings.inFlightMax,
    receiveMsMax: settings.receiveMsMax,
  };
  const wanted = 'a certificate and its key, both PEM';
  const server = withSetting('/listen/tls', wanted, () => new CardServer(serverDeps, listen.tls));
  const release = async (): Promise<void> => {
    await closeEnds();
    scrubber?.close();
    macKeys.zero();
  };
  try {
    if (listen.tls) scrubber = await openScrubber(randomness, () => log.alarm('scrubber.lost'));
    const port = await server.listen(listen);
    metrics.hardened(weaknesses);
    for (const { check } of weaknesses) log.alarm('process.weak', { kind: check });
    log.info('process.ready', { port, pid: process.pid });
    return {
      port,
      async close() {
        await server.close();
        await release();
        log.info('process.stopped');
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
