import type { Arguments } from './arguments.ts';
import { exact, plainZero } from './decimal.ts';
import { INTEGER_MAX } from './lexer.ts';
import { NOT_SET, type Audio, type ScalarType, type Sound, type Value } from './value.ts';

/** Ours: a loop that doubles a text must end in error handling, not in a full memory. */
export const TEXT_LENGTH_MAX = 100_000;

/** Constants of the SDK: `maxDecimal`, and DateTimes from 1800 on. */
const DECIMAL_MAX = 1e40;
const DATE_TIME_MIN = Date.UTC(1800, 0, 1);
const DATE_TIME_MAX = Date.UTC(9999, 11, 31, 23, 59, 59);

export function text(value: string | null): Value {
  return value === null ? NOT_SET : { type: 'string', value };
}

export function flag(value: boolean): Value {
  return { type: 'boolean', value };
}

export function integer(args: Arguments, value: number): Value {
  if (!Number.isInteger(value) || Math.abs(value) > INTEGER_MAX) {
    return args.fail('the result is no Integer of at most 15 digits');
  }
  return { type: 'integer', value: plainZero(value) };
}

export function decimal(args: Arguments, value: number): Value {
  if (!Number.isFinite(value) || Math.abs(value) >= DECIMAL_MAX) {
    return args.fail('the result is no number that a Decimal can hold');
  }
  return { type: 'decimal', value: plainZero(exact(value)) };
}

export function duration(args: Arguments, ms: number): Value {
  if (!Number.isFinite(ms) || Math.abs(ms) > INTEGER_MAX) {
    return args.fail('the result is longer than a Duration can be');
  }
  return { type: 'duration', value: plainZero(Math.trunc(ms)) };
}

export function dateTime(args: Arguments, ms: number): Value {
  if (!(ms >= DATE_TIME_MIN && ms <= DATE_TIME_MAX)) {
    return args.fail('the result is no DateTime from 1800 to 9999');
  }
  return { type: 'datetime', value: ms };
}

export function currency(args: Arguments, value: number, code: string): Value {
  const amount = decimal(args, value);
  return amount.type === 'decimal'
    ? { type: 'currency', value: amount.value, currency: code }
    : NOT_SET;
}

export function list(of: ScalarType, items: readonly Value[]): Value {
  return { type: 'collection', of, items };
}

export function audio(sounds: readonly Sound[], bargeIn = true): Value {
  return { type: 'audio', value: { sounds, bargeIn } };
}

export function audioOf(value: Audio): Value {
  return { type: 'audio', value };
}
