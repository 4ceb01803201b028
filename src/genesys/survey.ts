import type { Static, TSchema } from 'typebox';
import { CALLS, type ListCall } from './calls.ts';
import type { AuthzSubject, FlowSettingsResponse, Queue, TrunkBase } from './look-models.ts';
import { LOOKS } from './looks.ts';
import type { Action, Flow } from './models.ts';
import type { Filling, Platform } from './platform.ts';
import { PlatformRefused } from './refusal.ts';

/** What was seen, or why it cannot be seen: then a person has to look. */
export type Look<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'hidden'; readonly permissions: readonly string[]; readonly said: string };

/** An organisation as it is now. Nothing in it is changed. */
export interface Survey {
  readonly organization: string;
  /** `features.pci`; `null` where the organisation does not say. */
  readonly pci: boolean | null;
  /** `domain:entity:action`, with `*` for any. */
  readonly permissions: Look<ReadonlySet<string>>;
  /** By key, such as `actions.concurrent.executions.max`. */
  readonly limits: Look<ReadonlyMap<string, number>>;
  readonly actions: Look<readonly Static<typeof Action>[]>;
  readonly flows: Look<readonly Static<typeof Flow>[]>;
  /** `null` where there is no queue of the name. */
  readonly queue: Look<Static<typeof Queue> | null>;
  readonly trunks: Look<readonly Static<typeof TrunkBase>[]>;
  /** `null` where Genesys does not say. */
  readonly executionData: Look<boolean | null>;
  readonly defaultLogLevel: Look<LogLevel>;
  /** By the id of a flow. */
  readonly logLevels: Look<ReadonlyMap<string, LogLevel>>;
}

export interface LogLevel {
  /** `Disabled`, `Base`, `Notes`, `VerboseNotes` or `All`; `null` where Genesys does not say. */
  readonly level: string | null;
  /** It says itself that it keeps values: of variables, of what is said, of what actions get and give. */
  readonly keepsValues: boolean;
}

/** Where the limits of data actions are; seen in use against an organisation, in no document. */
const LIMITS_OF = 'dataactions';

export interface Looked {
  /** Of the data actions. */
  readonly categories: readonly string[];
  readonly queue: string;
}

/** @throws {PlatformRefused} where the client cannot sign in, or Genesys cannot be reached. */
export async function survey(platform: Platform, { categories, queue }: Looked): Promise<Survey> {
  const { name, features } = await platform.send(LOOKS.organization);
  const pci = features?.['pci'];
  const all = <A extends TSchema>(call: ListCall<A>, filling: Filling = {}) =>
    look(call, () => platform.all(call, filling));
  const one = <A extends TSchema>(call: ListCall<A>, filling: Filling = {}) =>
    look(call, () => platform.send(call, filling));
  const limits = await one(LOOKS.limits, { names: { namespaceName: LIMITS_OF } });
  const expand = 'logLevelCharacteristics.characteristics';
  return {
    organization: name ?? '',
    pci: typeof pci === 'boolean' ? pci : null,
    permissions: mapped(await one(LOOKS.grants), permissionsIn),
    limits: mapped(
      limits,
      ({ entities }) =>
        new Map(
          (entities ?? []).flatMap(({ key, value }): [string, number][] =>
            typeof key === 'string' && typeof value === 'number' ? [[key, value]] : [],
          ),
        ),
    ),
    actions: await look(CALLS.readAction, () => actionsOf(platform, categories)),
    flows: await all(CALLS.listFlows),
    queue: await look(CALLS.readQueue, () => queueOf(platform, queue)),
    trunks: await all(LOOKS.trunks, { query: { expand: 'properties' } }),
    executionData: mapped(await one(LOOKS.executionData), ({ enabled }) => enabled ?? null),
    defaultLogLevel: mapped(await one(LOOKS.defaultLogLevel, { query: { expand } }), logLevel),
    logLevels: mapped(
      await all(LOOKS.logLevels, { query: { expand } }),
      (entities) =>
        new Map(entities.flatMap((entity) => (entity.id ? [[entity.id, logLevel(entity)]] : []))),
    ),
  };
}

async function look<T>(
  { permissions }: { readonly permissions: readonly string[] },
  ask: () => Promise<T>,
): Promise<Look<T>> {
  try {
    return { kind: 'seen', value: await ask() };
  } catch (error) {
    // Without an answer there is nothing to look at by hand either: that is for the caller.
    if (!(error instanceof PlatformRefused) || error.answer === null) throw error;
    if (error.answer.status === 401) throw error;
    return { kind: 'hidden', permissions, said: error.message };
  }
}

function mapped<T, U>(seen: Look<T>, to: (value: T) => U): Look<U> {
  return seen.kind === 'seen' ? { kind: 'seen', value: to(seen.value) } : seen;
}

/** The list has names alone: each is read, without its templates. */
async function actionsOf(
  platform: Platform,
  categories: readonly string[],
): Promise<Static<typeof Action>[]> {
  const listed = await platform.all(CALLS.listActions);
  const ours = listed.filter((one) => categories.includes(one.category ?? ''));
  const query = { includeConfig: true };
  return Promise.all(
    ours.map(({ id, name }) => {
      const about = name ?? id;
      return platform.send(CALLS.readAction, { names: { actionId: id }, query, about });
    }),
  );
}

async function queueOf(platform: Platform, name: string): Promise<Static<typeof Queue> | null> {
  const found = await platform.all(CALLS.listQueues, { query: { name } });
  const queue = found.find((one) => one.name?.toLowerCase() === name.toLowerCase());
  if (queue === undefined) return null;
  return platform.send(LOOKS.queue, { names: { queueId: queue.id }, about: `queue ${name}` });
}

function permissionsIn({ grants }: Static<typeof AuthzSubject>): ReadonlySet<string> {
  const policies = (grants ?? []).flatMap(({ role }) => role?.policies ?? []);
  return new Set(
    policies.flatMap(({ domain, entityName, actions }) =>
      (actions ?? []).map((action) => `${domain ?? '*'}:${entityName ?? '*'}:${action}`),
    ),
  );
}

/** A permission is held by its own name, or by one that stands for all of a kind. */
export function isHeld(permission: string, held: ReadonlySet<string>): boolean {
  const [domain = '', entity = ''] = permission.split(':');
  const ways = [
    permission,
    `${domain}:${entity}:*`,
    `${domain}:${entity}:all`,
    `${domain}:*:*`,
    '*:*:*',
  ];
  const lower = new Set([...held].map((one) => one.toLowerCase()));
  return ways.some((way) => lower.has(way.toLowerCase()));
}

function logLevel({ logLevelCharacteristics }: Static<typeof FlowSettingsResponse>): LogLevel {
  const { level, characteristics } = logLevelCharacteristics ?? {};
  const { executionInputOutputs, communications, variables } = characteristics ?? {};
  const keepsValues = [executionInputOutputs, communications, variables].includes(true);
  return { level: level ?? null, keepsValues };
}
