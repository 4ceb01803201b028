import assert from 'node:assert/strict';
import type { ErrorCode } from '../../src/payment/outcome.ts';
import type { RetryField, Route } from '../../src/payment/route.ts';
import type { Static } from 'typebox';
import type { OperationAnswer } from '../../src/contract/schemas.ts';
import { Caller } from './caller.ts';
import type { Behaviour } from './scripted-gateway.ts';
import { withWorlds } from './worlds.ts';

/** What the caller is told about each decline: code, route, and what is asked again. */
const DECLINES: readonly (readonly [ErrorCode, ErrorCode, Route, RetryField])[] = [
  ['invalid_card_number', 'invalid_card_number', 'retry', 'card_number'],
  ['invalid_cvv', 'invalid_cvv', 'retry', 'cvv'],
  ['invalid_expiry', 'invalid_expiry', 'retry', 'expiry'],
  ['expired_card', 'expired_card', 'retry', 'card'],
  ['unsupported_card', 'unsupported_card', 'retry', 'card'],
  ['cvv_mismatch', 'cvv_mismatch', 'retry', 'cvv'],
  ['postal_code_mismatch', 'postal_code_mismatch', 'retry', 'postal_code'],
  ['card_declined', 'card_declined', 'retry', 'card'],
  ['insufficient_funds', 'insufficient_funds', 'retry', 'card'],
  ['limit_exceeded', 'limit_exceeded', 'retry', 'card'],
  ['suspected_fraud', 'card_declined', 'retry', 'card'],
  ['authentication_required', 'authentication_required', 'agent', 'none'],
  ['processing_error', 'processing_error', 'agent', 'none'],
];

const TELLTALE = /lost|stolen|fraud|blacklist|robad|perdid|fraude|lista negra/i;

/** An outcome in doubt, however it came about. */
const DOUBTS: Readonly<Record<string, Behaviour>> = {
  'the connection is lost': { does: 'lose', effectAfterMs: null },
  'the connection is lost after the effect': { does: 'lose', effectAfterMs: 0 },
  'the gateway hangs': { does: 'hang', effectAfterMs: 0 },
  'the gateway answers 500': { does: 'status', status: 500 },
  'the gateway answers 200 without an id': { does: 'status', status: 200 },
  'the gateway answers 402 without a word': { does: 'status', status: 402 },
  'the gateway answers a status nobody knows': { does: 'status', status: 418 },
};

const FAILURES: readonly (readonly [number, ErrorCode])[] = [
  [400, 'gateway_rejected'],
  [403, 'gateway_rejected'],
  [404, 'gateway_rejected'],
  [422, 'gateway_rejected'],
];

withWorlds((inWorld) => {
  for (const step of ['tokenise', 'subscribe', 'change'] as const) {
    const ask = async (caller: Caller): Promise<Static<typeof OperationAnswer>> => {
      const { world } = caller;
      let id: string;
      if (step === 'tokenise') id = (await caller.card()).operation_id;
      else if (step === 'subscribe') {
        id = (await caller.subscribe(await caller.ready())).operation_id;
      } else {
        const { subscription_id: subscription } = await caller.enrol();
        id = (await caller.change('pause', subscription)).operation_id;
      }
      const [row] = await world.rows('select answer from operation where id = $1', id);
      return JSON.parse(String(row?.['answer'])) as Static<typeof OperationAnswer>;
    };

    inWorld(`${step}: every decline has its route, and none tells too much`, async (world) => {
      for (const language of ['en-us', 'es-us'] as const) {
        for (const [said, told, route, field] of DECLINES) {
          world.gateway.will(step, { does: 'decline', code: said });
          const answer = await ask(new Caller(world, { language }));
          assert.deepEqual(
            [answer.outcome, answer.error_code, answer.prompt, answer.route, answer.retry_field],
            ['declined', told, told, route, field],
          );
          assert.doesNotMatch(answer.prompt_text, TELLTALE);
          assert.doesNotMatch(JSON.stringify(answer), /suspected_fraud/);
        }
      }
      const rows = await world.rows(`select raw_code from operation where state = 'declined'`);
      assert.ok(
        rows.some((row) => row['raw_code'] === 'suspected_fraud'),
        'the raw code is kept',
      );
      assert.equal(await world.count('job'), step === 'change' ? 26 : 0, 'only deliveries wait');
    });

    for (const [title, behaviour] of Object.entries(DOUBTS)) {
      inWorld(`${step}: in doubt where ${title}`, async (world) => {
        world.gateway.will(step, behaviour);
        const answer = await ask(new Caller(world));
        assert.deepEqual(
          [answer.outcome, answer.error_code, answer.route, answer.prompt],
          ['in_doubt', 'in_doubt', 'wait', 'in_doubt'],
        );
        assert.equal(world.gateway.asked(step).length, 1, 'it is not sent again blindly');
        assert.equal(await world.count(`job where kind = 'settle'`), 1);
        assert.ok(world.clock.monotonicMs() <= 27_100);
      });
    }

    for (const [status, code] of FAILURES) {
      inWorld(`${step}: ${status} is no success, no decline, and an alarm`, async (world) => {
        world.gateway.will(step, { does: 'status', status });
        const answer = await ask(new Caller(world));
        assert.deepEqual(
          [answer.outcome, answer.error_code, answer.route, answer.status_code],
          ['failed', code, 'agent', status],
        );
        assert.equal(world.gateway.asked(step).length, 1, 'it is never tried again');
        assert.ok(world.alarms().includes('gateway.rejected'));
      });
    }

    inWorld(`${step}: pending makes the caller wait`, async (world) => {
      world.gateway.will(step, { does: 'pending', afterMs: 3_000 });
      const caller = new Caller(world);
      const answer = await ask(caller);
      assert.deepEqual([answer.outcome, answer.route], ['pending', 'wait']);
      const polled = await caller.operation(answer.operation_id);
      assert.deepEqual([polled.outcome, polled.route, polled.error_code], ['pending', 'wait', '']);
      await world.settleFor(10_000);
      const done = await caller.operation(answer.operation_id);
      assert.equal(done.outcome, 'approved');
      assert.equal(world.gateway.asked(step).length, 1);
    });

    inWorld(`${step}: twice 503 and then success is one effect`, async (world) => {
      const busy: Behaviour = { does: 'status', status: 503 };
      world.gateway.will(step, { ...busy, effect: true }, busy);
      const answer = await ask(new Caller(world));
      assert.equal(answer.outcome, 'approved');
      assert.equal(world.gateway.asked(step).length, 3);
      assert.equal(world.gateway.count(step), 1);
      assert.equal(new Set(world.gateway.asked(step).map((arrival) => arrival.key)).size, 1);
    });

    inWorld(`${step}: 503 for ever is in doubt after two retries`, async (world) => {
      const busy: Behaviour = { does: 'status', status: 503 };
      world.gateway.will(step, busy, busy, busy, busy);
      assert.equal((await ask(new Caller(world))).outcome, 'in_doubt');
      assert.equal(world.gateway.asked(step).length, 3);
    });

    inWorld(`${step}: 429 waits as long as Retry-After says`, async (world) => {
      world.gateway.will(step, { does: 'status', status: 429, retryAfterS: 9 });
      assert.equal((await ask(new Caller(world))).outcome, 'approved');
      const [first, second] = world.gateway.asked(step);
      assert.ok(first && second && second.atMs - first.atMs >= 9_000);
    });

    inWorld(`${step}: a Retry-After past the deadline is not waited for`, async (world) => {
      world.gateway.will(step, { does: 'status', status: 429, retryAfterS: 60 });
      const answer = await ask(new Caller(world));
      assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'gateway_unavailable']);
      assert.ok(world.clock.monotonicMs() < 1_000);
    });

    inWorld(`${step}: 401 renews the credential once`, async (world) => {
      world.gateway.will(step, { does: 'status', status: 401 });
      assert.equal((await ask(new Caller(world))).outcome, 'approved');
      assert.equal(world.gateway.renewals, 1);
      const refused: Behaviour = { does: 'status', status: 401 };
      world.gateway.will(step, refused, refused, refused);
      const asked = world.gateway.asked(step).length;
      const answer = await ask(new Caller(world));
      assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'gateway_rejected']);
      assert.equal(world.gateway.asked(step).length, asked + 2);
      assert.ok(world.alarms().includes('gateway.rejected'));
    });

    inWorld(`${step}: nobody there is a failure, and a later one hides no doubt`, async (world) => {
      const away: Behaviour = { does: 'unreachable' };
      world.gateway.will(step, away, away, away);
      const answer = await ask(new Caller(world));
      assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'gateway_unavailable']);
      world.gateway.will(step, { does: 'status', status: 504, effect: true }, away, away);
      assert.equal((await ask(new Caller(world))).outcome, 'in_doubt');
    });

    inWorld(`${step}: the deadline holds whatever the wall clock does`, async (world) => {
      world.gateway.will(
        step,
        { does: 'status', status: 503 },
        { does: 'hang', effectAfterMs: null },
      );
      world.gateway.onArrival = ({ step: arrived }) => {
        if (arrived === step) world.clock.manual.jumpWall(-3_600_000);
        return Promise.resolve();
      };
      assert.equal((await ask(new Caller(world))).outcome, 'in_doubt');
      assert.ok(world.clock.monotonicMs() <= 27_100, `${world.clock.monotonicMs()}`);
    });
  }

  const verifying = { verification: true };
  inWorld(
    'a card is verified before it is a token',
    async (world) => {
      const answer = await new Caller(world).card();
      assert.equal(answer.outcome, 'approved');
      assert.deepEqual(
        [...world.gateway.tokens.values()].map((token) => token.verified),
        [true],
      );
    },
    verifying,
  );

  inWorld(
    'a card that fails its verification is no token',
    async (world) => {
      world.gateway.will('verify', { does: 'decline', code: 'cvv_mismatch' });
      const answer = await new Caller(world).card();
      assert.deepEqual(
        [answer.outcome, answer.error_code, answer.retry_field, answer.token_id],
        ['declined', 'cvv_mismatch', 'cvv', ''],
      );
      assert.equal(await world.count('card_token'), 0);
    },
    verifying,
  );

  inWorld(
    'a verification in doubt is settled, by the verification and not by the token',
    async (world) => {
      world.gateway.will('verify', { does: 'hang', effectAfterMs: 30_000 });
      const caller = new Caller(world);
      const answer = await caller.card();
      assert.equal(answer.outcome, 'in_doubt');
      assert.ok(world.clock.monotonicMs() <= 27_100);
      await world.settleFor(60_000);
      const polled = await caller.operation(answer.operation_id);
      assert.equal(polled.outcome, 'approved');
      assert.match(polled.token_id, /^tok_/);
      assert.equal(world.gateway.count('verify'), 1);
      const keys = new Set(world.gateway.asked('verify').map((arrival) => arrival.key));
      assert.deepEqual([...keys], [`${answer.operation_id}.verify`], 'where look-ups look');
    },
    verifying,
  );

  for (const nothing of [
    { does: 'unreachable' },
    { does: 'status', status: 429 },
  ] as const satisfies readonly Behaviour[]) {
    inWorld(
      `a stored card whose verification cannot be asked for (${nothing.does}) is verified later`,
      async (world) => {
        for (const _ of ['', 'retry', 'retry']) world.gateway.will('verify', nothing);
        const caller = new Caller(world);
        const answer = await caller.card();
        assert.equal(answer.outcome, 'in_doubt', 'the card is stored: it is not that nothing was');
        await world.settleFor(60_000);
        assert.equal((await caller.operation(answer.operation_id)).outcome, 'approved');
        assert.deepEqual(
          [...world.gateway.tokens.values()].map((token) => token.verified),
          [true],
        );
      },
      verifying,
    );
  }

  inWorld(
    'a verification that the gateway refuses to carry out is a failure, and no doubt for ever',
    async (world) => {
      world.gateway.will('verify', { does: 'status', status: 422 });
      const answer = await new Caller(world).card();
      assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'gateway_rejected']);
    },
    verifying,
  );

  inWorld(
    'a verification that was declined while nobody listened ends declined',
    async (world) => {
      world.gateway.will('verify', { does: 'status', status: 500 });
      const caller = new Caller(world);
      const answer = await caller.card();
      assert.equal(answer.outcome, 'in_doubt');
      world.gateway.will('verify', { does: 'decline', code: 'card_declined' });
      await world.settleFor(60_000);
      assert.equal((await caller.operation(answer.operation_id)).outcome, 'declined');
      assert.equal(await world.count('card_token'), 0);
    },
    verifying,
  );
});
