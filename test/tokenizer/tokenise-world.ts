import assert from 'node:assert/strict';
import type { BeginReply, BeginRequest, FinishRequest } from '../../src/contract/internal.ts';
import type { GatewayTokenizer } from '../../src/gateway/tokenize.ts';
import { openSandboxTokenizer } from '../../src/gateway/sandbox/tokenize.ts';
import { Deadline } from '../../src/resilience/deadline.ts';
import { RETRY_POLICY } from '../../src/resilience/retry.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../src/system/http-client.ts';
import { BodySlab, type CardRequest } from '../../src/tokenizer/body.ts';
import type { LineReply } from '../../src/tokenizer/bridge-line.ts';
import { MacKeys } from '../../src/tokenizer/mac-keys.ts';
import { tokenise, type TokeniseDeps, type TokeniseReply } from '../../src/tokenizer/tokenise.ts';
import { bodyText } from '../card/captures.ts';
import { CREDENTIALS } from '../card/fake-gateway.ts';
import { IN_DOUBT_TEXTS } from '../card/settings.ts';
import { ManualClock } from '../clock.ts';
import { digitsIn } from '../conformance/digits.ts';
import { seededRandomness } from '../randomness.ts';

export const PAN = '4000056655665556';
export const OTHER_PAN = '4242424242424242';

export const GO: BeginReply = {
  kind: 'go',
  operation_id: 'op_aaaabbbbccccddddeeee',
  gateway_key: 'op_aaaabbbbccccddddeeee',
  budget_ms: 27_000,
};

export const answered = (status: number, body: object, headers = {}): Exchange => ({
  kind: 'answered',
  response: { status, headers, body: Buffer.from(JSON.stringify(body)) },
  latencyMs: 5,
});
export const GRANTED = answered(200, { token_id: 'gwtok_abc', gateway_transaction_id: 'gwtx_abc' });
export const RESET: Exchange = { kind: 'no_answer', reason: 'reset', latencyMs: 5 };
export const REFUSED: Exchange = { kind: 'not_sent', reason: 'connect', latencyMs: 1 };

export const HANG = 'hang';
export type Scripted<T> = T | typeof HANG | Error;

export interface World {
  readonly clock: ManualClock;
  readonly deps: TokeniseDeps;
  readonly begins: BeginRequest[];
  readonly finishes: FinishRequest[];
  /** Bodies that went to the gateway, as they were at that moment. */
  readonly sent: string[];
  readonly sentHeaders: Readonly<Record<string, string>>[];
  /** The very buffers of those bodies. */
  readonly buffers: Uint8Array[];
  /** The bodies that the gateway has answered with. */
  readonly answers: Uint8Array[];
  readonly alarms: string[];
  /** Milliseconds of the clock at which something was sent. */
  readonly sentAtMs: number[];
}

export interface Script {
  /** The last one of several goes on. */
  readonly begin?: Scripted<LineReply<BeginReply>> | readonly Scripted<LineReply<BeginReply>>[];
  readonly gateway?: readonly Scripted<Exchange>[];
  readonly finish?: readonly Scripted<LineReply<{ answer: string }>>[];
  readonly tokenizer?: (inner: GatewayTokenizer) => GatewayTokenizer;
}

export const FINISHED: LineReply<{ answer: string }> = {
  kind: 'ok',
  value: { answer: '{"outcome":"approved", "as": "it is"}' },
};

/** Whoever gets an answer wipes it, and a script may be played twice. */
function fresh(step: Scripted<Exchange>): Scripted<Exchange> {
  if (step === HANG || step instanceof Error || step.kind !== 'answered') return step;
  return { ...step, response: { ...step.response, body: Buffer.from(step.response.body) } };
}

/** What never answers ends when its signal is aborted. */
function play<T>(step: Scripted<T>, aborted: T, signal: AbortSignal): Promise<T> {
  if (step instanceof Error) return Promise.reject(step);
  if (step !== HANG) return Promise.resolve(step);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(aborted), { once: true });
  });
}

export function worldOf(script: Script): World {
  const clock = new ManualClock();
  const randomness = seededRandomness(7);
  const world = {
    clock,
    begins: [] as BeginRequest[],
    finishes: [] as FinishRequest[],
    sent: [] as string[],
    sentHeaders: [] as Readonly<Record<string, string>>[],
    buffers: [] as Uint8Array[],
    answers: [] as Uint8Array[],
    alarms: [] as string[],
    sentAtMs: [] as number[],
  };
  const gatewaySteps = [...(script.gateway ?? [GRANTED])];
  const http: HttpClient = {
    exchange(request: HttpRequest, signal) {
      if (request.path === '/oauth/token') {
        return Promise.resolve(answered(200, { access_token: 'bearer', expires_in: 600 }));
      }
      assert.ok(request.body);
      world.sent.push(Buffer.from(request.body).toString());
      world.buffers.push(request.body);
      world.sentHeaders.push(request.headers);
      world.sentAtMs.push(clock.monotonicMs());
      const step = fresh(gatewaySteps.shift() ?? GRANTED);
      if (typeof step === 'object' && 'response' in step) world.answers.push(step.response.body);
      return play<Exchange>(step, { kind: 'no_answer', reason: 'aborted', latencyMs: 9 }, signal);
    },
    close: () => Promise.resolve(),
  };
  const finishSteps = [...(script.finish ?? [])];
  const beginSteps: Scripted<LineReply<BeginReply>>[] = [script.begin ?? []].flat();
  const silent = { kind: 'silent', reason: 'no_answer' } as const;
  const gateway = openSandboxTokenizer('http://gateway', CREDENTIALS, http, clock);
  const deps: TokeniseDeps = {
    clock,
    randomness,
    gateway: script.tokenizer?.(gateway) ?? gateway,
    http,
    retry: RETRY_POLICY,
    log: { info: () => {}, alarm: (event) => world.alarms.push(event) },
    metrics: { gatewayCall: () => {} },
    macKeys: new MacKeys(clock, randomness),
    brands: ['visa', 'mastercard'],
    mode: 'test',
    timeZone: 'America/New_York',
    inDoubtTexts: IN_DOUBT_TEXTS,
    line: {
      begin(request, signal) {
        world.begins.push(request);
        const step = beginSteps.length > 1 ? beginSteps.shift() : beginSteps[0];
        return play(step ?? { kind: 'ok', value: GO }, silent, signal);
      },
      finish(operationId, request, signal) {
        assert.equal(operationId, GO.kind === 'go' ? GO.operation_id : '');
        world.finishes.push(request);
        return play(finishSteps.shift() ?? FINISHED, silent, signal);
      },
      keys: () => Promise.resolve(silent),
    },
  };
  return { ...world, deps };
}

export function requestOf(more: object = {}, pan = PAN, cvv = '737'): CardRequest {
  const slab = new BodySlab();
  const body = { ...(JSON.parse(bodyText(pan, cvv, 'call-alpha')) as object), ...more };
  slab.add(Buffer.from(JSON.stringify(body)));
  return slab.read();
}

export interface Run extends World {
  readonly reply: TokeniseReply | null;
  readonly error: unknown;
  readonly answer: Record<string, unknown>;
}

/** Plays one request to its end and checks what holds on every way out. */
export async function run(script: Script, request = requestOf(), advanceMs = 60_000): Promise<Run> {
  const world = worldOf(script);
  const { card } = request;
  const deadline = new Deadline(world.clock, 27_000);
  const ask = { request, clientId: 'client', origin: 'tokenizer 127.0.0.1', key: null, deadline };
  let reply: TokeniseReply | null = null;
  let error: unknown = null;
  const ended = tokenise(world.deps, ask).then(
    (value) => (reply = value),
    (thrown: unknown) => (error = thrown),
  );
  await world.clock.advance(advanceMs);
  await ended;
  assert.deepEqual([card.pan.length, card.cvv.length], [0, 0], 'the secrets are zeroed');
  for (const buffer of world.buffers) {
    assert.ok(
      buffer.every((byte) => byte === 0),
      'the bodies are zeroed',
    );
    assert.ok(buffer.buffer.byteLength > 64, 'the bodies lie outside V8’s heap');
  }
  assert.equal(world.clock.timerCount, 0, 'no timer is left');
  const told = JSON.stringify([world.begins, world.finishes, world.alarms]);
  assert.deepEqual(digitsIn(told, PAN), [], 'no digit crosses the line to the bridge');
  const done = reply as TokeniseReply | null;
  const text = done === null ? '{}' : Buffer.from(done.body).toString();
  assert.deepEqual(digitsIn(text, PAN), []);
  return { ...world, reply: done, error, answer: JSON.parse(text) as Record<string, unknown> };
}
