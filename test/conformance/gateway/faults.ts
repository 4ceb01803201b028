import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { GatewayReply } from '../../../src/gateway/gateway.ts';
import { joinReplies } from '../../../src/gateway/reading.ts';
import { Deadline } from '../../../src/resilience/deadline.ts';
import { withRetry } from '../../../src/resilience/retry.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemRandomness } from '../../../src/system/randomness.ts';
import type { LineFault } from './faulty-line.ts';
import {
  chargeOrder,
  FIRST,
  freshKey,
  outcomeText,
  type Rig,
  subscribeOrder,
  tokeniseWith,
  valueOf,
} from './rig.ts';

const HTML = '<html><body>An error occurred.</body></html>';

interface Expected {
  readonly outcome: string;
  readonly again: string;
}

const REJECTED: Expected = { outcome: 'failed gateway_rejected', again: 'never' };

/** Design §6.3 and §6.4. The request of a 5xx may have taken effect. */
const STATUSES: Readonly<Record<number, Expected>> = {
  400: REJECTED,
  401: { outcome: 'failed gateway_rejected', again: 'renew_credential' },
  403: REJECTED,
  404: REJECTED,
  409: { outcome: 'in_doubt', again: 'never' },
  422: REJECTED,
  429: { outcome: 'failed gateway_unavailable', again: 'again' },
  500: { outcome: 'in_doubt', again: 'never' },
  501: { outcome: 'in_doubt', again: 'never' },
  502: { outcome: 'in_doubt', again: 'again' },
  503: { outcome: 'in_doubt', again: 'again' },
  504: { outcome: 'in_doubt', again: 'again' },
};

type Step = (key: string, signal?: AbortSignal) => Promise<GatewayReply<unknown>>;

/** The steps that change something: every rule about lost answers holds for each of them. */
async function stepsOf(rig: Rig): Promise<[name: string, step: Step][]> {
  const { capabilities } = rig.sides.adapter;
  const steps: [string, Step][] = [['tokenise', (key, signal) => rig.tokenise(key, signal)]];
  const token = await rig.token();
  if (capabilities.subscriptions) {
    steps.push(['subscribe', (key, signal) => rig.subscribe(token, key, signal)]);
    const reference = await rig.subscription();
    steps.push(['cancel', (key) => rig.change('cancel', reference, {}, key)]);
  }
  if (!capabilities.subscriptions) {
    steps.push(['charge', (key, signal) => rig.charge(token, key, signal)]);
  }
  if (capabilities.verification) {
    const { tokenReference } = valueOf(await rig.tokenise());
    steps.push(['verify', (key, signal) => rig.verify(tokenReference, key, signal)]);
  }
  return steps;
}

const status = (code: number, text: string, after = false): LineFault => ({
  kind: 'status',
  status: code,
  text,
  after,
});

/** What a line and a gateway do to a request, and what is true of it then. */
export const FAULTS = {
  async 'every status has its outcome, whatever stands in its body'(rig: Rig) {
    for (const [name, step] of await stepsOf(rig)) {
      for (const [code, expected] of Object.entries(STATUSES)) {
        for (const text of ['{}', '', HTML]) {
          rig.line.next(status(Number(code), text));
          const reply = await step(freshKey());
          const found = { outcome: outcomeText(reply), again: reply.again.kind };
          assert.deepEqual(found, expected, `${name} ${code} ${text}`);
          assert.equal(reply.statusCode, Number(code));
          if (Number(code) >= 500) assert.equal(reply.healthy, false);
        }
      }
    }
  },

  async 'a 402 without a word of the gateway is no approval and not tried again'(rig: Rig) {
    for (const text of ['{}', HTML]) {
      rig.line.next(status(402, text));
      const reply = await rig.tokenise();
      assert.match(reply.outcome.kind, /^(declined|in_doubt)$/);
      assert.equal(reply.again.kind, 'never');
    }
  },

  async 'a non-2xx is no success even with the body of one'(rig: Rig) {
    const after = { kind: 'status', text: null, after: true } as const;
    for (const [name, step] of await stepsOf(rig)) {
      for (const code of [300, 302, 400, 402, 404, 409, 500, 503]) {
        rig.line.next({ ...after, status: code });
        const { outcome } = await step(freshKey());
        assert.ok(outcome.kind !== 'approved' && outcome.kind !== 'pending', `${name} ${code}`);
      }
    }
  },

  async 'a 503 whose JSON names no error is no success'(rig: Rig) {
    for (const [, step] of await stepsOf(rig)) {
      rig.line.next(status(503, '{"message":"Service Unavailable"}'));
      assert.equal(outcomeText(await step(freshKey())), 'in_doubt');
    }
  },

  async 'a 2xx without the id is in doubt'(rig: Rig) {
    const bodies = ['{}', '[]', 'null', '"ok"', '7', '', '{"status":"ok"}', '{"id":"', HTML];
    for (const [name, step] of await stepsOf(rig)) {
      for (const text of bodies) {
        rig.line.next(status(200, text, true));
        const reply = await step(freshKey());
        assert.equal(outcomeText(reply), 'in_doubt', `${name} ${text}`);
        assert.equal(reply.again.kind, 'never');
        assert.equal(reply.healthy, false);
      }
      rig.line.next(status(204, ''));
      assert.equal(outcomeText(await step(freshKey())), 'in_doubt', `${name} 204`);
    }
  },

  async 'Retry-After is told in milliseconds, and a date is not waited for'(rig: Rig) {
    await rig.tokenise();
    const notBefore = async (value: string): Promise<number | null> => {
      rig.line.next({ ...status(429, '{}'), headers: { 'retry-after': value } } as LineFault);
      const { again } = await rig.tokenise();
      assert.equal(again.kind, 'again');
      return again.kind === 'again' ? again.notBeforeMs : null;
    };
    assert.equal(await notBefore('2'), 2_000);
    assert.equal(await notBefore('0'), 0);
    assert.equal(await notBefore('Wed, 21 Oct 2026 07:28:00 GMT'), null);
    assert.equal(await notBefore('-5'), null);
  },

  async 'a 401 is mended once by a fresh credential, or there is none to get'(rig: Rig) {
    for (const [name, step] of await stepsOf(rig)) {
      const renew =
        name === 'tokenise'
          ? () => rig.sides.tokenizer.renewCredential()
          : () => rig.sides.adapter.renewCredential();
      rig.line.next(status(401, '{}'));
      const once = await retried(step, renew);
      assert.equal(
        outcomeText(once.reply),
        rig.bench.renewable ? 'approved' : 'failed gateway_rejected',
        name,
      );
      assert.equal(once.attempts, rig.bench.renewable ? 2 : 1);
      rig.line.next(status(401, '{}'), status(401, '{}'), status(401, '{}'));
      const ever = await retried(step, renew);
      assert.equal(outcomeText(ever.reply), 'failed gateway_rejected');
      assert.ok(ever.attempts <= 2, 'a refused credential is renewed once and no more');
      rig.line.mend();
    }
  },

  async 'an answer lost after the effect, and asked for again with its key, is one effect'(
    rig: Rig,
  ) {
    const token = await rig.token();
    const { subscriptions: offered } = rig.sides.adapter.capabilities;
    const before = await rig.bench.effects();
    const lost = status(503, '{"message":"Service Unavailable"}', true);
    rig.line.next(lost, lost);
    const step: Step = offered
      ? (key) => rig.subscribe(token, key)
      : (key) => rig.charge(token, key);
    const { reply, attempts } = await retried(step, () => Promise.resolve(false));
    assert.equal(outcomeText(reply), 'approved');
    assert.equal(attempts, 3);
    const after = await rig.bench.effects();
    assert.equal(after.tokens, before.tokens);
    assert.equal(after.subscriptions - before.subscriptions, offered ? 1 : 0);
    const charges = after.charges - before.charges;
    assert.ok(offered ? charges <= 1 : charges === 1, `${charges} charges`);
  },

  async 'a later refusal does not undo an earlier doubt'(rig: Rig) {
    await rig.tokenise();
    rig.line.next(status(503, '{}', true), status(429, '{}'), status(429, '{}'));
    const { reply } = await retried(
      (key) => rig.tokenise(key),
      () => Promise.resolve(false),
    );
    assert.equal(outcomeText(reply), 'in_doubt');
  },

  async 'a gateway that cannot be reached has certainly done nothing'(rig: Rig) {
    const sides = rig.bench.open(await closedOrigin());
    const { signal } = new AbortController();
    const order = rig.tokeniseOrder(freshKey());
    const replies = [
      await tokeniseWith(sides, order, signal),
      ...(sides.adapter.capabilities.subscriptions
        ? [
            await sides.adapter.subscribe(subscribeOrder('tok_any', freshKey()), signal),
            await sides.adapter.read('sub_any', signal),
          ]
        : [await sides.adapter.charge(chargeOrder('tok_any', freshKey(), FIRST), signal)]),
    ];
    for (const reply of replies) {
      assert.equal(outcomeText(reply), 'failed gateway_unavailable');
      assert.equal(reply.again.kind, 'again');
      assert.equal(reply.healthy, false);
      assert.equal(reply.statusCode, null);
    }
    rig.replies.push(...replies);
    await sides.http.close();
  },

  async 'what is called off before it is sent has certainly not happened'(rig: Rig) {
    for (const [name, step] of (await stepsOf(rig)).filter(([named]) => named !== 'cancel')) {
      const seenBefore = rig.line.seen.length;
      const reply = await step(freshKey(), AbortSignal.abort());
      assert.equal(outcomeText(reply), 'failed gateway_timeout', name);
      assert.equal(reply.again.kind, 'never');
      assert.equal(rig.line.seen.length, seenBefore);
    }
  },

  async 'an answer that never comes leaves it in doubt when it is called off'(rig: Rig) {
    for (const [name, step] of (await stepsOf(rig)).filter(([named]) => named !== 'cancel')) {
      for (const after of [false, true]) {
        const controller = new AbortController();
        rig.line.next({ kind: 'hang', after });
        const hangs = rig.line.hangs();
        const replying = step(freshKey(), controller.signal);
        await hangs;
        controller.abort();
        assertLost(await replying, `${name} ${after}`);
      }
    }
  },

  async 'a line that breaks after the request leaves it in doubt'(rig: Rig) {
    const faults: LineFault[] = [
      { kind: 'reset', after: false },
      { kind: 'reset', after: true },
      { kind: 'cut' },
      { kind: 'oversized' },
    ];
    for (const [name, step] of await stepsOf(rig)) {
      for (const fault of faults) {
        rig.line.next(fault);
        assertLost(await step(freshKey()), `${name} ${fault.kind}`);
      }
    }
  },
};

function assertLost(reply: GatewayReply<unknown>, message: string): void {
  assert.equal(outcomeText(reply), 'in_doubt', message);
  assert.equal(reply.again.kind, 'never', message);
  assert.equal(reply.healthy, false, message);
  assert.equal(reply.rawCode, null);
}

/** As the product retries, with waits of a millisecond. */
async function retried(
  step: Step,
  renewCredential: () => Promise<boolean>,
): Promise<{ reply: GatewayReply<unknown>; attempts: number }> {
  const key = freshKey();
  let attempts = 0;
  const reply = await withRetry(
    {
      clock: systemClock,
      randomness: systemRandomness,
      deadline: new Deadline(systemClock, 20_000),
      policy: { retriesMax: 2, firstDelayMs: 1, delayMsMax: 2 },
      renewCredential,
    },
    (signal) => {
      attempts += 1;
      return step(key, signal);
    },
    joinReplies,
  );
  return { reply, attempts };
}

/** A port that was free a moment ago. */
async function closedOrigin(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
