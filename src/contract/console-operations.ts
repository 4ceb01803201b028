/** What the console's page Operations shows and sends. Both sides take the types from here. */

/** `POST /console/api/operations/propose`: how an operation in doubt has ended. */
export interface ProposalOrder {
  readonly operation_id: string;
  readonly ending: 'approved' | 'failed';
  /** The gateway's own name for what it has done; only with `approved`. */
  readonly gateway_reference?: string;
  readonly reason: string;
  /** What was looked at. */
  readonly evidence: string;
}

/** `POST /console/api/operations/confirm`. */
export interface ConfirmationOrder {
  readonly operation_id: string;
  readonly proposal_id: string;
}

/** `POST /console/api/operations/refuse`; whoever has made the proposal takes it back by this. */
export interface RefusalOrder extends ConfirmationOrder {
  readonly reason: string;
}

/** What can be asked of the list; all of it has to hold. */
export interface OperationsFilter {
  /** An operation, a call, a subscription, or the gateway's id of a transaction. */
  readonly id?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly error?: string;
  /** What the gateway did with the request. */
  readonly gateway?: GatewayAnswer;
  /** ISO 8601, inclusive. */
  readonly from?: string;
  /** ISO 8601, exclusive. */
  readonly to?: string;
  /** The operation after which the list goes on. */
  readonly before?: string;
}

/** `slow`: above the breaker's line; `failed`: what the breaker counts as a failure. */
export const GATEWAY_ANSWERS = ['answered', 'slow', 'failed', 'not_asked'] as const;
export type GatewayAnswer = (typeof GATEWAY_ANSWERS)[number];

export interface OperationRow {
  readonly operation_id: string;
  readonly kind: string;
  readonly state: string;
  readonly error_code: string;
  readonly began_at: string;
  /** Of the gateway's answer; `null` where it was not asked. */
  readonly latency_ms: number | null;
  /** Empty where it belongs to no call. */
  readonly interaction_id: string;
  readonly customer_id: string;
  readonly subscription_id: string;
}

/** The newest first. */
export interface OperationsView {
  readonly rows: readonly OperationRow[];
  /** Older ones follow: ask with `before`. */
  readonly more: boolean;
  /** All kinds, states and error codes, for the filter. */
  readonly kinds: readonly string[];
  readonly states: readonly string[];
  readonly errors: readonly string[];
}

/** A proposal, as it stands for whoever asks. */
export interface ProposalView {
  readonly proposal_id: string;
  readonly ending: 'approved' | 'failed';
  readonly gateway_reference: string;
  readonly reason: string;
  readonly evidence: string;
  readonly proposed_by: string;
  readonly proposed_at: string;
  readonly expires_at: string;
  /** `lapsed`: too old, or found out meanwhile; `stale`: sent again since, so it can only be refused. */
  readonly state: 'open' | 'stale' | 'lapsed' | 'confirmed' | 'refused' | 'withdrawn';
  /** Why it can be confirmed no more, in a sentence; empty where it can. */
  readonly fallen: string;
  readonly answered_by: string;
  readonly answered_at: string;
}

/** The looks of `settle` at an operation that is open. */
export interface SettleView {
  readonly looks: number;
  /** Empty before the first. */
  readonly last_at: string;
  readonly next_at: string;
  /** True where the last look got no answer from the gateway. */
  readonly unanswered: boolean;
}

/** One operation of a story. Times are ISO 8601, empty where there is none. */
export interface StoryOperation {
  readonly operation_id: string;
  readonly kind: string;
  readonly state: string;
  readonly error_code: string;
  /** The gateway's own word for it. */
  readonly gateway_code: string;
  readonly gateway: string;
  readonly gateway_transaction_id: string;
  readonly attempt: number;
  readonly began_at: string;
  /** When the request that was answered last left for the gateway. */
  readonly asked_at: string;
  readonly answered_at: string;
  readonly latency_ms: number | null;
  /** False where the breaker counts it as a failure. */
  readonly healthy: boolean;
  /** When `settle` sent it again last. */
  readonly sent_again_at: string;
  /** When it came to its end; empty while it is open. */
  readonly ended_at: string;
  /** How its end was learnt; empty while it is open. */
  readonly ended_by: 'call' | 'look_up' | 'hand' | '';
  readonly customer_id: string;
  readonly subscription_id: string;
  readonly plan_name: string;
  readonly amount_text: string;
  /** Brand and last four digits. */
  readonly card: string;
  /** Of a disclosure: what was said, word for word. */
  readonly text: string;
  /** Of a consent: the key; empty where it was no yes. */
  readonly key: string;
  /** Of a hand-off. */
  readonly queue: string;
  readonly note: string;
  /** What the caller is told, and what the flow does next. */
  readonly told: string;
  readonly route: string;
  readonly settle: SettleView | null;
  readonly proposal: ProposalView | null;
  /** Why it cannot be resolved by hand, in a sentence; empty where it can. */
  readonly unresolvable: string;
  /** From when on it may be proposed that nothing has happened; of one that can be resolved. */
  readonly proved_at: string;
}

/** An event for billing and its delivery. */
export interface StoryEvent {
  readonly event_id: string;
  readonly type: string;
  readonly operation_id: string;
  readonly subscription_id: string;
  readonly made_at: string;
  readonly state: 'waiting' | 'delivered' | 'dead';
  /** When it was delivered or given up; while it waits, when it is tried next. */
  readonly at: string;
  readonly tries: number;
  /** What came of the last try; empty before the first. */
  readonly last_answer: string;
}

/** What was done about an operation by hand, as the ledger has it. */
export interface StoryAct {
  readonly operation_id: string;
  readonly at: string;
  readonly by: string;
  /** `made`, `confirmed`, `refused`, `withdrawn`. */
  readonly act: string;
  readonly ending: string;
  readonly reason: string;
}

/** One call, or one operation that belongs to no call, from its beginning to its last delivery. */
export interface StoryView {
  readonly at: string;
  /** The operation that was asked for. */
  readonly operation_id: string;
  /** Empty where it belongs to no call. */
  readonly interaction_id: string;
  /** The first request of the call: whether payments can be taken, or who calls. */
  readonly call_began_at: string;
  readonly language: string;
  /** Above this mean the breaker opens, milliseconds. */
  readonly latency_ms_max: number;
  readonly operations: readonly StoryOperation[];
  readonly events: readonly StoryEvent[];
  readonly acts: readonly StoryAct[];
  /** True while something of it may still change by itself. */
  readonly open: boolean;
}
