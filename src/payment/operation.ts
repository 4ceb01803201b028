import type { OutcomeKind } from './outcome.ts';
import { SUBSCRIPTION_VERBS } from './subscription.ts';

/** Operations that reach a gateway. */
export const GATEWAY_KINDS = ['tokenise', 'subscribe', 'charge', ...SUBSCRIPTION_VERBS] as const;
export type GatewayKind = (typeof GATEWAY_KINDS)[number];

/**
 * Every keyed request. A `link` is a hosted page at a gateway, which is looked at in a way of its own;
 * the local ones end in the statement that begins them.
 */
export const OPERATION_KINDS = [
  ...GATEWAY_KINDS,
  'link',
  'disclosure',
  'consent',
  'handoff',
  'skip_charge',
  'follow',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** `started` is the durable intent: committed before the first byte is sent. */
export const OPERATION_STATES = [
  'started',
  'approved',
  'pending',
  'declined',
  'failed',
  'in_doubt',
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

const NEXT: Readonly<Record<OperationState, readonly OperationState[]>> = {
  started: ['approved', 'pending', 'declined', 'failed', 'in_doubt'],
  pending: ['approved', 'declined', 'failed', 'in_doubt'],
  in_doubt: ['approved', 'pending', 'declined', 'failed'],
  approved: [],
  declined: [],
  failed: [],
};

/** True when nothing more can happen to it. */
export function isFinal(state: OperationState): boolean {
  return NEXT[state].length === 0;
}

/**
 * True when an operation may go from one state to another. Final states have no way out: an answer
 * that a caller has heard is never taken back.
 */
export function mayBecome(from: OperationState, to: OutcomeKind): boolean {
  return NEXT[from].includes(to);
}
