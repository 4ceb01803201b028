import type { Exchange } from '../../system/http-client.ts';
import type { GatewayReply } from '../gateway.ts';
import { membersOf, textOf, type Members } from '../json.ts';
import { readExchange, type Found, type Meaning } from '../reading.ts';
import { issueMeanings } from './issues.ts';

/** A field of the request that the caller gave, and what it means when PayPal does not like it. */
const FIELDS: readonly (readonly [end: string, meaning: Meaning])[] = [
  ['/card/number', 'invalid_card_number'],
  ['/card/security_code', 'invalid_cvv'],
  ['/card/expiry', 'invalid_expiry'],
  ['/card/billing_address/postal_code', 'postal_code_mismatch'],
];

/** Issues that say no more than that a field is wrong; the field says the rest. */
const OF_A_FIELD = /^(INVALID_(PARAMETER|STRING|SECURITY_CODE)|MISSING_REQUIRED|VALIDATION)/;

/**
 * An error of PayPal's: `{ name, message, debug_id, details: [{ field, issue }] }`
 * (https://developer.paypal.com/api/rest/responses/). `value` of a detail may repeat the PAN and is
 * never read. `null` where the body is none.
 */
export function refusalIn<T>(members: Members): Found<T> | null {
  const name = textOf(members, 'name');
  // The token endpoint and the gate in front of the API speak OAuth (RFC 6749 §5.2).
  const oauth = textOf(members, 'error');
  if (name === null && oauth === null) return null;
  const listed = members['details'];
  const [detail = null] = Array.isArray(listed) ? listed.map(membersOf) : [];
  const issue = textOf(detail, 'issue');
  const rawCode = issue ?? name ?? oauth;
  return {
    granted: null,
    pending: false,
    meaning: meaningOf(issue, textOf(detail, 'field')) ?? meaningOf(name, null),
    rawCode,
    gatewayTransactionId: textOf(members, 'debug_id'),
  };
}

function meaningOf(issue: string | null, field: string | null): Meaning | null {
  if (issue === null) return null;
  if (field !== null && OF_A_FIELD.test(issue)) {
    const given = FIELDS.find(([end]) => field.endsWith(end));
    if (given) return given[1];
  }
  return issueMeanings.get(issue) ?? null;
}

/** Reads an answer of PayPal's: its error where it is one, else what `find` reads. */
export function readPayPal<T>(
  exchange: Exchange,
  find: (members: Members) => Found<T> | null,
): GatewayReply<T> {
  return readExchange<T>(exchange, (body, status) => {
    const members = membersOf(body);
    if (members === null) return null;
    return (status >= 400 ? refusalIn<T>(members) : null) ?? find(members);
  });
}
