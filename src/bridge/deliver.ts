import type { HttpClient } from '../system/http-client.ts';
import { Deadline } from '../resilience/deadline.ts';
import type { LinkEventType } from '../payment/link.ts';
import { claimDeliveries, dropJob, postponeJob, type Job } from '../store/jobs.ts';
import { endDelivery, findEvent, replayEvent, type StoredEvent } from '../store/outbox.ts';
import { findOperation } from '../store/operations.ts';
import { newId } from '../system/randomness.ts';
import { signWebhook } from '../system/standard-webhooks.ts';
import type { Actor, BillingTarget, Bridge } from './bridge.ts';
import { ledgerEntry, SYSTEM_ACTOR } from './entry.ts';

/** Where events go and how. */
export interface Delivery {
  readonly target: BillingTarget;
  /** A client of the target's origin. */
  readonly http: HttpClient;
}

const CLAIM_LIMIT = 16;
/** Standard Webhooks: `410 Gone` says that the receiver wants no more of it. */
const GONE = 410;

/**
 * Delivers every event whose time has come: at least once, in order for each subscription, with
 * waits that add up to 75 h before an event becomes a dead letter (design §6.8).
 *
 * @returns how many were tried.
 */
export async function deliverDue(bridge: Bridge, delivery: Delivery): Promise<number> {
  const { store, clock } = bridge;
  const leaseMs = delivery.target.timeoutMs * 2 + 1_000;
  const jobs = await claimDeliveries(store, clock.now(), leaseMs, CLAIM_LIMIT);
  await Promise.all(jobs.map((job) => deliverJob(bridge, delivery, job)));
  return jobs.length;
}

async function deliverJob(bridge: Bridge, delivery: Delivery, job: Job): Promise<void> {
  const { store, clock, limits, metrics, log } = bridge;
  const event = await findEvent(store, job.subject);
  if (!event) return dropJob(store, job);
  const result = (await isTooLate(bridge, event))
    ? LINK_IS_OVER
    : await post(bridge, delivery, event);
  const told = {
    eventId: event.id,
    ...(event.subscriptionId !== null && { subscriptionId: event.subscriptionId }),
    attempt: job.attempts,
  };
  if (result.delivered) {
    metrics.delivered('delivered');
    log.info('event.delivered', told);
    return end(bridge, job, event, 'delivered', result.word);
  }
  const delayMs = limits.deliverDelaysMs[job.step];
  if (result.gone || delayMs === undefined) {
    metrics.delivered('dead');
    log.alarm('event.dead', told);
    return end(bridge, job, event, 'dead', result.word);
  }
  metrics.delivered('failed');
  // Full jitter on a tenth: receivers that come back are not met by all events at once.
  const jitterMs = bridge.randomness.fraction() * delayMs * 0.1;
  await postponeJob(store, job, clock.now() + delayMs + jitterMs, job.step + 1, result.word);
}

const LINK_CREATED: LinkEventType = 'payment_link.created';
const LINK_IS_OVER = { delivered: false, gone: true, word: 'link is over' };

/** A link that is closed by now is not sent any more: whoever opened it would find nothing there. */
async function isTooLate({ store }: Bridge, event: StoredEvent): Promise<boolean> {
  if (event.type !== LINK_CREATED) return false;
  const link = await findOperation(store, event.operationId);
  return link !== null && (link.pageClosedAtMs !== null || link.state !== 'pending');
}

async function post(
  bridge: Bridge,
  { target, http }: Delivery,
  event: StoredEvent,
): Promise<{ delivered: boolean; gone: boolean; word: string }> {
  const url = new URL(target.url);
  const body = Buffer.from(event.body, 'utf8');
  const signed = signWebhook(target.secret, event.id, bridge.clock.now(), body);
  const request = {
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    headers: { 'content-type': 'application/json', ...signed },
    body,
  } as const;
  const deadline = new Deadline(bridge.clock, target.timeoutMs);
  const exchange = await deadline.within((signal) => http.exchange(request, signal));
  if (exchange.kind !== 'answered') {
    return { delivered: false, gone: false, word: `${exchange.kind} ${exchange.reason}` };
  }
  const { status } = exchange.response;
  // A redirect is not followed: it would take a signed event to a place that nobody configured.
  return { delivered: status >= 200 && status < 300, gone: status === GONE, word: String(status) };
}

function end(
  bridge: Bridge,
  job: Job,
  event: StoredEvent,
  state: 'delivered' | 'dead',
  word: string,
): Promise<void> {
  const entry = ledgerEntry(bridge, SYSTEM_ACTOR, {
    action: `event.${state}`,
    result: state === 'delivered' ? 'success' : 'failure',
    resource: event.id,
    operationId: event.operationId,
    interactionId: event.interactionId,
    subscriptionId: event.subscriptionId,
    detail: { type: event.type, attempts: String(job.attempts), answer: word },
  });
  return endDelivery(bridge.store, job, { state, atMs: bridge.clock.now() }, entry);
}

/** Sends a dead letter again, under its own id. @returns false where the event is not dead. */
export async function replayDeadLetter(
  bridge: Bridge,
  actor: Actor,
  eventId: string,
): Promise<boolean> {
  const event = await findEvent(bridge.store, eventId);
  if (event === null) return false;
  const entry = ledgerEntry(bridge, actor, {
    action: 'event.replayed',
    result: 'success',
    resource: eventId,
    // Who sent it again is part of that call's story.
    operationId: event.operationId,
    interactionId: event.interactionId,
    subscriptionId: event.subscriptionId,
  });
  const jobId = newId('job', bridge.randomness);
  return replayEvent(bridge.store, eventId, jobId, bridge.clock.now(), entry);
}
