import { createHash, createHmac } from 'node:crypto';

/** Hexadecimal in the letters a to p: a hash that can never show a run of digits. */
function inLetters(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/[0-9a-f]/g, (nibble) => {
    return String.fromCharCode(97 + Number.parseInt(nibble, 16));
  });
}

/** SHA-256, 64 letters. */
export function digestOf(text: string): string {
  return inLetters(createHash('sha256').update(text, 'utf8').digest());
}

/**
 * HMAC-SHA-256, 64 letters. A plain hash of a card number is found again by trying all of them, so
 * the key has to be secret (PCI DSS 3.5.1.1: "keyed cryptographic hashes").
 */
export function keyedDigestOf(key: Uint8Array, text: string): string {
  return inLetters(createHmac('sha256', key).update(text, 'utf8').digest());
}

/** JSON with sorted members: the same for every order in which a client writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
