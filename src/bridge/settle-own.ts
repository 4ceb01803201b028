import type { ChargeGrant, ChargeOrder, LookUpReply } from '../gateway/gateway.ts';
import { SUBSCRIPTION_VERBS } from '../payment/subscription.ts';
import type { Operation } from '../store/operations.ts';
import { findScheduled } from '../store/scheduled.ts';
import { findToken } from '../store/subscriptions.ts';
import type { Bridge } from './bridge.ts';
import { changeOwn } from './change-own.ts';
import { endCharge } from './charge-end.ts';
import { conclude, refusedEnding } from './conclude.ts';
import { SYSTEM_ACTOR } from './entry.ts';
import { chargeOrder, ownFactsOf } from './own.ts';
import { endSeen, enrolmentOf, mayBeSent, type Ender } from './settle-subscription.ts';
import { endOwnSubscribe, nothingToCharge } from './subscribe-own.ts';
import { subscriptionAnswer, untold } from './subscription-answer.ts';
import { termsOf } from './terms.ts';

/** The charge that an operation makes, as it is sent; `null` where it makes none. */
export async function ownChargeOf(
  bridge: Bridge,
  operation: Operation,
): Promise<ChargeOrder | null> {
  const facts = ownFactsOf(operation);
  if (facts === null || facts.use === 'none') return null;
  const token = await findToken(bridge.store, operation.tokenId ?? '');
  if (!token) throw new Error('a charge in doubt has lost its card');
  return chargeOrder(operation, token);
}

/**
 * Ends an operation of our own that asks no gateway: its process died, or it waits for a charge.
 *
 * @returns `open` while it waits, `null` where it is not one of these.
 */
export async function endOwn(
  bridge: Bridge,
  operation: Operation,
): Promise<'ended' | 'open' | null> {
  const facts = ownFactsOf(operation);
  if (facts === null || facts.use !== 'none') return null;
  if (operation.kind === 'subscribe') {
    const { enrolment, mayRepeat } = await enrolmentOf(bridge, operation);
    if (mayRepeat) {
      const reply = nothingToCharge();
      await endOwnSubscribe(bridge, SYSTEM_ACTOR, operation, enrolment, reply, 'by_look_up');
      return 'ended';
    }
    const errorCode = 'gateway_timeout';
    const failed = untold({ kind: 'failed', errorCode });
    const answer = subscriptionAnswer(bridge, operation, failed, null, errorCode);
    const ending = { ...refusedEnding('failed', errorCode), answer };
    await conclude(bridge, SYSTEM_ACTOR, operation, ending);
    return 'ended';
  }
  const verb = SUBSCRIPTION_VERBS.find((known) => known === operation.kind);
  if (!verb) return null;
  const found = await findScheduled(bridge.store, operation.subscriptionId ?? '');
  if (found !== null && found.chargingOperation !== null) return 'open';
  const token =
    verb === 'change_card' ? await findToken(bridge.store, operation.tokenId ?? '') : null;
  const plan = verb === 'change_plan' ? termsOf(operation) : null;
  await changeOwn(bridge, SYSTEM_ACTOR, operation, { verb, plan, token });
  return 'ended';
}

/**
 * Ends a charge by what a look-up found, where that is enough. One that the gateway does not know is
 * sent again under its own key, unless a change waits for it: then its absence has to be proved. A
 * gateway that cannot be asked is asked by sending it again all the same, for what was begun before
 * the change may have been made, and a cancel must not wait for ever.
 *
 * @returns false where it is still open.
 */
export async function endChargeByLookUp(
  bridge: Bridge,
  operation: Operation,
  order: ChargeOrder,
  found: LookUpReply,
  lookedAtMs: number,
): Promise<boolean> {
  const seen = found.kind === 'charge' ? found.reply : found.kind;
  const ender =
    operation.kind === 'subscribe'
      ? await firstEnder(bridge, operation, order)
      : await chargeEnder(bridge, operation, order, found.kind === 'unable');
  return endSeen(bridge, operation, { seen, lookedAtMs }, ender);
}

async function firstEnder(
  bridge: Bridge,
  operation: Operation,
  order: ChargeOrder,
): Promise<Ender<ChargeGrant>> {
  const { enrolment, mayRepeat } = await enrolmentOf(bridge, operation);
  return {
    repeat: mayRepeat ? (signal) => bridge.gateway.charge(order, signal) : null,
    commit: (reply) =>
      endOwnSubscribe(bridge, SYSTEM_ACTOR, operation, enrolment, reply, 'by_look_up'),
  };
}

async function chargeEnder(
  bridge: Bridge,
  operation: Operation,
  order: ChargeOrder,
  unable: boolean,
): Promise<Ender<ChargeGrant>> {
  const { store, gateway, clock } = bridge;
  const found = await findScheduled(store, operation.subscriptionId ?? '');
  if (!found) throw new Error('a charge in doubt has lost its subscription');
  const mayRepeat =
    found.chargingOperation === operation.id &&
    (found.openOperation === null || unable) &&
    clock.now() - operation.startedAtMs < gateway.capabilities.keyRetentionMs &&
    (await mayBeSent(bridge));
  return {
    repeat: mayRepeat ? (signal) => gateway.charge(order, signal) : null,
    commit: (reply) => endCharge(bridge, SYSTEM_ACTOR, operation, found, reply, 'by_look_up'),
  };
}
