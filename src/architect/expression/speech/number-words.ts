import type { SpokenLanguage } from './locale.ts';

/** From a trillion on Architect plays digits (help data of the SDK, `ToAudioNumber`). */
const WORDS_BELOW = 1e12;

const ENGLISH = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
  'sixteen seventeen eighteen nineteen'
).split(' ');
const ENGLISH_TENS = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

const SPANISH = (
  'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince ' +
  'dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro ' +
  'veinticinco veintiséis veintisiete veintiocho veintinueve'
).split(' ');
const SPANISH_TENS =
  'cero diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa'.split(' ');
const SPANISH_HUNDREDS = (
  'cero ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ' +
  'ochocientos novecientos'
).split(' ');

/** A whole number in words: `five hundred`, `quinientos`. */
export function numberWords(value: number, language: SpokenLanguage): string {
  const sign = value < 0 ? `${negative(language)} ` : '';
  const whole = Math.abs(value);
  if (whole >= WORDS_BELOW) return sign + digitWords(wholeText(whole), language);
  return sign + (language === 'es' ? spanish(whole) : english(whole));
}

/** Digit by digit; a dot is `point` or `coma`. */
export function digitWords(text: string, language: SpokenLanguage): string {
  const words = language === 'es' ? SPANISH : ENGLISH;
  const point = language === 'es' ? 'coma' : 'point';
  return Array.from(text)
    .map((character) => words[Number(character)] ?? point)
    .join(' ');
}

export function negative(language: SpokenLanguage): string {
  return language === 'es' ? 'menos' : 'negative';
}

/** Before a noun: `un dólar`, `veintiún dólares`, `treinta y un centavos`. */
export function beforeNoun(words: string, language: SpokenLanguage): string {
  if (language === 'en') return words;
  return words.replace(/veintiuno$/, 'veintiún').replace(/\buno$/, 'un');
}

function wholeText(value: number): string {
  return BigInt(value).toString();
}

function joinWords(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function english(value: number): string {
  if (value < 20) return ENGLISH[value] ?? '';
  if (value < 100) {
    const rest = value % 10;
    return joinWords([ENGLISH_TENS[Math.floor(value / 10)] ?? '', rest === 0 ? '' : english(rest)]);
  }
  for (const [size, name] of [
    [1e9, 'billion'],
    [1e6, 'million'],
    [1e3, 'thousand'],
    [100, 'hundred'],
  ] as const) {
    if (value < size) continue;
    const rest = value % size;
    return joinWords([english(Math.floor(value / size)), name, rest === 0 ? '' : english(rest)]);
  }
  return '';
}

function spanish(value: number): string {
  if (value < 30) return SPANISH[value] ?? '';
  if (value < 100) {
    const rest = value % 10;
    const tens = SPANISH_TENS[Math.floor(value / 10)] ?? '';
    return rest === 0 ? tens : `${tens} y ${spanish(rest)}`;
  }
  if (value === 100) return 'cien';
  if (value < 1e3) {
    const rest = value % 100;
    return joinWords([
      SPANISH_HUNDREDS[Math.floor(value / 100)] ?? '',
      rest === 0 ? '' : spanish(rest),
    ]);
  }
  const [size, one, many] = value < 1e6 ? [1e3, 'mil', 'mil'] : [1e6, 'un millón', 'millones'];
  const count = Math.floor(value / size);
  const rest = value % size;
  const head = count === 1 ? one : `${beforeNoun(spanish(count), 'es')} ${many}`;
  return joinWords([head, rest === 0 ? '' : spanish(rest)]);
}
