import {
  CALL_STEPS,
  type LiveView,
  type SwitchState,
  type SwitchView,
} from '../../contract/console.ts';
import { readBreaker } from '../../store/breaker.ts';
import { countOpen } from '../../store/operations.ts';
import { countEvents } from '../../store/outbox.ts';
import { readProposals, type ProposedEnding } from '../../store/proposals.ts';
import type { Sql } from '../../store/store.ts';
import { readSwitch, readSwitchHistory, type Switch } from '../../store/switch.ts';
import {
  countCallSteps,
  oldestWaitingMs,
  readGatewayCalls,
  readOpen,
  type OpenRow,
} from '../../store/watch.ts';
import type { Bridge } from '../bridge.ts';
import { iso } from './operations-view.ts';

const CALLS_MS = 15 * 60_000;
const LATENCY_MS = 60 * 60_000;
/** As many points as a chart shows apart. */
const GATEWAY_CALLS_MAX = 200;
const OPEN_MAX = 50;
const HISTORY_MAX = 50;

export function switchState({ state, reason, changedAtMs, changedBy }: Switch): SwitchState {
  return { state, reason, changed_by: changedBy, since: iso(changedAtMs) };
}

/** What is going on now: everything that an operator looks at first. */
export async function live(bridge: Bridge): Promise<LiveView> {
  const { store, clock, gateway, limits } = bridge;
  const nowMs = clock.now();
  const [steps, calls, breaker, current, events, oldestMs, open, openCount] = await Promise.all([
    countCallSteps(store, nowMs - CALLS_MS),
    readGatewayCalls(store, gateway.name, nowMs - LATENCY_MS, GATEWAY_CALLS_MAX),
    readBreaker(store, gateway.name),
    readSwitch(store),
    countEvents(store),
    oldestWaitingMs(store),
    readOpen(store, OPEN_MAX),
    countOpen(store),
  ]);
  const proposed = await proposedEnds(store, open, nowMs);
  const counts = new Map(steps.map(({ step, count }) => [step, count]));
  return {
    at: iso(nowMs),
    calls: CALL_STEPS.map((step) => ({ step, count: counts.get(step) ?? 0 })),
    gateway_calls: calls.map((call) => ({
      at: iso(call.atMs),
      kind: call.kind,
      latency_ms: call.latencyMs,
      healthy: call.healthy,
      state: call.state,
    })),
    latency_ms_max: limits.breaker.latencyMsMax,
    gateway: gateway.name,
    breaker: { state: breaker.state, since: iso(breaker.changedAtMs) },
    switch: switchState(current),
    deliveries: {
      ...events,
      oldest_s: oldestMs === null ? 0 : Math.max(0, Math.round((nowMs - oldestMs) / 1_000)),
    },
    in_doubt: open.map((row) => ({
      operation_id: row.operationId,
      interaction_id: row.interactionId,
      kind: row.kind,
      state: row.state,
      since: iso(row.startedAtMs),
      proposed: proposed.get(row.operationId) ?? '',
    })),
    in_doubt_count: openCount,
  };
}

/** The ends that have been proposed by hand, by operation. */
async function proposedEnds(
  store: Sql,
  open: readonly OpenRow[],
  nowMs: number,
): Promise<ReadonlyMap<string, ProposedEnding>> {
  if (open.length === 0) return new Map();
  const ids = open.map(({ operationId }) => operationId);
  const proposals = await readProposals(store, ids);
  return new Map(
    proposals
      .filter(({ state, expiresAtMs }) => state === 'open' && expiresAtMs > nowMs)
      .map(({ operationId, ending }) => [operationId, ending]),
  );
}

/** The switch, and everything that was done with it. */
export async function switchView(bridge: Bridge): Promise<SwitchView> {
  const [now, history] = await Promise.all([
    readSwitch(bridge.store),
    readSwitchHistory(bridge.store, HISTORY_MAX),
  ]);
  return { now: switchState(now), history: history.map(switchState) };
}
