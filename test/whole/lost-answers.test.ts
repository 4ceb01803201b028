import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { approved, Caller, isFinal } from './caller.ts';
import type { Answer } from './http.ts';
import { System } from './system.ts';
import { assertEnrolment, settledTruth } from './truth.ts';

const DEADLINE_MS = 4_000;
/** An enrolment that never arrived is sent again while its caller waits: longer than the deadline. */
const WAIT_MS_MAX = 20_000;
/** Calls at the same time: as many as two busy cores answer well within the deadline. */
const CALLS = 6;

/**
 * What a gateway can do to a request, and what has to come of it in the end. `once` is for a request
 * that meets it once, `twice` for one that meets it again, in its own retries or when it is settled.
 */
const TROUBLES: readonly {
  readonly behave: string;
  readonly tokenise: readonly string[];
  readonly subscribe: readonly string[];
}[] = [
  { behave: 'status:503', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'status:503-after-commit', tokenise: ['approved'], subscribe: ['approved'] },
  // Nothing happened: a card is asked for again, an enrolment is sent again by itself.
  { behave: 'reset-before', tokenise: ['failed'], subscribe: ['approved'] },
  { behave: 'reset-after', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'hang', tokenise: ['failed'], subscribe: ['approved'] },
  { behave: 'hang-after-commit', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'delay:400', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'delay:4600', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'malformed', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'malformed-before', tokenise: ['failed'], subscribe: ['approved'] },
  { behave: 'cut', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'wrong-shape', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'oversized', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'late-commit:800', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'pending:500', tokenise: ['approved'], subscribe: ['approved'] },
  { behave: 'pending:300:decline:Card_Declined', tokenise: ['declined'], subscribe: ['declined'] },
  // Waited for once; the second wait is no longer within the deadline.
  { behave: 'retry-after:2', tokenise: ['approved', 'failed'], subscribe: ['approved', 'failed'] },
  { behave: 'retry-after:9', tokenise: ['failed'], subscribe: ['failed'] },
];

const TIMES = ['once', 'twice'] as const;

/** From the first answer, with the gateway well again, to the end of what was in doubt. */
const RESOLVED_MS_MAX = 20_000;

async function ended(caller: Caller, first: Answer): Promise<Answer> {
  assert.equal(first.status, 200, first.text);
  if (!isFinal(first)) {
    assert.ok(['in_doubt', 'pending'].includes(String(first.body['outcome'])), first.text);
    assert.equal(first.body['route'], 'wait', 'the caller waits for the truth');
    // A cancellation in doubt leaves a subscriber one; an enrolment in doubt makes nobody one.
    const before = caller.subscriptionId !== '';
    assert.equal(first.body['is_subscriber'] ?? before, before, first.text);
    assert.equal(first.body['token_id'] ?? '', '');
  }
  return caller.ended(first, RESOLVED_MS_MAX);
}

interface Story {
  readonly what: string;
  readonly caller: Caller;
  readonly outcome: unknown;
}

for (const engine of ['pglite', 'postgres'] as const) {
  describe(`answers that were lost, on ${engine}`, () => {
    let system: System;
    before(async () => {
      system = await System.start({
        engine,
        limits: { deadline_ms: DEADLINE_MS, wait_ms_max: WAIT_MS_MAX },
      });
    });
    after(() => system.stop());

    /** All troubles, some at the same time, each in a call of its own. */
    async function everyTrouble(
      play: (caller: Caller, trouble: (typeof TROUBLES)[number], times: number) => Promise<unknown>,
    ): Promise<Story[]> {
      const waiting = TROUBLES.flatMap((trouble) =>
        TIMES.map((name, index) => [trouble, name, index + 1] as const),
      );
      const stories: Story[] = [];
      const line = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const [trouble, name, times] = next;
          const caller = new Caller(system);
          const what = `${trouble.behave} ${name}`;
          try {
            stories.push({ what, caller, outcome: await play(caller, trouble, times) });
          } catch (error) {
            throw new Error(what, { cause: error });
          }
        }
      };
      await Promise.all(Array.from({ length: CALLS }, line));
      return stories;
    }

    const wantedOf = (outcomes: readonly string[], times: number): string =>
      outcomes[times - 1] ?? outcomes[0] ?? '';

    test('a card whose answer was lost is told as the gateway has it, and enrols once', async () => {
      const stories = await everyTrouble(async (caller, trouble, times) => {
        await caller.consent();
        const { behave } = trouble;
        await caller.script('tokenize', Array<string>(times).fill(behave));
        const first = await ended(caller, await caller.tokenise(1));
        assert.equal(first.body['outcome'], wantedOf(trouble.tokenise, times), first.text);
        let tokens = first.body['outcome'] === 'approved' ? 1 : 0;
        // A caller whose card came to nothing is asked for it again, and meets what is left.
        for (let attempt = 2; tokens === 0 && attempt < 5; attempt += 1) {
          const next = await ended(caller, await caller.tokenise(attempt));
          if (next.body['outcome'] === 'approved') tokens += 1;
        }
        const { subscriptions, tokens: stored } = await settledTruth(system, caller);
        assert.equal(stored, tokens, 'every token that the gateway has was told');
        assert.equal(subscriptions.length, 0);
        return approved(await ended(caller, await caller.subscribe())).body['outcome'];
      });
      for (const { what, caller, outcome } of stories) {
        assertEnrolment(what, outcome, await settledTruth(system, caller));
      }
    });

    test('an enrolment whose answer was lost is made once or not at all, and told so', async () => {
      const stories = await everyTrouble(async (caller, trouble, times) => {
        await caller.consent();
        approved(await caller.tokenise());
        await caller.script('subscribe', Array<string>(times).fill(trouble.behave));
        const last = await ended(caller, await caller.subscribe());
        const wanted = wantedOf(trouble.subscribe, times);
        assert.equal(last.body['outcome'], wanted, `${trouble.behave}: ${last.text}`);
        return last.body['outcome'];
      });
      for (const { what, caller, outcome } of stories) {
        assertEnrolment(what, outcome, await settledTruth(system, caller));
      }
    });

    test('a cancellation whose answer was lost is made once, and billing hears of it once', async () => {
      const stories = await everyTrouble(async (caller, trouble, times) => {
        await caller.enrol();
        await caller.script('cancel', Array<string>(times).fill(trouble.behave));
        return (await ended(caller, await caller.cancel())).body['outcome'];
      });
      for (const { what, caller, outcome } of stories) {
        const { subscriptions, charges, events } = await settledTruth(system, caller);
        const [subscription] = subscriptions;
        const cancelled = outcome === 'approved';
        assert.equal(subscriptions.length, 1, what);
        assert.equal(charges, 1, what);
        assert.equal(subscription?.['status'], cancelled ? 'cancelled' : 'active', what);
        assert.equal(subscription?.changes.length, cancelled ? 1 : 0, what);
        const types = ['subscription.created', ...(cancelled ? ['subscription.cancelled'] : [])];
        assert.deepEqual(
          events.map(({ type }) => type),
          types,
          what,
        );
        // One that was put off, which ends an enrolment, is taken on.
        const trouble = TROUBLES.find(({ behave }) => what.startsWith(`${behave} `));
        const declined = trouble?.subscribe.includes('declined') === true;
        assert.equal(outcome, declined ? 'declined' : 'approved', what);
      }
    });

    test('nothing is left in doubt', async () => {
      for (const name of ['operations_in_doubt', 'operations_to_settle', 'deliveries_waiting']) {
        assert.equal(await system.gauge(name), 0, name);
      }
    });
  });
}
