/** How the customer gets the address of a page: the merchant's own system sends it. */
export const LINK_CHANNELS = ['sms', 'email'] as const;
export type LinkChannel = (typeof LINK_CHANNELS)[number];

/** How pay-by-link is used. */
export interface LinkPolicy {
  /** `choice`: beside the keypad, for whoever wants it. `only`: no card is keyed in a call. */
  readonly use: 'off' | 'choice' | 'only';
  /** Where the request does not say. */
  readonly channel: LinkChannel;
  /** How long the page stays open. */
  readonly openMs: number;
  /** After this time a caller who waits for it is sent to a person, and the page is closed. */
  readonly waitMsMax: number;
  /** How long the merchant's system may take to accept the event that has the link sent. */
  readonly sendMsMax: number;
  /** After this time without a word from the call the caller is taken to have hung up. */
  readonly goneMs: number;
  /** Where the browser goes when the card is in; `null` where the gateway has an end of its own. */
  readonly returnUrl: string | null;
}

/** What the merchant's system is told of links. */
export type LinkEventType = 'payment_link.created' | 'payment_link.not_enrolled';
