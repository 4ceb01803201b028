/**
 * Names and marks of what is ours in an organisation. State is what Genesys says: an object is found by
 * its kind and name, and is ours where its description, or the integration's notes, end with our mark.
 * Skills and data actions have no description: a data action is ours by its integration, and a skill is
 * nobody's.
 */

/** One of several environments in an organisation; `null` is the only one. */
export type Prefix = string | null;

export function prefixed(prefix: Prefix, name: string): string {
  return prefix === null ? name : `${prefix}_${name}`;
}

const MANAGED = 'Managed by "tokenline genesys": its next apply undoes what is changed here.';

/** @param note what is to be remembered, without `]`. */
export function marked(text: string, prefix: Prefix, note: string): string {
  const words = ['tokenline', ...(prefix === null ? [] : [`:${prefix}`])].join('');
  return `${text} ${MANAGED} [${words}${note === '' ? '' : ` ${note}`}]`.trim();
}

/** What the mark remembers; `null` where there is none, or that of another environment. */
export function noteOf(description: string | null | undefined, prefix: Prefix): string | null {
  const found = /\[tokenline(?::(\w+))?(?: ([^\]]*))?\]\s*$/.exec(description ?? '');
  if (!found || (found[1] ?? null) !== prefix) return null;
  return found[2] ?? '';
}
