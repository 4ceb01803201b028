import type { HttpRequest } from '../../system/http-client.ts';
import type { Fact, Facts } from './facts.ts';
import { SECRET_FACTS, type SecretFact } from './facts.ts';
import type { Field, LookUp, RestMapping, Step } from './mapping.ts';

const PLACEHOLDER = /\{([a-z0-9_]+)\}/g;

/** The facts that a path names, known or not. */
export function namesIn(path: string): string[] {
  return [...path.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

/** A path with its facts filled in, each encoded as one part. */
export function filledPath(path: string, facts: Facts): string {
  const known = new Map<string, string | number | null>(Object.entries(facts));
  return path.replaceAll(PLACEHOLDER, (_, name: string) =>
    encodeURIComponent(known.get(name) ?? ''),
  );
}

type Scalar = string | number | boolean;

/** The place of a secret in a body. */
export class Slot {
  readonly secret: SecretFact;

  constructor(secret: SecretFact) {
    this.secret = secret;
  }
}

interface Branch {
  readonly [name: string]: Leaf | Branch;
}
type Leaf = Scalar | Slot;

function isSecret(fact: Fact): fact is SecretFact {
  return SECRET_FACTS.some((secret) => secret === fact);
}

/** What a field holds, or `null` where its fact is not there. */
function leafOf(field: Field, facts: Facts): Leaf | null {
  const { from, value, as } = field;
  if (from === undefined) return value ?? null;
  if (isSecret(from)) return new Slot(from);
  const fact = facts[from] ?? null;
  if (fact === null) return null;
  const word = field.words?.[String(fact)] ?? fact;
  if (as === 'number') return Number(word);
  return as === 'text' ? String(word) : word;
}

function treeOf(fields: readonly Field[], facts: Facts): Branch {
  const root: Record<string, Leaf | Branch> = {};
  for (const field of fields) {
    const leaf = leafOf(field, facts);
    if (leaf === null) continue;
    const names = field.to.split('.');
    const last = names.pop() ?? '';
    let branch = root;
    for (const name of names) {
      const inner: Record<string, Leaf | Branch> = { ...branchAt(branch[name]) };
      branch[name] = inner;
      branch = inner;
    }
    branch[last] = leaf;
  }
  return root;
}

function branchAt(value: Leaf | Branch | undefined): Branch {
  return typeof value === 'object' && !(value instanceof Slot) ? value : {};
}

type Parts = readonly (string | Slot)[];

function jsonParts(value: Leaf | Branch): Parts {
  if (typeof value !== 'object') return [JSON.stringify(value)];
  // Digits need no escaping: what stands in a slot has been checked to be digits.
  if (value instanceof Slot) return ['"', value, '"'];
  const members = Object.entries(value).map(([name, inner], index) => [
    `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
    ...jsonParts(inner),
  ]);
  return ['{', ...members.flat(), '}'];
}

function formParts(value: Branch, under = ''): Parts {
  return Object.entries(value).flatMap(([name, inner]) => {
    const own = encodeURIComponent(name);
    const full = under === '' ? own : `${under}[${own}]`;
    if (typeof inner !== 'object') return [`&${full}=${encodeURIComponent(inner)}`];
    return inner instanceof Slot ? [`&${full}=`, inner] : formParts(inner, full);
  });
}

/**
 * The body of a request in parts: literal text, and slots where the card process puts digits as
 * bytes. Without a slot there is one part.
 */
export function bodyParts(
  mapping: Pick<RestMapping, 'body'>,
  fields: readonly Field[],
  facts: Facts,
): Parts {
  const tree = treeOf(fields, facts);
  const parts = mapping.body === 'json' ? jsonParts(tree) : formParts(tree);
  const joined: (string | Slot)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string')
      joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  const [first] = joined;
  if (typeof first === 'string') joined[0] = first.replace(/^&/, '');
  return joined;
}

const MEDIA = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** Everything of a request but its body; credential and signature come on top. */
export function headOfStep(
  mapping: RestMapping,
  step: Step,
  facts: Facts,
): Omit<HttpRequest, 'body'> {
  const { header } = mapping.idempotency;
  const key = facts.idempotency_key ?? null;
  return {
    method: step.method,
    path: filledPath(step.path, facts),
    headers: {
      ...constantHeaders(mapping),
      ...(step.fields.length > 0 && { 'content-type': MEDIA[mapping.body] }),
      ...(header !== null && key !== null && { [header.toLowerCase()]: String(key) }),
    },
  };
}

function constantHeaders(mapping: RestMapping): Record<string, string> {
  const constant = mapping.headers.map(({ name, value }) => [name.toLowerCase(), value] as const);
  return { accept: 'application/json', ...Object.fromEntries(constant) };
}

/** A whole request without card digits. */
export function requestOf(mapping: RestMapping, step: Step, facts: Facts): HttpRequest {
  const parts = bodyParts(mapping, step.fields, facts);
  const text = parts.map((part) => (typeof part === 'string' ? part : '')).join('');
  return {
    ...headOfStep(mapping, step, facts),
    body: step.fields.length === 0 ? null : Buffer.from(text, 'utf8'),
  };
}

export function lookUpRequest(mapping: RestMapping, lookUp: LookUp, facts: Facts): HttpRequest {
  return {
    method: 'GET',
    path: filledPath(lookUp.path, facts),
    headers: constantHeaders(mapping),
    body: null,
  };
}
