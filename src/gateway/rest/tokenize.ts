import type { Card } from '../../card/card.ts';
import type { Clock } from '../../system/clock.ts';
import type { HttpClient } from '../../system/http-client.ts';
import { bodyOf } from '../card-body.ts';
import type { GatewayTokenizer, TokeniseOrder } from '../tokenize.ts';
import { openReader } from './answers.ts';
import { callFacts, type Facts } from './facts.ts';
import { openRestLine, type RestSettings } from './line.ts';
import { bodyParts, headOfStep } from './request.ts';

export { isMapping } from './rules.ts';
export type { RestSettings } from './line.ts';
export type { AwsSigning } from './aws-keys.ts';

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** What the body may say of a card beside its digits. */
function cardFacts(card: Card, order: TokeniseOrder): Facts {
  const month = twoDigits(card.expiryMonth);
  const year = String(card.expiryYear);
  return {
    ...callFacts(order),
    card_brand: order.face.brand,
    card_last4: order.face.last4,
    expiry_month: month,
    expiry_year: year,
    expiry_yy: year.slice(-2),
    expiry_mmyy: `${month}${year.slice(-2)}`,
    expiry_yyyy_mm: `${year}-${month}`,
    postal_code: card.postalCode,
  };
}

/**
 * The digit side of a gateway that is described by a mapping: literal text and two slots, which are
 * filled with bytes.
 */
export function openRestTokenizer(
  settings: RestSettings,
  http: HttpClient,
  clock: Clock,
): GatewayTokenizer {
  const { mapping, origin } = settings;
  const line = openRestLine(settings, http, clock);
  const reader = openReader(mapping);
  const step = mapping.tokenise;
  return {
    name: 'rest',
    origin,
    prepare: (signal) => line.prepare(signal),
    request(card, order) {
      // Path and headers are made without the card: no digit can come into either.
      const head = headOfStep(mapping, step, callFacts(order));
      const parts = bodyParts(mapping, step.fields, cardFacts(card, order));
      const body = bodyOf(
        parts.map((part) => (typeof part === 'string' ? part : card[part.secret].reveal())),
      );
      return line.ready({ ...head, body });
    },
    read: (exchange) => line.judged(reader.token(exchange), exchange),
    renewCredential: () => line.renew(),
  };
}
