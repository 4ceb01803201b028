/**
 * Numbers that gateways publish for testing and that no bank has issued. They stand here as text
 * because they are nobody's cards.
 */
const PUBLISHED = [
  '4242424242424242',
  '4000056655665556',
  '4000000000000002',
  '4000000000009995',
  '4000000000009987',
  '4000000000009979',
  '4000000000000069',
  '4000000000000127',
  '4000000000000119',
  '4000000000000341',
  '4000000000006975',
  '4111111111111111',
  '4012888888881881',
  '5555555555554444',
  '5105105105105100',
  '2223003122003222',
  '5200828282828210',
  '378282246310005',
  '371449635398431',
  '6011111111111117',
  '6011000990139424',
  '3056930009020004',
  '30569309025904',
  '3566002020360505',
  '6200000000000005',
  '6771798021000008',
  '4222222222222',
  '6304000000000000000',
].map((digits) => Buffer.from(digits, 'latin1'));

/** Leading digits of published test numbers: with any ending that passes Luhn they are sandbox cards. */
const RANGE_DIGITS = 6;

function startsWith(pan: Uint8Array, digits: Buffer, count: number): boolean {
  for (let i = 0; i < count; i++) if (pan[i] !== digits[i]) return false;
  return true;
}

/** One of the published numbers exactly: a live gateway must not be asked about it. */
export function isTestCard(pan: Uint8Array): boolean {
  return PUBLISHED.some(
    (digits) => digits.length === pan.length && startsWith(pan, digits, digits.length),
  );
}

/** In the range of a published number: the only cards that the sandbox takes. */
export function isTestRange(pan: Uint8Array): boolean {
  return PUBLISHED.some((digits) => startsWith(pan, digits, RANGE_DIGITS));
}
