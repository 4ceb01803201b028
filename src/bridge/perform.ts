import type { GatewayReply } from '../gateway/gateway.ts';
import { joinReplies, unasked } from '../gateway/reading.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { withRetry } from '../resilience/retry.ts';
import type { AnswerText, Bridge } from './bridge.ts';

/** What is known of a call that was not made. */
export const NOT_SENT = unasked({ kind: 'in_doubt' });

/**
 * Makes a digit-free call to the gateway with everything that design §6.2 and §6.3 ask for. Where
 * the deadline is over, this process has stood still: nothing is sent, because `settle` may have
 * sent it meanwhile, or proved that it never came and told the caller so.
 */
export async function perform<T>(
  bridge: Bridge,
  deadline: Deadline,
  attempt: (signal: AbortSignal) => Promise<GatewayReply<T>>,
): Promise<GatewayReply<T>> {
  const { clock, randomness, limits, gateway } = bridge;
  if (deadline.over()) return NOT_SENT;
  return withRetry(
    {
      clock,
      randomness,
      deadline,
      policy: limits.retry,
      renewCredential: () => gateway.renewCredential(),
    },
    attempt,
    joinReplies,
  );
}

/**
 * Ends an operation whose call has been made. When the outcome cannot be committed, for whatever
 * reason, the caller is told that it is in doubt, because it is: the intent is committed, and
 * `settle` will find out.
 */
export async function committedOr(
  bridge: Bridge,
  operationId: string,
  commit: () => Promise<AnswerText>,
  inDoubt: () => AnswerText,
): Promise<AnswerText> {
  try {
    return await commit();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    bridge.log.alarm('operation.not_committed', { operationId, error: name });
    return inDoubt();
  }
}
