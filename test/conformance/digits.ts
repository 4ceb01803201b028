/**
 * Looks for card digits in everything that was written. Used by every suite that handles a card: a
 * new encoding that is added here is looked for everywhere.
 */

/** Without its first and last characters, which depend on what stands beside the digits. */
function base64Middles(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    return encoded.slice(first, Math.floor(((shift + text.length) * 8) / 6));
  });
}

function grouped(digits: string, separator: string): string {
  return (digits.match(/.{1,4}/g) ?? []).join(separator);
}

const ENGLISH = 'zero one two three four five six seven eight nine'.split(' ');
const SPANISH = 'cero uno dos tres cuatro cinco seis siete ocho nueve'.split(' ');

function spoken(digits: string, words: readonly string[]): string {
  return Array.from(digits, (digit) => words[Number(digit)]).join(' ');
}

function escaped(digits: string, before: string): string {
  return Array.from(digits, (digit) => `${before}003${digit}`).join('');
}

/** Every way in which digits are looked for, by its name. */
export function disguises(pan: string): Readonly<Record<string, readonly string[]>> {
  const hex = Buffer.from(pan).toString('hex');
  return {
    plain: [pan],
    spaced: [grouped(pan, ' '), grouped(pan, '+'), pan.split('').join(' ')],
    dashed: [grouped(pan, '-'), pan.split('').join('-')],
    dotted: [grouped(pan, '.')],
    'url-encoded': [hex.replaceAll(/../g, '%$&'), grouped(pan, '%20')],
    base64: [...base64Middles(pan), ...base64Middles(pan).map(toBase64Url)],
    reversed: [pan.split('').toReversed().join('')],
    hex: [hex, hex.replaceAll(/../g, '$& ').trim(), hex.replaceAll(/../g, '$&,').slice(0, -1)],
    'utf-16': [pan.split('').join('\0')],
    'json-array': [',', ', '].flatMap((between) => [
      pan.split('').join(between),
      pan.split('').join(`"${between}"`),
    ]),
    // The second is the first one inside of another text, as a dump of a database writes it.
    escaped: [escaped(pan, '\\u'), escaped(pan, '\\\\u')],
    'full-width': [String.fromCodePoint(...Array.from(pan, (digit) => 0xff10 + Number(digit)))],
    'words in English': [spoken(pan, ENGLISH)],
    'words in Spanish': [spoken(pan, SPANISH)],
    // `console.log` of a buffer's numbers.
    numbers: [Buffer.from(pan).join(','), Buffer.from(pan).join(', ')],
    // More than the first six and the last four may never be seen (PCI DSS 3.4.1).
    middle: [pan.slice(0, 9), pan.slice(-8)],
  };
}

function toBase64Url(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}

/** The names of the disguises in which the PAN stands in a text; empty when it is clean. */
export function digitsIn(text: string, pan: string): string[] {
  const lower = text.toLowerCase();
  return Object.entries(disguises(pan))
    .filter(([, needles]) =>
      needles.some((needle) => text.includes(needle) || lower.includes(needle.toLowerCase())),
    )
    .map(([name]) => name);
}

/** True when the CVV stands in a text as a value of its own; three digits alone are everywhere. */
export function cvvIn(text: string, cvv: string): boolean {
  return new RegExp(`["'=:\\s]${cvv}(["'&,;\\s}]|$)`).test(text);
}
