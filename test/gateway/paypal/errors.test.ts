import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PAYPAL_ISSUES } from '../../../src/gateway/paypal/issues.ts';
import {
  failedCheckIn,
  PAYPAL_AVS_CODES,
  PAYPAL_CVV_CODES,
  PAYPAL_RESPONSE_CODES,
  verdictOf,
} from '../../../src/gateway/paypal/processor.ts';
import { isDecline } from '../../../src/gateway/reading.ts';
import { errorConformance } from '../../conformance/errors.ts';

interface Codes {
  readonly issues: Readonly<Record<string, readonly string[]>>;
  readonly names: readonly string[];
  readonly responseCodes: readonly string[];
  readonly avsCodes: readonly string[];
  readonly cvvCodes: readonly string[];
  readonly adviceCodes: readonly string[];
}

const file = new URL('../../specs/paypal/codes.json', import.meta.url);
const codes = JSON.parse(readFileSync(file, 'utf8')) as Codes;
const issues = Object.values(codes.issues).flat();

test('the official lists are read whole', () => {
  const counts = Object.fromEntries(Object.entries(codes.issues).map(([k, v]) => [k, v.length]));
  assert.deepEqual(counts, {
    billing_subscriptions_v1: 49,
    checkout_orders_v2: 188,
    payments_payment_v2: 48,
  });
  assert.equal(codes.responseCodes.length, 154);
  assert.equal(codes.avsCodes.length, 24);
  assert.equal(codes.cvvCodes.length, 14);
});

errorConformance('PayPal, issues', PAYPAL_ISSUES, {
  official: [...new Set([...issues, ...codes.names])],
  secret: [
    'COMPLIANCE_VIOLATION',
    'PAYEE_BLOCKED_TRANSACTION',
    'TRANSACTION_BLOCKED_BY_PAYEE',
    'TRANSACTION_REFUSED',
    'PAYER_ACCOUNT_LOCKED_OR_CLOSED',
    'PAYER_ACCOUNT_RESTRICTED',
  ],
});

errorConformance('PayPal, processor', PAYPAL_RESPONSE_CODES, {
  official: codes.responseCodes,
  // Picked up, restricted, fraud, security, lost or stolen, hold, refused, restricted by PayPal, risk.
  secret: ['5150', '5180', '9500', '9510', '9520', '9530', '9540', 'PPFR', 'PPSC'],
});

test('every code of a check has a meaning, and none stands twice', () => {
  assert.deepEqual(Object.values(PAYPAL_CVV_CODES).flat().toSorted(), codes.cvvCodes.toSorted());
  assert.deepEqual(Object.values(PAYPAL_AVS_CODES).flat().toSorted(), codes.avsCodes.toSorted());
});

test('every code but an approval is a decline, also one that is new', () => {
  for (const code of [...codes.responseCodes, '4711', 'PPZZ']) {
    const verdict = verdictOf({ response_code: code });
    if (code === '0000' || code === '7600') assert.equal(verdict, null, code);
    else assert.ok(verdict && isDecline(verdict.meaning), code);
  }
  assert.equal(verdictOf({ response_code: '4711' })?.meaning, 'card_declined');
  assert.equal(verdictOf({}), null);
});

test('a check explains a refusal without a reason, and no other', () => {
  const meaning = (response_code: string, cvv_code: string, avs_code: string) =>
    verdictOf({ response_code, cvv_code, avs_code })?.meaning;
  assert.equal(meaning('0500', 'N', 'Y'), 'cvv_mismatch');
  assert.equal(meaning('0500', 'M', 'N'), 'postal_code_mismatch');
  assert.equal(meaning('0500', 'M', 'Y'), 'card_declined');
  // A lost card sounds the same whether or not the rest was right.
  assert.equal(meaning('9520', 'N', 'N'), 'card_declined');
  assert.equal(meaning('5120', 'N', 'N'), 'insufficient_funds');
  assert.equal(failedCheckIn({ cvv_code: 'M', avs_code: 'Y' }), null);
  assert.equal(failedCheckIn({ cvv_code: 'N', avs_code: 'N' })?.rawCode, 'cvv_N');
});

test('what the networks forbid is not tried again', () => {
  const advice = (response_code: string, payment_advice_code?: string) =>
    verdictOf({ response_code, payment_advice_code })?.advice;
  assert.equal(advice('9520'), 'stop');
  assert.equal(advice('5120'), undefined);
  assert.deepEqual(
    codes.adviceCodes.map((code) => advice('5120', code)),
    [undefined, undefined, 'stop', 'stop'],
  );
});
