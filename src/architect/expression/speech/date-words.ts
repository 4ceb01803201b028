import { localeOf, type SpokenLanguage } from './locale.ts';
import { numberWords } from './number-words.ts';

const ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
  twenty: 'twentieth',
  thirty: 'thirtieth',
};

/** What part of a date is spoken: the names of Architect's `Format.Date`. */
export const DATE_FORMATS = [
  'longYear',
  'shortYear',
  'shortMonthAndDay',
  'dayOnly',
  'monthOnly',
  'longYearOnly',
  'shortYearOnly',
  'dayOfWeekOnly',
] as const;

export type DateFormat = (typeof DATE_FORMATS)[number];

/** `Thursday November thirtieth nineteen hundred eighty nine`, in UTC. */
export function dateWords(ms: number, language: SpokenLanguage, format: DateFormat): string {
  const date = new Date(ms);
  switch (format) {
    case 'dayOnly':
      return dayWords(date.getUTCDate(), language);
    case 'monthOnly':
      return nameOf(ms, language, { month: 'long' });
    case 'dayOfWeekOnly':
      return nameOf(ms, language, { weekday: 'long' });
    case 'longYearOnly':
      return yearWords(date.getUTCFullYear(), language, 'long');
    case 'shortYearOnly':
      return yearWords(date.getUTCFullYear(), language, 'short');
    case 'shortMonthAndDay':
      return weekdayAndDay(ms, language);
    case 'longYear':
    case 'shortYear': {
      const length = format === 'longYear' ? 'long' : 'short';
      const year = yearWords(date.getUTCFullYear(), language, length);
      return `${weekdayAndDay(ms, language)} ${language === 'es' ? 'de ' : ''}${year}`;
    }
  }
}

/** `two twenty two PM`; in Spanish, where the clock has 24 hours, `catorce y veintidós`. */
export function timeWords(ms: number, language: SpokenLanguage, hours: 12 | 24): string {
  const date = new Date(ms);
  const hour = date.getUTCHours();
  const minute = date.getUTCMinutes();
  if (language === 'es') {
    // Hours are feminine: una, veintiuna.
    const spoken = numberWords(hours === 24 ? hour : twelve(hour), 'es').replace(/uno$/, 'una');
    return minute === 0
      ? `${spoken} ${spoken === 'una' ? 'hora' : 'horas'}`
      : `${spoken} y ${numberWords(minute, 'es')}`;
  }
  const minutes = minute === 0 ? '' : ` ${minute < 10 ? 'oh ' : ''}${numberWords(minute, 'en')}`;
  if (hours === 24) {
    return `${numberWords(hour, 'en')}${minute === 0 ? ' hours' : minutes}`;
  }
  return `${numberWords(twelve(hour), 'en')}${minutes} ${hour < 12 ? 'AM' : 'PM'}`;
}

function twelve(hour: number): number {
  return hour % 12 === 0 ? 12 : hour % 12;
}

function weekdayAndDay(ms: number, language: SpokenLanguage): string {
  const weekday = nameOf(ms, language, { weekday: 'long' });
  const month = nameOf(ms, language, { month: 'long' });
  const day = dayWords(new Date(ms).getUTCDate(), language);
  return language === 'es' ? `${weekday} ${day} de ${month}` : `${weekday} ${month} ${day}`;
}

function nameOf(ms: number, language: SpokenLanguage, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(localeOf(language), { ...options, timeZone: 'UTC' }).format(ms);
}

function dayWords(day: number, language: SpokenLanguage): string {
  if (language === 'es') return day === 1 ? 'primero' : numberWords(day, 'es');
  return ordinalWords(day);
}

/** `twenty first`. English only; 1 to 31. */
function ordinalWords(day: number): string {
  const words = numberWords(day, 'en').split(' ');
  const last = words.pop() ?? '';
  return [...words, ORDINALS[last] ?? `${last}th`].join(' ');
}

/** Long: `nineteen hundred eighty nine`, `two thousand fourteen`. Short: `twenty fourteen`. */
function yearWords(year: number, language: SpokenLanguage, length: 'long' | 'short'): string {
  if (language === 'es') return numberWords(year, 'es');
  const century = Math.floor(year / 100);
  const rest = year % 100;
  if (year >= 10_000 || century % 10 === 0 || year < 1100) {
    if (length === 'long' || rest < 10 || year < 1100 || year >= 10_000) {
      return numberWords(year, 'en');
    }
  }
  const spoken = rest === 0 ? '' : ` ${rest < 10 ? 'oh ' : ''}${numberWords(rest, 'en')}`;
  const hundred = length === 'long' || rest === 0 ? ' hundred' : '';
  const plainRest = rest === 0 ? '' : ` ${numberWords(rest, 'en')}`;
  return `${numberWords(century, 'en')}${hundred}${length === 'long' ? plainRest : spoken}`;
}
