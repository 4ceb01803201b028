const ZERO = 0x30;
const NINE = 0x39;

/** True when there is at least one byte and every byte is an ASCII digit. */
export function onlyDigits(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < ZERO || byte > NINE) return false;
  return bytes.length > 0;
}

/** The check digit of ISO/IEC 7812-1 annex B (Luhn), over ASCII digits. */
export function luhnValid(digits: Uint8Array): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    let value = (digits[i] ?? ZERO) - ZERO;
    if (double && (value *= 2) > 9) value -= 9;
    sum += value;
  }
  return digits.length > 0 && sum % 10 === 0;
}
