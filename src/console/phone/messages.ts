/**
 * What goes over the socket of a call, as far as the page looks at it. The line process has the
 * whole of it (`src/line/browser/messages.ts`); this room imports nothing and talks HTTP.
 */
export interface Piece {
  readonly kind: 'clip' | 'silence';
  readonly key?: string;
  readonly durationMs?: number;
  readonly words: string;
}

export interface ActionPlace {
  readonly flow: string;
  readonly part: string;
  readonly name: string;
  readonly type: string;
  readonly position: { readonly line: number };
}

export type CallEvent =
  | { readonly kind: 'answered'; readonly conversationId: string }
  | { readonly kind: 'flow_entered'; readonly flow: string; readonly type: string }
  | { readonly kind: 'task_entered'; readonly flow: string; readonly task: string }
  | { readonly kind: 'menu_entered'; readonly flow: string; readonly menu: string }
  | { readonly kind: 'action_entered'; readonly action: ActionPlace }
  | { readonly kind: 'listening'; readonly to: 'digits' | 'menu'; readonly secure: boolean }
  | {
      readonly kind: 'collected';
      readonly secure: boolean;
      readonly digitCount: number;
      readonly path: 'success' | 'failure';
    }
  | { readonly kind: 'chosen'; readonly choice: string; readonly by: 'key' | 'speech' }
  | { readonly kind: 'language_set'; readonly language: string }
  | { readonly kind: 'secure'; readonly on: boolean }
  | { readonly kind: 'data_action_started'; readonly action: string; readonly secure: boolean }
  | {
      readonly kind: 'data_action_ended';
      readonly action: string;
      readonly result: 'success' | 'failure' | 'timeout';
      readonly detail: string;
      readonly latencyMs: number;
    }
  | { readonly kind: 'participant_data_set'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'transferred';
      readonly target: { readonly kind: string; readonly queue?: string };
      readonly accepted: boolean;
    }
  | { readonly kind: 'error'; readonly fault: { readonly message: string } }
  | { readonly kind: 'task_left' | 'not_chosen' | 'looked_up' };

export type FromLine =
  | {
      readonly type: 'play';
      readonly id: number;
      readonly pieces: readonly Piece[];
      readonly bargeIn: boolean;
    }
  | { readonly type: 'stop'; readonly id: number }
  | { readonly type: 'event'; readonly event: CallEvent }
  | { readonly type: 'with_agent'; readonly address: string }
  | { readonly type: 'over'; readonly how: string };

export interface Row {
  readonly kind: 'action' | 'path';
  readonly line: number;
  readonly depth: number;
  readonly name: string;
  readonly type: string;
  readonly leadsTo: string;
  readonly secure: boolean;
}

export interface Part {
  readonly name: string;
  readonly kind: 'task' | 'menu' | 'start';
  readonly rows: readonly Row[];
  readonly leadsTo: readonly string[];
  readonly column: number;
}

export interface FlowPicture {
  readonly name: string;
  readonly secure: boolean;
  readonly parts: readonly Part[];
}

export interface Setup {
  readonly number: string;
  readonly startFlow: string;
  readonly customers: readonly {
    readonly ani: string;
    readonly id: string;
    readonly language: string;
    readonly name: string;
  }[];
  readonly cards: readonly {
    readonly brand: string;
    readonly digits: string;
    readonly effect: string;
    readonly expiry: string;
    readonly cvv: string;
  }[];
  readonly scenarios: readonly {
    readonly key: string;
    readonly title: string;
    readonly effect: string;
  }[];
  readonly flows: readonly FlowPicture[];
}
