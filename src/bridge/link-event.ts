import type { OpenedPage } from '../gateway/pages.ts';
import type { LinkEventType } from '../payment/link.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import type { OutboxEvent } from '../store/finish.ts';
import type { NewOperation } from '../store/operations.ts';
import { newId } from '../system/randomness.ts';
import type { Bridge } from './bridge.ts';

/** The event that has a link sent by whoever knows the customer's number and address. */
export function linkCreated(
  bridge: Bridge,
  operation: NewOperation,
  page: OpenedPage,
): OutboxEvent {
  const { order } = operation;
  return eventOf(bridge, 'payment_link.created', String(order['event_id']), operation, {
    link_id: operation.id,
    url: page.url,
    expires_at: String(order['expires_at']),
    channel: String(order['channel']),
    gateway_page: page.pageReference,
  });
}

/**
 * A caller has agreed, hung up and entered the card, and the enrolment that was left to us came to
 * nothing: nobody is on the line to hear it, so the merchant has to say it.
 *
 * @returns `null` for every other operation.
 */
export function linkNotEnrolled(
  bridge: Bridge,
  operation: NewOperation,
  errorCode: ErrorCode | null,
): OutboxEvent | null {
  const linkId = operation.order['link_id'];
  if (operation.kind !== 'subscribe' || typeof linkId !== 'string') return null;
  const id = newId('evt', bridge.randomness);
  return eventOf(bridge, 'payment_link.not_enrolled', id, operation, {
    link_id: linkId,
    error_code: errorCode,
  });
}

function eventOf(
  bridge: Bridge,
  type: LinkEventType,
  id: string,
  operation: NewOperation,
  facts: Readonly<Record<string, string | null>>,
): OutboxEvent {
  const { customerId, language, planId, consentId, gateway, interactionId } = operation;
  const data = {
    ...facts,
    customer_id: customerId,
    language,
    plan_id: planId,
    consent_id: consentId,
    gateway,
    operation_id: operation.id,
    interaction_id: interactionId,
  };
  const timestamp = new Date(bridge.clock.now()).toISOString();
  return {
    id,
    jobId: newId('job', bridge.randomness),
    subscriptionId: null,
    operationId: operation.id,
    interactionId,
    sequence: 1,
    type,
    body: JSON.stringify({ type, timestamp, data }),
  };
}
