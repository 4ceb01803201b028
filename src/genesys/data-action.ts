import type { Static } from 'typebox';
import { sleep } from '../system/clock.ts';
import {
  configDifferences,
  readAction,
  sameContract,
  type PublishedAction,
} from './action-config.ts';
import { CALLS } from './calls.ts';
import type * as models from './models.ts';
import type { Look, Part, Place } from './place.ts';
import { PlatformRefused } from './refusal.ts';
import type { ActionFile, AuthAction, IntegrationWanted } from './wanted.ts';

type Action = Static<typeof models.Action>;

/** The integration that an action is in; its name without the prefix. */
type In = Pick<IntegrationWanted, 'name'>;

const idOf = (place: Place, { name }: In): string | null =>
  place.idOf('integration', place.named(name));

/**
 * The action that fetches an access token for the others. Genesys makes it with the integration's
 * credential and removes it with it; its id follows from the integration's (the provider's
 * `getCustomAuthIdFromIntegration`).
 */
export function authActionParts(place: Place, integration: IntegrationWanted): Part[] {
  const { authAction } = integration;
  if (authAction === null) return [];
  const name = place.named(authAction.name);
  const look = () => lookAtAuthAction(place, integration, authAction);
  return [{ kind: 'authentication action', name, look }];
}

/** Genesys may need a moment to make it: the provider waits 15 s. */
const AUTH_TRIES = 15;

async function lookAtAuthAction(place: Place, of: In, authAction: AuthAction): Promise<Look> {
  const name = place.named(authAction.name);
  const put = async (): Promise<void> => {
    const integrationId = idOf(place, of) ?? '';
    const actionId = `customAuth_-_${integrationId}`;
    let found = await published(place, actionId, name);
    for (let tries = 0; found === null && tries < AUTH_TRIES; tries += 1) {
      await sleep(place.clock, 1_000);
      found = await published(place, actionId, name);
    }
    const { request, response } = authAction.config;
    const body = { name, version: found?.action.version ?? 1, config: { request, response } };
    await place.platform.send(CALLS.changeAction, { names: { actionId }, body, about: name });
  };
  const integrationId = idOf(place, of);
  if (integrationId === null) return { verdict: 'create', put };
  const found = await published(place, `customAuth_-_${integrationId}`, name);
  if (found === null) return { verdict: 'create', put };
  const differences = configDifferences(found, authAction.config);
  if (found.action.name !== name) differences.push(`its name is ${found.action.name ?? 'not set'}`);
  return differences.length === 0 ? { verdict: 'left' } : { verdict: 'change', differences, put };
}

/** `null` where there is no such action. */
async function published(place: Place, id: string, about: string): Promise<PublishedAction | null> {
  try {
    return await readAction(place, id, about);
  } catch (error) {
    if (error instanceof PlatformRefused && error.answer?.status === 404) return null;
    throw error;
  }
}

/** Ours is what is in our integration. */
export async function ourActions(place: Place, of: In): Promise<Action[]> {
  const integrationId = idOf(place, of);
  if (integrationId === null) return [];
  const all = await place.list(CALLS.listActions);
  return all.filter((one) => one.integrationId === integrationId);
}

export async function ourDrafts(place: Place, of: In): Promise<Action[]> {
  const integrationId = idOf(place, of);
  if (integrationId === null) return [];
  const all = await place.list(CALLS.listDrafts);
  return all.filter((one) => one.integrationId === integrationId);
}

/** Which of an action's family a name is: `Tokenline Subscribe` is 1, `Tokenline Subscribe 3` is 3. */
export function familyNumber(base: string, name: string | null | undefined): number | null {
  if (name === base) return 1;
  const number = (name ?? '').startsWith(`${base} `)
    ? Number((name ?? '').slice(base.length + 1))
    : 0;
  return Number.isInteger(number) && number >= 2 ? number : null;
}

export const dataActionPart = (place: Place, of: In, file: ActionFile): Part => ({
  kind: 'data action',
  name: place.named(file.name),
  look: () => lookAtDataAction(place, of, file),
});

/**
 * A contract cannot be changed once it is published. So an action with another contract is published
 * under the next name of its family (`Tokenline Subscribe 2`), the flows are published again with it, and
 * only then is the one before removed: at no moment does a caller meet an action that is not there.
 */
async function lookAtDataAction(place: Place, of: In, file: ActionFile): Promise<Look> {
  const base = place.named(file.name);
  const family = (await ourActions(place, of))
    .map((action) => ({ action, number: familyNumber(base, action.name) }))
    .filter((one): one is { action: Action; number: number } => one.number !== null)
    .toSorted((one, other) => other.number - one.number);
  let chosen: PublishedAction | null = null;
  for (const { action } of family) {
    const found: PublishedAction | null =
      chosen === null ? await published(place, action.id, action.name ?? '') : null;
    if (found !== null && sameContract(found, file)) chosen = found;
    else place.outdated.set(action.id, action.name ?? '');
  }
  if (chosen === null) {
    const [newest] = family;
    const name = newest === undefined ? base : `${base} ${newest.number + 1}`;
    place.actionNames.set(file.name, name);
    const remark =
      newest === undefined
        ? {}
        : { remark: `as "${name}", because a contract cannot be changed once it is published` };
    return { verdict: 'create', ...remark, put: () => publish(place, of, file, name) };
  }
  const { action } = chosen;
  const name = action.name ?? base;
  place.actionNames.set(file.name, name);
  place.found('data action', name, action.id);
  const differences = configDifferences(chosen, file.config);
  const category = place.named(of.name);
  if (action.category !== category)
    differences.push(`its category is ${action.category ?? 'not set'}`);
  if (differences.length === 0) return { verdict: 'left' };
  return {
    verdict: 'change',
    differences,
    // One request, as the provider does it: a draft in between could be left behind.
    put: async () => {
      const body = { category, name, version: action.version ?? 1, config: file.config };
      await place.platform.send(CALLS.changeAction, {
        names: { actionId: action.id },
        body,
        about: name,
      });
    },
  };
}

/** Draft, validation, publication. A draft that was left behind is taken up. */
async function publish(place: Place, of: In, file: ActionFile, name: string): Promise<void> {
  const { platform } = place;
  const { config, contract, secure } = file;
  const content = { category: place.named(of.name), name, config, contract, secure };
  const left = (await ourDrafts(place, of)).find((draft) => draft.name === name);
  const draft =
    left === undefined
      ? await platform.send(CALLS.addDraft, {
          body: { ...content, integrationId: idOf(place, of) ?? '' },
          about: name,
        })
      : await platform.send(CALLS.changeDraft, {
          names: { actionId: left.id },
          body: { ...content, version: left.version ?? 1 },
          about: name,
        });
  const names = { actionId: draft.id };
  const { valid, errors } = await platform.send(CALLS.validateDraft, { names, about: name });
  if (valid !== true) {
    const said = (errors ?? []).map(({ message }) => message ?? '').join(' ');
    const call = CALLS.validateDraft;
    throw new PlatformRefused(
      { ...call, does: 'publish a data action' },
      null,
      `Genesys does not take the draft of ${name}: ${said || 'it does not say why'}`,
      'Check genesys.bridge_url and genesys.tokenizer_url, and gateway.url with capture: direct; the draft stays, and the next apply goes on with it.',
    );
  }
  const body = { version: draft.version ?? 1 };
  await platform.send(CALLS.publishDraft, { names, body, about: name });
  place.found('data action', name, draft.id);
}

/** What another contract has taken the place of: removed when no flow is bound to it any more. */
export function outdatedParts(place: Place): Part[] {
  return [...place.outdated].map(([actionId, name]) => ({
    kind: 'data action',
    name,
    look: () =>
      Promise.resolve({
        verdict: 'remove',
        remark: 'another contract has taken its place, and the flows use that',
        put: async () => {
          await place.platform.send(CALLS.removeAction, { names: { actionId }, about: name });
        },
      }),
  }));
}
