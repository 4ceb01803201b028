import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { INTERNAL_CREDENTIAL_HEADER, type BeginRequest } from '../../src/contract/internal.ts';
import { openVerifier } from '../../src/system/access-token.ts';
import { ANSWER, INTERNAL_CREDENTIAL, runApi, sendInternal } from './running-api.ts';

const headers = {
  [INTERNAL_CREDENTIAL_HEADER]: INTERNAL_CREDENTIAL,
  'content-type': 'application/json',
};

const BEGIN: BeginRequest = {
  client_id: 'genesys',
  origin: 'tokenizer 127.0.0.1',
  key: null,
  interaction_id: 'a',
  customer_id: 'CUST_8842',
  call_id: null,
  attempt: 1,
  language: null,
  amount: null,
  currency: null,
  // A hash may hold a long run of digits by chance.
  body_hash: '4242'.repeat(16),
  pan_mac: 'p',
  bin_mac: 'b',
  card_mac: 'm',
  card_mac_key: 'k',
  card_brand: 'visa',
  card_last4: '4242',
  fault: null,
};

test('the tokenizer begins and finishes an operation over the socket', async (t) => {
  const api = await runApi(t);
  assert.equal(api.internalAddress, `http+unix://${api.socketPath}`);
  const begun = await sendInternal(api.socketPath, '/internal/operations', {
    headers,
    body: BEGIN,
  });
  assert.deepEqual(begun, {
    status: 200,
    body: JSON.stringify({ kind: 'answer', answer: ANSWER }),
  });
  assert.deepEqual(api.asked[0], ['begin', BEGIN]);
  const finish = {
    outcome: 'approved',
    error_code: null,
    token_reference: 'pm_1',
    network_transaction_id: null,
    gateway_transaction_id: null,
    status_code: 200,
    raw_code: null,
    latency_ms: 12.5,
    healthy: true,
    budget_ms: 1_000,
  };
  const path = '/internal/operations/op_abcdefghijkmnpqrstuv/finish';
  const finished = await sendInternal(api.socketPath, path, { headers, body: finish });
  assert.deepEqual(finished, { status: 200, body: JSON.stringify({ answer: ANSWER }) });
  assert.deepEqual(api.asked[1], ['finish', 'op_abcdefghijkmnpqrstuv', finish]);
});

test('the keys that the socket gives verify the tokens of the public port', async (t) => {
  const api = await runApi(t);
  const { body } = await sendInternal(api.socketPath, '/internal/keys', { method: 'GET', headers });
  const { keys } = JSON.parse(body) as { keys: { key_id: string; pem: string }[] };
  const verifier = openVerifier(keys.map(({ key_id, pem }) => ({ keyId: key_id, publicPem: pem })));
  const verdict = await verifier.verify(await api.token('cards'), api.clock.now());
  assert.equal(verdict.kind, 'ok');
  assert.doesNotMatch(body, /PRIVATE/);
});

test('without the credential, or with another one, nothing is told and nothing is done', async (t) => {
  const api = await runApi(t);
  for (const shown of [
    undefined,
    '',
    'wrong',
    `${INTERNAL_CREDENTIAL} `,
    `x${INTERNAL_CREDENTIAL}`,
  ]) {
    for (const path of ['/internal/operations', '/internal/keys', '/nothing', '/v1/switch']) {
      const other = shown === undefined ? {} : { [INTERNAL_CREDENTIAL_HEADER]: shown };
      const answer = await sendInternal(api.socketPath, path, {
        method: path.endsWith('keys') ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json', ...other },
        ...(path.endsWith('keys') ? {} : { body: BEGIN }),
      });
      // Node itself trims the space behind a header's value (RFC 9110 5.5).
      if (shown === `${INTERNAL_CREDENTIAL} `) continue;
      assert.equal(answer.status, 401, `${shown} at ${path}`);
      assert.match(answer.body, /"code":"invalid_client"/);
    }
  }
});

test('an access token does not open the internal line, nor its credential the public port', async (t) => {
  const api = await runApi(t);
  const authorization = `Bearer ${await api.token('calls', 'cards')}`;
  const inside = await sendInternal(api.socketPath, '/internal/operations', {
    headers: { authorization, 'content-type': 'application/json' },
    body: BEGIN,
  });
  assert.equal(inside.status, 401);
  for (const path of ['/internal/operations', '/internal/keys']) {
    assert.equal((await fetch(api.base + path, { method: 'POST', headers })).status, 404);
  }
  assert.equal((await fetch(`${api.base}/v1/switch`, { headers })).status, 401);
  const operator = await sendInternal(api.socketPath, '/v1/switch', { method: 'GET', headers });
  assert.equal(operator.status, 404);
  assert.deepEqual(api.asked, []);
});

test('what the tokenizer sends is checked too', async (t) => {
  const api = await runApi(t);
  for (const body of [{ ...BEGIN, card_last4: '42424' }, { ...BEGIN, fault: 'none' }, {}]) {
    const answer = await sendInternal(api.socketPath, '/internal/operations', { headers, body });
    assert.equal(answer.status, 400);
  }
  assert.deepEqual(api.asked, []);
});

test('only this user can reach the socket, and one that was left behind is replaced', async (t) => {
  const api = await runApi(t);
  assert.equal(statSync(api.socketPath).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(api.socketPath)).mode & 0o777, 0o700);
  const stale = api.socketPath;
  const next = await runApi(t, {}, {}, { internal: { socketPath: stale } });
  const keys = { method: 'GET', headers };
  assert.equal((await sendInternal(stale, '/internal/keys', keys)).status, 200);
  await next.close();
});

test('a file that is no socket is not removed, and a path that is too long is explained', async (t) => {
  const api = await runApi(t);
  const file = `${dirname(api.socketPath)}/file`;
  writeFileSync(file, 'mine');
  await assert.rejects(runApi(t, {}, {}, { internal: { socketPath: file } }), /EADDRINUSE/);
  const long = `/tmp/${'a'.repeat(120)}/bridge.sock`;
  await assert.rejects(runApi(t, {}, {}, { internal: { socketPath: long } }), /TOKENLINE_DATA/);
});

test('between hosts the line is a port of its own', async (t) => {
  const internal = { host: '127.0.0.1', port: 0, tls: null };
  const api = await runApi(t, {}, {}, { internal });
  const port = Number(new URL(api.internalAddress).port);
  assert.notEqual(port, api.port);
  assert.equal((await fetch(`${api.internalAddress}/internal/keys`, { headers })).status, 200);
  assert.equal((await fetch(`${api.internalAddress}/internal/keys`)).status, 401);
  assert.equal((await fetch(`${api.internalAddress}/healthz`)).status, 401);
  await api.close();
  const refused = await new Promise((resolve) => {
    connect(port, '127.0.0.1')
      .on('error', () => resolve(true))
      .on('connect', () => resolve(false));
  });
  assert.equal(refused, true);
});

test('a public port that is taken closes the socket again', async (t) => {
  const api = await runApi(t);
  const listen = { host: '127.0.0.1', port: api.port, tls: null };
  await assert.rejects(runApi(t, {}, {}, { listen }), /EADDRINUSE/);
});
