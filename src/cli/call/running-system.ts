import { playCallFile, type CallStage } from '../../line/call-file/play.ts';
import type { CallFile } from '../../line/call-file/step.ts';
import type { OpenDataActions } from '../../line/integrations.ts';
import type { CaptureMode } from '../../payment/capture.ts';
import { systemClock } from '../../system/clock.ts';
import { loadConfig, type Environment } from '../../system/config.ts';
import { newId, systemRandomness } from '../../system/randomness.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import { gatewayPlaceOf } from '../integrations.ts';
import { HttpWorld } from './http-world.ts';
import type { TimedReport } from './own-player.ts';
import { clientsOf, NOBODY, openActions, type OwnSystem } from './own-system.ts';
import { SystemClient, type SystemOrigins } from './system-client.ts';

/** Where a system listens that somebody else has started; the defaults are those of `serve`. */
export interface Addresses {
  readonly url: string;
  readonly tokenizerUrl?: string;
  readonly sandboxUrl?: string;
  readonly capture: CaptureMode;
}

/** @throws {CommandFailed} for an address that is none. */
function originsOf({ url, tokenizerUrl, sandboxUrl, capture }: Addresses): SystemOrigins {
  const origin = (address: string): string => {
    if (URL.canParse(address)) return new URL(address).origin;
    throw new CommandFailed(
      `${address}: expected an address such as http://127.0.0.1:8080`,
      EXIT.usage,
    );
  };
  return {
    bridge: origin(url),
    tokenizer: capture === 'bridge' ? origin(tokenizerUrl ?? 'http://127.0.0.1:8081') : null,
    sandbox: sandboxUrl === undefined ? null : origin(sandboxUrl),
  };
}

/** A system that runs already, in real time; nothing of it is started or stopped. */
export function openRunningSystem(addresses: Addresses, env: Environment): OwnSystem {
  const origins = originsOf(addresses);
  const config = loadConfig(null, { ...env, TOKENLINE_CAPTURE: addresses.capture });
  const clients = clientsOf(config);
  const place = {
    bridge: origins.bridge,
    tokenizer: origins.tokenizer ?? NOBODY,
    client: clients.flows,
    capture: addresses.capture,
    // Where the sandbox is the gateway, its address has been given; any other is configured.
    gateway: gatewayPlaceOf(config, config.gateway.url ?? origins.sandbox ?? NOBODY),
  };
  const ports = { clock: systemClock, randomness: systemRandomness };
  const system = new SystemClient(origins, clients, systemClock);
  const actions: OpenDataActions[] = [];
  const world = new HttpWorld({
    system,
    ...ports,
    openDataActions(away) {
      const opened = openActions(place, away, ports);
      actions.push(opened);
      return opened;
    },
    async actionsSettled() {
      for (const opened of actions) await opened.settled();
    },
    isShared: true,
    // Its log and its tables are its own.
    insideTraces: () => Promise.resolve({}),
  });
  return {
    world,
    async close() {
      for (const opened of actions) await opened.close();
      await system.close();
    },
  };
}

/** Plays files one after the other against a running system, in real time. */
export async function playOnRunning(
  files: readonly CallFile[],
  stage: CallStage,
  addresses: Addresses,
  env: Environment,
  report: (report: TimedReport) => void,
): Promise<readonly TimedReport[]> {
  const reports: TimedReport[] = [];
  for (const file of files) {
    const time = file.givens.find(({ given }) => given.kind === 'time');
    if (time !== undefined) {
      const { position } = time;
      throw new CommandFailed(
        `${position.file}:${position.line}: a running system has the time that it is; play the file without --url`,
      );
    }
    const startedMs = systemClock.monotonicMs();
    const system = openRunningSystem(addresses, env);
    try {
      const interactionId = newId('call', systemRandomness).replace('_', '-');
      const played = await playCallFile(file, system.world, stage, interactionId);
      const tookMs = Math.round(systemClock.monotonicMs() - startedMs);
      const timed = { ...played, tookMs };
      reports.push(timed);
      report(timed);
    } finally {
      await system.close();
    }
  }
  return reports;
}
