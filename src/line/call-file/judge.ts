import type { CallEnd, CallEvent } from '../call.ts';
import { END_WORDS, type EndWord, type Expectation } from './step.ts';
import { plainWords } from './words.ts';
import type { CallPlace, Facts } from './world.ts';

/** A call that is over, with everything that came of it. */
export interface PlayedCall {
  readonly place: CallPlace;
  readonly end: CallEnd;
  readonly events: readonly CallEvent[];
  readonly facts: Facts;
}

/** What says how the call went, where the flow does not. */
const OUTCOME = 'payment_outcome';

/** The data action whose answer holds what the agent reads. */
const NOTE = 'agent_note';

type Of<K extends Expectation['kind']> = Extract<Expectation, { kind: K }>;

/** @returns what is the case instead; `null` where it is as expected. */
export function judge(expectation: Expectation, call: PlayedCall): string | null {
  switch (expectation.kind) {
    case 'outcome':
      return differs(outcomeOf(call), expectation.outcome);
    case 'attribute':
      return judgeAttribute(expectation, call);
    case 'billing':
      return judgeBilling(expectation, call);
    case 'gateway':
      return judgeGateway(expectation, call);
    case 'subscription':
      return judgeSubscription(expectation, call);
    case 'transferred':
      return judgeTransfer(expectation, call);
    case 'not_transferred':
      return call.end.how.kind === 'transferred' ? howOf(call) : null;
    case 'ended':
      return judgeEnd(expectation.how, call);
    case 'note':
      return judgeNote(expectation, call);
    case 'ledger': {
      const has = call.facts.ledger.includes(expectation.action);
      return has === expectation.wanted ? null : `it has ${listed(call.facts.ledger)}`;
    }
    case 'ran':
      return judgeRuns(expectation, call);
    case 'line_time': {
      const { durationMs } = call.end;
      if (durationMs <= expectation.atMostMs) return null;
      return `it took ${(durationMs / 1_000).toFixed(1)} s`;
    }
  }
}

function differs(found: string, wanted: string): string | null {
  return found === wanted ? null : `it is ${found}`;
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? 'nothing' : words.join(', ');
}

function outcomeOf({ end }: PlayedCall): string {
  return end.participantData[OUTCOME] ?? end.how.kind;
}

/** How the call ended, for a message. */
function howOf({ end }: PlayedCall): string {
  const { how } = end;
  switch (how.kind) {
    case 'hung_up':
      return 'the caller hung up';
    case 'returned_to_agent':
      return 'the call returned to the agent';
    case 'disconnected':
      return how.fault === null ? 'the flow hung up' : `the flow failed: ${how.fault.message}`;
    case 'transferred': {
      const { target } = how;
      if (target.kind !== 'queue') return `the call was transferred to ${nameOf(target)}`;
      const skills = target.skills.length === 0 ? 'no skill' : `skill ${target.skills.join(', ')}`;
      return `the call was transferred to ${target.queue} with ${skills}, priority ${target.priority}`;
    }
  }
}

function nameOf(
  target: Exclude<Extract<CallEnd['how'], { kind: 'transferred' }>['target'], { kind: 'queue' }>,
): string {
  switch (target.kind) {
    case 'agent':
      return 'the agent';
    case 'number':
      return 'a telephone number';
    case 'other':
      return target.name;
  }
}

function judgeAttribute({ name, how, value }: Of<'attribute'>, { end }: PlayedCall): string | null {
  const found = end.participantData[name];
  if (how === 'is not set') {
    return found === undefined || found === '' ? null : `it is ${found}`;
  }
  if (found === undefined) {
    return `it is not set; set are ${listed(Object.keys(end.participantData))}`;
  }
  if (how === 'is') return differs(found, value);
  return plainWords(found).includes(plainWords(value)) ? null : `it is ${found}`;
}

function judgeBilling({ type, count }: Of<'billing'>, { facts }: PlayedCall): string | null {
  const found = facts.billed.filter((one) => type === null || one === type).length;
  return found === count ? null : `it received ${listed(facts.billed)}`;
}

function judgeGateway({ type, count, isNew }: Of<'gateway'>, call: PlayedCall): string | null {
  const found = call.facts.gateway[type].filter(
    ({ interactionId }) => !isNew || interactionId === call.place.interactionId,
  );
  return found.length === count ? null : `it has ${found.length}`;
}

function judgeSubscription({ field, value }: Of<'subscription'>, call: PlayedCall): string | null {
  const newest = call.facts.gateway.subscriptions.at(-1);
  if (newest === undefined) return 'there is none';
  const found = { status: newest.status, plan: newest.planId, card: newest.cardLast4 }[field];
  return differs(found, value);
}

function judgeTransfer(wanted: Of<'transferred'>, call: PlayedCall): string | null {
  const { how } = call.end;
  if (how.kind !== 'transferred') return howOf(call);
  const { target } = how;
  const name = target.kind === 'queue' ? target.queue : nameOf(target);
  const skills = target.kind === 'queue' ? target.skills : [];
  const same =
    name === wanted.queue &&
    (wanted.skill === null || skills.includes(wanted.skill)) &&
    (wanted.priority === null || (target.kind === 'queue' && target.priority === wanted.priority));
  return same ? null : howOf(call);
}

function judgeEnd(how: EndWord, call: PlayedCall): string | null {
  const kind = END_WORDS[how];
  const { how: found } = call.end;
  const failed = found.kind === 'disconnected' && found.fault !== null;
  if (kind === 'failed') return failed ? null : howOf(call);
  // A flow that disconnects because something in it failed has not ended as anybody meant it to.
  if (failed) return howOf(call);
  if (kind === null) return found.kind === 'transferred' ? howOf(call) : null;
  return found.kind === kind ? null : howOf(call);
}

/** What the last data action told that tells anything for agents. */
function noteOf({ events }: PlayedCall): string | null {
  let note: string | null = null;
  for (const event of events) {
    if (event.kind !== 'data_action_ended' || event.result.kind !== 'success') continue;
    const found = event.result.outputs[NOTE];
    if (typeof found === 'string') note = found;
  }
  return note;
}

function judgeNote({ words, wanted }: Of<'note'>, call: PlayedCall): string | null {
  const note = noteOf(call);
  if (note === null) return 'there was no hand-off';
  const has = plainWords(note).includes(plainWords(words));
  return has === wanted ? null : `it is "${note}"`;
}

function judgeRuns({ action, count }: Of<'ran'>, { events }: PlayedCall): string | null {
  const runs = events.filter(({ kind }) => kind === 'data_action_started');
  const names = runs.flatMap((event) =>
    event.kind === 'data_action_started' ? [event.action] : [],
  );
  const found = names.filter((name) => name === action).length;
  return found === count ? null : `it ran ${found} times; the flow ran ${listed(names)}`;
}
