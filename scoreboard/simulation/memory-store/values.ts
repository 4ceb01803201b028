import { parameter } from '../../../src/store/columns.ts';
import type { SqlValue } from '../../../src/store/store.ts';
import { SqlError } from './errors.ts';
import { refuse, type Node } from './parse.ts';

const SCALARS = [
  'bool',
  'int2',
  'int4',
  'int8',
  'numeric',
  'float4',
  'float8',
  'text',
  'varchar',
  'date',
  'timestamp',
  'timestamptz',
  'interval',
  'json',
  'jsonb',
  'bytea',
] as const;

type Scalar = (typeof SCALARS)[number];

/** `unknown` is a literal or a parameter that has not met anything that gives it a type. */
export type SqlType = Scalar | `${Scalar}[]` | 'unknown' | 'record';

/**
 * A value in a row. Numbers of every kind are a double, a moment is milliseconds since 1970, an
 * interval milliseconds, a date and the like PostgreSQL's text.
 */
export type Value = string | number | boolean | null | Json | readonly Value[];

/** A row; never changed, so that copies of a database can share it. */
export type Row = readonly Value[];

/** A `json` or `jsonb`: JSON's own null is not SQL's. */
export class Json {
  readonly value: unknown;
  readonly text: string;

  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }
}

const NUMBERS: ReadonlySet<SqlType> = new Set([
  'int2',
  'int4',
  'int8',
  'numeric',
  'float4',
  'float8',
]);

export function isNumber(type: SqlType): boolean {
  return NUMBERS.has(type);
}

export function isText(type: SqlType): boolean {
  return type === 'text' || type === 'varchar';
}

export function elementOf(type: SqlType): Scalar | null {
  return type.endsWith('[]') ? (type.slice(0, -2) as Scalar) : null;
}

/** The type where it is that of one value and known; `null` otherwise. */
export function scalarOf(type: SqlType): Scalar | null {
  return SCALARS.find((scalar) => scalar === type) ?? null;
}

/** The type that a type name in a statement means. */
export function typeNamed(node: Node | undefined, what: object): SqlType {
  if (node === undefined || !('TypeName' in node)) return refuse('this type', what);
  const { names = [], arrayBounds, typmods, setof } = node.TypeName;
  const words = names.map((name) => ('String' in name ? name.String.sval : undefined));
  const name = SCALARS.find((scalar) => scalar === words.at(-1));
  if (name === undefined || typmods !== undefined || setof === true || words.length > 2) {
    return refuse('this type', what);
  }
  if (arrayBounds === undefined) return name;
  return arrayBounds.length === 1 ? `${name}[]` : refuse('an array of arrays', what);
}

const LARGEST: Readonly<Partial<Record<SqlType, number>>> = { int2: 2 ** 15, int4: 2 ** 31 };

/** @throws {SqlError} 22003 where an integer of this type cannot hold it. */
export function inRange(type: SqlType, value: number): number {
  const limit = LARGEST[type];
  if (limit !== undefined && (value >= limit || value < -limit)) {
    throw new SqlError('22003', `${type} out of range`);
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RangeError('a number in the database is larger than 2^53');
  }
  return value;
}

function invalid(type: SqlType): never {
  throw new SqlError(type.startsWith('timestamp') ? '22007' : '22P02', `invalid input for ${type}`);
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)$/;
const MOMENT = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d(?::\d\d)?)$/;
const INTEGER = /^\s*[+-]?\d+\s*$/;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const INTERVAL = /^(\d+) (millisecond|second|minute|hour|day)s?$/;
const UNIT_MS = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function readMoment(text: string): number {
  // What a Date writes, read without the regular expression: nearly every moment is one.
  if (text.length === 24 && text.endsWith('Z')) {
    const value = Date.parse(text);
    if (!Number.isNaN(value)) return value;
  }
  if (text === 'epoch') return 0;
  const [, date, time, zone = ''] = MOMENT.exec(text) ?? invalid('timestamptz');
  const value = Date.parse(`${date}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`);
  if (Number.isNaN(value)) return invalid('timestamptz');
  const micros = /\.\d{3}(\d+)/.exec(time ?? '')?.[1] ?? '';
  return value + Number(micros.padEnd(3, '0')) / 1000;
}

function readInterval(text: string): number {
  const [, count, unit] = INTERVAL.exec(text) ?? refuse('this interval', text);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

function readNumber(type: SqlType, text: string): number {
  const whole = type.startsWith('int');
  if (!(whole ? INTEGER : NUMBER).test(text)) return invalid(type);
  return inRange(type, Number(text));
}

const WORDS_OF_BOOL = new Map([
  ...['t', 'true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['f', 'false', 'no', 'off', '0'].map((word) => [word, false] as const),
]);

/** What PostgreSQL makes of an object's keys: shorter ones first, then by their bytes. */
function jsonbValue(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(jsonbValue));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, jsonbValue(inner)] as const);
  entries.sort(([a], [b]) => a.length - b.length || compareText(a, b));
  return Object.freeze(Object.fromEntries(entries));
}

function jsonbText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}: ${jsonbText(inner)}`).join(', ')}}`;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return invalid('json');
  }
}

export function jsonb(value: unknown): Json {
  const kept = jsonbValue(value);
  return new Json(kept, jsonbText(kept));
}

function readArray(type: SqlType, element: Scalar, text: string): readonly Value[] {
  if (!/^\{.*\}$/s.test(text)) return invalid(type);
  const inside = text.slice(1, -1);
  const token = /"((?:[^"\\]|\\.)*)"|([^",{}\\]+)/gs;
  const values: Value[] = [];
  for (let at = 0; at < inside.length;) {
    token.lastIndex = at;
    const match = token.exec(inside);
    if (match?.index !== at) return invalid(type);
    at = token.lastIndex;
    const [, quoted, bare = ''] = match;
    if (quoted !== undefined) values.push(readText(element, quoted.replaceAll(/\\(.)/gs, '$1')));
    else values.push(/^null$/i.test(bare) ? null : readText(element, bare));
    if (at < inside.length && inside[at] !== ',') return invalid(type);
    at += 1;
    if (at === inside.length) return invalid(type);
  }
  return values;
}

function readTimestamp(text: string): string {
  const [, date, time] = TIMESTAMP.exec(text) ?? refuse('this timestamp', text);
  return `${date} ${time}`;
}

const READERS: Readonly<Record<Exclude<SqlType, `${string}[]`>, (text: string) => Value>> = {
  text: asItIs,
  varchar: asItIs,
  unknown: asItIs,
  bytea: asItIs,
  bool: (text) => WORDS_OF_BOOL.get(text.trim().toLowerCase()) ?? invalid('bool'),
  timestamptz: readMoment,
  timestamp: readTimestamp,
  date: (text) => (DATE.test(text) ? text : refuse('this date', text)),
  interval: readInterval,
  json: (text) => new Json(parsedJson(text), text),
  jsonb: (text) => jsonb(parsedJson(text)),
  record: (text) => refuse('a record from text', text),
  int2: (text) => readNumber('int2', text),
  int4: (text) => readNumber('int4', text),
  int8: (text) => readNumber('int8', text),
  numeric: (text) => readNumber('numeric', text),
  float4: (text) => readNumber('float4', text),
  float8: (text) => readNumber('float8', text),
};

function asItIs(text: string): string {
  return text;
}

/** The value that a text is in a type. @throws {SqlError} where it is none. */
export function readText(type: SqlType, text: string): Value {
  const element = elementOf(type);
  if (element !== null) return readArray(type, element, text);
  return READERS[type as keyof typeof READERS](text);
}

/** A value of a type of text. */
export function stringOf(value: Value): string {
  return typeof value === 'string' ? value : refuse('this as a text', typeof value);
}

/** The value of a parameter, as `columns.ts` makes it text for the real drivers. */
export function readParameter(type: SqlType, value: SqlValue): Value {
  if (value === null) return null;
  if (typeof value === 'string') return readText(type, value);
  if (typeof value === 'number') {
    if (type === 'int4' || type === 'int8') {
      if (Number.isInteger(value)) return inRange(type, value);
    }
  } else if (typeof value === 'boolean') {
    if (type === 'bool') return value;
  } else if (type === 'text[]' && value.every((one) => typeof one === 'string')) {
    return value;
  }
  return readText(type, parameter(value) ?? '');
}

function momentText(value: number, separator: string, zone: string): string {
  const micros = Math.round((value - Math.floor(value)) * 1000);
  const iso = new Date(Math.floor(value)).toISOString();
  const fraction = `${iso.slice(20, 23)}${String(micros).padStart(3, '0')}`.replace(/0+$/, '');
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction === '' ? '' : `.${fraction}`}${zone}`;
}

function arrayElement(element: SqlType, value: Value): string {
  if (value === null) return 'NULL';
  const text = textOf(element, value);
  if (text !== '' && !/[\s",{}\\]/.test(text) && !/^null$/i.test(text)) return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** PostgreSQL's text of a value. The time zone is UTC. */
export function textOf(type: SqlType, value: Exclude<Value, null>): string {
  if (value instanceof Json) return value.text;
  if (typeof value === 'object') {
    const element = elementOf(type) ?? refuse('the text of this array', type);
    return `{${value.map((one) => arrayElement(element, one)).join(',')}}`;
  }
  if (type === 'timestamptz') return momentText(Number(value), ' ', '+00');
  if (type === 'bool') return value === true ? 'true' : 'false';
  if (type === 'interval' || type === 'record') return refuse('the text of this type', type);
  return String(value);
}

/** The JSON that `to_json` makes of a value. */
export function jsonOf(type: SqlType, value: Value): Json {
  if (value === null) return new Json(null, 'null');
  if (value instanceof Json) return value;
  if (typeof value === 'object') {
    const element = elementOf(type) ?? refuse('the JSON of this array', type);
    return jsonArray(value.map((one) => jsonOf(element, one)));
  }
  if (type === 'timestamptz') {
    const text = momentText(Number(value), 'T', '+00:00');
    return new Json(text, JSON.stringify(text));
  }
  const plain = isNumber(type) || type === 'bool' ? value : textOf(type, value);
  return new Json(plain, JSON.stringify(plain));
}

export function jsonArray(items: readonly Json[], separator = ','): Json {
  return new Json(
    items.map((item) => item.value),
    `[${items.map((item) => item.text).join(separator)}]`,
  );
}

export function jsonObject(
  entries: readonly (readonly [key: string, item: Json])[],
  [open, colon, comma, close]: readonly [string, string, string, string],
): Json {
  const texts = entries.map(([key, item]) => `${JSON.stringify(key)}${colon}${item.text}`);
  const value = Object.fromEntries(entries.map(([key, item]) => [key, item.value]));
  return new Json(value, open + texts.join(comma) + close);
}

/** A value as the drivers give it to the program; see SqlRow. */
export function output(type: SqlType, value: Value): unknown {
  if (value === null) return null;
  if (value instanceof Json) return value.value;
  if (type === 'timestamptz') return Math.floor(Number(value));
  if (typeof value === 'object' || type === 'interval' || type === 'record') {
    return textOf(type, value);
  }
  return value;
}

/** By code units, which for everything that is stored here is the order of collation C. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order of two values of one type, neither of them null. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return refuse('an order of these values', [typeof a, typeof b]);
}

function keyText(value: Json | readonly Value[]): string {
  return value instanceof Json ? value.text : refuse('a key of an array', typeof value);
}

/**
 * A key by which rows with equal values are found. Zero is the one character that no text of
 * PostgreSQL has, so it can part the values and stand for null.
 */
export function keyOf(values: readonly Value[]): string {
  let key = '';
  for (const value of values) {
    if (value === null) key += '\0-';
    else key += typeof value === 'object' ? keyText(value) : String(value);
    key += '\0,';
  }
  return key;
}
