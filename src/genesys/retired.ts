import { CALLS } from './calls.ts';
import { familyNumber, ourActions } from './data-action.ts';
import { removing } from './destroy.ts';
import { findCredentials, findIntegration, ownIntegration } from './integration.ts';
import type { Kind, Part, Place } from './place.ts';
import type { IntegrationKnown } from './wanted.ts';

/**
 * What another way of capture, or another gateway, has made and this one does not use: removed when the
 * flows have been published again, which is when nothing of ours is bound to it any more. Where somebody
 * has put an action of their own into an integration, that and its credential stay.
 */
export async function retiredParts(place: Place): Promise<Part[]> {
  const parts: Part[] = [];
  for (const known of place.wanted.known) parts.push(...(await retiredOf(place, known)));
  return parts;
}

async function retiredOf(place: Place, known: IntegrationKnown): Promise<Part[]> {
  const wanted = place.wanted.integrations.find(({ name }) => name === known.name);
  const parts: Part[] = [];
  const own = await ownIntegration(place, known);
  // One of this name that is not ours may use the credential.
  const strange = own === null && (await findIntegration(place, known)) !== null;
  let stays = wanted !== undefined || strange;
  if (own !== null) {
    place.found('integration', place.named(known.name), own.id);
    const isOf = (names: readonly string[], name: string | null | undefined): boolean =>
      names.some((one) => familyNumber(place.named(one), name) !== null);
    const kept = (wanted?.actions ?? []).map(({ name }) => name);
    for (const { id, name } of await ourActions(place, known)) {
      if (id.startsWith('customAuth')) continue;
      if (!isOf(known.actions, name)) stays = true;
      else if (!isOf(kept, name)) {
        const call = CALLS.removeAction;
        parts.push(
          retired('data action', name ?? id, removing(place, call, { actionId: id }, name ?? id)),
        );
      }
    }
    if (!stays) {
      const { id, name } = own;
      const call = CALLS.removeIntegration;
      parts.push(retired('integration', name, removing(place, call, { integrationId: id }, name)));
    }
  }
  for (const { id, name, type } of await findCredentials(place, known)) {
    const used = wanted === undefined ? stays : type?.name === wanted.credential.type;
    if (used) continue;
    const about = name ?? id;
    const call = CALLS.removeCredential;
    parts.push(retired('credential', about, removing(place, call, { credentialId: id }, about)));
  }
  return parts;
}

const retired = (kind: Kind, name: string, put: () => Promise<void>): Part => ({
  kind,
  name,
  look: () =>
    Promise.resolve({
      verdict: 'remove',
      remark: 'what capture and gateway.name want now does not use it',
      put,
    }),
});
