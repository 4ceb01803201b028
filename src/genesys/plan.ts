import { callRoutePart } from './call-route.ts';
import { authActionParts, dataActionPart, outdatedParts } from './data-action.ts';
import { flowPart, inOrder } from './flow.ts';
import { credentialPart, integrationPart } from './integration.ts';
import type { Kind, Look, Part, Place } from './place.ts';
import { promptPart } from './prompt.ts';
import { queuePart, skillPart } from './queue.ts';
import { retiredParts } from './retired.ts';

/** One object, and what is to be done with it. */
export interface Finding {
  readonly part: Part;
  readonly look: Look;
}

/** Everything that is wanted, in the order in which one thing needs another. */
function partsOf(place: Place): Part[] {
  const { wanted } = place;
  const { integrations } = wanted;
  const flows = inOrder(wanted.flows);
  const entry = flows.find(({ read }) => read.root === 'inboundCall');
  return [
    ...integrations.map((one) => credentialPart(place, one)),
    ...integrations.map((one) => integrationPart(place, one)),
    ...integrations.flatMap((one) => authActionParts(place, one)),
    ...integrations.flatMap((one) => one.actions.map((file) => dataActionPart(place, one, file))),
    ...wanted.skills.map((skill) => skillPart(place, skill)),
    queuePart(place),
    ...wanted.prompts.map((prompt) => promptPart(place, prompt)),
    ...flows.map((flow) => flowPart(place, flow)),
    ...(entry === undefined || wanted.phoneNumbers.length === 0
      ? []
      : [callRoutePart(place, place.named(entry.read.name))]),
  ];
}

/**
 * Looks at everything and changes nothing.
 *
 * @param seen is told how far it has come.
 * @throws {PlatformRefused}
 */
export async function planOf(
  place: Place,
  seen: (done: number, of: number) => void,
): Promise<Finding[]> {
  // A division that is not there is said before anything else.
  await place.division();
  const parts = partsOf(place);
  const findings: Finding[] = [];
  for (const part of parts) {
    findings.push({ part, look: await part.look() });
    seen(findings.length, parts.length);
  }
  for (const part of [...outdatedParts(place), ...(await retiredParts(place))]) {
    findings.push({ part, look: await part.look() });
  }
  return findings;
}

/** One object that has been put right. */
export interface Step {
  readonly kind: Kind;
  readonly name: string;
  readonly verdict: Look['verdict'];
  /** From 1. */
  readonly at: number;
  readonly of: number;
  readonly tookMs: number;
}

/** @returns those that a person has to decide about; nothing is changed while there are any. */
export function refusedOf(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ look }) => (look.verdict === 'refused' ? [look.reason] : []));
}

/**
 * Puts right what the plan has found, one object after the other. Each is looked at again first: what an
 * earlier one has made has an id now. Where it is cut off, the next plan begins from what Genesys has.
 *
 * @throws {PlatformRefused} at the first thing that Genesys does not do.
 */
export async function applyPlan(
  place: Place,
  findings: readonly Finding[],
  told: { begun(part: Part, at: number, of: number): void; done(step: Step): void },
): Promise<Step[]> {
  const due = findings.filter(({ look }) => look.verdict !== 'left');
  const steps: Step[] = [];
  for (const { part } of due) {
    const startMs = place.clock.monotonicMs();
    told.begun(part, steps.length + 1, due.length);
    const look = await part.look();
    if (look.verdict === 'create' || look.verdict === 'change' || look.verdict === 'remove') {
      await look.put();
    }
    const step: Step = {
      kind: part.kind,
      name: part.name,
      verdict: look.verdict,
      at: steps.length + 1,
      of: due.length,
      tookMs: place.clock.monotonicMs() - startMs,
    };
    steps.push(step);
    told.done(step);
  }
  return steps;
}
