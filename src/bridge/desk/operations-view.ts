import type {
  OperationRow,
  OperationsFilter,
  OperationsView,
} from '../../contract/console-operations.ts';
import { Fault } from '../../payment/fault.ts';
import { OPERATION_KINDS, OPERATION_STATES } from '../../payment/operation.ts';
import { ERROR_CODE_LIST } from '../../payment/outcome.ts';
import { findOperation } from '../../store/operations.ts';
import {
  EVERY_OPERATION,
  listOperations,
  type OperationFilter,
  type ToldOperation,
} from '../../store/stories.ts';
import { momentOf } from '../asked-time.ts';
import type { Bridge } from '../bridge.ts';

/** As many as somebody reads at once. */
const ROWS = 50;

/** A moment as the console gets it; empty where there is none. */
export function iso(atMs: number | null): string {
  return atMs === null ? '' : new Date(atMs).toISOString();
}

/** Empty where it stands for itself: a subscription that nobody calls about is its own "call". */
export function callIdOf(operation: ToldOperation): string {
  const { interactionId, subscriptionId } = operation;
  return interactionId === subscriptionId ? '' : interactionId;
}

export function operationRow(operation: ToldOperation): OperationRow {
  return {
    operation_id: operation.id,
    kind: operation.kind,
    state: operation.state,
    error_code: operation.errorCode ?? '',
    began_at: iso(operation.startedAtMs),
    latency_ms: operation.calledAtMs === null ? null : operation.latencyMs,
    interaction_id: callIdOf(operation),
    customer_id: operation.customerId ?? '',
    subscription_id: operation.subscriptionId ?? '',
  };
}

function filterOf(bridge: Bridge, asked: OperationsFilter): OperationFilter {
  const { gateway } = asked;
  const slow = gateway === 'slow' ? bridge.limits.breaker.latencyMsMax : null;
  const answers = {
    answered: 'well',
    failed: 'badly',
    not_asked: 'not_asked',
    slow: null,
  } as const;
  return {
    ...EVERY_OPERATION,
    id: asked.id ?? null,
    kind: asked.kind ?? null,
    state: asked.state ?? null,
    errorCode: asked.error ?? null,
    answered: gateway === undefined ? null : answers[gateway],
    slowerThanMs: slow,
    fromMs: momentOf(asked.from, 'from'),
    toMs: momentOf(asked.to, 'to'),
    beforeId: asked.before ?? null,
  };
}

/** The newest operations of those that are wanted. */
export async function operationsView(
  bridge: Bridge,
  asked: OperationsFilter,
): Promise<OperationsView> {
  const filter = filterOf(bridge, asked);
  // From an operation that is not there a list cannot go on: it would begin anew in silence.
  if (filter.beforeId !== null && (await findOperation(bridge.store, filter.beforeId)) === null) {
    throw new Fault('unknown_resource', 'The list cannot go on from there; begin it again.');
  }
  const rows = await listOperations(bridge.store, filter, ROWS + 1);
  return {
    rows: rows.slice(0, ROWS).map(operationRow),
    more: rows.length > ROWS,
    kinds: OPERATION_KINDS,
    states: OPERATION_STATES,
    errors: ERROR_CODE_LIST,
  };
}
