import { CALLS } from './calls.ts';
import { marked, noteOf } from './naming.ts';
import { notOurs, sameName, type Look, type Part, type Place } from './place.ts';

export const CALL_ROUTE_NAME = 'Tokenline Recurring Payments';

const DESCRIPTION = 'Leads callers to recurring payments.';

/** @param flow the inbound flow, by its name in the organisation. */
export const callRoutePart = (place: Place, flow: string): Part => ({
  kind: 'call route',
  name: place.named(CALL_ROUTE_NAME),
  look: () => lookAtCallRoute(place, flow),
});

export async function findCallRoute(place: Place) {
  const name = place.named(CALL_ROUTE_NAME);
  const all = await place.list(CALLS.listCallRoutes, { name });
  return all.find((one) => sameName(one.name, name) && one.state !== 'deleted') ?? null;
}

/** Members that only Genesys writes. */
const READ_ONLY = new Set([
  'selfUri',
  'dateCreated',
  'dateModified',
  'createdBy',
  'modifiedBy',
  'createdByApp',
  'modifiedByApp',
  'state',
]);

/** Genesys may write a number with spaces and dashes. */
const bare = (number: string): string => number.replaceAll(/[^+\d]/g, '');

async function lookAtCallRoute(place: Place, flow: string): Promise<Look> {
  const { platform, wanted } = place;
  const name = place.named(CALL_ROUTE_NAME);
  const description = marked(DESCRIPTION, wanted.prefix, '');
  const dnis = [...wanted.phoneNumbers];
  const ours = () => {
    const openHoursFlow = { id: place.idOf('flow', flow) ?? '' };
    return { name, description, dnis, openHoursFlow };
  };
  const found = await findCallRoute(place);
  if (found === null) {
    return {
      verdict: 'create',
      put: async () => {
        const body = { ...ours(), ...(await place.division()) };
        await platform.send(CALLS.addCallRoute, { body, about: name });
      },
    };
  }
  if (noteOf(found.description, wanted.prefix) === null && !wanted.adopt) {
    return notOurs('call route', name);
  }
  const numbers = (found.dnis ?? []).map(bare).toSorted();
  const flowId = place.idOf('flow', flow);
  const differences = [
    ...(found.description === description ? [] : ['its description is another']),
    ...(numbers.join() === dnis.toSorted().join()
      ? []
      : [`its numbers are ${numbers.join(', ') || 'none'}`]),
    ...(flowId !== null && found.openHoursFlow?.id === flowId
      ? []
      : [`it leads to ${found.openHoursFlow?.name ?? 'another flow'}`]),
  ];
  if (differences.length === 0) return { verdict: 'left' };
  return {
    verdict: 'change',
    differences,
    put: async () => {
      const kept = Object.fromEntries(Object.entries(found).filter(([key]) => !READ_ONLY.has(key)));
      const body = { ...kept, ...ours(), version: found.version ?? 1 };
      await platform.send(CALLS.changeCallRoute, { names: { ivrId: found.id }, body, about: name });
    },
  };
}
