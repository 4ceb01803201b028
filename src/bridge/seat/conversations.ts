/** Somebody whom Genesys has signed in. */
export interface GenesysUser {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
}

/** What Genesys gave for a code: it speaks for one user, to Genesys alone. */
export interface GenesysToken {
  readonly token: string;
  readonly endsAtMs: number;
}

/** A user's place in a conversation. */
export interface Place {
  readonly participantId: string;
  /** The caller's; `null` where they have left. */
  readonly callerParticipantId: string | null;
  /** False for somebody who only listens in, and once they or the caller have left. */
  readonly mayBeginEntry: boolean;
}

/** What the secure flow reads: `genesys/flows/card-capture-agent.yaml`. */
export type EntryAttributes = Readonly<Record<string, string>>;

/**
 * Genesys, asked with an agent's own token. Every method throws a `Fault`: `signed_out` where the token
 * is worth nothing any more, `genesys_unavailable` where nobody answers, `genesys_refused` where
 * Genesys will not do it.
 */
export interface Conversations {
  /** @throws {Fault} `signed_out` for a code that is used up, too old, or for another page. */
  redeem(code: string, verifier: string): Promise<GenesysToken>;
  userOf(token: string): Promise<GenesysUser>;
  /** `null` where the user takes no part in the conversation, or there is none. */
  placeOf(token: string, userId: string, conversationId: string): Promise<Place | null>;
  /**
   * Sends the caller to the secure flow, with what it needs; they come back to the agent after it.
   *
   * @returns Genesys' id of the secure session.
   */
  beginEntry(
    token: string,
    conversationId: string,
    place: Place,
    attributes: EntryAttributes,
  ): Promise<string>;
}
