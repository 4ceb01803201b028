import type { Clock } from '../../system/clock.ts';
import type { DataActions } from '../call.ts';
import type { EnteredCard, GatewayRecord, Given } from './step.ts';

/** What came of a call, as the gateway, billing and the ledger tell it. */
export interface Facts {
  /** The gateway's records, in the order in which they came about. */
  readonly gateway: Readonly<Record<GatewayRecord, readonly GatewayFact[]>>;
  /** Types of the events that billing took during this call, repeats left out. */
  readonly billed: readonly string[];
  /** Actions of the ledger's entries about this call. */
  readonly ledger: readonly string[];
  /** What the gateway was told to answer and was never asked for; approvals left out. */
  readonly unanswered: readonly Unanswered[];
}

/** An entry of a gateway's script, in the words of `Given`. */
export interface Unanswered {
  readonly operation: string;
  readonly answer: string;
}

export interface GatewayFact {
  /** The call that it came from; that of an earlier one where it is not of this call. */
  readonly interactionId: string;
  readonly status: string;
  readonly planId: string;
  /** Of the card that it goes with now. */
  readonly cardLast4: string;
}

/** A call that is about to be made. */
export interface CallPlace {
  readonly interactionId: string;
  readonly ani: string;
}

/** The givens that a system has to bring about; the others are the telephone's and the flow's. */
export type SystemGiven = Extract<
  Given,
  {
    kind:
      | 'gateway'
      | 'away'
      | 'switched_off'
      | 'breaker_open'
      | 'subscribed'
      | 'changed'
      | 'cards_tried'
      | 'pay_link';
  }
>;

/**
 * The system that a call is made to: bridge, tokenizer, gateway and billing. The composition root has
 * two: one of the call's own in this process, and one that runs elsewhere.
 */
export interface CallWorld {
  readonly clock: Clock;
  /**
   * Brings about what is given, in this order.
   *
   * @throws {@link NotHere} for what it cannot do.
   */
  prepare(givens: readonly SystemGiven[], place: CallPlace): Promise<void>;
  /**
   * Enters a card on the page whose link the merchant was told to send for this call.
   *
   * @returns what was in the way, in words; `null` where the page took it or declined it.
   */
  openLink(place: CallPlace, card: EnteredCard): Promise<string | null>;
  /** What calls the system's data actions, after `prepare`. */
  readonly dataActions: DataActions;
  /** Waits until nothing is left to be settled, delivered or sealed, and tells what happened. */
  facts(place: CallPlace): Promise<Facts>;
  /** Every text that the system has written or kept, by where; card digits are looked for in them. */
  traces(place: CallPlace): Promise<Readonly<Record<string, string>>>;
}

/** A given that this system cannot bring about. */
export class NotHere extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotHere';
  }
}
