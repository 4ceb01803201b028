import { Fault } from '../payment/fault.ts';
import type { Language } from '../payment/language.ts';
import { beginOperation, type Begun } from '../store/begin.ts';
import { findOperationByKey, type NewOperation, type Operation } from '../store/operations.ts';
import { newId } from '../system/randomness.ts';
import type { Actor, Bridge } from './bridge.ts';
import { ledgerEntry } from './entry.ts';

/** A claimed key: a new operation, or one that has it already. */
export type Claim =
  | { readonly kind: 'new'; readonly operation: ClaimedOperation; readonly begun: Begun }
  | { readonly kind: 'earlier'; readonly operation: Operation };

/** A new operation that knows its language. */
export interface ClaimedOperation extends NewOperation {
  readonly language: Language;
}

/** Milliseconds after the deadline at which a crashed operation is taken for lost. */
export const CRASH_GRACE_MS = 1_000;

export type Draft = Omit<NewOperation, 'id' | 'startedAtMs' | 'gateway' | 'clientId'>;

/**
 * Claims the operation's key and commits its intent (design §6.1). Everything that may move money
 * begins here.
 *
 * @throws Fault `key_reused` where the key belongs to another request.
 */
export async function claim(
  bridge: Bridge,
  actor: Actor,
  draft: Draft,
  panMac: string | null,
): Promise<Claim> {
  const startedAtMs = bridge.clock.now();
  const { cardTesting } = bridge.limits;
  const operation: NewOperation = {
    ...draft,
    id: newId('op', bridge.randomness),
    clientId: actor.clientId,
    gateway: bridge.gateway.name,
    startedAtMs,
  };
  const begun = await beginOperation(bridge.store, {
    operation,
    intent: ledgerEntry(bridge, actor, {
      action: `${draft.kind}.intent`,
      result: 'unknown',
      resource: draft.subscriptionId ?? draft.customerId ?? draft.interactionId,
      operationId: operation.id,
      interactionId: draft.interactionId,
      subscriptionId: draft.subscriptionId,
      detail: { attempt: String(draft.attempt), gateway: operation.gateway },
    }),
    settleAtMs: startedAtMs + bridge.limits.deadlineMs + CRASH_GRACE_MS,
    jobId: newId('job', bridge.randomness),
    card:
      panMac === null
        ? null
        : { panMac, binWindow: cardTesting.binWindow, allWindow: cardTesting.allWindow },
  });
  if (begun.isNew) {
    return { kind: 'new', operation: { ...operation, language: begun.language }, begun };
  }
  const earlier =
    begun.earlier ?? (await findOperationByKey(bridge.store, actor.clientId, draft.key));
  if (!earlier) throw new Fault('operation_in_progress', 'The same request has just begun.', 1);
  assertSameRequest(earlier, draft);
  return { kind: 'earlier', operation: earlier };
}

/** Another body under a used key is a mistake of the caller's program, not a new request. */
export function assertSameRequest(
  earlier: Operation,
  draft: Pick<Draft, 'bodyHash' | 'kind' | 'cardMac' | 'cardMacKey'>,
): void {
  const otherCard =
    draft.cardMac !== null &&
    earlier.cardMacKey === draft.cardMacKey &&
    earlier.cardMac !== draft.cardMac;
  if (earlier.bodyHash !== draft.bodyHash || earlier.kind !== draft.kind || otherCard) {
    throw new Fault(
      'key_reused',
      'The idempotency key belongs to another request. Use a new key, or a higher attempt.',
    );
  }
}

/**
 * What a repeated request gets: the stored answer, or the word that the first one is still running.
 *
 * @param lost builds the answer for an operation whose process died before it could end it.
 */
export function repeated(
  bridge: Bridge,
  earlier: Operation,
  lost: (language: Language) => string,
): string {
  if (earlier.answer !== null) return earlier.answer;
  const ageMs = bridge.clock.now() - earlier.startedAtMs;
  if (ageMs > bridge.limits.deadlineMs + CRASH_GRACE_MS) return lost(earlier.language);
  throw new Fault(
    'operation_in_progress',
    'The same request is being carried out. Ask again in a moment with the same key.',
    1,
  );
}
