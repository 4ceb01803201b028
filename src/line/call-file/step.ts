import type { Position } from '../../architect/position.ts';

/** What holds before the telephone rings. */
export type Given =
  /** What the gateway does with the next requests of this call, one entry a request. */
  | {
      readonly kind: 'gateway';
      readonly operation: string;
      readonly answers: readonly string[];
    }
  | { readonly kind: 'away'; readonly who: 'billing' | 'directory' | 'bridge' | 'tokenizer' }
  | { readonly kind: 'switched_off'; readonly reason: string }
  | { readonly kind: 'breaker_open' }
  /** An enrolment of the same caller on an earlier call; `null` is the first plan. */
  | { readonly kind: 'subscribed'; readonly planId: string | null }
  | { readonly kind: 'changed'; readonly verb: 'pause' | 'cancel' }
  /** Declined cards of the same caller on earlier calls. */
  | { readonly kind: 'cards_tried'; readonly count: number }
  | { readonly kind: 'time'; readonly atMs: number }
  | { readonly kind: 'flow'; readonly name: string }
  | { readonly kind: 'invocation_data'; readonly text: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string }
  /** `only`: the card is entered on a page. `choice`: there, or by keypad. */
  | { readonly kind: 'pay_link'; readonly use: 'only' | 'choice' }
  | { readonly kind: 'transfer_fails' }
  | { readonly kind: 'data_action'; readonly action: string; readonly fates: readonly Fate[] };

/** How a data action goes when it is not left to the system: as a flow sees it. */
export type Fate = 'succeeds' | 'fails' | 'times out';

/** A card as it is entered on a page. */
export interface EnteredCard {
  readonly number: string;
  /** `12/34`. */
  readonly expiry: string;
  readonly cvv: string;
}

/** What the caller does. */
export type Move =
  | { readonly kind: 'hears'; readonly words: string; readonly wanted: boolean }
  /** Keys, `0` to `9`, `*` and `#`; `interrupts` does not wait for the end of a prompt. */
  | { readonly kind: 'dials'; readonly keys: string; readonly interrupts: boolean }
  | { readonly kind: 'says'; readonly words: string }
  /** Opens the link that the merchant has sent for this call, and enters a card on its page. */
  | { readonly kind: 'opens_link'; readonly card: EnteredCard }
  /** Says and keys nothing; `null` is until the flow goes on by itself. */
  | { readonly kind: 'waits'; readonly durationMs: number | null }
  /** `during` is a data action, which has been sent when the caller goes. */
  | { readonly kind: 'hangs_up'; readonly during: string | null };

/** How a number is compared. */
export interface Count {
  readonly count: number;
  /** `null` is all of them. */
  readonly type: string | null;
}

/** What has to be true when the call is over and everything has settled. */
export type Expectation =
  | { readonly kind: 'outcome'; readonly outcome: string }
  | {
      readonly kind: 'attribute';
      readonly name: string;
      readonly how: 'is' | 'contains' | 'is not set';
      readonly value: string;
    }
  | ({ readonly kind: 'billing' } & Count)
  | ({ readonly kind: 'gateway'; readonly isNew: boolean; readonly type: GatewayRecord } & Pick<
      Count,
      'count'
    >)
  | {
      readonly kind: 'subscription';
      readonly field: 'status' | 'plan' | 'card';
      readonly value: string;
    }
  | {
      readonly kind: 'transferred';
      readonly queue: string;
      readonly skill: string | null;
      readonly priority: number | null;
    }
  | { readonly kind: 'not_transferred' }
  | { readonly kind: 'ended'; readonly how: EndWord }
  | { readonly kind: 'note'; readonly words: string; readonly wanted: boolean }
  | { readonly kind: 'ledger'; readonly action: string; readonly wanted: boolean }
  | { readonly kind: 'ran'; readonly action: string; readonly count: number }
  | { readonly kind: 'line_time'; readonly atMostMs: number };

export type GatewayRecord = 'tokens' | 'subscriptions' | 'charges';

/** How a call can have ended, in a file's words. */
export const END_WORDS = {
  'the call ended': null,
  'the caller hung up': 'hung_up',
  'the flow hung up': 'disconnected',
  'returned to the agent': 'returned_to_agent',
  /** A fault that the flow was disconnected for, such as a failed transfer out of a secure flow. */
  'the flow failed': 'failed',
} as const;
export type EndWord = keyof typeof END_WORDS;

/** One line of a call file. */
export type Step = { readonly position: Position; readonly text: string } & (
  | { readonly verb: 'given'; readonly given: Given }
  | { readonly verb: 'ani'; readonly ani: string }
  | { readonly verb: 'move'; readonly move: Move }
  | { readonly verb: 'then'; readonly expectation: Expectation }
);

/** A call file as it was read. */
export interface CallFile {
  readonly file: string;
  /** Its first line, and the heading of its page. */
  readonly title: string;
  readonly givens: readonly Extract<Step, { verb: 'given' }>[];
  /** E.164; empty is a withheld number. */
  readonly ani: string;
  readonly moves: readonly Extract<Step, { verb: 'move' }>[];
  readonly expectations: readonly Extract<Step, { verb: 'then' }>[];
  /** As it was written, for its page. */
  readonly source: string;
}
