import type {
  ChargeGrant,
  RetryAdvice,
  SubscriptionGrant,
  TokenGrant,
} from '../../src/gateway/gateway.ts';
import { isMeaning, type Found } from '../../src/gateway/reading.ts';
import { shownCard } from '../../src/gateway/shown-card.ts';
import type { Exchange } from '../../src/system/http-client.ts';

/** The wire of the scripted gateway, and how its answers are read. */

export function answered(
  status: number,
  body: object,
  latencyMs: number,
  headers: Readonly<Record<string, string>> = {},
): Exchange {
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  return { kind: 'answered', response: { status, headers, body: bytes }, latencyMs };
}

export function lost(reason: 'reset' | 'aborted'): Exchange {
  return { kind: 'no_answer', reason, latencyMs: 0 };
}

function found<T>(body: unknown, granted: (get: (name: string) => string) => T | null): Found<T> {
  const members = new Map(Object.entries(body ?? {}));
  const get = (name: string): string => String(members.get(name) ?? '');
  const word = get('declined');
  return {
    granted: granted(get),
    pending: members.get('pending') === true,
    meaning: isMeaning(word) ? word : null,
    rawCode: get('code') || word || null,
    gatewayTransactionId: get('transaction') || null,
  };
}

export function findToken(body: unknown): Found<TokenGrant> | null {
  return found(body, (get) =>
    get('token') === ''
      ? null
      : {
          tokenReference: get('token'),
          networkTransactionId: get('network') || null,
          ...shownCard(get('brand') || null, get('last4') || null, get('fingerprint') || null),
        },
  );
}

export function findCharge(body: unknown): Found<ChargeGrant> | null {
  const read = found(body, (get) =>
    get('charge') === ''
      ? null
      : { chargeReference: get('charge'), networkTransactionId: get('network') || null },
  );
  const advice = new Map(Object.entries(body ?? {})).get('advice') as
    RetryAdvice | null | undefined;
  return advice === null || advice === undefined ? read : { ...read, advice };
}

export function findSubscription(body: unknown): Found<SubscriptionGrant> | null {
  return found(body, (get) => {
    const status = (['active', 'paused', 'past_due', 'cancelled'] as const).find(
      (candidate) => candidate === get('status'),
    );
    if (get('subscription') === '' || status === undefined) return null;
    return {
      subscriptionReference: get('subscription'),
      status,
      nextChargeDate: get('next') || null,
    };
  });
}
