/** What a form of nested names holds; `null` and `undefined` are left out. */
export type FormValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly FormValue[]
  | { readonly [name: string]: FormValue };

/**
 * Nested values as `application/x-www-form-urlencoded` text with names in brackets, as Stripe reads
 * them: `items[0][price]=price_1&off_session=true`.
 */
export function formText(value: { readonly [name: string]: FormValue }): string {
  return Object.entries(value)
    .flatMap(([name, inner]) => pairsOf(encodeURIComponent(name), inner))
    .join('&');
}

function pairsOf(name: string, value: FormValue): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [`${name}=${encodeURIComponent(value)}`];
  const inner = Array.isArray(value)
    ? value.map((item: FormValue, index) => [String(index), item] as const)
    : Object.entries(value);
  return inner.flatMap(([key, item]) => pairsOf(`${name}[${encodeURIComponent(key)}]`, item));
}
