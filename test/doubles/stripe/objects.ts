import { readFileSync } from 'node:fs';

export type Members = Record<string, unknown>;

const file = new URL('../../specs/stripe/fixtures.json', import.meta.url);
const { resources } = JSON.parse(readFileSync(file, 'utf8')) as {
  resources: Record<string, Members>;
};

/** A copy of the official example of an object, with what is different here. */
export function example(name: string, changed: Members): Members {
  const found = resources[name];
  if (!found) throw new Error(`there is no example of ${name}`);
  return { ...structuredClone(found), ...changed };
}

export function list(data: readonly Members[], path: string, more = false): Members {
  return { object: 'list', url: path, has_more: more, data };
}

/** What Stripe answers with. */
export interface StripeAnswer {
  readonly status: number;
  readonly body: Members;
}

export const ok = (body: Members): StripeAnswer => ({ status: 200, body });

export function refusal(
  status: number,
  error: { readonly type: string; readonly message: string } & Members,
): StripeAnswer {
  return { status, body: { error } };
}

export const missing = (param: string, id: string): StripeAnswer =>
  refusal(param === 'id' ? 404 : 400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    param,
    message: `No such ${param}: '${id}'`,
  });

/** Codes that stand in `code` itself; every other word is the `decline_code` of `card_declined`. */
const OWN_CODES = new Set([
  'expired_card',
  'incorrect_address',
  'incorrect_cvc',
  'incorrect_number',
  'incorrect_zip',
  'invalid_cvc',
  'invalid_expiry_month',
  'invalid_expiry_year',
  'invalid_number',
  'processing_error',
]);

/** https://docs.stripe.com/api/errors: what a card that was declined comes with. */
export function cardError(code: string, more: Members = {}): Members {
  const own = OWN_CODES.has(code);
  return {
    type: 'card_error',
    code: own ? code : 'card_declined',
    ...(own ? {} : { decline_code: code }),
    message: 'Your card was declined.',
    doc_url: `https://stripe.com/docs/error-codes/${own ? code : 'card-declined'}`,
    ...more,
  };
}

export const cardRefusal = (code: string, more: Members = {}): StripeAnswer =>
  refusal(402, cardError(code, more) as Members & { type: string; message: string });

/** The end of a period that begins now, in seconds. */
export function periodEnd(startS: number, interval: string, count: number): number {
  const date = new Date(startS * 1000);
  if (interval === 'day') date.setUTCDate(date.getUTCDate() + count);
  if (interval === 'week') date.setUTCDate(date.getUTCDate() + 7 * count);
  if (interval === 'month') date.setUTCMonth(date.getUTCMonth() + count);
  if (interval === 'year') date.setUTCFullYear(date.getUTCFullYear() + count);
  return Math.floor(date.getTime() / 1000);
}
