/** One field: its number, and text, bytes, a whole number or a truth. Empty ones are left out, as proto3 wants. */
export type Field = readonly [number: number, value: Uint8Array | string | number | boolean];

/** A message as bytes (protobuf.dev/programming-guides/encoding). */
export function message(...fields: readonly Field[]): Uint8Array {
  return Buffer.concat(fields.flatMap(([number, value]) => field(number, value)));
}

function field(number: number, value: Field[1]): Uint8Array[] {
  if (typeof value === 'boolean' || typeof value === 'number') {
    return Number(value) === 0 ? [] : [varint(number << 3), varint(Number(value))];
  }
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return [varint((number << 3) | 2), varint(bytes.length), bytes];
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

/** The fields of a message that hold bytes, texts or messages, by number; the last one of each. */
export function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte <= 0x7f) return value;
    }
  };
  while (at < bytes.length) {
    const key = number();
    const kind = key & 7;
    if (kind === 0) number();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const length = number();
      fields.set(key >> 3, bytes.subarray(at, at + length));
      at += length;
    }
  }
  return fields;
}
