import type { JsonValue, Sound, Value } from '../architect/expression/value.ts';
import type { Flow, FlowType } from '../architect/model.ts';
import type { Position } from '../architect/position.ts';
import type { SecretBytes } from '../card/secret.ts';
import type { Clock } from '../system/clock.ts';
import type { Telephone, TransferTarget } from './telephone.ts';

/** The flows of an organisation, by their `name`: a transfer finds its target here. */
export type FlowSet = ReadonlyMap<string, Flow>;

/**
 * The words of a user prompt.
 *
 * @param name without `Prompt.`, such as `tokenline_greeting`.
 * @param language such as `en-us`.
 * @returns `null` where the organisation has no such prompt in that language.
 */
export type PromptTexts = (name: string, language: string) => string | null;

/** Everything that one call needs. `playCall` plays it. */
export interface CallSetup {
  readonly flows: FlowSet;
  /** Name of the flow that answers. A secureCall here is one that an agent has sent the caller to. */
  readonly startFlow: string;
  readonly telephone: Telephone;
  readonly dataActions: DataActions;
  /** Queues, schedules and data tables; without it, {@link Organisation}'s defaults. */
  readonly organisation?: Organisation;
  /** Genesys: `Call.ConversationId`. */
  readonly conversationId: string;
  /** The caller's number, E.164, or empty where it is withheld. */
  readonly ani: string;
  /** The number that was called, E.164. */
  readonly dnis: string;
  /** `Flow.InvocationData` of the first flow: what the agent's script gave to a secure flow. */
  readonly invocationData?: string;
  /** Participant attributes that the conversation has already. */
  readonly participantData?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Called at once for everything that happens, in order. Must not throw; may be slow. */
  readonly observe: (event: CallEvent) => void;
}

/** How a call left the flows. */
export interface CallEnd {
  readonly how:
    /** The caller hung up. */
    | { readonly kind: 'hung_up' }
    /** The flow disconnected; `fault` says why where nobody meant it to. */
    | { readonly kind: 'disconnected'; readonly fault: Fault | null }
    /** Somebody else has the call now. */
    | { readonly kind: 'transferred'; readonly target: TransferTarget }
    | { readonly kind: 'returned_to_agent' };
  /** Participant attributes at the end, by name. */
  readonly participantData: Readonly<Record<string, string>>;
  /** From answer to end, by the monotonic clock. */
  readonly durationMs: number;
  readonly actionCount: number;
}

/** A data action, as a flow calls it. */
export interface DataActionRequest {
  /** The integration, such as `Tokenline`. */
  readonly category: string;
  /** Such as `Tokenline Subscribe`. */
  readonly action: string;
  /** True for `callDataSecure`: only then may an input be a secret. */
  readonly secure: boolean;
  /**
   * By name. A secret is lent: it is wiped once the promise of `run` has settled, and whoever runs
   * the action keeps no copy.
   */
  readonly inputs: Readonly<Record<string, Value | SecretBytes>>;
}

/** What a flow learns of a data action: in voice flows a failure has no detail for the flow. */
export type DataActionResult =
  | { readonly kind: 'success'; readonly outputs: Readonly<Record<string, JsonValue>> }
  /** `reason` is for people who read the events; no flow sees it. It holds no value of an input. */
  | { readonly kind: 'failure'; readonly reason: string }
  | { readonly kind: 'timeout' };

/** Runs data actions. `openDataActions` (`data-action.ts`) does so over HTTP. */
export interface DataActions {
  /**
   * Never rejects for what an action does.
   *
   * @param timeoutMs the flow's own limit; `null` leaves it to the action's.
   */
  run(request: DataActionRequest, timeoutMs: number | null): Promise<DataActionResult>;
}

/** An action that asks the organisation: findQueue, dataTableLookup, evaluateScheduleGroup, … */
export interface LookupRequest {
  /** The action's key in the YAML. */
  readonly type: string;
  /** By name; one inside another is `evaluate.now`. */
  readonly settings: Readonly<Record<string, Value>>;
  /** Names of the paths that the flow has for the answer. */
  readonly paths: readonly string[];
}

export interface LookupAnswer {
  /** Name of the path to take: `found`, `notFound`, `open`, `success`, … */
  readonly path: string;
  readonly outputs: Readonly<Record<string, Value>>;
}

/** What a flow can ask of its organisation. `null` leaves the answer to the line's own default. */
export interface Organisation {
  lookUp(request: LookupRequest): Promise<LookupAnswer | null>;
}

/** Something that a flow ran into and that no branch of it takes. */
export interface Fault {
  /** One sentence with the name of the action. */
  readonly message: string;
  readonly position: Position;
}

/** An action of a flow, for whoever draws where the caller is. */
export interface ActionPlace {
  readonly flow: string;
  /** The task or menu that the action belongs to; the flow's own name for its start-up actions. */
  readonly part: string;
  readonly name: string;
  /** Its key in the YAML. */
  readonly type: string;
  readonly position: Position;
}

/**
 * What happens in a call, as it happens. Softphone, terminal and the player of call files show it.
 * No event carries the value of a secure variable, nor the secure inputs of a data action.
 */
export type Happening =
  | { readonly kind: 'answered'; readonly conversationId: string }
  | { readonly kind: 'flow_entered'; readonly flow: string; readonly type: FlowType }
  | { readonly kind: 'task_entered'; readonly flow: string; readonly task: string }
  | { readonly kind: 'task_left'; readonly flow: string; readonly task: string }
  | { readonly kind: 'menu_entered'; readonly flow: string; readonly menu: string }
  | { readonly kind: 'action_entered'; readonly action: ActionPlace }
  | {
      readonly kind: 'playing';
      readonly sounds: readonly Sound[];
      readonly bargeIn: boolean;
      /**
       * Where the audio comes from. Genesys queues audio and plays it when the flow next needs the
       * caller or somebody else, so the flow may be further on; `null` for the initial greeting.
       */
      readonly action: ActionPlace | null;
    }
  | { readonly kind: 'played'; readonly how: 'heard' | 'interrupted' | 'hung_up' }
  /** The flow waits for the caller. */
  | {
      readonly kind: 'listening';
      readonly to: 'digits' | 'menu';
      /** True while digits go to a secure variable: show dots. */
      readonly secure: boolean;
    }
  /** Digits, by number and not by value. */
  | {
      readonly kind: 'collected';
      readonly variable: string;
      readonly secure: boolean;
      readonly digitCount: number;
      readonly path: 'success' | 'failure';
    }
  | {
      readonly kind: 'chosen';
      readonly menu: string;
      readonly choice: string;
      readonly by: 'key' | 'speech';
    }
  | { readonly kind: 'not_chosen'; readonly menu: string; readonly repeatsLeft: number }
  | { readonly kind: 'language_set'; readonly language: string }
  | { readonly kind: 'secure'; readonly on: boolean }
  | {
      readonly kind: 'data_action_started';
      readonly category: string;
      readonly action: string;
      readonly secure: boolean;
      /** Names alone. */
      readonly inputs: readonly string[];
    }
  | {
      readonly kind: 'data_action_ended';
      readonly action: string;
      readonly result: DataActionResult;
      readonly latencyMs: number;
    }
  | {
      readonly kind: 'looked_up';
      readonly type: string;
      readonly path: string;
      /** False where the line's default answered. */
      readonly asked: boolean;
    }
  | { readonly kind: 'participant_data_set'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'screen_pop_set';
      readonly script: string;
      readonly inputs: Readonly<Record<string, Value>>;
    }
  | {
      readonly kind: 'transferred';
      readonly target: TransferTarget;
      readonly accepted: boolean;
    }
  /** Error handling of the flow takes over; inside error handling the call is disconnected. */
  | { readonly kind: 'error'; readonly flow: string; readonly fault: Fault }
  | { readonly kind: 'ended'; readonly end: CallEnd };

export type CallEvent = Happening & {
  /** Since the call was answered, by the monotonic clock. */
  readonly atMs: number;
};
