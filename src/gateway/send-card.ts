/**
 * How a flow sends a card to a gateway itself (`capture: direct`): the request of a Genesys data action,
 * as Velocity templates. A gateway's own is beside its `tokenize.ts`, which sends the same as bytes.
 */
export interface SendCardRequest {
  /** Below the gateway's address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Inputs: `SEND_CARD_INPUTS` of the contract. Every one is escaped as the body wants it. */
  readonly body: string;
  /** JSONPath of the token in a 2xx. */
  readonly tokenAt: string;
}
