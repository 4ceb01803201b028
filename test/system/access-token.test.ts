import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { openSigner, openVerifier, type Signer } from '../../src/system/access-token.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const NOW_S = NOW_MS / 1000;
const LIFETIME_S = 600;

function freshPem(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const PEM = freshPem();
const signer: Signer = openSigner(PEM);
const verifier = openVerifier([signer]);

const sign = (): Promise<string> => signer.sign('genesys', ['calls', 'cards'], NOW_MS, LIFETIME_S);

const CLAIMS = {
  iss: 'tokenline',
  aud: 'tokenline',
  sub: 'genesys',
  scope: 'calls',
  exp: NOW_S + LIFETIME_S,
};
const HEADER = { alg: 'EdDSA', typ: 'at+jwt', kid: signer.keyId };

/** A token with a good signature that says anything. */
const forge = (claims: object, header: object = {}): Promise<string> =>
  new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ ...HEADER, ...header })
    .sign(createPrivateKey(PEM));

const kindOf = async (token: string, nowMs = NOW_MS): Promise<string> =>
  (await verifier.verify(token, nowMs)).kind;

test('a token says who may do what, and for how long', async () => {
  const token = await sign();
  assert.deepEqual(await verifier.verify(token, NOW_MS), {
    kind: 'ok',
    clientId: 'genesys',
    scopes: ['calls', 'cards'],
  });
  assert.deepEqual(decodeProtectedHeader(token), HEADER);
  assert.deepEqual(decodeJwt(token), {
    iss: 'tokenline',
    aud: 'tokenline',
    sub: 'genesys',
    scope: 'calls cards',
    iat: NOW_S,
    exp: NOW_S + LIFETIME_S,
  });
});

test('a token is good until its last second and expired from then on', async () => {
  const token = await sign();
  assert.equal(await kindOf(token, NOW_MS + LIFETIME_S * 1000 - 1), 'ok');
  assert.equal(await kindOf(token, NOW_MS + LIFETIME_S * 1000), 'expired');
});

test('a client without scopes may do nothing, but is known', async () => {
  const token = await signer.sign('genesys', [], NOW_MS, LIFETIME_S);
  assert.deepEqual(await verifier.verify(token, NOW_MS), {
    kind: 'ok',
    clientId: 'genesys',
    scopes: [],
  });
});

test('the key decides: an unknown one, another one under a known id, and any change are invalid', async () => {
  const stranger = openSigner(freshPem());
  assert.equal(await kindOf(await stranger.sign('x', ['calls'], NOW_MS, LIFETIME_S)), 'invalid');
  const mixed = openVerifier([{ keyId: signer.keyId, publicPem: stranger.publicPem }]);
  assert.equal((await mixed.verify(await sign(), NOW_MS)).kind, 'invalid');
  const [head, , signature] = (await sign()).split('.');
  const payload = Buffer.from(JSON.stringify({ ...CLAIMS, scope: 'operator' }));
  assert.equal(await kindOf(`${head}.${payload.toString('base64url')}.${signature}`), 'invalid');
});

test('while a key is replaced, tokens of the old and the new one are good', async () => {
  const next = openSigner(freshPem());
  const both = openVerifier([signer, next]);
  for (const token of [await sign(), await next.sign('a', [], NOW_MS, LIFETIME_S)]) {
    assert.equal((await both.verify(token, NOW_MS)).kind, 'ok');
  }
});

test('a well-signed token that is not ours is invalid', async () => {
  assert.equal(await kindOf(await forge({})), 'ok');
  assert.equal(await kindOf(await forge({ iss: 'other' })), 'invalid');
  assert.equal(await kindOf(await forge({ aud: 'other' })), 'invalid');
  assert.equal(await kindOf(await forge({ sub: undefined })), 'invalid');
  assert.equal(await kindOf(await forge({ sub: '' })), 'invalid');
  assert.equal(await kindOf(await forge({ exp: undefined })), 'invalid');
  assert.equal(await kindOf(await forge({ scope: ['calls'] })), 'invalid');
  assert.equal(await kindOf(await forge({}, { typ: 'JWT' })), 'invalid');
  assert.equal(await kindOf(await forge({}, { kid: undefined })), 'invalid');
});

test('no other algorithm is taken, none least of all', async () => {
  const none = new UnsecuredJWT({ ...CLAIMS }).encode();
  assert.equal(await kindOf(none), 'invalid');
  // The public key as the secret of an HMAC: the classical confusion.
  const hmac = await new SignJWT({ ...CLAIMS })
    .setProtectedHeader({ ...HEADER, alg: 'HS256' })
    .sign(Buffer.from(signer.publicPem));
  assert.equal(await kindOf(hmac), 'invalid');
});

test('what is no token is invalid', async () => {
  for (const text of ['', '.', 'a.b.c', 'Bearer x', (await sign()).slice(1)]) {
    assert.equal(await kindOf(text), 'invalid', text);
  }
});

test('a key of another kind is refused', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  assert.throws(
    () => openSigner(ec.export({ type: 'pkcs8', format: 'pem' }).toString()),
    /no Ed25519 key/,
  );
});
