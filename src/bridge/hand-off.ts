import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import { fingerprint } from '../payment/fingerprint.ts';
import { callOf } from '../store/calls.ts';
import { insertLocal, operationsOfCall, type Operation } from '../store/operations.ts';
import { answerText, plainCommon } from './answer.ts';
import type { AnswerText, Bridge, Keyed } from './bridge.ts';
import { assertSameRequest } from './claim.ts';
import { localOperation } from './consent.ts';
import { ledgerEntry } from './entry.ts';

type Request = Body<typeof schemas.HandoffRequest>;

/** The guide's group; genesys/ creates a queue of that name. */
const QUEUE = 'Payment_Support_Group';

/** A caller whose money is in doubt goes before one who only prefers a person. */
const PRIORITY: Readonly<Record<Request['reason'], number>> = {
  in_doubt: 10,
  fault: 8,
  too_many_attempts: 6,
  not_allowed: 5,
  unavailable: 5,
  other: 3,
  caller_asked: 3,
};

const WHY: Readonly<Record<Request['reason'], string>> = {
  caller_asked: 'The caller asked for a person.',
  too_many_attempts: 'The card attempts of this call are used up.',
  unavailable: 'Automated payments were not available.',
  fault: 'Something of ours failed; this was no decline.',
  in_doubt: 'The last step is in doubt: do NOT repeat it before it is settled.',
  not_allowed: 'What the caller wanted is not possible as things stand.',
  other: 'The call could not be finished automatically.',
};

/** What has happened in the call, in sentences. No card data: the last four digits are not needed. */
function story(operations: readonly Operation[]): string {
  const steps = operations
    .filter((operation) => operation.kind !== 'handoff')
    .map((operation) => {
      const why = operation.errorCode === null ? '' : ` (${operation.errorCode})`;
      return `${operation.kind} ${operation.state}${why}`;
    });
  return steps.length === 0 ? 'Nothing had been tried yet.' : `So far: ${steps.join('; ')}.`;
}

/** Passes the call to a person, with everything they need to know and nothing they must not see. */
export async function handOff(bridge: Bridge, ask: Keyed<Request>): Promise<AnswerText> {
  const { request, actor } = ask;
  const [call, operations] = await Promise.all([
    callOf(bridge.store, request.interaction_id),
    operationsOfCall(bridge.store, request.interaction_id),
  ]);
  const soFar = story(operations);
  const operation = localOperation(bridge, actor, {
    kind: 'handoff',
    key: ask.key,
    bodyHash: ask.bodyHash,
    // A caller who comes back from an agent and leaves again has done more since then: another note.
    content: `${ask.bodyHash}.${fingerprint(soFar)}`,
    interactionId: request.interaction_id,
    customerId: call?.customerId ?? null,
    planId: null,
    language: call?.language ?? null,
  });
  const table = bridge.prompts[call?.language ?? 'en-us'];
  const spanish = table.language === 'es-us';
  const notes = [WHY[request.reason]];
  if (request.last_error_code) notes.push(`Last error: ${request.last_error_code}.`);
  if (call?.customerId) notes.push(`Customer ${call.customerId}.`);
  notes.push(soFar);
  const answer = answerText({
    ...plainCommon(table, 'agent_transfer', 'agent'),
    queue: QUEUE,
    skill: spanish ? 'Payment_Support_Spanish' : 'Payment_Support_English',
    priority: PRIORITY[request.reason],
    agent_note: notes.join(' '),
  });
  const entry = ledgerEntry(bridge, actor, {
    action: 'call.handed_off',
    result: 'success',
    resource: request.interaction_id,
    operationId: operation.id,
    interactionId: request.interaction_id,
    detail: { reason: request.reason, last_error_code: request.last_error_code ?? '' },
  });
  const end = { state: 'approved', answer, errorCode: null } as const;
  const stored = await insertLocal(bridge.store, operation, end, entry, []);
  if (stored.id !== operation.id) assertSameRequest(stored, operation);
  return stored.answer ?? answer;
}
