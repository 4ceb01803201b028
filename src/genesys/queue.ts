import { CALLS } from './calls.ts';
import { marked, noteOf } from './naming.ts';
import { sameName, type Look, type Part, type Place } from './place.ts';

const DESCRIPTION = 'Calls that Tokenline passes to a person.';

/**
 * A skill has no description, so nothing says whose it is: it is made where it is missing and never
 * removed, because agents may have got it meanwhile.
 */
export const skillPart = (place: Place, skill: string): Part => {
  const name = place.named(skill);
  return {
    kind: 'skill',
    name,
    async look(): Promise<Look> {
      const { platform } = place;
      const all = await place.list(CALLS.listSkills);
      const known = all.find((one) => sameName(one.name, name));
      if (known !== undefined) {
        place.found('skill', name, known.id);
        return { verdict: 'left' };
      }
      return {
        verdict: 'create',
        put: async () => {
          const { id } = await platform.send(CALLS.addSkill, { body: { name }, about: name });
          place.found('skill', name, id);
        },
      };
    },
  };
};

export const queueName = (place: Place): string => place.named(place.wanted.queue.name);

export const queuePart = (place: Place): Part => ({
  kind: 'queue',
  name: queueName(place),
  look: () => lookAtQueue(place),
});

export async function findQueue(place: Place) {
  const name = queueName(place);
  const all = await place.list(CALLS.listQueues, { name });
  return all.find((one) => sameName(one.name, name)) ?? null;
}

/** Members of a queue that only Genesys writes. */
const READ_ONLY = new Set([
  'selfUri',
  'dateCreated',
  'dateModified',
  'createdBy',
  'modifiedBy',
  'memberCount',
  'userMemberCount',
  'joinedMemberCount',
]);

/**
 * A queue that is there already belongs to those who run it: it is used as it is. Of one that we made,
 * everything but its description, how it looks at skills and that waiting callers are not recorded is
 * theirs too.
 */
async function lookAtQueue(place: Place): Promise<Look> {
  const { platform, wanted } = place;
  const name = queueName(place);
  const ours = {
    description: marked(DESCRIPTION, wanted.prefix, ''),
    // The flows ask for a skill; with another method Genesys would pass over it at once.
    skillEvaluationMethod: 'ALL',
    // A caller who reads a card number aloud while waiting is not kept.
    suppressInQueueCallRecording: true,
  };
  const found = await findQueue(place);
  if (found === null) {
    return {
      verdict: 'create',
      remark: 'without members: give it agents with the skills',
      put: async () => {
        const body = { name, ...ours, ...(await place.division()) };
        const { id } = await platform.send(CALLS.addQueue, { body, about: name });
        place.found('queue', name, id);
      },
    };
  }
  place.found('queue', name, found.id);
  if (noteOf(found.description, wanted.prefix) === null) {
    return { verdict: 'left', remark: 'is there already and not ours: it is used as it is' };
  }
  const differences = [
    ...(found.description === ours.description ? [] : ['its description is another']),
    ...(found.skillEvaluationMethod === 'ALL'
      ? []
      : [`it looks at skills by the method ${found.skillEvaluationMethod ?? 'that is not given'}`]),
    ...(found.suppressInQueueCallRecording === true ? [] : ['it records callers who wait']),
  ];
  if (differences.length === 0) return { verdict: 'left' };
  return {
    verdict: 'change',
    differences,
    put: async () => {
      const filling = { names: { queueId: found.id }, about: name };
      const whole = await platform.send(CALLS.readQueue, filling);
      const kept = Object.fromEntries(Object.entries(whole).filter(([key]) => !READ_ONLY.has(key)));
      await platform.send(CALLS.changeQueue, { ...filling, body: { ...kept, name, ...ours } });
    },
  };
}
