import type { Language } from '../payment/language.ts';
import type { CallFacts, GatewayReply, TokenGrant } from './gateway.ts';

/**
 * Pages of the gateway's own on which a customer enters a card while the caller waits (pay-by-link).
 * The card goes from the customer's browser to the gateway: nothing of ours is on its way.
 */
export interface HostedPages {
  /** The shortest and the longest time that the gateway keeps a page open, milliseconds. */
  readonly openMsMin: number;
  readonly openMsMax: number;
  /** Makes a page. Under the same key it is the same page; nothing is charged. */
  open(order: PageOrder, signal: AbortSignal): Promise<GatewayReply<OpenedPage>>;
  /** How a page stands, found by its name at the gateway, or by the operation where that was lost. */
  find(order: PageLookUp, signal: AbortSignal): Promise<PageFinding>;
  /**
   * Closes a page that is open. What came of it is looked up: one that was finished a moment before
   * stays finished.
   */
  close(order: PageLookUp & { readonly pageReference: string }, signal: AbortSignal): Promise<void>;
}

export interface PageOrder extends CallFacts {
  /** Of the page, where the gateway speaks it. */
  readonly language: Language;
  /** When the gateway closes it by itself, milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Where the customer's browser goes afterwards; `null` where the gateway has an end of its own. */
  readonly returnUrl: string | null;
}

export interface OpenedPage {
  /** The gateway's own name for it. */
  readonly pageReference: string;
  readonly url: string;
}

export interface PageLookUp {
  readonly idempotencyKey: string;
  readonly operationId: string;
  readonly customerId: string;
  /** `null` where the answer to its making was lost. */
  readonly pageReference: string | null;
}

/** A page as the gateway has it now. */
export type HostedPage =
  | {
      readonly status: 'open';
      /** Cards that were declined on it so far; the customer may try another one. */
      readonly declines: number;
    }
  | {
      readonly status: 'complete';
      readonly token: TokenGrant;
      readonly brand: string;
      readonly last4: string;
      readonly gatewayTransactionId: string | null;
    }
  | { readonly status: 'expired' };

export type PageFinding =
  | { readonly kind: 'page'; readonly pageReference: string; readonly page: HostedPage }
  /** The gateway answered that it has no such page. */
  | { readonly kind: 'absent' }
  /** It did not answer readably; nothing has been learnt. */
  | { readonly kind: 'unanswered' };
