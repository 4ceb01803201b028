import { plainZero, roundTo } from './decimal.ts';
import { decimalText } from './print.ts';
import type { Value } from './value.ts';

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

/**
 * What `ToString` gives; `null` for NOT_SET. The forms (two places and the code behind a Currency,
 * seconds and `Z` in a DateTime, XSD durations) are those of the examples in the SDK's help data.
 */
export function textOfValue(value: Value): string | null {
  switch (value.type) {
    case 'not_set':
      return null;
    case 'string':
    case 'date':
    case 'time':
      return value.value;
    case 'integer':
      return String(value.value);
    case 'decimal':
      return decimalText(value.value);
    case 'boolean':
      return String(value.value);
    case 'duration':
      return durationText(value.value);
    case 'datetime':
      return dateTimeText(value.value);
    case 'currency':
      return `${fixedText(value.value, 2)}|${value.currency}`;
    case 'phonenumber':
      return phoneUri(value.value);
    case 'json':
      return typeof value.value === 'string' ? value.value : JSON.stringify(value.value);
    case 'audio':
      return null;
    case 'collection':
      return joined(value.items, '\n');
    case 'queue':
    case 'skill':
    case 'language':
    case 'user':
    case 'group':
    case 'schedulegroup':
    case 'prompt':
      return value.name;
  }
}

/** The items of a collection; NOT_SET is an empty text. */
export function joined(items: readonly Value[], delimiter: string): string {
  return items.map((item) => textOfValue(item) ?? '').join(delimiter);
}

/** With exactly so many places behind the dot. */
export function fixedText(value: number, places: number): string {
  const rounded = plainZero(roundTo(value, places));
  const text = decimalText(rounded);
  const [whole = '', part = ''] = text.split('.');
  if (places === 0) return whole;
  return `${whole}.${part.padEnd(places, '0').slice(0, places)}`;
}

/** `2009-01-10T06:30:00Z`. */
export function dateTimeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z`;
}

/** An XSD duration of days, hours, minutes and seconds: `-P9DT18H30M`. */
export function durationText(ms: number): string {
  const rest = Math.abs(ms);
  const days = Math.floor(rest / MS_PER_DAY);
  const hours = Math.floor((rest % MS_PER_DAY) / MS_PER_HOUR);
  const minutes = Math.floor((rest % MS_PER_HOUR) / MS_PER_MINUTE);
  const seconds = (rest % MS_PER_MINUTE) / MS_PER_SECOND;
  const date = days > 0 ? `${days}D` : '';
  const time = [
    hours > 0 ? `${hours}H` : '',
    minutes > 0 ? `${minutes}M` : '',
    seconds > 0 ? `${seconds}S` : '',
  ].join('');
  if (date === '' && time === '') return 'PT0S';
  return `${ms < 0 ? '-' : ''}P${date}${time === '' ? '' : `T${time}`}`;
}

const DURATION = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an XSD duration, smaller parts cut off; `null` for another text. */
export function durationOf(text: string): number | null {
  const found = DURATION.exec(text);
  if (!found || text.endsWith('P') || text.endsWith('T')) return null;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = found;
  const ms =
    Number(days) * MS_PER_DAY +
    Number(hours) * MS_PER_HOUR +
    Number(minutes) * MS_PER_MINUTE +
    Math.trunc(Number(`${seconds}e3`));
  return sign === undefined ? ms : plainZero(-ms);
}

/** `tel:+15551234567`, or the SIP address itself. */
export function phoneUri(value: string): string {
  return isSip(value) ? value : `tel:${value}`;
}

export function isSip(value: string): boolean {
  return /^sips?:/i.test(value);
}

/** True for a `+` and digits, or digits alone. */
export function isTelephone(value: string): boolean {
  return /^\+?[0-9]+$/.test(value);
}

/** Without `tel:` and, where only a number is left, without what people write between digits. */
export function phoneNumberOf(text: string): string {
  const number = text.trim().replace(/^tel:/i, '');
  if (isSip(number)) return number.replace(/@$/, '');
  const digits = number.replace(/[\s().-]/g, '');
  return isTelephone(digits) ? digits : number;
}
