import { roundTo } from '../decimal.ts';
import type { SpokenLanguage } from './locale.ts';
import { localeOf } from './locale.ts';
import { beforeNoun, digitWords, negative, numberWords } from './number-words.ts';

/** One and many, whole and part. Other currencies are spoken by their CLDR name and decimals. */
const UNITS: Readonly<
  Record<string, Readonly<Record<SpokenLanguage, readonly [string, string, string, string]>>>
> = {
  USD: {
    en: ['dollar', 'dollars', 'cent', 'cents'],
    es: ['dólar', 'dólares', 'centavo', 'centavos'],
  },
  EUR: { en: ['euro', 'euros', 'cent', 'cents'], es: ['euro', 'euros', 'céntimo', 'céntimos'] },
  MXN: {
    en: ['peso', 'pesos', 'centavo', 'centavos'],
    es: ['peso', 'pesos', 'centavo', 'centavos'],
  },
  CAD: {
    en: ['Canadian dollar', 'Canadian dollars', 'cent', 'cents'],
    es: ['dólar canadiense', 'dólares canadienses', 'centavo', 'centavos'],
  },
};

/** The names of Architect's `Format.Currency` that are spoken in whole units and parts. */
export type MoneyFormat = 'full' | 'majorUnitsOnly' | 'minorUnitsOnly' | 'asMinorUnits';

/** The name of a currency for an amount: `dollars`. */
export function currencyName(amount: number, code: string, language: SpokenLanguage): string {
  const units = UNITS[code]?.[language];
  if (units) return amount === 1 ? units[0] : units[1];
  if (code === '') return '';
  const parts = new Intl.NumberFormat(localeOf(language), {
    style: 'currency',
    currency: code,
    currencyDisplay: 'name',
  }).formatToParts(amount);
  return parts.find(({ type }) => type === 'currency')?.value ?? code;
}

/** `one dollar and twenty three cents`; `un dólar con veintitrés centavos`. */
export function moneyWords(
  amount: number,
  code: string,
  language: SpokenLanguage,
  format: MoneyFormat,
): string {
  const units = UNITS[code]?.[language];
  const total = Math.round(roundTo(Math.abs(amount), 2) * 100);
  const sign = amount < 0 && total > 0 ? `${negative(language)} ` : '';
  const whole = Math.floor(total / 100);
  const part = total % 100;
  if (!units) {
    // No name for the parts is known: `five Japanese yen`, `three point five zero`.
    const digits = part === 0 ? '' : digitWords(`.${String(part).padStart(2, '0')}`, language);
    const name = currencyName(whole, code, language);
    const words = [numberWords(whole, language), digits, name].filter((word) => word !== '');
    return sign + words.join(' ');
  }
  const [, , one, many] = units;
  const parts = (value: number): string => counted(value, value === 1 ? one : many, language);
  if (format === 'asMinorUnits') return sign + parts(total);
  if (format === 'minorUnitsOnly') return sign + parts(part);
  const main = sign + counted(whole, currencyName(whole, code, language), language);
  if (format === 'majorUnitsOnly') return main;
  return `${main} ${language === 'es' ? 'con' : 'and'} ${parts(part)}`;
}

/** `un millón de dólares`, `veintiún dólares`. */
function counted(value: number, name: string, language: SpokenLanguage): string {
  const words = beforeNoun(numberWords(value, language), language);
  const of = language === 'es' && /(?:millón|millones)$/.test(words) ? ' de' : '';
  return `${words}${of} ${name}`;
}
