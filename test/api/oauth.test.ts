import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { CLIENTS, problemOf, runApi, type RunningApi } from './running-api.ts';

const [client] = CLIENTS;
assert.ok(client);

const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

const form = (
  api: RunningApi,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${api.base}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });

const GRANT = 'grant_type=client_credentials';

interface Granted {
  access_token: string;
  token_type: string;
  expires_in: number;
  scope: string;
}

test('a client gets a token by Basic, by form and by JSON, and the token opens its routes', async (t) => {
  const api = await runApi(t);
  const encoded = basic(encodeURIComponent(client.id), encodeURIComponent(client.secret));
  const fields = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret,
  });
  const ways = [
    await form(api, GRANT, { authorization: basic(client.id, client.secret) }),
    await form(api, GRANT, { authorization: encoded }),
    await form(api, fields.toString()),
    await fetch(`${api.base}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(fields)),
    }),
  ];
  for (const response of ways) {
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const granted = (await response.json()) as Granted;
    assert.equal(granted.token_type, 'Bearer');
    assert.equal(granted.expires_in, 600);
    assert.equal(granted.scope, 'calls');
    assert.equal(decodeJwt(granted.access_token).sub, client.id);
    const used = await fetch(`${api.base}/v1/availability`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${granted.access_token}`,
        'content-type': 'application/json',
      },
      body: '{"interaction_id":"a"}',
    });
    assert.equal(used.status, 200);
  }
});

test('errors of the token route are RFC 6749 and problems at once', async (t) => {
  const api = await runApi(t);
  const authorization = basic(client.id, client.secret);
  const cases: [string, Response, number, string][] = [
    [
      'wrong secret',
      await form(api, GRANT, { authorization: basic(client.id, 'x') }),
      401,
      'invalid_client',
    ],
    [
      'unknown client',
      await form(api, GRANT, { authorization: basic('nobody', 'x') }),
      401,
      'invalid_client',
    ],
    [
      'empty secret of nobody',
      await form(api, GRANT, { authorization: basic('?', '') }),
      401,
      'invalid_client',
    ],
    ['no client', await form(api, GRANT), 401, 'invalid_client'],
    ['garbage', await form(api, GRANT, { authorization: 'Basic !!' }), 401, 'invalid_client'],
    [
      'other grant',
      await form(api, 'grant_type=password', { authorization }),
      400,
      'unsupported_grant_type',
    ],
    ['no grant', await form(api, '', { authorization }), 400, 'invalid_request'],
    [
      'scope of others',
      await form(api, `${GRANT}&scope=operator`, { authorization }),
      400,
      'invalid_scope',
    ],
    [
      'unknown scope',
      await form(api, `${GRANT}&scope=calls+root`, { authorization }),
      400,
      'invalid_scope',
    ],
    ['twice', await form(api, `${GRANT}&${GRANT}`, { authorization }), 400, 'invalid_request'],
    [
      'two ways',
      await form(api, `${GRANT}&client_secret=x`, { authorization }),
      400,
      'invalid_request',
    ],
  ];
  for (const [what, response, status, error] of cases) {
    assert.equal(response.status, status, what);
    assert.equal(response.headers.get('content-type'), 'application/json', what);
    const body = (await response.json()) as {
      error: string;
      error_description: string;
      code: string;
    };
    assert.equal(body.error, error, what);
    assert.notEqual(body.error_description, '', what);
    assert.equal(body.code, status === 401 ? 'invalid_client' : 'bad_request', what);
    if (status === 401) assert.match(response.headers.get('www-authenticate') ?? '', /^Basic /);
  }
  const xml = await fetch(`${api.base}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: '<a/>',
  });
  assert.equal((await problemOf(xml)).code, 'unsupported_media_type');
});

test('after ten wrong secrets in a minute the right one has to wait as well', async (t) => {
  const api = await runApi(t);
  const wrong = (): Promise<Response> =>
    form(api, GRANT, { authorization: basic(client.id, 'no') });
  const right = (id = client.id, secret = client.secret): Promise<Response> =>
    form(api, GRANT, { authorization: basic(id, secret) });
  for (let i = 0; i < 10; i++) assert.equal((await wrong()).status, 401);
  const locked = await right();
  assert.equal(locked.status, 429);
  assert.equal(locked.headers.get('retry-after'), '60');
  assert.equal((await problemOf(locked)).code, 'too_many_requests');
  const [, other] = CLIENTS;
  assert.ok(other);
  assert.equal((await right(other.id, other.secret)).status, 200, 'another client is not locked');
  await api.clock.advance(59_000);
  assert.equal((await right()).headers.get('retry-after'), '1');
  await api.clock.advance(1_000);
  assert.equal((await right()).status, 200);
});

test('secrets and tokens are not in the log', async (t) => {
  const api = await runApi(t);
  await form(api, GRANT, { authorization: basic(client.id, client.secret) });
  await form(api, GRANT, { authorization: basic(client.id, 'a-wrong-secret') });
  const log = api.logLines.join('\n');
  assert.match(log, /"clientId":"client-calls"/);
  assert.doesNotMatch(log, /secret of|a-wrong-secret|eyJ/);
});
