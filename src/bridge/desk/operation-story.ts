import type {
  ProposalView,
  SettleView,
  StoryAct,
  StoryEvent,
  StoryOperation,
  StoryView,
} from '../../contract/console-operations.ts';
import { Fault } from '../../payment/fault.ts';
import { amountText } from '../../payment/money.ts';
import { isFinal } from '../../payment/operation.ts';
import { UNANSWERED } from '../../store/jobs.ts';
import { readProposals, type Proposal } from '../../store/proposals.ts';
import {
  callBeganAtMs,
  readActs,
  readConsentKeys,
  readEvents,
  readOperations,
  readSettleWork,
  type SettleWork,
  type ToldAct,
  type ToldEvent,
  type ToldOperation,
} from '../../store/stories.ts';
import type { Bridge } from '../bridge.ts';
import { arrivedByMs } from '../proof.ts';
import { termsOf } from '../terms.ts';
import { callIdOf, iso } from './operations-view.ts';
import { fallenAway, sentSince, unresolvable } from './resolve.ts';

/** Operations of one call; a call that did more is read in the ledger. */
const OPERATIONS_MAX = 100;
/** Events of one call. */
const EVENTS_MAX = 200;
/** In which the console speaks of plans and amounts. */
const LANGUAGE = 'en-us';

/** What an operation's story is told from, beside its own row. */
interface Beside {
  readonly keys: ReadonlyMap<string, string>;
  readonly work: ReadonlyMap<string, SettleWork>;
  readonly proposals: ReadonlyMap<string, Proposal>;
}

/**
 * One call from its beginning to its last delivery, or the one operation where nobody called. All of
 * it is read from what the bridge itself goes by; the ledger has the same once more, with proof.
 */
export async function operationStory(bridge: Bridge, operationId: string): Promise<StoryView> {
  const { store, clock, limits } = bridge;
  const [asked] = await readOperations(store, { operationId }, 1);
  if (!asked) throw new Fault('unknown_resource', 'There is no such operation.');
  const interactionId = callIdOf(asked);
  const operations =
    interactionId === '' ? [asked] : await readOperations(store, { interactionId }, OPERATIONS_MAX);
  const ids = operations.map(({ id }) => id);
  const [beganAtMs, keys, work, proposals, events, acts] = await Promise.all([
    interactionId === '' ? null : callBeganAtMs(store, interactionId),
    interactionId === '' ? new Map<string, string>() : readConsentKeys(store, interactionId),
    readSettleWork(store, ids),
    readProposals(store, ids),
    readEvents(store, { operationIds: ids }, EVENTS_MAX),
    readActs(store, ids),
  ]);
  const beside: Beside = {
    keys,
    work: new Map(work.map((job) => [job.operationId, job])),
    proposals: new Map(proposals.map((proposal) => [proposal.operationId, proposal])),
  };
  const shownEvents = events.map((event) => shownEvent(event, acts));
  const waits = shownEvents.some(({ state }) => state === 'waiting');
  return {
    at: iso(clock.now()),
    operation_id: asked.id,
    interaction_id: interactionId,
    call_began_at: iso(beganAtMs),
    language: asked.language,
    latency_ms_max: limits.breaker.latencyMsMax,
    operations: operations.map((operation) => shownOperation(bridge, operation, beside)),
    events: shownEvents,
    acts: acts.flatMap(shownAct),
    open: waits || operations.some(({ state }) => !isFinal(state)),
  };
}

/** A named text of the answer that was kept for the caller. */
function answerOf({ answer }: ToldOperation): (name: string) => string {
  const body: unknown = answer === null || answer === '' ? null : JSON.parse(answer);
  const members = new Map(Object.entries(body ?? {}));
  return (name) => {
    const value: unknown = members.get(name);
    return typeof value === 'string' ? value : '';
  };
}

/**
 * How the end was learnt. The end of a call is noted with its answer, in one moment; what was learnt
 * later came later. Where no gateway was asked it is the end of the request itself, unless its
 * process has died and `settle` ended it.
 */
function endedBy(
  bridge: Bridge,
  operation: ToldOperation,
  proposal: Proposal | undefined,
): StoryOperation['ended_by'] {
  const { state, calledAtMs, finishedAtMs, startedAtMs } = operation;
  if (!isFinal(state) || finishedAtMs === null) return '';
  if (proposal?.state === 'confirmed') return 'hand';
  const byCallMs = calledAtMs ?? startedAtMs + bridge.limits.deadlineMs;
  return finishedAtMs <= byCallMs ? 'call' : 'look_up';
}

function shownOperation(
  bridge: Bridge,
  operation: ToldOperation,
  { keys, work, proposals }: Beside,
): StoryOperation {
  const { id, calledAtMs, latencyMs, state, order } = operation;
  const answer = answerOf(operation);
  const job = work.get(id);
  const proposal = proposals.get(id);
  const terms = termsOf(operation);
  const plan = bridge.plans.find((candidate) => candidate.id === operation.planId);
  const ended = isFinal(state);
  const reason = unresolvable(bridge, operation);
  return {
    operation_id: id,
    kind: operation.kind,
    state,
    error_code: operation.errorCode ?? '',
    gateway_code: operation.rawCode ?? '',
    gateway: operation.gateway,
    gateway_transaction_id: operation.gatewayTransactionId ?? '',
    attempt: operation.attempt,
    began_at: iso(operation.startedAtMs),
    asked_at: iso(calledAtMs === null ? null : calledAtMs - (latencyMs ?? 0)),
    answered_at: iso(calledAtMs),
    latency_ms: calledAtMs === null ? null : latencyMs,
    healthy: operation.healthy,
    sent_again_at: iso(operation.sentAgainAtMs),
    ended_at: ended ? iso(operation.finishedAtMs) : '',
    ended_by: endedBy(bridge, operation, proposal),
    customer_id: operation.customerId ?? '',
    subscription_id: operation.subscriptionId ?? '',
    plan_name: plan?.name[LANGUAGE] ?? operation.planId ?? '',
    amount_text: terms === null ? '' : amountText(terms.price, LANGUAGE),
    card: `${String(order['brand'] ?? '')} ${String(order['last4'] ?? '')}`.trim(),
    text: answer('disclosure_text'),
    key: keys.get(answer('consent_id')) ?? '',
    queue: answer('queue'),
    note: answer('agent_note'),
    told: answer('prompt_text'),
    route: answer('route'),
    settle: ended || job === undefined ? null : shownWork(job),
    proposal: proposal ? shownProposal(bridge, operation, proposal) : null,
    unresolvable: reason ?? '',
    proved_at: reason === null ? iso(arrivedByMs(bridge, operation)) : '',
  };
}

function shownWork(job: SettleWork): SettleView {
  return {
    looks: job.looks,
    last_at: iso(job.lastAtMs),
    next_at: iso(job.nextAtMs),
    unanswered: job.lastError === UNANSWERED,
  };
}

function shownProposal(bridge: Bridge, operation: ToldOperation, proposal: Proposal): ProposalView {
  const fallen = fallenAway(bridge, operation, proposal);
  const stale = sentSince(operation, proposal);
  const open = fallen !== null ? 'lapsed' : stale ? 'stale' : 'open';
  const { state } = proposal;
  return {
    proposal_id: proposal.id,
    ending: proposal.ending,
    gateway_reference: proposal.gatewayReference ?? '',
    reason: proposal.reason,
    evidence: proposal.evidence,
    proposed_by: proposal.proposedBy,
    proposed_at: iso(proposal.proposedAtMs),
    expires_at: iso(proposal.expiresAtMs),
    state: state === 'open' ? open : state,
    fallen: state === 'open' ? (fallen ?? (stale ? SENT_SINCE : '')) : '',
    answered_by: proposal.answeredBy ?? '',
    answered_at: iso(proposal.answeredAtMs),
  };
}

const SENT_SINCE = 'It was sent again since, so what was looked at is no proof any more.';

/** What has become of an event. */
export function deliveryOf({ deliveredAtMs, deadAtMs }: ToldEvent): StoryEvent['state'] {
  return deliveredAtMs !== null ? 'delivered' : deadAtMs !== null ? 'dead' : 'waiting';
}

function shownEvent(event: ToldEvent, acts: readonly ToldAct[]): StoryEvent {
  const end = acts.findLast(
    ({ action, resource }) => resource === event.id && action.startsWith('event.'),
  );
  const state = deliveryOf(event);
  const waits = state === 'waiting';
  return {
    event_id: event.id,
    type: event.type,
    operation_id: event.operationId,
    subscription_id: event.subscriptionId ?? '',
    made_at: iso(event.createdAtMs),
    state,
    at: iso(event.deliveredAtMs ?? event.deadAtMs ?? event.dueAtMs),
    tries: waits ? (event.tries ?? 0) : Number(end?.detail['attempts'] ?? 0),
    last_answer: waits ? (event.lastAnswer ?? '') : (end?.detail['answer'] ?? ''),
  };
}

function shownAct({ operationId, action, atMs, actor, detail }: ToldAct): StoryAct[] {
  const [subject, act = ''] = action.split('.');
  if (subject !== 'proposal') return [];
  return [
    {
      operation_id: operationId,
      at: iso(atMs),
      by: actor,
      act,
      ending: detail['ending'] ?? '',
      reason: detail['refused_because'] ?? detail['reason'] ?? '',
    },
  ];
}
