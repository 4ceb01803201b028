import { purge } from '../store/jobs.ts';
import { purgeSeats } from '../store/seats.ts';
import { purgeStaffSessions } from '../store/staff.ts';
import { sleep } from '../system/clock.ts';
import type { Bridge } from './bridge.ts';
import { chargeDue } from './charge.ts';
import { deliverDue, type Delivery } from './deliver.ts';
import { enrolDue } from './enrol-later.ts';
import { linkMeans } from './link.ts';
import { SEAL_BATCH, sealDue, type Sealing, type SealState } from './seal.ts';
import { settleDue } from './settle.ts';

/** Between two rounds that found nothing to do. */
const IDLE_MS = 200;
/** After a round that failed: the database is away. */
const FAILED_MS = 2_000;
const PURGE_EVERY_MS = 3_600_000;
/** Counts of attempts look back a day; two are kept. */
const PURGE_AFTER_MS = 48 * 3_600_000;

/** No session of the console may be idle for longer (`sign_in.idle_ms`). */
const STAFF_IDLE_MS_MAX = 15 * 60_000;

export interface WorkParts {
  readonly delivery: Delivery;
  readonly sealing: Sealing;
  /** Between two rounds that found nothing to do; 200 ms where it is left out. */
  readonly idleMs?: number;
}

/**
 * Runs what nobody asks for: settling, delivering, sealing, purging. Every loop claims its work in
 * the store, so any number of replicas may run them.
 */
export function startWork(bridge: Bridge, parts: WorkParts): { close(): Promise<void> } {
  const stop = new AbortController();
  const { idleMs = IDLE_MS } = parts;
  const sealState: SealState = { checkpointedSeq: null, checkpointedAtMs: 0 };
  const loops = [
    loop(bridge, stop.signal, 'settle', idleMs, () => settleDue(bridge)),
    loop(bridge, stop.signal, 'charge', idleMs, () => chargeDue(bridge)),
    loop(bridge, stop.signal, 'deliver', idleMs, () => deliverDue(bridge, parts.delivery)),
    ...(linkMeans(bridge) === null
      ? []
      : [loop(bridge, stop.signal, 'enrol', idleMs, () => enrolDue(bridge))]),
    loop(bridge, stop.signal, 'seal', idleMs, async () => {
      const sealed = await sealDue(bridge, parts.sealing, sealState);
      // What came meanwhile waits for the next round: sealed one by one, a busy ledger would take as
      // many commits again as there are calls, each of which waits for the same disk.
      return sealed < SEAL_BATCH ? 0 : sealed;
    }),
    loop(bridge, stop.signal, 'purge', PURGE_EVERY_MS, async () => {
      const nowMs = bridge.clock.now();
      await purge(bridge.store, nowMs - PURGE_AFTER_MS);
      await purgeSeats(bridge.store, nowMs - PURGE_AFTER_MS);
      await purgeStaffSessions(bridge.store, nowMs, nowMs - STAFF_IDLE_MS_MAX);
      return 0;
    }),
  ];
  return {
    async close() {
      stop.abort();
      await Promise.all(loops);
      // What was appended while it stopped gets its place, and the chain its last checkpoint.
      const sealing = { ...parts.sealing, checkpointEveryMs: 0 };
      await sealDue(bridge, sealing, sealState);
    },
  };
}

async function loop(
  bridge: Bridge,
  signal: AbortSignal,
  kind: string,
  idleMs: number,
  round: () => Promise<number>,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = idleMs;
    try {
      if ((await round()) > 0) waitMs = 0;
    } catch (error) {
      waitMs = FAILED_MS;
      bridge.log.alarm('work.failed', {
        kind,
        error: error instanceof Error ? error.name : 'error',
      });
    }
    await sleep(bridge.clock, waitMs, signal);
  }
}
