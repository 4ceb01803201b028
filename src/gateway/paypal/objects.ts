import type { ChargeGrant, TokenGrant } from '../gateway.ts';
import { membersOf, textOf, type Members } from '../json.ts';
import type { Found } from '../reading.ts';
import { failedCheckIn, verdictOf } from './processor.ts';

/** What a setup token or a payment token says about the card behind it. */
function verificationIn(members: Members): Members | null {
  const card = membersOf(membersOf(members['payment_source'])?.['card']);
  return membersOf(card?.['verification']);
}

/** A token whose card has been looked at; a wrong code makes it none, also where it was stored. */
function findToken(members: Members): Found<TokenGrant> | null {
  const id = textOf(members, 'id');
  const verification = verificationIn(members);
  const processor = membersOf(verification?.['processor_response']);
  const verdict =
    members['status'] === 'PAYER_ACTION_REQUIRED'
      ? // Nobody can follow a link during a call.
        { meaning: 'authentication_required' as const, rawCode: 'PAYER_ACTION_REQUIRED' }
      : (verdictOf(processor) ?? failedCheckIn(processor));
  const networkTransactionId = textOf(verification, 'network_transaction_id');
  return {
    granted: id === null || verdict !== null ? null : { tokenReference: id, networkTransactionId },
    pending: false,
    meaning: verdict?.meaning ?? null,
    rawCode: verdict?.rawCode ?? null,
    gatewayTransactionId: id,
  };
}

/** Reads the answer of `POST /v3/vault/setup-tokens`. */
export const findSetupToken = findToken;

/** Reads the answer of `POST /v3/vault/payment-tokens`. */
export const findPaymentToken = findToken;

/** A capture that has been made counts, also where it has been given back since. */
const MADE = ['COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED'];
const NOT_MADE = ['DECLINED', 'FAILED'];

/** Reads an order that was captured when it was made. */
export function findCharge(members: Members): Found<ChargeGrant> | null {
  const capture = captureIn(members);
  if (capture === null && members['status'] === 'PAYER_ACTION_REQUIRED') {
    const rawCode = 'PAYER_ACTION_REQUIRED';
    return { ...nothingOf(members), meaning: 'authentication_required', rawCode };
  }
  return textOf(capture, 'id') === null ? nothingOf(members) : chargeOf(capture ?? {});
}

/** Reads the answer of `GET /v2/payments/captures/{capture_id}`; `null` where it is not of this operation. */
export function findCapture(operationId: string): (members: Members) => Found<ChargeGrant> | null {
  return (members) => (members['custom_id'] === operationId ? chargeOf(members) : null);
}

function nothingOf(members: Members) {
  return {
    granted: null,
    pending: false,
    meaning: null,
    rawCode: null,
    gatewayTransactionId: textOf(members, 'id'),
  } as const;
}

function chargeOf(capture: Members): Found<ChargeGrant> {
  const nothing = nothingOf(capture);
  const { gatewayTransactionId: chargeReference } = nothing;
  const status = textOf(capture, 'status') ?? '';
  if (chargeReference === null) return nothing;
  if (NOT_MADE.includes(status)) {
    const processor = membersOf(capture['processor_response']);
    return { ...nothing, ...(verdictOf(processor) ?? UNSAID) };
  }
  if (status === 'PENDING') return { ...nothing, pending: true };
  if (!MADE.includes(status)) return nothing;
  const network = membersOf(capture['network_transaction_reference']);
  const networkTransactionId = textOf(network, 'id');
  return { ...nothing, granted: { chargeReference, networkTransactionId } };
}

/** A decline without a reason is a plain one. */
const UNSAID = { meaning: 'card_declined', rawCode: null } as const;

function captureIn(members: Members): Members | null {
  const units = members['purchase_units'];
  const [unit] = Array.isArray(units) ? units.map(membersOf) : [];
  const captures = membersOf(unit?.['payments'])?.['captures'];
  const [capture = null] = Array.isArray(captures) ? captures.map(membersOf) : [];
  return capture;
}
