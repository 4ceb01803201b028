import { localeOf } from './speech/locale.ts';
import { textOfValue } from './value-text.ts';
import type { Value } from './value.ts';

/**
 * A value as people write it in a language: `$29.90`, `1,234.5`.
 *
 * `ToDisplayString` is in public flows and not in the help data of the SDK 0.0.18, so what it writes
 * exactly is unchecked: dates and amounts are as the Unicode CLDR has them.
 */
export function displayText(value: Value, language: string): string | null {
  if (value.type === 'decimal') {
    return numberFormat(language, { maximumFractionDigits: 10 }).format(value.value);
  }
  if (value.type === 'currency') {
    const { currency } = value;
    const options: Intl.NumberFormatOptions =
      currency === '' ? { minimumFractionDigits: 2 } : { style: 'currency', currency };
    return numberFormat(language, options).format(value.value);
  }
  if (value.type === 'datetime') {
    return new Intl.DateTimeFormat(localeOf(language), {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'UTC',
    }).format(value.value);
  }
  return value.type === 'phonenumber' ? value.value : textOfValue(value);
}

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return new Intl.NumberFormat(localeOf(language), options);
}
