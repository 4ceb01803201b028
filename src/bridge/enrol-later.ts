import { Fault } from '../payment/fault.ts';
import { fingerprint } from '../payment/fingerprint.ts';
import { readBreaker } from '../store/breaker.ts';
import { findConsent } from '../store/consents.ts';
import { claimEnrolments, dropJob, postponeJob, type Job } from '../store/jobs.ts';
import { findOperation, type Operation } from '../store/operations.ts';
import type { Bridge } from './bridge.ts';
import { SYSTEM_ACTOR } from './entry.ts';
import { mayBeSent } from './settle-subscription.ts';
import { subscribe } from './subscribe.ts';

const CLAIM_LIMIT = 16;
const AGAIN_MS = 60_000;
/** After a day nobody expects it any more: a person has to look at it. */
const GIVE_UP_MS = 24 * 3_600_000;

/**
 * Carries an enrolment to its end whose caller has hung up after having agreed, and has entered the
 * card on the page (design §6.12). A caller who is on the line has long gone on by then: the consent
 * is used, and there is nothing to do.
 *
 * @returns how many links were looked at.
 */
export async function enrolDue(bridge: Bridge): Promise<number> {
  const { store, clock, limits } = bridge;
  const leaseMs = limits.deadlineMs * 2;
  const jobs = await claimEnrolments(store, clock.now(), leaseMs, CLAIM_LIMIT);
  await Promise.all(jobs.map((job) => enrolJob(bridge, job)));
  return jobs.length;
}

async function enrolJob(bridge: Bridge, job: Job): Promise<void> {
  const { store, clock, log } = bridge;
  const link = await findOperation(store, job.subject);
  if (!link || !(await isLeftToUs(bridge, link))) return dropJob(store, job);
  if (clock.now() - link.startedAtMs > GIVE_UP_MS) {
    log.alarm('link.not_enrolled', { operationId: link.id });
    return dropJob(store, job);
  }
  const breaker = await readBreaker(store, bridge.gateway.name);
  if (breaker.state === 'open' || !(await mayBeSent(bridge))) {
    return postponeJob(store, job, clock.now() + AGAIN_MS, job.step, 'closed');
  }
  try {
    await enrol(bridge, link);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return postponeJob(store, job, clock.now() + AGAIN_MS, job.step, error.code);
  }
  return dropJob(store, job);
}

async function isLeftToUs(bridge: Bridge, link: Operation): Promise<boolean> {
  const { consentId: id, interactionId, planId } = link;
  if (link.pageClosedAtMs !== null || link.tokenId === null || id === null || planId === null) {
    return false;
  }
  const consent = await findConsent(bridge.store, { id, interactionId, planId });
  return consent !== null && consent.usedBy === null;
}

/** Its key is the link's: however often this is begun, it is one enrolment. */
function enrol(bridge: Bridge, link: Operation): Promise<string> {
  const request = {
    customer_id: link.customerId ?? '',
    payment_method_token: link.tokenId ?? '',
    plan_id: link.planId ?? '',
    metadata: { ivr_session_id: link.interactionId },
    consent_id: link.consentId ?? '',
  };
  const actor = { clientId: link.clientId, origin: SYSTEM_ACTOR.origin };
  const bodyHash = fingerprint(`enrol ${link.id}`);
  return subscribe(bridge, { actor, key: `enrol:${link.id}`, bodyHash, request }, link.id);
}
