import { decimalText, parseAmount, type Money } from '../payment/money.ts';
import { chargeDate, dateIn, type Interval, type IsoDate } from '../payment/plan.ts';
import { mayApply, statusAfter, type SubscriptionVerb } from '../payment/subscription.ts';
import type { Clock } from '../system/clock.ts';
import { newId, type Randomness } from '../system/randomness.ts';
import { brandOf, chargingWord, formWord, storingWord } from './issuer.ts';
import type {
  Answer,
  ChargeRecord,
  Ledger,
  Origin,
  SubscriptionRecord,
  TokenRecord,
} from './ledger.ts';
import type { Decision } from './operations.ts';
import { invalidRequest, notFound, Refusal } from './refusal.ts';
import type {
  ChangeCardRequest,
  ChangePlanRequest,
  ChargeRequest,
  SubscriptionRequest,
  TokenRequest,
} from './requests.ts';

/** What the gateway's decisions rest on. */
export interface World {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly timeZone: string;
  readonly verification: boolean;
  readonly subscriptions: boolean;
}

const SENTENCES: Readonly<Record<string, string>> = {
  CVV_Mismatch: 'The security code does not match.',
  Insufficient_Funds: 'The account has not enough money.',
  Expired_Card: 'The card has expired.',
};

/** A decline in the guide's form: 402 with `error_code` ("Invalid Card Data Masking"). */
export function declined(word: string, gatewayTransactionId: string): Answer {
  const message = SENTENCES[word] ?? 'The card was declined.';
  const body = { error_code: word, message, gateway_transaction_id: gatewayTransactionId };
  return { status: 402, body };
}

/** The day that it is where the merchant is. */
export function today(world: World): IsoDate {
  return dateIn(world.timeZone, world.clock.now());
}

/** `POST /v1/tokens`. The PAN and the CVV are read here and go nowhere. */
export function tokenize(
  world: World,
  request: TokenRequest,
  origin: Origin,
  word: string | null,
): Decision {
  const last4 = request.card_number.slice(-4);
  const card = {
    number: request.card_number,
    cvv: request.cvv,
    expiryMonth: Number(request.expiry_month),
    expiryYear: fourDigitYear(Number(request.expiry_year)),
  };
  const said =
    word ??
    formWord(card, today(world).slice(0, 7)) ??
    (world.verification ? null : storingWord(last4));
  if (said !== null) return { answer: declined(said, origin.gateway_transaction_id) };
  const token: TokenRecord = {
    ...origin,
    token_id: newId('tok', world.randomness),
    customer_id: request.customer_id,
    card_brand: brandOf(request.card_number),
    card_last4: last4,
    status: world.verification ? 'unverified' : 'active',
    network_transaction_id: newId('ntx', world.randomness),
  };
  return { answer: { status: 200, body: tokenBody(token, origin) }, token };
}

function fourDigitYear(year: number): number {
  return year >= 0 && year < 100 ? 2000 + year : year;
}

function tokenBody(token: TokenRecord, origin: Origin): Answer['body'] {
  return {
    token_id: token.token_id,
    status: token.status,
    card_brand: token.card_brand,
    card_last4: token.card_last4,
    gateway_transaction_id: origin.gateway_transaction_id,
    network_transaction_id: token.network_transaction_id,
  };
}

/** `POST /v1/tokens/{id}/verify`: asks the issuer about a card that is stored already. */
export function verify(
  world: World,
  tokenId: string,
  origin: Origin,
  word: string | null,
): Decision {
  const token = world.ledger.token(tokenId);
  if (!token) throw notFound('token');
  const said = word ?? storingWord(token.card_last4);
  if (said !== null) {
    const answer = declined(said, origin.gateway_transaction_id);
    return { answer, token: { ...token, status: 'refused' } };
  }
  const active: TokenRecord = { ...token, status: 'active' };
  return { answer: { status: 200, body: tokenBody(active, origin) }, token: active };
}

function moneyOf(request: { amount: string | number; currency: string }): Money {
  const money = parseAmount(request.amount, request.currency);
  if (money === null) throw invalidRequest('/amount is no amount of this currency');
  return money;
}

function intervalOf(request: ChangePlanRequest | SubscriptionRequest): Interval {
  return { count: request.interval_count, unit: request.interval_unit };
}

function ownToken(world: World, tokenId: string, customerId: string): TokenRecord {
  const token = world.ledger.token(tokenId);
  if (!token) throw notFound('token');
  if (token.customer_id !== customerId) {
    throw invalidRequest('/payment_method_token belongs to another customer');
  }
  return token;
}

/** `POST /v1/subscriptions`: charges at once unless the first charge is on a later day. */
export function subscribe(
  world: World,
  request: SubscriptionRequest,
  origin: Origin,
  word: string | null,
): Decision {
  const token = ownToken(world, request.payment_method_token, request.customer_id);
  const money = moneyOf(request);
  const first = request.first_charge_date ?? today(world);
  const chargedNow = first <= today(world);
  const said = word ?? (chargedNow ? chargingWord : storingWord)(token.card_last4);
  if (said !== null) return { answer: declined(said, origin.gateway_transaction_id) };
  const interval = intervalOf(request);
  const subscription: SubscriptionRecord = {
    ...origin,
    subscription_id: newId('sub', world.randomness),
    customer_id: request.customer_id,
    token_id: token.token_id,
    plan_id: request.plan_id,
    amount: decimalText(money),
    currency: money.currency,
    interval,
    status: 'active',
    first_charge_date: first,
    next_charge_date: chargedNow ? chargeDate(first, interval, 1) : first,
    changes: [],
  };
  const answer = { status: 200, body: subscriptionBody(subscription, origin) };
  if (!chargedNow) return { answer, subscription };
  const made: ChargeRecord = {
    ...origin,
    charge_id: newId('chg', world.randomness),
    subscription_id: subscription.subscription_id,
    token_id: token.token_id,
    amount: subscription.amount,
    currency: subscription.currency,
  };
  return { answer, subscription, charge: made };
}

/** `POST /v1/charges`: the merchant's own schedule charges a stored card. */
export function charge(
  world: World,
  request: ChargeRequest,
  origin: Origin,
  word: string | null,
): Decision {
  const token = ownToken(world, request.payment_method_token, request.customer_id);
  const money = moneyOf(request);
  const said = word ?? chargingWord(token.card_last4);
  if (said !== null) return { answer: declined(said, origin.gateway_transaction_id) };
  const made: ChargeRecord = {
    ...origin,
    charge_id: newId('chg', world.randomness),
    subscription_id: request.subscription_id,
    token_id: token.token_id,
    amount: decimalText(money),
    currency: money.currency,
    due_date: request.due_date,
    initiator: request.stored_credential.initiator,
  };
  const body = {
    charge_id: made.charge_id,
    amount: made.amount,
    currency: made.currency,
    gateway_transaction_id: origin.gateway_transaction_id,
    network_transaction_id: newId('ntx', world.randomness),
  };
  return { answer: { status: 200, body }, charge: made };
}

export function subscriptionBody(
  subscription: SubscriptionRecord,
  origin: Origin = subscription,
): Answer['body'] {
  return {
    subscription_id: subscription.subscription_id,
    status: subscription.status,
    next_charge_date: subscription.next_charge_date,
    gateway_transaction_id: origin.gateway_transaction_id,
    amount: subscription.amount,
    currency: subscription.currency,
    plan_id: subscription.plan_id,
  };
}

/** What a change asks for beyond its verb. */
export interface Wanted {
  readonly plan?: ChangePlanRequest;
  readonly card?: ChangeCardRequest;
}

/** `POST /v1/subscriptions/{id}/cancel|pause|resume|change-plan|change-card`. */
export function change(
  world: World,
  subscriptionId: string,
  verb: SubscriptionVerb,
  wanted: Wanted,
  origin: Origin,
  word: string | null,
): Decision {
  const before = world.ledger.subscription(subscriptionId);
  if (!before) throw notFound('subscription');
  if (word !== null) return { answer: declined(word, origin.gateway_transaction_id) };
  if (!mayApply(verb, before.status)) {
    throw new Refusal(
      400,
      'Invalid_State',
      `a subscription that is ${before.status} takes no ${verb}`,
    );
  }
  const { plan, card } = wanted;
  const token = card && ownToken(world, card.payment_method_token, before.customer_id);
  const said = token ? storingWord(token.card_last4) : null;
  if (said !== null) return { answer: declined(said, origin.gateway_transaction_id) };
  const money = plan && moneyOf(plan);
  const status = statusAfter(verb, before.status);
  const subscription: SubscriptionRecord = {
    ...before,
    ...(money && { amount: decimalText(money), currency: money.currency }),
    ...(plan && { plan_id: plan.plan_id, interval: intervalOf(plan) }),
    ...(token && { token_id: token.token_id }),
    status,
    next_charge_date: nextCharge(world, before, verb),
    changes: [...before.changes, { ...origin, verb }],
  };
  return { answer: { status: 200, body: subscriptionBody(subscription, origin) }, subscription };
}

function nextCharge(
  world: World,
  before: SubscriptionRecord,
  verb: SubscriptionVerb,
): IsoDate | null {
  if (verb === 'cancel' || verb === 'pause') return null;
  if (verb !== 'resume') return before.next_charge_date;
  const { first_charge_date: first, interval } = before;
  let periods = 0;
  while (chargeDate(first, interval, periods) <= today(world)) periods++;
  return chargeDate(first, interval, periods);
}
