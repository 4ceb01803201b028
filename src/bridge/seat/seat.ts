import type { AgentCall, EntryAnswer, EntryOrder } from '../../contract/agent.ts';
import { Fault } from '../../payment/fault.ts';
import type { Language } from '../../payment/language.ts';
import { ERROR_CODES, type ErrorCode } from '../../payment/outcome.ts';
import { mayApply } from '../../payment/subscription.ts';
import { seeCall } from '../../store/calls.ts';
import { beginEntry, dropEntry, takeSeat } from '../../store/seats.ts';
import { findLive, findSubscription } from '../../store/subscriptions.ts';
import type { Actor, Bridge } from '../bridge.ts';
import { ledgerEntry } from '../entry.ts';
import type { EntryAttributes } from './conversations.ts';
import { whereIsCall } from './where.ts';

/** An agent at the page of a call that they take part in; `api/agent/` has asked Genesys. */
export interface Seated {
  /** As the ledger takes it. */
  readonly agentId: string;
  readonly interactionId: string;
  /** Such as `agent 203.0.113.7`. */
  readonly origin: string;
}

/** Sends the caller to the keypad. @returns Genesys' id of it. */
export type StartEntry = (attributes: EntryAttributes) => Promise<string>;

/** What the agent's page asks of the bridge. */
export interface Seats {
  /** Notes in the ledger, once for each agent and call, that they look at it (PCI DSS 10.2.1.1). */
  sit(seated: Seated): Promise<void>;
  look(interactionId: string, speaks: Language): Promise<AgentCall>;
  /** Has the caller key a card, unheard. */
  begin(seated: Seated, order: EntryOrder, start: StartEntry): Promise<EntryAnswer>;
}

/** A second press of the button, or of somebody else's, in this time is the same wish. */
const ENTRY_AGAIN_MS = 20_000;

function actorOf({ agentId, origin }: Seated): Actor {
  return { clientId: `agent:${agentId}`, origin };
}

function refused(errorCode: ErrorCode): EntryAnswer {
  return { outcome: 'failed', error_code: errorCode, why: ERROR_CODES[errorCode] };
}

/** Why this card cannot be asked for; `null` where it can. */
async function objection(bridge: Bridge, order: EntryOrder): Promise<ErrorCode | null> {
  const { store, plans } = bridge;
  if (order.purpose === 'subscribe') {
    if (!plans.some(({ id }) => id === order.plan_id)) return 'not_found';
    const live = await findLive(store, order.customer_id, order.plan_id);
    return live === null ? null : 'not_allowed';
  }
  const found = await findSubscription(store, order.subscription_id);
  if (found === null || found.customerId !== order.customer_id) return 'not_found';
  return mayApply('change_card', found.status) ? null : 'not_allowed';
}

/**
 * What `card-capture-agent.yaml` reads from participant data. A consent of before is taken out: it may
 * be used up or for another plan, so that the caller always hears the terms of what they get now.
 */
function attributesOf(order: EntryOrder, language: Language): EntryAttributes {
  const subscribing = order.purpose === 'subscribe';
  return {
    payment_purpose: order.purpose,
    payment_customer_id: order.customer_id,
    payment_plan_id: subscribing ? order.plan_id : '',
    payment_consent_id: '',
    subscription_id: subscribing ? '' : order.subscription_id,
    payment_language: language,
  };
}

/** Who is calling is said once: a call of one customer changes no other one's card. */
async function sayCustomer(bridge: Bridge, seated: Seated, order: EntryOrder): Promise<Language> {
  const call = {
    interactionId: seated.interactionId,
    clientId: actorOf(seated).clientId,
    ani: null,
    dnis: null,
    language: null,
    customerId: order.customer_id,
  };
  const seen = await seeCall(bridge.store, call, bridge.gateway.name, bridge.clock.now());
  return seen.call.language;
}

async function begin(
  bridge: Bridge,
  seated: Seated,
  order: EntryOrder,
  start: StartEntry,
): Promise<EntryAnswer> {
  const { store, clock } = bridge;
  const { closed, customer_id: known } = await whereIsCall(bridge, seated.interactionId, 'en-us');
  if (known !== '' && known !== order.customer_id) {
    throw new Fault('bad_request', 'The call is of another customer.');
  }
  if (closed !== '') return refused(closed);
  const why = await objection(bridge, order);
  if (why !== null) return refused(why);
  const language = await sayCustomer(bridge, seated, order);
  const told = (result: 'success' | 'failure' | 'unknown', detail: Record<string, string>) =>
    ledgerEntry(bridge, actorOf(seated), {
      action: result === 'success' ? 'agent.entry_begun' : 'agent.entry_not_begun',
      result,
      resource: seated.interactionId,
      interactionId: seated.interactionId,
      detail: { purpose: order.purpose, ...detail },
    });
  const nowMs = clock.now();
  const intent = told('success', {});
  if (!(await beginEntry(store, seated, nowMs, nowMs - ENTRY_AGAIN_MS, intent))) {
    throw new Fault('operation_in_progress', 'The caller has just been sent to the keypad.');
  }
  try {
    await start(attributesOf(order, language));
  } catch (error) {
    const code = error instanceof Fault ? error.code : 'internal_error';
    const result = code === 'genesys_unavailable' ? 'unknown' : 'failure';
    await dropEntry(store, seated, told(result, { fault: code }));
    throw error;
  }
  return { outcome: 'approved', error_code: '', why: '' };
}

/** Binds what the agent's page asks to what it works with. */
export function openSeats(bridge: Bridge): Seats {
  return {
    async sit(seated) {
      const entry = ledgerEntry(bridge, actorOf(seated), {
        action: 'agent.call_read',
        result: 'success',
        resource: seated.interactionId,
        interactionId: seated.interactionId,
      });
      await takeSeat(bridge.store, seated, bridge.clock.now(), entry);
    },
    look: (interactionId, speaks) => whereIsCall(bridge, interactionId, speaks),
    begin: (seated, order, start) => begin(bridge, seated, order, start),
  };
}
