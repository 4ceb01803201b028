import { createHash } from 'node:crypto';

/**
 * Bytes as letters `a` to `p`, two for each byte: hexadecimal whose digits are moved to letters. A
 * hexadecimal hash has a run of twelve digits in one case out of fourteen, and here any such run is
 * an alarm: this is what a card number looks like.
 */
export function lettersOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(0x61 + (byte >> 4), 0x61 + (byte & 15));
  return text;
}

/** SHA-256 of a text (UTF-8) as 64 letters. */
export function fingerprint(text: string): string {
  return lettersOf(createHash('sha256').update(text, 'utf8').digest());
}

/** JSON with sorted members: the same text for every order in which a client writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
