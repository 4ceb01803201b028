/** The members of a JSON object. */
export type Members = Readonly<Record<string, unknown>>;

/** The members of a JSON object; `null` for anything else. */
export function membersOf(value: unknown): Members | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value));
}

/** A member that is text and not empty, or `null`. */
export function textOf(members: Members | null, name: string): string | null {
  const value = members?.[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A member that is a number, or `null`. */
export function numberOf(members: Members | null, name: string): number | null {
  const value = members?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The body of an answer; `null` where it is no JSON. */
export function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}
