/**
 * Text as an engine should read it. Prompts are written for people; an engine that gets `$29.99` or
 * a telephone number as it stands says something else in every voice.
 */

/** Between two sentences of one sound. */
export const SENTENCE_GAP_MS = 280;

const spaced = (digits: string): string => digits.split('').join(' ');

interface Manner {
  amount(whole: string, hundredths: string): string;
  /** Words before four digits that are said one by one. */
  readonly beforeLastFour: RegExp;
}

const ENGLISH: Manner = {
  amount(whole, hundredths) {
    const dollars = `${whole} ${whole === '1' ? 'dollar' : 'dollars'}`;
    const cents = Number(hundredths);
    return cents === 0 ? dollars : `${dollars} and ${cents} ${cents === 1 ? 'cent' : 'cents'}`;
  },
  beforeLastFour: /\b(end(?:s|ing) in )(\d{4})\b/gi,
};

const SPANISH: Manner = {
  amount(whole, hundredths) {
    const dollars = whole === '1' ? 'un dólar' : `${whole} dólares`;
    const cents = Number(hundredths);
    if (cents === 0) return dollars;
    return `${dollars} con ${cents === 1 ? 'un centavo' : `${cents} centavos`}`;
  },
  beforeLastFour: /\b((?:termin\p{L}+|acab\p{L}+) en )(\d{4})\b/giu,
};

/** Dollars as `Intl` writes them in either language: `$1,299.00`, `USD 29.99`. */
const AMOUNT = /(?:US)?\$\s?(\d[\d,]*)(?:\.(\d\d))?/g;
/** `+1 317 555 0100`, and `317-555-0100`. */
const PHONE = /\+?\b(?:(1)[ -])?(\d{3})[ -](\d{3})[ -](\d{4})\b/g;

/** Letters of a confirmation code, as the bridge spaces them: `k r t w`. */
const CODE = /(?<![\p{L}\d])(?:\p{L} ){3,}\p{L}(?![\p{L}\d])/gu;

/** One sentence as it is said in a language. */
export function asSpoken(text: string, language: string): string {
  const manner = language.startsWith('es') ? SPANISH : ENGLISH;
  return text
    .replaceAll(AMOUNT, (_, whole: string, hundredths: string | undefined) =>
      manner.amount(whole.replaceAll(',', ''), hundredths ?? '00'),
    )
    .replaceAll(PHONE, (_, country: string | undefined, ...parts: string[]) =>
      [...(country === undefined ? [] : [country]), ...parts.slice(0, 3)].map(spaced).join(', '),
    )
    .replaceAll(CODE, (code) => code.toUpperCase().replaceAll(' ', ', '))
    .replaceAll(
      manner.beforeLastFour,
      (_, words: string, digits: string) => words + spaced(digits),
    );
}

/**
 * The language that a sentence is said in. The question for the language is asked in both, whatever
 * the caller's is: "For English, press 1. Para español, oprima el dos."
 */
export function languageOf(sentence: string, language: string): string {
  if (/^for english\b/i.test(sentence)) return 'en-us';
  return /[ñ¿¡]/i.test(sentence) ? 'es-us' : language;
}

/** A sentence ends at one of `.?!` before a space and a capital, a digit or a Spanish opening mark. */
const END = /(?<=[.?!])\s+(?=[\p{Lu}\d¿¡])/u;
/** `J. C. B.`: single letters are spelled and belong together. */
const SPELLED = /(?:^|[\s,])\p{Lu}\.$/u;

/**
 * Sentences of a text, each of which is a clip of its own: "Thank you." is spoken once for all
 * prompts that begin with it, and the first can be heard while the second is being made.
 */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  for (const part of text.replaceAll(/\s+/g, ' ').trim().split(END)) {
    const before = sentences.at(-1);
    if (before !== undefined && SPELLED.test(before))
      sentences[sentences.length - 1] = `${before} ${part}`;
    else if (part !== '') sentences.push(part);
  }
  return sentences;
}
