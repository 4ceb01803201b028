/** What Terraform knows only once something has been made. */
export const UNKNOWN = Symbol('unknown');

/** A value as Terraform sends it. */
export type Value =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly Value[]
  | { readonly [name: string]: Value };

/** MessagePack, as far as Terraform's values use it (docs/plugin-protocol/object-wire-format.md of hashicorp/terraform). */
export function decode(bytes: Uint8Array): Value {
  const cursor = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
  return read(cursor);
}

interface Cursor {
  readonly view: DataView;
  at: number;
}

function take(cursor: Cursor, count: number): number {
  const { at } = cursor;
  cursor.at += count;
  return at;
}

function unsigned({ view }: Cursor, at: number, size: 1 | 2 | 4): number {
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at) : view.getUint32(at);
}

function text(cursor: Cursor, length: number): string {
  const { view } = cursor;
  return new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + take(cursor, length), length),
  );
}

const list = (cursor: Cursor, count: number): Value[] =>
  Array.from({ length: count }, () => read(cursor));

function map(cursor: Cursor, count: number): Value {
  return Object.fromEntries(
    Array.from({ length: count }, () => [wordOf(read(cursor)), read(cursor)] as const),
  );
}

/** Unknown values are extensions, whatever more an extension says of them. */
function extension(cursor: Cursor, length: number): Value {
  take(cursor, 1 + length);
  return UNKNOWN;
}

const SIZES = [1, 2, 4] as const;

function read(cursor: Cursor): Value {
  const { view } = cursor;
  const tag = view.getUint8(take(cursor, 1));
  if (tag <= 0x7f) return tag;
  if (tag >= 0xe0) return tag - 0x100;
  if (tag <= 0x8f) return map(cursor, tag & 0x0f);
  if (tag <= 0x9f) return list(cursor, tag & 0x0f);
  if (tag <= 0xbf) return text(cursor, tag & 0x1f);
  const sized = (first: number): number => {
    const size = SIZES[tag - first] ?? 4;
    return unsigned(cursor, take(cursor, size), size);
  };
  if (tag === 0xc0) return null;
  if (tag === 0xc2 || tag === 0xc3) return tag === 0xc3;
  if (tag >= 0xc4 && tag <= 0xc6) return text(cursor, sized(0xc4));
  if (tag >= 0xc7 && tag <= 0xc9) return extension(cursor, sized(0xc7));
  if (tag === 0xca) return view.getFloat32(take(cursor, 4));
  if (tag === 0xcb) return view.getFloat64(take(cursor, 8));
  if (tag >= 0xcc && tag <= 0xce) return sized(0xcc);
  if (tag === 0xcf) return Number(view.getBigUint64(take(cursor, 8)));
  if (tag === 0xd0) return view.getInt8(take(cursor, 1));
  if (tag === 0xd1) return view.getInt16(take(cursor, 2));
  if (tag === 0xd2) return view.getInt32(take(cursor, 4));
  if (tag === 0xd3) return Number(view.getBigInt64(take(cursor, 8)));
  if (tag >= 0xd4 && tag <= 0xd8) return extension(cursor, 2 ** (tag - 0xd4));
  if (tag >= 0xd9 && tag <= 0xdb) return text(cursor, sized(0xd9));
  if (tag === 0xdc || tag === 0xdd) return list(cursor, sized(0xdb));
  return map(cursor, sized(0xdd));
}

export function encode(value: Value): Uint8Array {
  return Buffer.concat(write(value));
}

function head(tag: number, count: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(tag);
  bytes.writeUInt32BE(count, 1);
  return bytes;
}

function write(value: Value): Uint8Array[] {
  if (value === null) return [Uint8Array.of(0xc0)];
  if (value === UNKNOWN) return [Uint8Array.of(0xd4, 0, 0)];
  if (typeof value === 'boolean') return [Uint8Array.of(value ? 0xc3 : 0xc2)];
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeUInt8(0xcb);
    bytes.writeDoubleBE(value, 1);
    return [bytes];
  }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return [head(0xdb, bytes.length), bytes];
  }
  if (isList(value)) return [head(0xdd, value.length), ...value.flatMap(write)];
  const entries = Object.entries(value);
  return [
    head(0xdf, entries.length),
    ...entries.flatMap(([name, one]) => [...write(name), ...write(one)]),
  ];
}

/** A text as it is; anything else is empty. */
export const wordOf = (value: Value | undefined): string =>
  typeof value === 'string' ? value : '';

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** The members of an object; anything else has none. */
export function recordOf(value: Value | undefined): Readonly<Record<string, Value>> {
  if (value === null || typeof value !== 'object' || isList(value)) return {};
  return value;
}
