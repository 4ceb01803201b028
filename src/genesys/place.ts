import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../system/clock.ts';
import { ConfigError } from '../system/yaml-file.ts';
import { CALLS, type ListCall } from './calls.ts';
import { prefixed } from './naming.ts';
import type { Filling, Platform } from './platform.ts';
import type { Wanted } from './wanted.ts';

/** In the order in which they are made. */
export const KINDS = [
  'credential',
  'integration',
  'authentication action',
  'data action',
  'skill',
  'queue',
  'user prompt',
  'flow',
  'call route',
] as const;
export type Kind = (typeof KINDS)[number];

/** What a look at one object found. */
export type Look =
  | { readonly verdict: 'left'; readonly remark?: string }
  | { readonly verdict: 'create'; readonly remark?: string; readonly put: Put }
  | { readonly verdict: 'change'; readonly differences: readonly string[]; readonly put: Put }
  | { readonly verdict: 'remove'; readonly remark: string; readonly put: Put }
  /** It cannot be done before a person has decided something. */
  | { readonly verdict: 'refused'; readonly reason: string };

/** Puts it right. May be cut off anywhere: the next look finds how far it has come. */
type Put = () => Promise<void>;

/** One object that is wanted. */
export interface Part {
  readonly kind: Kind;
  /** As it is called in the organisation. */
  readonly name: string;
  look(): Promise<Look>;
}

/** An organisation while it is looked at and changed. Lists are read once. */
export class Place {
  readonly platform: Platform;
  readonly wanted: Wanted;
  readonly clock: Clock;
  /** The names under which data actions are published now, by their names in the flows. */
  readonly actionNames = new Map<string, string>();
  /** Data actions that an action with another contract has taken the place of. */
  readonly outdated = new Map<string, string>();
  /**
   * What the notes of an integration should remember of its credential, by the integration's name in
   * the flows; none while it is not known.
   */
  readonly credentialStamps = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #lists = new Map<string, Promise<unknown[]>>();

  constructor(platform: Platform, wanted: Wanted, clock: Clock) {
    this.platform = platform;
    this.wanted = wanted;
    this.clock = clock;
  }

  /** A name with the prefix of the environment. */
  named(name: string): string {
    return prefixed(this.wanted.prefix, name);
  }

  /** `null` for what is not there yet. @param name as it is called in the organisation. */
  idOf(kind: Kind, name: string): string | null {
    return this.#ids.get(`${kind} ${name}`) ?? null;
  }

  found(kind: Kind, name: string, id: string): void {
    this.#ids.set(`${kind} ${name}`, id);
  }

  async list<A extends TSchema>(
    call: ListCall<A>,
    query: Filling['query'] = {},
  ): Promise<Static<A>[]> {
    const key = `${call.path} ${JSON.stringify(query)}`;
    const reading = this.#lists.get(key) ?? this.platform.all(call, { query });
    this.#lists.set(key, reading);
    const all = await reading;
    const ofKind = (one: unknown): one is Static<A> => Value.Check(call.answer, one);
    return all.filter(ofKind);
  }

  /** Where new objects are made; nothing where that is the home division, which is Genesys' own default. */
  async division(): Promise<{ readonly division?: { readonly id: string } }> {
    const { division: name } = this.wanted;
    if (name === 'Home') return {};
    const found = await this.list(CALLS.listDivisions, { name });
    const id = found.find((one) => one.name === name)?.id;
    if (id === undefined) {
      throw new ConfigError([`genesys.division: the organisation has no division named ${name}`]);
    }
    return { division: { id } };
  }
}

export const sameName = (one: string | null | undefined, other: string): boolean =>
  (one ?? '').toLowerCase() === other.toLowerCase();

/** What is said of an object that has our name and not our mark. */
export function notOurs(kind: Kind, name: string): Look {
  const reason =
    `There is a ${kind} named ${name} that "tokenline genesys" has not made. Rename it, choose ` +
    'another genesys.prefix, or take it over with --adopt: it is then changed to what is wanted here.';
  return { verdict: 'refused', reason };
}
