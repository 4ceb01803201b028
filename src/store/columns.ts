import { types } from 'pg';
import type { SqlValue } from './store.ts';

type Reader = (text: string) => unknown;

/** `2026-11-23 12:00:00.123456+05:30`: a `timestamptz` in the ISO style, which is the default. */
const MOMENT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::(\d\d))?$/;

function readNumber(text: string): number {
  const value = Number(text);
  // Minor units and counts are far below 2^53; beyond it a number would silently be another one.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RangeError('a number in the database is larger than 2^53');
  }
  return value;
}

function readMoment(text: string): number {
  const [, date, time, hours, minutes = '00'] = MOMENT.exec(text) ?? [];
  const value = Date.parse(`${date}T${time}${hours}:${minutes}`);
  if (Number.isNaN(value)) throw new RangeError('a time in the database is not in the ISO style');
  return value;
}

function readJson(text: string): unknown {
  return globalThis.JSON.parse(text);
}

const { BOOL, INT2, INT4, INT8, OID, FLOAT4, FLOAT8, NUMERIC, TIMESTAMPTZ, JSON, JSONB } =
  types.builtins;

/** How a column is read, by the OID of its type. What is not here stays text. */
const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [BOOL, (text) => text === 't'],
  ...[INT2, INT4, INT8, OID, FLOAT4, FLOAT8, NUMERIC].map((oid) => [oid, readNumber] as const),
  [TIMESTAMPTZ, readMoment],
  ...[JSON, JSONB].map((oid) => [oid, readJson] as const),
]);

const asText: Reader = (text) => text;

/** The reader of a type; the same for both engines, so that a row is the same from both. */
export function readerOf(oid: number): Reader {
  return READERS.get(oid) ?? asText;
}

/**
 * A parameter as the text that both drivers send untouched. Their own conversions differ: one takes
 * a number for a `timestamptz`, the other refuses it.
 */
export function parameter(value: SqlValue): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return finite(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return `{${value.map(element).join(',')}}`;
}

function finite(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError('a parameter is not a finite number');
  return String(value);
}

/** An element of an array, https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function element(value: string | number): string {
  if (typeof value === 'number') return finite(value);
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
