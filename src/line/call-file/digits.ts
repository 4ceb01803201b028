/** A secret that was keyed, and how it must not be found again. */
interface Needle {
  readonly how: string;
  readonly text: string;
}

/** ISO/IEC 7812-1: the shortest PAN. Shorter runs of keys are no card numbers. */
const PAN_DIGITS_MIN = 12;

/** What may stand between two digits of a PAN that somebody has spaced out. */
const SEPARATORS = /[\s.,:;_/\\'"+-]+/g;

/** A member, attribute or column that is named for a PAN or a CVV and holds digits. */
const NAMED =
  /\b(?:cvv2?|security[ _-]?code|card[ _-]?number|pan)["']?\s*[:=]\s*["']?(\d{3,19})\b/gi;

function reversed(text: string): string {
  return text.split('').toReversed().join('');
}

/** The letters of Base64 that depend on nothing but `text`, at each of the three places it can begin. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(' '.repeat(offset) + text, 'latin1').toString('base64');
    const first = Math.ceil((offset * 4) / 3);
    const last = Math.floor(((offset + text.length) * 4) / 3);
    return encoded.slice(first + (offset === 0 ? 0 : 1), last - 1);
  });
}

function needlesOf(pan: string): Needle[] {
  const bytes = Buffer.from(pan, 'latin1');
  return [
    { how: 'as it was keyed', text: pan },
    { how: 'backwards', text: reversed(pan) },
    { how: 'URL-encoded', text: pan.replaceAll(/[0-9]/g, '%3$&') },
    { how: 'as key codes', text: [...bytes].join('') },
    { how: 'in hexadecimal', text: bytes.toString('hex') },
    ...base64Forms(pan).map((text) => ({ how: 'in Base64', text })),
  ];
}

/**
 * Looks for card digits where none may be: every run of 12 keys or more, plain, spaced out, backwards
 * and encoded. A CVV is three digits and cannot be told from any other number, so for it the names
 * are looked at: nothing that is called a CVV, a security code or a card number may hold digits.
 *
 * @param keyed runs of keys of the call.
 * @param traces texts by where they come from.
 * @returns what was found, without the digits.
 */
export function findDigits(
  keyed: readonly string[],
  traces: Readonly<Record<string, string>>,
): string[] {
  const pans = [...new Set(keyed.filter((run) => run.length >= PAN_DIGITS_MIN))];
  return Object.entries(traces).flatMap(([place, text]) => {
    const packed = text.replaceAll(SEPARATORS, '');
    const found = pans
      .flatMap(needlesOf)
      .filter((needle) => text.includes(needle.text) || packed.includes(needle.text))
      .map(({ how }) => `${place}: a card number that was keyed, ${how}`);
    const named = [...text.matchAll(NAMED)].map(
      ([whole, digits = '']) =>
        `${place}: ${digits.length} digits behind ${whole.slice(0, whole.length - digits.length).replaceAll(/\d/g, '#')}`,
    );
    return [...new Set([...found, ...named])];
  });
}
