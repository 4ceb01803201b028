import type { Randomness } from '../../src/system/randomness.ts';
import { Caller } from '../../test/whole/caller.ts';
import type { Answer } from '../../test/whole/http.ts';
import type { Violation } from '../board.ts';
import type { Fleet } from './fleet.ts';

/** Keys that are stormed at the same time. */
const KEYS_AT_ONCE = 3;

export interface StormCounts {
  keys: number;
  requests: number;
  /** Answered 200. */
  answered: number;
  /** Told that the first one is still running. */
  inProgress: number;
  /** Asked too often, or not answered at all. */
  other: number;
}

export interface Storm {
  readonly keys: number;
  /** Identical requests of one key. */
  readonly requests: number;
  readonly progress: (done: number) => void;
}

async function once(
  fleet: Fleet,
  key: number,
  requests: number,
  random: Randomness,
  counts: StormCounts,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  const caller = new Caller(fleet.place(key));
  const isCard = key % 2 === 0;
  const wrong = (what: string): void => {
    const replay = `key ${key}`;
    violations.push({ promise: 'I9', what: `${isCard ? 'card' : 'enrolment'}: ${what}`, replay });
  };
  await caller.consent();
  if (!isCard) await caller.ended(await caller.persist('the card', () => caller.tokenise()));
  // Every second gateway call takes a while, so that most of the others find it running.
  if (random.fraction() < 0.5) {
    await caller.script(isCard ? 'tokenize' : 'subscribe', ['delay:150']);
  }
  const step = (): Promise<Answer> => (isCard ? caller.tokenise() : caller.subscribe());
  const answers = await Promise.all(
    Array.from({ length: requests }, () => step().catch(() => null)),
  );
  const last = await caller.persist('the repeat', step);
  for (const answer of answers) {
    counts.requests += 1;
    if (answer?.status === 200) counts.answered += 1;
    else if (answer?.status === 409) counts.inProgress += 1;
    else counts.other += 1;
    if (answer?.status === 200 && answer.text !== last.text) {
      wrong(`two answers to one request: ${answer.text} and ${last.text}`);
    }
    if (answer !== null && ![200, 409, 429].includes(answer.status)) {
      wrong(`${answer.status} ${answer.text}`);
    }
  }
  if (last.body['outcome'] !== 'approved') wrong(last.text);
  const ours = (record: Record<string, unknown>): boolean =>
    record['interaction_id'] === caller.interactionId;
  const { tokens, subscriptions, charges } = await fleet.ledger();
  const effects = [tokens, subscriptions, charges].map((list) => list.filter(ours).length);
  const wanted = isCard ? '1,0,0' : '1,1,1';
  if (String(effects) !== wanted) {
    wrong(`${String(effects)} tokens, subscriptions and charges, and not ${wanted}`);
  }
  counts.keys += 1;
  return violations;
}

/** Many identical requests at once for each key, spread over all replicas: one effect, one answer. */
export async function storm(
  fleet: Fleet,
  { keys, requests, progress }: Storm,
  random: Randomness,
  counts: StormCounts,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  let next = 0;
  const lines = Array.from({ length: KEYS_AT_ONCE }, async () => {
    while (next < keys) {
      violations.push(...(await once(fleet, next++, requests, random, counts)));
      progress(counts.keys);
    }
  });
  await Promise.all(lines);
  return violations;
}
