import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHttpDirectory } from '../../src/bridge/http-directory.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../src/system/http-client.ts';
import type { Log, LogFields } from '../../src/system/log.ts';
import { ManualClock } from '../clock.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly requests: HttpRequest[];
  readonly alarms: (readonly [string, LogFields | undefined])[];
  readonly http: HttpClient;
  readonly log: Log;
}

function answered(status: number, body: unknown): Exchange {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { kind: 'answered', response: { status, headers: {}, body: bytes }, latencyMs: 1 };
}

/** A CRM that gives these answers in turn; `'silent'` answers when it is aborted. */
function scene(...answers: (Exchange | 'silent')[]): Scene {
  const requests: HttpRequest[] = [];
  const alarms: (readonly [string, LogFields | undefined])[] = [];
  const http: HttpClient = {
    exchange(request, signal) {
      requests.push(request);
      const answer = answers.shift() ?? answered(500, '');
      if (answer !== 'silent') return Promise.resolve(answer);
      return new Promise((resolve) => {
        const aborted: Exchange = { kind: 'no_answer', reason: 'aborted', latencyMs: 2_000 };
        signal.addEventListener('abort', () => resolve(aborted));
      });
    },
    close: () => Promise.resolve(),
  };
  const log: Log = {
    info: () => undefined,
    alarm: (event, fields) => alarms.push([event, fields]),
  };
  return { clock: new ManualClock(), requests, alarms, http, log };
}

const SETTINGS = { url: 'http://crm.test/callers?tenant=7', header: 'Authorization: Bearer xyz' };
const ADA = { customer_id: 'customer-ada', language: 'es-MX', spoken_name: 'Ada' };

test('a caller is found by number, with the header and the query that were configured', async () => {
  const { clock, requests, http, log } = scene(answered(200, ADA));
  const directory = openHttpDirectory(SETTINGS, http, clock, log);
  assert.deepEqual(await directory.byAni('+13175550100'), {
    customerId: 'customer-ada',
    language: 'es-us',
    spokenName: 'Ada',
  });
  assert.equal(requests[0]?.method, 'GET');
  assert.equal(requests[0]?.path, '/callers?tenant=7&ani=%2B13175550100');
  assert.equal(requests[0]?.headers['authorization'], 'Bearer xyz');
});

test('somebody unknown is null without an alarm; language and name may be missing', async () => {
  const { clock, alarms, http, log } = scene(
    answered(404, {}),
    answered(200, { customer_id: 'c-9', language: null }),
  );
  const directory = openHttpDirectory(SETTINGS, http, clock, log);
  assert.equal(await directory.byCustomerId('c-8'), null);
  assert.deepEqual(await directory.byCustomerId('c-9'), {
    customerId: 'c-9',
    language: null,
    spokenName: null,
  });
  assert.deepEqual(alarms, []);
});

test('an answer is kept for a minute, and asked for again after it', async () => {
  const { clock, requests, http, log } = scene(answered(200, ADA), answered(404, {}));
  const directory = openHttpDirectory(SETTINGS, http, clock, log);
  await directory.byAni('+13175550100');
  await clock.advance(59_000);
  assert.equal((await directory.byAni('+13175550100'))?.customerId, 'customer-ada');
  assert.equal(requests.length, 1);
  await clock.advance(1_000);
  assert.equal(await directory.byAni('+13175550100'), null);
  assert.equal(requests.length, 2);
});

test('every failure is null and an alarm, and is not kept', async () => {
  const failures: Exchange[] = [
    answered(500, 'oops'),
    answered(302, ''),
    answered(200, 'no json'),
    answered(200, { customer_id: 'has spaces and more' }),
    { kind: 'not_sent', reason: 'connect', latencyMs: 1 },
    { kind: 'no_answer', reason: 'reset', latencyMs: 1 },
  ];
  const { clock, requests, alarms, http, log } = scene(...failures, answered(200, ADA));
  const directory = openHttpDirectory(SETTINGS, http, clock, log);
  for (const _ of failures) assert.equal(await directory.byAni('+13175550100'), null);
  assert.equal(alarms.length, failures.length);
  assert.deepEqual(alarms[0], ['directory.failed', { kind: 'answered', status: 500 }]);
  assert.ok(await directory.byAni('+13175550100'));
  assert.equal(requests.length, failures.length + 1);
});

test('a silent directory costs a caller two seconds and no more', async () => {
  const { clock, alarms, http, log } = scene('silent');
  const directory = openHttpDirectory(SETTINGS, http, clock, log);
  let answer: unknown = 'waiting';
  void directory.byAni('+13175550100').then((customer) => (answer = customer));
  await clock.advance(1_999);
  assert.equal(answer, 'waiting');
  await clock.advance(1);
  assert.equal(answer, null);
  assert.equal(alarms.length, 1);
});
