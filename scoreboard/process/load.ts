import { setTimeout as wait } from 'node:timers/promises';
import type { Randomness } from '../../src/system/randomness.ts';
import { Caller } from '../../test/whole/caller.ts';
import type { Answer } from '../../test/whole/http.ts';
import type { Fleet } from './fleet.ts';

/** Tries of one card: every outage of a few seconds may cost one. */
const CARD_TRIES_MAX = 10;

/** In doubt may last as long as its cause: the boards take a minute or two for their faults. */
const END_MS_MAX = 240_000;

/** What a caller was told. */
export interface Told {
  readonly interactionId: string;
  readonly customerId: string;
  /** Of the enrolment; `null` where it never came so far. */
  readonly enrolment: string | null;
  /** Of what followed it: `pause` and the like, with its outcome. */
  readonly changes: readonly { readonly verb: string; readonly outcome: string }[];
  /** Why the call stopped, where something was said that must not be said. */
  readonly wrong: string | null;
  /** Answers on the way that said `in_doubt` or `failed`. */
  readonly unsure: number;
}

/** The verbs that follow some enrolments. */
const LIVES = [[], [], ['pause', 'resume'], ['cancel'], ['pause', 'cancel']] as const;

interface Course {
  readonly caller: Caller;
  unsure: number;
}

async function final(course: Course, what: string, step: () => Promise<Answer>): Promise<Answer> {
  const first = await course.caller.persist(what, step);
  if (first.body['outcome'] === 'in_doubt') course.unsure += 1;
  const last = await course.caller.ended(first, END_MS_MAX);
  if (last.body['outcome'] === 'failed') course.unsure += 1;
  return last;
}

async function card(course: Course): Promise<boolean> {
  const { caller } = course;
  for (let attempt = 1; attempt <= CARD_TRIES_MAX; attempt += 1) {
    const answer = await final(course, 'the card', () => caller.tokenise(attempt));
    if (answer.body['outcome'] === 'approved') return true;
    // Nothing happened for certain: the caller is asked again.
    await wait(150);
  }
  return false;
}

/**
 * One call by a client that never gives up and never changes a request: consent, card, enrolment,
 * the same enrolment again, and sometimes a change or two.
 */
export async function call(fleet: Fleet, place: number, random: Randomness): Promise<Told> {
  const caller = new Caller(fleet.place(place));
  const course: Course = { caller, unsure: 0 };
  const verbs = LIVES[Math.floor(random.fraction() * LIVES.length)] ?? [];
  const changes: { verb: string; outcome: string }[] = [];
  let enrolment: string | null = null;
  let wrong: string | null = null;
  try {
    await caller.consent();
    if (!(await card(course))) throw new Error(`no card was taken in ${CARD_TRIES_MAX} tries`);
    const answer = await final(course, 'the enrolment', () => caller.subscribe());
    enrolment = String(answer.body['outcome']);
    if (enrolment === 'approved') {
      await again(caller, answer);
      for (const verb of verbs) {
        changes.push({ verb, outcome: await change(course, verb) });
      }
    }
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  const { interactionId, customerId } = caller;
  return { interactionId, customerId, enrolment, changes, wrong, unsure: course.unsure };
}

/** Who asks the same again is told the same subscription. */
async function again(caller: Caller, told: Answer): Promise<void> {
  const repeated = await caller.persist('the repeat', () => caller.subscribe());
  for (const field of ['subscription_id', 'confirmation_code']) {
    const [first, second] = [told.body[field], repeated.body[field]];
    // A poll tells the operation, which may leave the code out.
    if (first !== undefined && first !== '' && first !== second) {
      throw new Error(`the same request was told another ${field}: ${String(second)}`);
    }
  }
}

async function change(course: Course, verb: string): Promise<string> {
  const { caller } = course;
  const path = `/v1/subscriptions/${caller.subscriptionId}/${verb}`;
  const body = { interaction_id: caller.interactionId };
  const answer = await final(course, verb, () => caller.system.ask('bridge', 'POST', path, body));
  return String(answer.body['outcome']);
}

/**
 * Keeps as many calls in flight until it is told to stop, and lets the last ones end.
 *
 * @returns what every caller was told.
 */
export function keepCalling(
  fleet: Fleet,
  inFlight: number,
  random: Randomness,
): { readonly told: readonly Told[]; stop(): Promise<readonly Told[]> } {
  const told: Told[] = [];
  const stop = new AbortController();
  const lines = Array.from({ length: inFlight }, async (_, place) => {
    while (!stop.signal.aborted) told.push(await call(fleet, place, random));
  });
  return {
    told,
    async stop() {
      stop.abort();
      await Promise.all(lines);
      return told;
    },
  };
}
