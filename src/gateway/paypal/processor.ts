import { meaningsOf, type ErrorTable } from '../errors.ts';
import type { RetryAdvice } from '../gateway.ts';
import { textOf, type Members } from '../json.ts';
import type { Meaning } from '../reading.ts';

/**
 * Every `processor_response.response_code` of PayPal's official description (payments v2, 154 codes)
 * by what it means. The description has codes only; their names are those of
 * https://developer.paypal.com/api/rest/reference/orders/v2/processor-response-codes/. An answer with
 * such a code is about a card that was asked for: whatever it says, the issuer was asked or the card
 * was refused on the way, so all but an approval are declines.
 */
export const PAYPAL_RESPONSE_CODES = {
  // 0000 approved; 7600 approved without a capture: what has happened is said by the status.
  by_status: ['0000', '7600'],
  invalid_card_number: ['7800', 'PPFI'],
  expired_card: ['5400', 'PPEF'],
  invalid_expiry: ['1380', 'PPEX'],
  // CVV2 failure, and that of PayPal's own rules.
  cvv_mismatch: ['00N7', '1382', '5110', 'PCVV', 'PPC2'],
  postal_code_mismatch: ['5170', '5190', 'PPAD', 'PPAV'],
  insufficient_funds: ['5120'],
  limit_exceeded: ['1310', '5710', 'PPAI', 'PPAX', 'PPEL', 'PPNL'],
  unsupported_card: [
    '1320',
    '5930',
    'PPAE',
    'PPAG',
    'PPBG',
    'PPCT',
    'PPCU',
    'PPDI',
    'PPMC',
    'PPQC',
    'PPS4',
    'PPSE',
    'PPUC',
    'PPUE',
  ],
  authentication_required: ['5650', '7700', '7710', 'PCNR', 'PPD3', 'PPTE', 'PPTR', 'PPTV'],
  suspected_fraud: ['9500', '9510', 'PPSC'],
  card_declined: [
    // Referral, no such account, do not honor, unauthorised.
    '0100',
    '0390',
    '0500',
    '0580',
    '0890',
    // Cancelled, a part only, refused by the issuer, invalid account (also for recurring use).
    '0R00',
    '1000',
    '10BR',
    '1330',
    '1335',
    '1352',
    '1393',
    // Declined, wrong or blocked PIN, closed, picked up, unauthorised user, restricted.
    '5100',
    '5130',
    '5135',
    '5140',
    '5150',
    '5160',
    '5180',
    '5210',
    '5500',
    '5700',
    '5900',
    '5950',
    '6300',
    '7900',
    // Try again, lost or stolen, hold, refused.
    '9100',
    '9520',
    '9530',
    '9540',
    '9600',
    // PayPal's own: closed, blocked by the issuer, no other attempt, too many declines, country, credit, result of the authorisation, restricted, frequency.
    'PPAR',
    'PP06',
    'PPAB',
    'PPDT',
    'PPRN',
    'PPCO',
    'PPCR',
    'PPDV',
    'PPFR',
    'PPLS',
    'PPSD',
    'PPUA',
  ],
  // Neither caller nor card can mend it: systems, messages, or what the account is set up for.
  processing_error: [
    '0800',
    '0880',
    '0960',
    '1300',
    '1312',
    '1317',
    '1340',
    '1350',
    '1360',
    '1370',
    '1384',
    '1390',
    '5200',
    '5800',
    '5910',
    '5920',
    '8000',
    '8010',
    '8020',
    '8030',
    '8100',
    '8110',
    '8220',
    'PPAU',
    'PPCE',
    'PPDC',
    'PPER',
    'PPFE',
    'PPFV',
    'PPGR',
    'PPH1',
    'PPIF',
    'PPII',
    'PPIM',
    'PPIT',
    'PPLR',
    'PPMB',
    'PPMD',
    'PPNC',
    'PPNM',
    'PPNT',
    'PPPH',
    'PPPI',
    'PPPM',
    'PPRE',
    'PPRF',
    'PPRR',
    'PPS0',
    'PPS1',
    'PPS2',
    'PPS3',
    'PPS5',
    'PPS6',
    'PPTF',
    'PPTI',
    'PPTT',
    'PPUI',
    'PPUP',
    'PPUR',
    'PPVC',
    'PPVE',
    'PPVT',
  ],
} as const satisfies ErrorTable;

/** `cvv_code`: letters for most networks, figures for Maestro. */
export const PAYPAL_CVV_CODES = {
  cvv_mismatch: ['N', '1'],
  by_status: ['0', '2', '3', '4', 'All others', 'E', 'I', 'M', 'P', 'S', 'U', 'X'],
} as const satisfies ErrorTable;

/**
 * `avs_code`: A and B are a street that matches and a postal code that does not, C, N and 1 match in
 * nothing. D, E, F, M, P, W, X, Y and Z match or were not allowed to be asked; the rest was not asked.
 */
export const PAYPAL_AVS_CODES = {
  postal_code_mismatch: ['A', 'B', 'C', 'N', '1'],
  by_status: [
    '0',
    '2',
    '3',
    '4',
    'D',
    'E',
    'F',
    'G',
    'I',
    'M',
    'Null',
    'P',
    'R',
    'S',
    'U',
    'W',
    'X',
    'Y',
    'Z',
  ],
} as const satisfies ErrorTable;

const responses = meaningsOf(PAYPAL_RESPONSE_CODES);
const cvvs = meaningsOf(PAYPAL_CVV_CODES);
const addresses = meaningsOf(PAYPAL_AVS_CODES);

/**
 * Codes after which a stored card is not charged again: no such account, closed, picked up, no such
 * issuer, lost or stolen (Visa's decline category 1).
 */
export const STOPS: ReadonlySet<string> = new Set([
  '0390',
  '1330',
  '1335',
  '5140',
  '5150',
  '5900',
  '6300',
  '9520',
  'PP06',
  'PPRN',
]);

/** `payment_advice_code`: do not try again; the cardholder has ended the agreement. */
const STOP_ADVICE: readonly unknown[] = ['03', '21'];

export interface Verdict {
  readonly meaning: Meaning;
  readonly rawCode: string;
  readonly advice?: RetryAdvice;
}

/** "Do not honor" gives no reason; beside it a check that failed is one. */
const NO_REASON = '0500';

/** What the processor says against the card; `null` where it says nothing, or that it is good. */
export function verdictOf(processor: Members | null): Verdict | null {
  const rawCode = textOf(processor, 'response_code');
  if (rawCode === null) return null;
  const known = responses.get(rawCode);
  if (known === null) return null;
  const failed = rawCode === NO_REASON ? failedCheckIn(processor) : null;
  const stops = STOPS.has(rawCode) || STOP_ADVICE.includes(processor?.['payment_advice_code']);
  return {
    meaning: failed?.meaning ?? known ?? 'card_declined',
    rawCode,
    ...(stops && { advice: 'stop' as const }),
  };
}

/** A security code or a postal code that is not the card's, where nothing else was wrong. */
export function failedCheckIn(processor: Members | null): Verdict | null {
  const cvv = textOf(processor, 'cvv_code') ?? '';
  const avs = textOf(processor, 'avs_code') ?? '';
  const meaning = cvvs.get(cvv) ?? addresses.get(avs) ?? null;
  if (meaning === null) return null;
  return { meaning, rawCode: cvvs.get(cvv) ? `cvv_${cvv}` : `avs_${avs}` };
}
