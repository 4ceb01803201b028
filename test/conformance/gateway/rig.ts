import assert from 'node:assert/strict';
import type { Card } from '../../../src/card/card.ts';
import { SecretBytes } from '../../../src/card/secret.ts';
import type {
  ChangeOrder,
  ChargeGrant,
  ChargeOrder,
  CredentialUse,
  GatewayAdapter,
  GatewayReply,
  LookUpOrder,
  LookUpReply,
  SubscribeOrder,
  SubscriptionGrant,
  TokenGrant,
  VerifyOrder,
} from '../../../src/gateway/gateway.ts';
import type { GatewayTokenizer, TokeniseOrder } from '../../../src/gateway/tokenize.ts';
import type { ErrorCode } from '../../../src/payment/outcome.ts';
import type { HttpClient } from '../../../src/system/http-client.ts';
import type { FaultyLine } from './faulty-line.ts';

/** A published Visa debit test number (https://docs.stripe.com/testing), unlike itself reversed. */
export const PAN = '4000056655665556';
export const CVV = '737';

/** Both sides of a gateway, with the client that the tokenizer's process uses. */
export interface GatewaySides {
  readonly tokenizer: GatewayTokenizer;
  readonly adapter: GatewayAdapter;
  readonly http: HttpClient;
}

export type DoubleStep = 'tokenise' | 'verify' | 'subscribe' | 'charge';

/** What an adapter's author brings: a double of the gateway on loopback, and how to open the sides. */
export interface GatewayBench {
  /** Where the double listens; the suite puts a line of its own before it. */
  readonly origin: string;
  /** The sides, pointed at `origin`. Called once for the line, and once for a closed port. */
  open(origin: string): GatewaySides;
  /** Requests for a credential, which the line's faults leave alone. */
  isCredential(path: string): boolean;
  /** True where a 401 is mended by a fresh credential. */
  readonly renewable: boolean;
  /** The gateway's decline codes that the double can give, and what they mean. */
  readonly declines: readonly { readonly code: string; readonly errorCode: ErrorCode }[];
  /** Those of them after which a stored card may not be charged again; where Tokenline charges. */
  readonly stops?: readonly string[];
  /** The double's next request of this step is declined with this code. */
  decline(step: DoubleStep, code: string): Promise<void>;
  /** The double's next request of this step is answered "later"; absent where it never is. */
  pend?(step: DoubleStep): Promise<void>;
  /** What is truly at the double. */
  effects(): Promise<{
    readonly tokens: number;
    readonly subscriptions: number;
    readonly charges: number;
  }>;
  /** An event as the gateway signs and sends it. */
  event(
    facts: { readonly idempotencyKey: string; readonly subscriptionReference: string },
    sentAtMs: number,
  ): { readonly headers: Readonly<Record<string, string>>; readonly rawBody: Buffer };
  /** Makes the double forget everything, also what it was told. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const NEVER_ABORTED = new AbortController().signal;

/** Letters only, like the keys that the product makes. */
function lettersOf(count: number): string {
  return String(count).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
}

let keyCount = 0;
export const freshKey = (): string => `op_conformance${lettersOf(++keyCount)}`;

/** Everything a test works with; it remembers all replies, to be searched for digits. */
export class Rig {
  readonly bench: GatewayBench;
  readonly line: FaultyLine;
  readonly sides: GatewaySides;
  readonly replies: unknown[] = [];

  constructor(bench: GatewayBench, line: FaultyLine, sides: GatewaySides) {
    this.bench = bench;
    this.line = line;
    this.sides = sides;
  }

  tokeniseOrder(key: string): TokeniseOrder {
    return { ...factsOf(key), face: { brand: 'visa', last4: PAN.slice(-4) } };
  }

  async tokenise(key = freshKey(), signal = NEVER_ABORTED): Promise<GatewayReply<TokenGrant>> {
    return this.#keep(await tokeniseWith(this.sides, this.tokeniseOrder(key), signal));
  }

  async verify(
    tokenReference: string,
    key = freshKey(),
    signal = NEVER_ABORTED,
  ): Promise<GatewayReply<TokenGrant>> {
    const order: VerifyOrder = { ...factsOf(key), tokenReference };
    return this.#keep(await this.sides.adapter.verify(order, signal));
  }

  async subscribe(
    tokenReference: string,
    key = freshKey(),
    signal = NEVER_ABORTED,
  ): Promise<GatewayReply<SubscriptionGrant>> {
    const order = subscribeOrder(tokenReference, key);
    return this.#keep(await this.sides.adapter.subscribe(order, signal));
  }

  async charge(
    tokenReference: string,
    key = freshKey(),
    signal = NEVER_ABORTED,
    credential = FIRST,
  ): Promise<GatewayReply<ChargeGrant>> {
    const order = chargeOrder(tokenReference, key, credential);
    return this.#keep(await this.sides.adapter.charge(order, signal));
  }

  async change(
    verb: ChangeOrder['verb'],
    subscriptionReference: string,
    extra: Partial<ChangeOrder> = {},
    key = freshKey(),
  ): Promise<GatewayReply<SubscriptionGrant>> {
    const order: ChangeOrder = {
      ...factsOf(key),
      subscriptionReference,
      verb,
      status: 'active',
      plan: null,
      tokenReference: null,
      ...extra,
    };
    return this.#keep(await this.sides.adapter.change(order, NEVER_ABORTED));
  }

  async read(subscriptionReference: string): Promise<GatewayReply<SubscriptionGrant>> {
    return this.#keep(await this.sides.adapter.read(subscriptionReference, NEVER_ABORTED));
  }

  async lookUp(
    kind: LookUpOrder['kind'],
    key: string,
    signal = NEVER_ABORTED,
    tokenReference = 'tok_any',
  ): Promise<LookUpReply> {
    const order: LookUpOrder = {
      kind,
      idempotencyKey: key,
      operationId: key,
      customerId: 'customer-ada',
      subscriptionReference: null,
      gatewayTransactionId: null,
      charge: kind === 'charge' ? chargeOrder(tokenReference, key, FIRST) : null,
    };
    return this.#keep(await this.sides.adapter.lookUp(order, signal));
  }

  /** A token that may be charged: verified where the gateway wants that. */
  async token(): Promise<string> {
    const key = freshKey();
    const tokenised = await this.tokenise(key);
    const reference = valueOf(tokenised).tokenReference;
    if (!this.sides.adapter.capabilities.verification) return reference;
    return valueOf(await this.verify(reference, key)).tokenReference;
  }

  async subscription(): Promise<string> {
    return valueOf(await this.subscribe(await this.token())).subscriptionReference;
  }

  #keep<T>(reply: T): T {
    this.replies.push(reply);
    return reply;
  }
}

export function factsOf(key: string) {
  return {
    idempotencyKey: key,
    operationId: key,
    interactionId: '3b241101-e2bb-4255-8caf-4136c566a962',
    customerId: 'customer-ada',
  };
}

export function subscribeOrder(tokenReference: string, key: string): SubscribeOrder {
  return {
    ...factsOf(key),
    tokenReference,
    planId: 'recurring_monthly_premium',
    price: { amountMinor: 2_999, currency: 'USD' },
    interval: { count: 1, unit: 'month' },
    firstChargeDate: new Date().toISOString().slice(0, 10),
    consentId: 'con_abcdefghijkmnpqrstuv',
    language: 'en-us',
  };
}

export const FIRST: CredentialUse = { use: 'first', entryMode: 'moto' };

export function chargeOrder(
  tokenReference: string,
  key: string,
  credential: CredentialUse,
): ChargeOrder {
  return {
    ...factsOf(key),
    tokenReference,
    price: { amountMinor: 2_999, currency: 'USD' },
    planId: 'recurring_monthly_premium',
    subscriptionId: 'sub_abcdefghijkmnpqrstuv',
    dueDate: new Date().toISOString().slice(0, 10),
    credential,
    consentId: 'con_abcdefghijkmnpqrstuv',
    language: 'en-us',
  };
}

export function testCard(): Card {
  return {
    pan: SecretBytes.copyOf(Buffer.from(PAN)),
    cvv: SecretBytes.copyOf(Buffer.from(CVV)),
    expiryMonth: 9,
    expiryYear: new Date().getUTCFullYear() + 3,
    postalCode: '46204',
  };
}

/** The tokenizer's part, as its process plays it: one attempt, and the body is wiped. */
export async function tokeniseWith(
  sides: GatewaySides,
  order: TokeniseOrder,
  signal: AbortSignal,
): Promise<GatewayReply<TokenGrant>> {
  const unprepared = await sides.tokenizer.prepare?.(signal);
  if (unprepared) return unprepared;
  const request = sides.tokenizer.request(testCard(), order);
  try {
    return sides.tokenizer.read(await sides.http.exchange(request, signal));
  } finally {
    request.body?.fill(0);
  }
}

/** What an approval brought. */
export function valueOf<T>(reply: GatewayReply<T>): T {
  assert.equal(reply.outcome.kind, 'approved', JSON.stringify(reply));
  if (reply.outcome.kind !== 'approved') throw new Error('not approved');
  return reply.outcome.value;
}

/** The outcome in short: `approved`, `declined cvv_mismatch`, `failed gateway_rejected`. */
export function outcomeText(reply: GatewayReply<unknown>): string {
  const { outcome } = reply;
  return 'errorCode' in outcome ? `${outcome.kind} ${outcome.errorCode}` : outcome.kind;
}
