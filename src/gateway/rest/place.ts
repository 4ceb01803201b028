/** The value at a place such as `data.0.id`; `undefined` where there is none. */
export function valueAt(body: unknown, place: string): unknown {
  let value = body;
  for (const name of place.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    const found: readonly [string, unknown] | undefined = Object.entries(value).find(
      ([key]) => key === name,
    );
    value = found?.[1];
  }
  return value;
}

/**
 * A text that is not empty, or a number as text: ids and words come as either. A number that is too
 * large to be read exactly is none: it would be the id of something else.
 */
export function wordAt(body: unknown, place: string | null): string | null {
  const value = place === null ? undefined : valueAt(body, place);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
