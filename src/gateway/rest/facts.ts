import { decimalText } from '../../payment/money.ts';
import type {
  CallFacts,
  ChangeOrder,
  ChargeOrder,
  LookUpOrder,
  SubscribeOrder,
  VerifyOrder,
} from '../gateway.ts';
import type { StepName } from './mapping.ts';

/** Digits that may stand in the body of `tokenise` and nowhere else. Only `tokenize.ts` has them. */
export const SECRET_FACTS = ['pan', 'cvv'] as const;
export type SecretFact = (typeof SECRET_FACTS)[number];

/** What else is of a card: in the body of `tokenise` only. */
export const CARD_FACTS = [
  'expiry_month',
  'expiry_year',
  'expiry_yy',
  'expiry_mmyy',
  'expiry_yyyy_mm',
  'postal_code',
] as const;

const CALL_FACTS = ['idempotency_key', 'operation_id', 'interaction_id', 'customer_id'] as const;
const FACE_FACTS = ['card_brand', 'card_last4'] as const;
const PLAN_FACTS = [
  'plan_id',
  'plan_reference',
  'amount',
  'amount_minor',
  'currency',
  'interval_count',
  'interval_unit',
] as const;
const SUBSCRIBE_FACTS = [
  'token',
  ...PLAN_FACTS,
  'first_charge_date',
  'consent_id',
  'language',
] as const;
const CHARGE_FACTS = [
  'token',
  'plan_id',
  'plan_reference',
  'amount',
  'amount_minor',
  'currency',
  'subscription_id',
  'due_date',
  'consent_id',
  'language',
  'credential_use',
  'entry_mode',
  'network_transaction_id',
] as const;

export const FACTS = [
  ...SECRET_FACTS,
  ...CARD_FACTS,
  ...CALL_FACTS,
  ...FACE_FACTS,
  ...SUBSCRIBE_FACTS,
  'subscription_id',
  'due_date',
  'credential_use',
  'entry_mode',
  'network_transaction_id',
] as const;
export type Fact = (typeof FACTS)[number];

/** Which facts a step has. */
export const FACTS_OF_STEP: Readonly<Record<StepName, readonly Fact[]>> = {
  tokenise: [...CALL_FACTS, ...SECRET_FACTS, ...CARD_FACTS, ...FACE_FACTS],
  verify: [...CALL_FACTS, 'token'],
  subscribe: [...CALL_FACTS, ...SUBSCRIBE_FACTS],
  read: ['subscription_id'],
  cancel: [...CALL_FACTS, 'subscription_id'],
  pause: [...CALL_FACTS, 'subscription_id'],
  resume: [...CALL_FACTS, 'subscription_id'],
  change_plan: [...CALL_FACTS, 'subscription_id', ...PLAN_FACTS],
  change_card: [...CALL_FACTS, 'subscription_id', 'token'],
  charge: [...CALL_FACTS, ...CHARGE_FACTS],
};

export const FACTS_OF_LOOK_UP: readonly Fact[] = [
  'idempotency_key',
  'operation_id',
  'customer_id',
  'subscription_id',
];

/** A fact that is not there is left out of a body. */
export type Facts = Readonly<Partial<Record<Fact, string | number | null>>>;

/** The gateway's own id of a plan, where it has one. */
export type PlanReferences = ReadonlyMap<string, string>;

export function callFacts(order: CallFacts): Facts {
  return {
    idempotency_key: order.idempotencyKey,
    operation_id: order.operationId,
    interaction_id: order.interactionId,
    customer_id: order.customerId,
  };
}

function planFacts(plan: NonNullable<ChangeOrder['plan']>, references: PlanReferences): Facts {
  return {
    ...priceFacts(plan.id, plan.price, references),
    interval_count: plan.interval.count,
    interval_unit: plan.interval.unit,
  };
}

function priceFacts(
  planId: string,
  price: SubscribeOrder['price'],
  references: PlanReferences,
): Facts {
  return {
    plan_id: planId,
    plan_reference: references.get(planId) ?? planId,
    amount: decimalText(price),
    amount_minor: price.amountMinor,
    currency: price.currency,
  };
}

export function verifyFacts(order: VerifyOrder): Facts {
  return { ...callFacts(order), token: order.tokenReference };
}

export function subscribeFacts(order: SubscribeOrder, references: PlanReferences): Facts {
  const plan = { id: order.planId, price: order.price, interval: order.interval };
  return {
    ...callFacts(order),
    ...planFacts(plan, references),
    token: order.tokenReference,
    first_charge_date: order.firstChargeDate,
    consent_id: order.consentId,
    language: order.language,
  };
}

export function changeFacts(order: ChangeOrder, references: PlanReferences): Facts {
  return {
    ...callFacts(order),
    ...(order.plan !== null && planFacts(order.plan, references)),
    subscription_id: order.subscriptionReference,
    token: order.tokenReference,
  };
}

export function chargeFacts(order: ChargeOrder, references: PlanReferences): Facts {
  const { credential } = order;
  return {
    ...callFacts(order),
    ...priceFacts(order.planId, order.price, references),
    token: order.tokenReference,
    subscription_id: order.subscriptionId,
    due_date: order.dueDate,
    consent_id: order.consentId,
    language: order.language,
    credential_use: credential.use,
    entry_mode: credential.use === 'first' ? credential.entryMode : null,
    network_transaction_id: credential.use === 'recurring' ? credential.networkTransactionId : null,
  };
}

export function lookUpFacts(order: LookUpOrder): Facts {
  return {
    idempotency_key: order.idempotencyKey,
    operation_id: order.operationId,
    customer_id: order.customerId,
    subscription_id: order.subscriptionReference,
  };
}
