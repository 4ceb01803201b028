import type { Static } from 'typebox';
import { sleep } from '../system/clock.ts';
import { findCallRoute } from './call-route.ts';
import { CALLS, type Call } from './calls.ts';
import { familyNumber, ourActions, ourDrafts } from './data-action.ts';
import { findFlow, inOrder } from './flow.ts';
import { findCredentials, ownIntegration } from './integration.ts';
import type * as models from './models.ts';
import { noteOf } from './naming.ts';
import type { Kind, Place } from './place.ts';
import { likeOurs } from './prompt.ts';
import { findQueue } from './queue.ts';
import { PlatformRefused } from './refusal.ts';
import type { IntegrationKnown } from './wanted.ts';

/** Something of ours. */
export interface Removal {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
  /** Why it stays; `null` where it goes. */
  readonly kept: string | null;
  remove(): Promise<void>;
}

interface Candidate extends Omit<Removal, 'kept'> {
  /** For the dependency tracking of Architect; `null` where it tracks nothing of this kind. */
  readonly objectType: string | null;
  /** Why it cannot go, whatever uses it. */
  readonly held: string | null;
}

interface Consumer {
  readonly id: string;
  readonly words: string;
}

/** A flow that was just removed is remembered as a user for a moment: the provider tries for 30 s. */
const TRIES = 10;
const AGAIN_MS = 3_000;

/**
 * Everything in the organisation that carries our mark, in the order in which it goes: nothing before
 * what uses it. What somebody else uses stays, and what that needs stays with it.
 *
 * @throws {PlatformRefused}
 */
export async function removalsOf(place: Place): Promise<Removal[]> {
  const candidates = [
    ...(await topOf(place)),
    ...(await promptsAndQueue(place)),
    ...(await actionsOf(place)),
  ];
  const kept = await keptOf(place, candidates);
  const base: Removal[] = [];
  for (const known of place.wanted.known) {
    base.push(...(await integrationAndCredentials(place, known, candidates, kept)));
  }
  return [
    ...candidates.map((one) => ({ ...one, kept: one.held ?? kept.get(one.id) ?? null })),
    ...base,
  ];
}

/** Where somebody still uses it, it is tried again for a while; where it is gone, that is as wanted. */
export function removing(
  place: Place,
  call: Call,
  names: Readonly<Record<string, string>>,
  about: string,
): () => Promise<void> {
  return async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        await place.platform.send(call, { names, about });
        return;
      } catch (error) {
        const status = error instanceof PlatformRefused ? (error.answer?.status ?? null) : null;
        if (status === 404) return;
        if (status !== 409 || tries >= TRIES) throw error;
        await sleep(place.clock, AGAIN_MS);
      }
    }
  };
}

/** Call route and flows. */
async function topOf(place: Place): Promise<Candidate[]> {
  const { prefix } = place.wanted;
  const found: Candidate[] = [];
  const route = await findCallRoute(place);
  if (route !== null && noteOf(route.description, prefix) !== null) {
    const { id, name } = route;
    const remove = removing(place, CALLS.removeCallRoute, { ivrId: id }, name);
    found.push({ kind: 'call route', name, id, objectType: null, held: null, remove });
  }
  for (const flow of inOrder(place.wanted.flows).toReversed()) {
    const known = await findFlow(place, flow);
    if (known === null || noteOf(known.description, prefix) === null) continue;
    const { id, name, lockedUser } = known;
    found.push({
      kind: 'flow',
      name,
      id,
      // The provider's table of types, `dependent_consumers.go`.
      objectType: `${flow.read.root.toUpperCase()}FLOW`,
      held: lockedUser ? `${lockedUser.name ?? 'somebody'} is working on it` : null,
      remove: removing(place, CALLS.removeFlow, { flowId: id }, name),
    });
  }
  return found;
}

async function promptsAndQueue(place: Place): Promise<Candidate[]> {
  const { prefix } = place.wanted;
  const prompts = (await likeOurs(place)).filter(
    ({ description }) => noteOf(description, prefix) !== null,
  );
  const found: Candidate[] = prompts.map(({ id, name }) => ({
    kind: 'user prompt',
    name,
    id,
    objectType: 'USERPROMPT',
    held: null,
    remove: removing(place, CALLS.removePrompt, { promptId: id }, name),
  }));
  const queue = await findQueue(place);
  if (queue !== null && noteOf(queue.description, prefix) !== null) {
    const members = queue.memberCount ?? 0;
    const name = queue.name ?? '';
    found.push({
      kind: 'queue',
      name,
      id: queue.id,
      objectType: 'QUEUE',
      held: members > 0 ? `it has ${members} member${members === 1 ? '' : 's'}` : null,
      remove: removing(place, CALLS.removeQueue, { queueId: queue.id }, name),
    });
  }
  return found;
}

/** Data actions, and drafts that an interrupted `apply` left behind, of our own integrations. */
async function actionsOf(place: Place): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const known of place.wanted.known) found.push(...(await actionsIn(place, known)));
  return found;
}

async function actionsIn(place: Place, known: IntegrationKnown): Promise<Candidate[]> {
  const integration = await ownIntegration(place, known);
  if (integration === null) return [];
  place.found('integration', place.named(known.name), integration.id);
  const ours = (name: string | null | undefined): boolean =>
    known.actions.some((action) => familyNumber(place.named(action), name) !== null);
  const published = (await ourActions(place, known)).filter(({ name }) => ours(name));
  const drafts = (await ourDrafts(place, known)).filter(
    ({ id, name }) => ours(name) && !published.some((one) => one.id === id),
  );
  return [
    ...published.map((action) => candidateOf(action, CALLS.removeAction, 'DATAACTION')),
    ...drafts.map((draft) => candidateOf(draft, CALLS.removeDraft, null)),
  ];

  function candidateOf(
    { id, name: given }: { readonly id: string; readonly name?: string | null | undefined },
    call: Call,
    objectType: string | null,
  ): Candidate {
    const name = given ?? '';
    const remove = removing(place, call, { actionId: id }, name);
    return { kind: 'data action', name, id, objectType, held: null, remove };
  }
}

/** By id: why it stays. What a kept object uses is kept as well, until nothing more is added. */
async function keptOf(
  place: Place,
  candidates: readonly Candidate[],
): Promise<Map<string, string>> {
  const consumers = new Map<string, Consumer[]>();
  for (const { id, objectType, name } of candidates) {
    if (objectType === null) continue;
    const query = { id, objectType };
    const found = await place.platform.all(CALLS.listConsumers, { query, about: name });
    consumers.set(
      id,
      found
        .filter(({ deleted }) => deleted !== true)
        .map((one) => ({ id: one.id ?? '', words: wordsOf(one) })),
    );
  }
  const going = new Set(candidates.filter(({ held }) => held === null).map(({ id }) => id));
  const kept = new Map<string, string>();
  for (let again = true; again;) {
    again = false;
    for (const id of going) {
      const user = consumers.get(id)?.find((one) => !going.has(one.id));
      if (user === undefined) continue;
      going.delete(id);
      kept.set(id, `${user.words} uses it`);
      again = true;
    }
  }
  return kept;
}

function wordsOf({ type, name }: Static<typeof models.Dependency>): string {
  const kind = (type ?? '').toLowerCase();
  const route = kind === 'ivrconfiguration' ? 'the call route' : 'an object';
  const word = kind.endsWith('flow') ? 'the flow' : kind === 'queue' ? 'the queue' : route;
  return `${word} ${name ?? 'without a name'}`;
}

async function integrationAndCredentials(
  place: Place,
  of: IntegrationKnown,
  candidates: readonly Candidate[],
  kept: ReadonlyMap<string, string>,
): Promise<Removal[]> {
  const found: Removal[] = [];
  const integration = await ownIntegration(place, of);
  let why: string | null = null;
  if (integration !== null) {
    const { id, name } = integration;
    const known = new Set(candidates.map((one) => one.id));
    const inside = [...(await ourActions(place, of)), ...(await ourDrafts(place, of))];
    const others = inside.filter((one) => !known.has(one.id) && !one.id.startsWith('customAuth'));
    const used = candidates.find(
      ({ id: action }) => kept.has(action) && inside.some((one) => one.id === action),
    );
    if (others[0]) why = `somebody has put the data action ${others[0].name ?? ''} into it`;
    else if (used) why = `the data action ${used.name} stays`;
    const remove = removing(place, CALLS.removeIntegration, { integrationId: id }, name);
    found.push({ kind: 'integration', name, id, kept: why, remove });
  }
  for (const credential of await findCredentials(place, of)) {
    const { id } = credential;
    const name = credential.name ?? '';
    const remove = removing(place, CALLS.removeCredential, { credentialId: id }, name);
    const held = why === null ? null : 'the integration stays';
    found.push({ kind: 'credential', name, id, kept: held, remove });
  }
  return found;
}
