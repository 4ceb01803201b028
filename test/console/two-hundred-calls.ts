import { CARDS, approved, Caller, isFinal } from '../whole/caller.ts';
import type { System } from '../whole/system.ts';

const CALLS = 200;
/** As many callers are on the line at a time. */
const AT_ONCE = 8;
const DECLINED = '4000000000000002';
const SHORT_OF_MONEY = '4000000000009995';

/** What becomes of a call. @returns once the caller has hung up. */
type Story = (caller: Caller) => Promise<unknown>;

async function enrolled(caller: Caller, language = 'en-us'): Promise<void> {
  await caller.availability(language);
  await caller.consent({ language });
  approved(await caller.tokenise());
  approved(await caller.subscribe());
}

async function declined(caller: Caller, attempts: number, pan = DECLINED): Promise<void> {
  await caller.availability();
  await caller.consent();
  for (let attempt = 1; attempt <= attempts; attempt += 1) await caller.tokenise(attempt, pan);
}

async function untilTheTerms(caller: Caller, language?: string): Promise<void> {
  await caller.availability(language);
  await caller.disclose({ language });
}

async function untilTheConsent(caller: Caller, language?: string): Promise<void> {
  await caller.availability(language);
  await caller.consent({ language });
}

/** One story for each of twenty callers; the next twenty do the same. */
const STORIES: readonly Story[] = [
  ...Array.from({ length: 8 }, (): Story => (caller) => enrolled(caller)),
  (caller) => enrolled(caller, 'es-us'),
  (caller) => enrolled(caller, 'es-us'),
  (caller) => caller.availability(),
  (caller) => untilTheTerms(caller),
  (caller) => untilTheTerms(caller, 'es-us'),
  (caller) => untilTheConsent(caller),
  (caller) => declined(caller, 1),
  async (caller) => {
    await declined(caller, 1, SHORT_OF_MONEY);
    approved(await caller.tokenise(2, CARDS[2]));
    approved(await caller.subscribe());
  },
  async (caller) => {
    await declined(caller, 3);
    await caller.handOff('too_many_attempts');
  },
  async (caller) => {
    await caller.availability();
    await caller.handOff('caller_asked');
  },
  async (caller) => {
    await enrolled(caller);
    approved(await caller.cancel());
  },
  async (caller) => {
    await caller.script('subscribe', ['reset-after']);
    await untilTheConsent(caller);
    approved(await caller.tokenise());
    const answer = await caller.subscribe();
    if (!isFinal(answer)) await caller.ended(answer);
  },
];

/**
 * Two hundred calls over HTTP, as flows make them: enrolments in two languages, declines, hang-ups at
 * every step, people who ask for a person, a cancellation, an answer that is lost.
 */
export async function playTwoHundredCalls(system: System): Promise<void> {
  const places = Array.from({ length: AT_ONCE }, async (_, first) => {
    for (let n = first; n < CALLS; n += AT_ONCE) {
      await STORIES[n % STORIES.length]?.(new Caller(system));
    }
  });
  await Promise.all(places);
}
