import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { SCOPES } from '../../src/contract/access.ts';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { routesOf } from '../../src/contract/routes.ts';
import { openSigner } from '../../src/system/access-token.ts';
import { freshKey, pathOf, problemOf, runApi } from './running-api.ts';

const routes = routesOf('bridge');
const guarded = routes.filter(([, route]) => route.scope !== null);

test('every role meets every route: its own lets it in, all others refuse it', async (t) => {
  const api = await runApi(t, {}, { clientBurst: 1_000, peerBurst: 1_000 });
  let cells = 0;
  for (const [id, route] of guarded) {
    for (const scope of SCOPES) {
      const before = api.asked.length;
      const response = await api.send(pathOf(route.path), {
        method: route.method,
        scope,
        ...(route.request === null ? {} : { body: EXAMPLES[id].request }),
      });
      const cell = `${scope} at ${route.method} ${route.path}`;
      if (scope === route.scope) {
        assert.equal(response.status, 200, cell);
        assert.equal(api.asked.length, before + 1, cell);
      } else {
        assert.equal(response.status, 403, cell);
        assert.equal((await problemOf(response)).code, 'missing_scope', cell);
        assert.equal(api.asked.length, before, cell);
      }
      cells += 1;
    }
  }
  assert.equal(cells, guarded.length * SCOPES.length);
  assert.ok(guarded.length >= 16, 'the table has its routes');
});

test('without a token every route but the open ones is closed', async (t) => {
  const api = await runApi(t);
  for (const [, route] of guarded) {
    const response = await fetch(api.base + pathOf(route.path), { method: route.method });
    assert.equal(response.status, 401, route.path);
    assert.equal((await problemOf(response)).code, 'missing_token', route.path);
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer realm="tokenline"$/);
  }
  assert.deepEqual(api.asked, []);
});

test('the open routes want no token', async (t) => {
  const api = await runApi(t);
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
    assert.equal((await fetch(api.base + path)).status, 200, path);
  }
});

test('a token that is expired, foreign, for somebody else or no token at all is refused', async (t) => {
  const api = await runApi(t);
  const nowMs = api.clock.now();
  const good = await api.signer.sign('client-calls', ['calls'], nowMs, 600);
  const forAnother = new SignJWT({ scope: 'calls' })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: api.signer.keyId })
    .setIssuer('tokenline')
    .setAudience('another-service')
    .setSubject('client-calls')
    .setExpirationTime(Math.floor(nowMs / 1_000) + 600);
  const tokens = {
    expired: await api.signer.sign('client-calls', ['calls'], nowMs - 600_001, 600),
    'of another key': await openSigner(freshKey()).sign('client-calls', ['calls'], nowMs, 600),
    'for another audience': await forAnother.sign(createPrivateKey(api.privatePem)),
    garbage: 'aaa.bbb.ccc',
    empty: '',
    'a Basic credential': 'not-even',
  };
  for (const [what, token] of Object.entries(tokens)) {
    const scheme = what === 'a Basic credential' ? 'Basic' : 'Bearer';
    const response = await fetch(`${api.base}/v1/switch`, {
      headers: { authorization: `${scheme} ${token}` },
    });
    assert.equal(response.status, 401, what);
    assert.equal((await problemOf(response)).code, 'invalid_token', what);
    assert.match(response.headers.get('www-authenticate') ?? '', /error="invalid_token"/, what);
  }
  assert.equal(
    (await api.send('/v1/availability', { body: EXAMPLES.availability.request })).status,
    200,
  );
  await api.clock.advance(601_000);
  const late = await fetch(`${api.base}/v1/availability`, {
    method: 'POST',
    headers: { authorization: `Bearer ${good}` },
  });
  assert.equal((await problemOf(late)).code, 'invalid_token');
});

test('a route that does not exist is unknown, with and without a token', async (t) => {
  const api = await runApi(t);
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/v1/consents'],
    ['DELETE', '/v1/switch'],
    ['HEAD', '/v1/switch'],
    ['POST', '/v1/tokens'],
    ['POST', '/internal/operations'],
    ['GET', '/internal/keys'],
    ['GET', '/v1/%zz'],
  ] as const) {
    const response = await api.send(path, { method });
    assert.equal(response.status, 404, `${method} ${path}`);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
  }
  assert.equal((await problemOf(await fetch(`${api.base}/nothing`))).code, 'unknown_route');
});
