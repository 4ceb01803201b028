import type { Card, CardFace } from '../card/card.ts';
import type { HttpRequest, Exchange } from '../system/http-client.ts';
import type { CallFacts, GatewayReply, TokenGrant } from './gateway.ts';

export interface TokeniseOrder extends CallFacts {
  readonly face: CardFace;
}

/**
 * The digit side of a gateway: builds one request as bytes and reads its answer. It does no input
 * or output itself, keeps nothing, and makes no string of a secret.
 */
export interface GatewayTokenizer {
  readonly name: string;
  /** The gateway's origin, such as `https://api.example.com`. */
  readonly origin: string;
  /**
   * Waits for what a request needs first, such as a bearer; the caller asks before every attempt.
   * `null` when all is there, otherwise the reply: nothing of the operation has been sent.
   */
  prepare?(signal: AbortSignal): Promise<GatewayReply<never> | null>;
  /**
   * The request. Its body is a fresh buffer of more than 64 bytes, which the caller fills with
   * zeros; on a retry it is built again from the card.
   */
  request(card: Card, order: TokeniseOrder): HttpRequest;
  read(exchange: Exchange): GatewayReply<TokenGrant>;
  /** Gets a fresh credential after a 401; `false` where there is none to get. */
  renewCredential(): Promise<boolean>;
}
