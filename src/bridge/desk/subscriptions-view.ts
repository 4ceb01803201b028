import type {
  AgreedTo,
  SubscriptionEventRow,
  SubscriptionRow,
  SubscriptionsFilter,
  SubscriptionsView,
  SubscriptionView,
} from '../../contract/console-subscriptions.ts';
import { intervalText } from '../../payment/consent.ts';
import { Fault } from '../../payment/fault.ts';
import { amountText } from '../../payment/money.ts';
import { SUBSCRIPTION_STATUSES } from '../../payment/subscription.ts';
import {
  EVERY_OPERATION,
  listOperations,
  readEvents,
  type ToldEvent,
} from '../../store/stories.ts';
import {
  countSubscriptions,
  findAgreement,
  findListed,
  listSubscriptions,
  readPeriods,
  type Agreement,
  type ListedSubscription,
} from '../../store/subscription-list.ts';
import type { Bridge } from '../bridge.ts';
import { isOwn } from '../own.ts';
import { iso, operationRow } from './operations-view.ts';
import { deliveryOf } from './operation-story.ts';

/** As many as somebody reads at once. */
const ROWS = 50;
/** Of one subscription: two years of monthly charges with their tries fit. */
const OF_ONE_MAX = 100;
/** In which the console speaks of plans and amounts. */
const LANGUAGE = 'en-us';

function planName({ plans }: Bridge, planId: string): string {
  return plans.find((plan) => plan.id === planId)?.name[LANGUAGE] ?? planId;
}

function shownRow(
  bridge: Bridge,
  { subscription, createdAtMs }: ListedSubscription,
): SubscriptionRow {
  const { planId, price, interval, cardBrand, cardLast4 } = subscription;
  return {
    subscription_id: subscription.id,
    customer_id: subscription.customerId,
    plan_id: planId,
    plan_name: planName(bridge, planId),
    status: subscription.status,
    amount_text: amountText(price, LANGUAGE),
    interval_text: intervalText(bridge.prompts[LANGUAGE], interval),
    next_charge_date: subscription.nextChargeDate ?? '',
    card: `${cardBrand} ${cardLast4}`,
    created_at: iso(createdAtMs),
  };
}

/** The newest subscriptions of those that are wanted, and how many there are of everything. */
export async function subscriptionsView(
  bridge: Bridge,
  asked: SubscriptionsFilter,
): Promise<SubscriptionsView> {
  const { store } = bridge;
  const { before } = asked;
  if (before !== undefined && (await findListed(store, before)) === null) {
    throw new Fault('unknown_resource', 'The list cannot go on from there; begin it again.');
  }
  const filter = {
    status: asked.status ?? null,
    planId: asked.plan ?? null,
    customerId: asked.customer ?? null,
    beforeId: before ?? null,
  };
  const [rows, counts] = await Promise.all([
    listSubscriptions(store, filter, ROWS + 1),
    countSubscriptions(store),
  ]);
  const shown = counts.map(({ planId, status, count }) => ({
    plan_id: planId,
    plan_name: planName(bridge, planId),
    status,
    count,
  }));
  return {
    rows: rows.slice(0, ROWS).map((row) => shownRow(bridge, row)),
    more: rows.length > ROWS,
    statuses: SUBSCRIPTION_STATUSES,
    counts: shown.sort((a, b) => a.plan_name.localeCompare(b.plan_name)),
  };
}

/** One subscription: what was agreed to, what is charged, and everything that was done with it. */
export async function subscriptionView(bridge: Bridge, id: string): Promise<SubscriptionView> {
  const { store } = bridge;
  const found = await findListed(store, id);
  if (!found) throw new Fault('unknown_resource', 'There is no such subscription.');
  const { subscription } = found;
  const [periods, operations, events, agreed] = await Promise.all([
    readPeriods(store, id, OF_ONE_MAX),
    listOperations(store, { ...EVERY_OPERATION, subscriptionId: id }, OF_ONE_MAX),
    readEvents(store, { subscriptionId: id }, OF_ONE_MAX),
    findAgreement(store, subscription.consentId),
  ]);
  return {
    ...shownRow(bridge, found),
    gateway: subscription.gateway,
    gateway_subscription: isOwn(subscription) ? '' : subscription.gatewayReference,
    confirmation_code: subscription.confirmationCode,
    language: subscription.language,
    charged_by: isOwn(subscription) ? 'tokenline' : 'gateway',
    open_operation: found.openOperation ?? '',
    periods: periods.map(({ amountMinor, currency, ...period }) => ({
      due_date: period.dueDate,
      amount_text: amountText({ amountMinor, currency }, LANGUAGE),
      tries: period.tries,
      state: period.state,
      operation_id: period.operationId ?? '',
    })),
    operations: operations.map(operationRow),
    events: events.toReversed().map(eventRow),
    agreed: agreed && agreedTo(agreed),
  };
}

function eventRow(event: ToldEvent): SubscriptionEventRow {
  return {
    event_id: event.id,
    sequence: event.sequence,
    type: event.type,
    made_at: iso(event.createdAtMs),
    state: deliveryOf(event),
    at: iso(event.deliveredAtMs ?? event.deadAtMs),
    operation_id: event.operationId,
  };
}

function agreedTo(agreement: Agreement): AgreedTo {
  return {
    consent_id: agreement.consentId,
    at: iso(agreement.atMs),
    key: agreement.keyPressed,
    language: agreement.language,
    version: agreement.version,
    text: agreement.text,
    text_fingerprint: agreement.textHash,
    interaction_id: agreement.interactionId,
  };
}
