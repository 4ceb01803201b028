import type { Language } from '../../payment/language.ts';
import type { PageOrder } from '../pages.ts';
import { META } from './requests.ts';

/** Of Stripe's page; Latin American Spanish is `es-419`. */
const LOCALE: Readonly<Record<Language, 'en' | 'es-419'>> = { 'en-us': 'en', 'es-us': 'es-419' };

export const SESSIONS_PATH = '/v1/checkout/sessions';

export const sessionPath = (reference: string): string =>
  `${SESSIONS_PATH}/${encodeURIComponent(reference)}`;

/** The closing of a page is a request of its own, under a key of its own. */
export const closingKey = (idempotencyKey: string): string => `${idempotencyKey}.close`;

/**
 * A page of Stripe's that saves a card and charges nothing
 * (https://docs.stripe.com/api/checkout/sessions/create, mode `setup`). It lives for 30 minutes at least
 * and 24 hours at most; without authentication being asked to be left out, the issuer may want it there.
 */
export function sessionParams(order: PageOrder, customer: string, returnUrl: string) {
  const metadata = {
    [META.operation]: order.operationId,
    [META.interaction]: order.interactionId,
  };
  return {
    mode: 'setup',
    customer,
    payment_method_types: ['card'] as 'card'[],
    success_url: returnUrl,
    expires_at: Math.floor(order.expiresAtMs / 1000),
    locale: LOCALE[order.language],
    metadata,
    setup_intent_data: { metadata },
  } as const;
}

/** The card stands within the SetupIntent of the session. */
export function sessionReadParams() {
  return { expand: ['setup_intent.payment_method'] as string[] } as const;
}

/** Every try of a card on the page is one of these. */
export function attemptsParams(setupIntent: string) {
  return { setup_intent: setupIntent, limit: 100 } as const;
}
