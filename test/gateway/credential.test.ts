import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCredential } from '../../src/gateway/sandbox/credential.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../src/system/http-client.ts';
import { ManualClock } from '../clock.ts';

const SETTINGS = { clientId: 'a client', clientSecret: 'with : and %', apiKey: 'an-api-key' };
const { signal } = new AbortController();

/** A token endpoint that answers when the test lets it. */
class Endpoint implements HttpClient {
  readonly requests: HttpRequest[] = [];
  #waiting: ((exchange: Exchange) => void)[] = [];

  exchange(request: HttpRequest, aborted: AbortSignal): Promise<Exchange> {
    this.requests.push(request);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      aborted.addEventListener('abort', () =>
        resolve({ kind: 'no_answer', reason: 'aborted', latencyMs: 1 }),
      );
    });
  }

  answer(status: number, body: unknown): void {
    const bytes = Buffer.from(JSON.stringify(body));
    this.exchanged({
      kind: 'answered',
      response: { status, headers: {}, body: bytes },
      latencyMs: 1,
    });
  }

  exchanged(exchange: Exchange): void {
    for (const resolve of this.#waiting.splice(0)) resolve(exchange);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function opened() {
  const clock = new ManualClock();
  const endpoint = new Endpoint();
  return { clock, endpoint, credential: openCredential(SETTINGS, endpoint, clock) };
}

const grant = (token: string, seconds?: number) => ({
  access_token: token,
  token_type: 'Bearer',
  ...(seconds !== undefined && { expires_in: seconds }),
});

test('nothing is asked for before it is needed, and then once for all who wait', async () => {
  const { endpoint, credential } = opened();
  assert.deepEqual(credential.headers(), { 'x-api-key': 'an-api-key' });
  assert.equal(endpoint.requests.length, 0);
  const waiting = [1, 2, 3].map(() => credential.prepare(signal));
  endpoint.answer(200, grant('one', 900));
  assert.deepEqual(await Promise.all(waiting), [null, null, null]);
  assert.equal(endpoint.requests.length, 1);
  assert.equal(credential.headers()['authorization'], 'Bearer one');
});

test('the client is named as RFC 6749 §2.3.1 says, and never in the body', async () => {
  const { endpoint, credential } = opened();
  const waiting = credential.prepare(signal);
  endpoint.answer(200, grant('one'));
  await waiting;
  const [request] = endpoint.requests;
  const basic = Buffer.from('a%20client:with%20%3A%20and%20%25').toString('base64');
  assert.equal(request?.headers['authorization'], `Basic ${basic}`);
  assert.equal(Buffer.from(request?.body ?? []).toString(), 'grant_type=client_credentials');
});

test('renewals at the same time are one request', async () => {
  const { endpoint, credential } = opened();
  const renewals = [credential.renew(), credential.renew(), credential.prepare(signal)];
  endpoint.answer(200, grant('two'));
  assert.deepEqual(await Promise.all(renewals), [true, true, null]);
  assert.equal(endpoint.requests.length, 1);
});

test('a bearer is renewed in the background when four fifths of its life are over', async () => {
  const { clock, endpoint, credential } = opened();
  const waiting = credential.prepare(signal);
  endpoint.answer(200, grant('one', 100));
  await waiting;
  await clock.advance(79_000);
  credential.headers();
  assert.equal(endpoint.requests.length, 1);
  await clock.advance(1_000);
  assert.equal(credential.headers()['authorization'], 'Bearer one');
  credential.headers();
  assert.equal(endpoint.requests.length, 2);
  endpoint.answer(200, grant('two', 100));
  await clock.advance(0);
  assert.equal(credential.headers()['authorization'], 'Bearer two');
});

test('a refused client is our fault, an outage is not, and neither has sent anything', async () => {
  const outcomes: [number, string, string][] = [
    [400, 'gateway_rejected', 'never'],
    [401, 'gateway_rejected', 'never'],
    [403, 'gateway_rejected', 'never'],
    [429, 'gateway_unavailable', 'again'],
    [500, 'gateway_unavailable', 'again'],
    [503, 'gateway_unavailable', 'again'],
  ];
  for (const [status, errorCode, again] of outcomes) {
    const { endpoint, credential } = opened();
    const waiting = credential.prepare(signal);
    endpoint.answer(status, { error: 'invalid_client' });
    const reply = await waiting;
    assert.deepEqual(reply?.outcome, { kind: 'failed', errorCode }, String(status));
    assert.equal(reply?.again.kind, again);
  }
});

test('an answer that is no bearer is none, and the next one asks again', async () => {
  const { endpoint, credential } = opened();
  for (const body of [{}, [], null, { access_token: '' }, { access_token: 'a\r\nb' }]) {
    const waiting = credential.renew();
    endpoint.answer(200, body);
    assert.equal(await waiting, false, JSON.stringify(body));
  }
  const waiting = credential.prepare(signal);
  endpoint.answer(200, grant('one'));
  assert.equal(await waiting, null);
});

test('a failed renewal leaves the bearer that there is', async () => {
  const { endpoint, credential } = opened();
  const waiting = credential.prepare(signal);
  endpoint.answer(200, grant('one'));
  await waiting;
  const renewing = credential.renew();
  endpoint.exchanged({ kind: 'not_sent', reason: 'connect', latencyMs: 1 });
  assert.equal(await renewing, false);
  assert.equal(credential.headers()['authorization'], 'Bearer one');
});

test('who is called off does not wait, and does not call it off for the others', async () => {
  const { endpoint, credential } = opened();
  const controller = new AbortController();
  const impatient = credential.prepare(controller.signal);
  const patient = credential.prepare(signal);
  controller.abort();
  assert.deepEqual((await impatient)?.outcome, { kind: 'failed', errorCode: 'gateway_timeout' });
  endpoint.answer(200, grant('one'));
  assert.equal(await patient, null);
});

test('an endpoint that does not answer is given up after ten seconds', async () => {
  const { clock, credential } = opened();
  const waiting = credential.prepare(signal);
  await clock.advance(10_000);
  assert.deepEqual((await waiting)?.outcome, { kind: 'failed', errorCode: 'gateway_unavailable' });
});
