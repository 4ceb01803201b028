import { openapi } from '../contract/openapi.ts';
import { systemClock, type Clock } from '../system/clock.ts';
import type { HttpClient } from '../system/http-client.ts';
import { openLog } from '../system/log.ts';
import { openMetrics } from '../system/metrics.ts';
import { systemRandomness, type Randomness } from '../system/randomness.ts';
import { openHttpClient } from '../system/wire.ts';
import { Access } from './access.ts';
import { openBridgeLine } from './bridge-line.ts';
import { openGatewayTokenizer } from './gateways.ts';
import type { Weakness } from './hardening.ts';
import { MacKeys } from './mac-keys.ts';
import { openTokenizerMetrics } from './metrics.ts';
import { openScrubber } from './scrub.ts';
import { CardServer } from './server.ts';
import type { TokenizerSettings } from './settings.ts';
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
}

const ROLE = 'tokenizer';

/** Longer than a begin and a finish at once need: the bridge is next door. */
const LINE_SOCKETS_MAX = 64;

function clientOf(origin: string, ca: string | null, socketsMax: number, clock: Clock): HttpClient {
  return openHttpClient({ origin, socketsMax, ...(ca === null ? {} : { ca }) }, clock);
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
  const write = ground.write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const log = openLog(ROLE, write, clock);
  const metrics = openTokenizerMetrics(openMetrics(ROLE));
  metrics.hardened(weaknesses);
  for (const { check } of weaknesses) log.alarm('process.weak', { kind: check });

  const { gateway: gatewaySettings, internal } = settings;
  const http = clientOf(gatewaySettings.origin, gatewaySettings.ca, settings.inFlightMax, clock);
  const gateway = openGatewayTokenizer(gatewaySettings, http, clock);
  const lineHttp = clientOf(internal.origin, null, LINE_SOCKETS_MAX, clock);
  const line = openBridgeLine(lineHttp, internal.credential);
  const macKeys = new MacKeys(clock, randomness);
  const scrubber =
    settings.listen.tls === null
      ? null
      : await openScrubber(randomness, () => log.alarm('scrubber.lost'));
  const { timeZone, brands, mode, retry, inDoubtTexts } = settings;
  const deps = { clock, randomness, log, metrics, gateway, http, line, macKeys };
  const server = new CardServer(
    {
      ...deps,
      access: new Access(line, clock),
      tokenise: (ask) => tokenise({ ...deps, timeZone, brands, mode, retry, inDoubtTexts }, ask),
      openapi: () => openapi(ROLE, settings.version),
      afterCapture: () => scrubber?.scrub(),
      deadlineMs: settings.deadlineMs,
      inFlightMax: settings.inFlightMax,
      receiveMsMax: settings.receiveMsMax,
    },
    settings.listen.tls,
  );
  const release = async (): Promise<void> => {
    await Promise.all([http.close(), lineHttp.close()]);
    scrubber?.close();
    macKeys.zero();
  };
  try {
    const port = await server.listen(settings.listen);
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
