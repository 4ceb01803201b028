import { sleep, type Clock } from '../../system/clock.ts';
import type { DataActions } from '../call.ts';
import type { ScriptedCaller } from './caller.ts';
import type { Fate, Given } from './step.ts';

/** What a flow waits when it says nothing else: the timeout of the generated data actions. */
const TIMEOUT_MS = 30_000;
/** A request that was sent is at the gateway by then, or its answer is back. */
const SENT_MS = 1;

export interface FatedActions {
  readonly dataActions: DataActions;
  /** Actions that were to go some way and have not been run that often. */
  readonly unused: () => readonly string[];
}

/**
 * The system's data actions, except where a call file decides how one goes, and where its caller
 * hangs up while one runs.
 */
export function fatedActions(
  inner: DataActions,
  givens: readonly Given[],
  caller: ScriptedCaller,
  clock: Clock,
): FatedActions {
  const fates = new Map<string, Fate[]>();
  for (const given of givens) {
    if (given.kind !== 'data_action') continue;
    fates.set(given.action, [...(fates.get(given.action) ?? []), ...given.fates]);
  }
  return {
    dataActions: {
      async run(request, timeoutMs) {
        const fate = fates.get(request.action)?.shift() ?? 'succeeds';
        if (fate === 'fails') return { kind: 'failure', reason: 'as the call file has it' };
        if (fate === 'times out') {
          await sleep(clock, timeoutMs ?? TIMEOUT_MS);
          return { kind: 'timeout' };
        }
        const running = inner.run(request, timeoutMs);
        if (caller.hangsUpDuring(request.action)) {
          await Promise.race([running, sleep(clock, SENT_MS)]);
          caller.leave();
        }
        return running;
      },
    },
    unused: () => [...fates].filter(([, left]) => left.length > 0).map(([action]) => action),
  };
}
