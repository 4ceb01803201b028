/**
 * What the console shows, as its pages get it. Both sides take the types from here; the routes are for
 * these pages and not part of the public contract.
 */

/** How far a call has come. Nobody tells the bridge of a hang-up: the last step stays. */
export const CALL_STEPS = [
  'greeting',
  'terms',
  'consent',
  'card',
  'enrolment',
  'enrolled',
  'agent',
] as const;
export type CallStep = (typeof CALL_STEPS)[number];

/** One request to the gateway. */
export interface GatewayCall {
  /** ISO 8601. */
  readonly at: string;
  readonly kind: string;
  readonly latency_ms: number;
  /** False where the breaker counts it as a failure. */
  readonly healthy: boolean;
  /** `approved`, `pending`, `declined`, `failed`, `in_doubt`, or `started`. */
  readonly state: string;
}

/** An operation whose end is not known. */
export interface OpenOperation {
  readonly operation_id: string;
  readonly interaction_id: string;
  readonly kind: string;
  readonly state: string;
  readonly since: string;
  /** The end that somebody has proposed and nobody has answered yet; empty without one. */
  readonly proposed: 'approved' | 'failed' | '';
}

export interface SwitchState {
  readonly state: 'on' | 'off';
  readonly reason: string;
  readonly changed_by: string;
  readonly since: string;
}

/** Everything that can be seen at a glance. */
export interface LiveView {
  readonly at: string;
  /** Calls of the last quarter of an hour by the furthest step. */
  readonly calls: readonly { readonly step: CallStep; readonly count: number }[];
  /** The newest requests to the gateway, oldest first; of the last hour. */
  readonly gateway_calls: readonly GatewayCall[];
  /** Above this mean the breaker opens, milliseconds. */
  readonly latency_ms_max: number;
  readonly gateway: string;
  readonly breaker: { readonly state: 'closed' | 'open'; readonly since: string };
  readonly switch: SwitchState;
  readonly deliveries: {
    readonly waiting: number;
    readonly dead: number;
    /** How long the oldest has waited, seconds; 0 where none waits. */
    readonly oldest_s: number;
  };
  /** The oldest fifty. */
  readonly in_doubt: readonly OpenOperation[];
  readonly in_doubt_count: number;
}

/** `POST /console/api/switch`. */
export interface SwitchOrder {
  readonly state: 'on' | 'off';
  readonly reason: string;
}

/** The switch and what was done with it, the newest first. */
export interface SwitchView {
  readonly now: SwitchState;
  readonly history: readonly SwitchState[];
}

/** An event that billing has not taken. */
export interface DeliveryRow {
  readonly event_id: string;
  readonly type: string;
  readonly subscription_id: string;
  readonly operation_id: string;
  readonly interaction_id: string;
  readonly created_at: string;
  /** `dead`: nobody tries any more, until somebody sends it again. */
  readonly state: 'waiting' | 'dead';
  /** Deliveries so far. */
  readonly tries: number;
  /** What came of the last one: a status, or why there was none; empty before the first. */
  readonly last_answer: string;
  /** When it is tried again, or when it was given up. */
  readonly at: string;
}

/** Dead letters, the newest first, and then what waits, the oldest first; at most a hundred of each. */
export interface DeliveriesView {
  readonly dead: readonly DeliveryRow[];
  readonly waiting: readonly DeliveryRow[];
  readonly dead_count: number;
  readonly waiting_count: number;
}

/** `POST /console/api/deliveries/replay`. */
export interface ReplayOrder {
  readonly event_id: string;
}
