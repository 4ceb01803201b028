import type * as schemas from '../contract/schemas.ts';
import type { Body } from '../contract/schemas.ts';
import type { BeginReply, BeginRequest, FinishRequest } from '../contract/internal.ts';
import type { SubscriptionVerb } from '../payment/subscription.ts';
import type { Actor, AnswerText, Keyed } from './bridge.ts';

type Ask<S extends keyof typeof schemas> = Keyed<Body<(typeof schemas)[S]>>;

export type VerbBody =
  | Body<typeof schemas.VerbRequest>
  | Body<typeof schemas.ChangePlanRequest>
  | Body<typeof schemas.ChangeCardRequest>;

/**
 * Everything that can be asked of the bridge. `api/` turns HTTP into these calls; nothing else does.
 * A method resolves with the caller's answer, whatever the outcome, and throws a `Fault` where HTTP
 * has to say that the request itself was wrong or nothing could be done.
 */
export interface Verbs {
  availability(ask: Ask<'AvailabilityRequest'>): Promise<AnswerText>;
  lookup(ask: Ask<'LookupRequest'>): Promise<AnswerText>;
  plans(ask: Ask<'PlansRequest'>): Promise<AnswerText>;
  disclose(ask: Ask<'DisclosureRequest'>): Promise<AnswerText>;
  consent(ask: Ask<'ConsentRequest'>): Promise<AnswerText>;
  createLink(ask: Ask<'LinkRequest'>): Promise<AnswerText>;
  readLink(linkId: string, ask: Ask<'LinkStatusRequest'>): Promise<AnswerText>;
  cancelLink(linkId: string, ask: Ask<'LinkCancelRequest'>): Promise<AnswerText>;
  /** With `capture: direct` only: before the flow sends a card to the gateway, and after. */
  beginCard(ask: Ask<'BeginCardRequest'>): Promise<AnswerText>;
  finishCard(operationId: string, ask: Ask<'FinishCardRequest'>): Promise<AnswerText>;
  subscribe(ask: Ask<'SubscribeRequest'>): Promise<AnswerText>;
  readSubscription(actor: Actor, subscriptionId: string): Promise<AnswerText>;
  changeSubscription(
    verb: SubscriptionVerb,
    subscriptionId: string,
    ask: Keyed<VerbBody>,
  ): Promise<AnswerText>;
  readOperation(actor: Actor, operationId: string): Promise<AnswerText>;
  handOff(ask: Ask<'HandoffRequest'>): Promise<AnswerText>;
  readSwitch(actor: Actor): Promise<AnswerText>;
  setSwitch(ask: Ask<'SwitchRequest'>): Promise<AnswerText>;
  audit(actor: Actor, query: Body<typeof schemas.AuditQuery>): Promise<AnswerText>;
  /** The gateway's event: signature on the raw bytes, then a look at the gateway. */
  gatewayEvent(
    gateway: string,
    headers: Readonly<Record<string, string>>,
    rawBody: Uint8Array,
  ): Promise<void>;
  /** From the tokenizer only. */
  begin(request: BeginRequest): Promise<BeginReply>;
  finish(operationId: string, request: FinishRequest): Promise<AnswerText>;
  /** True when the store answers; for `/readyz`. */
  ready(): Promise<boolean>;
  /** Gauges that are read when `/metrics` is. */
  gauges(): Promise<Readonly<Record<GaugeName, number>>>;
}

export type GaugeName =
  | 'operations_in_doubt'
  | 'operations_to_settle'
  | 'charges_due'
  | 'charges_overdue'
  | 'deliveries_waiting'
  | 'deliveries_dead'
  | 'ledger_unsealed'
  | 'breaker_open'
  | 'switch_on';
