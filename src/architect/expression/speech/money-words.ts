import { roundTo } from '../decimal.ts';
import type { SpokenLanguage } from './locale.ts';
import { localeOf } from './locale.ts';
import { beforeNoun, negative, numberWords } from './number-words.ts';

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
  const total = Math.round(roundTo(Math.abs(amount), 2) * 100);
  const sign = amount < 0 && total > 0 ? `${negative(language)} ` : '';
  const [, , one = 'cent', many = 'cents'] = UNITS[code]?.[language] ?? [];
  const counted = (value: number, name: string): string =>
    `${beforeNoun(numberWords(value, language), language)} ${name}`.trim();
  const whole = Math.floor(total / 100);
  const part = total % 100;
  const parts = (value: number): string => counted(value, value === 1 ? one : many);
  if (format === 'asMinorUnits') return sign + parts(total);
  if (format === 'minorUnitsOnly') return sign + parts(part);
  const units = sign + counted(whole, currencyName(whole, code, language));
  if (format === 'majorUnitsOnly') return units;
  return `${units} ${language === 'es' ? 'con' : 'and'} ${parts(part)}`;
}
