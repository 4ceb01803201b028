import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { signedForAws, type AwsKeys, type AwsScope } from '../../../src/gateway/rest/sign-aws.ts';
import type { HttpRequest } from '../../../src/system/http-client.ts';

interface Aws4 {
  readonly RequestSigner: new (
    request: Readonly<Record<string, unknown>>,
    keys: Readonly<Record<string, string>>,
  ) => { datetime: string; sign(): { readonly headers: Readonly<Record<string, unknown>> } };
}

/** It has no types of its own. */
const aws4 = createRequire(import.meta.url)('aws4') as Aws4;

/** Those of AWS's published test suite ("Signature Version 4 test suite"). */
const KEYS: AwsKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
};
const SCOPE: AwsScope = { region: 'us-east-1', service: 'service', host: 'example.amazonaws.com' };
const AT_MS = Date.UTC(2015, 7, 30, 12, 36, 0);

interface Vector {
  readonly name: string;
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../specs/aws/sigv4-vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];

const signatureOf = (request: HttpRequest): string =>
  /Signature=([0-9a-f]{64})$/.exec(request.headers['authorization'] ?? '')?.[1] ?? '';

for (const vector of vectors) {
  test(`AWS's published vector: ${vector.name}`, () => {
    const { method, path, headers, body } = vector;
    const request: HttpRequest = {
      method,
      path,
      headers,
      body: body === '' ? null : Buffer.from(body),
    };
    const signed = signedForAws(request, SCOPE, KEYS, AT_MS);
    assert.equal(
      signed.headers['authorization'],
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
        `SignedHeaders=${vector.signedHeaders}, Signature=${vector.signature}`,
    );
  });
}

/** What aws4, written by others, makes of the same request; it is told to add no header. */
function byAws4(signed: HttpRequest, scope: AwsScope, keys: AwsKeys): string {
  const { authorization: _, ...headers } = signed.headers;
  const options = {
    host: scope.host,
    method: signed.method,
    path: signed.path,
    service: scope.service,
    region: scope.region,
    headers: { ...headers, host: scope.host },
    doNotModifyHeaders: true,
    ...(signed.body !== null && { body: Buffer.from(signed.body) }),
  };
  const { accessKeyId, secretAccessKey } = keys;
  const signer = new aws4.RequestSigner(options, { accessKeyId, secretAccessKey });
  signer.datetime = headers['x-amz-date'] ?? '';
  return String(signer.sign().headers['Authorization']);
}

const part = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .filter((text) => text !== '.' && text !== '..')
  .map((text) => encodeURIComponent(text));
const value = fc
  .string({ minLength: 1, maxLength: 20 })
  .map((text) => text.replaceAll(/[^!-~]/g, 'x'));

test('aws4 signs the same requests the same way', () => {
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE' as const),
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
    query: fc.uniqueArray(fc.tuple(part, part), { maxLength: 4, selector: ([name]) => name }),
    key: value,
    body: fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 })),
    sessionToken: fc.option(value),
    second: fc.integer({ min: 0, max: 2_000_000_000 }),
  });
  fc.assert(
    fc.property(requests, (made) => {
      const query = made.query.map(([name, text]) => `${name}=${text}`).join('&');
      const request: HttpRequest = {
        method: made.method,
        path: `/${made.parts.join('/')}${query === '' ? '' : `?${query}`}`,
        headers: { 'content-type': 'application/json', 'idempotency-key': made.key },
        body: made.body,
      };
      const keys = { ...KEYS, sessionToken: made.sessionToken };
      const scope = { region: 'eu-central-1', service: 'execute-api', host: 'abc.example.com' };
      const atMs = made.second * 1000;
      const signed = signedForAws(request, scope, keys, atMs);
      assert.equal(signed.headers['authorization'], byAws4(signed, scope, keys));
    }),
    { numRuns: 300 },
  );
});

test('a query keeps what stands behind its second mark', () => {
  const path = '/v1/debits?filter=key=op_1&at=a?b';
  const request: HttpRequest = { method: 'GET', path, headers: {}, body: null };
  const signed = signedForAws(request, SCOPE, KEYS, AT_MS);
  const other = { ...request, path: '/v1/debits?filter=key&at=a' };
  assert.notEqual(signatureOf(signed), signatureOf(signedForAws(other, SCOPE, KEYS, AT_MS)));
  const encoded = { ...request, path: '/v1/debits?filter=key%3Dop_1&at=a%3Fb' };
  assert.equal(signatureOf(signed), signatureOf(signedForAws(encoded, SCOPE, KEYS, AT_MS)));
});

test('one changed bit of the body is another signature', () => {
  const body = Buffer.from('{"amount":"29.99"}');
  const request: HttpRequest = { method: 'POST', path: '/v1/tokens', headers: {}, body };
  const first = signatureOf(signedForAws(request, SCOPE, KEYS, AT_MS));
  body[3] = (body[3] ?? 0) ^ 1;
  assert.notEqual(signatureOf(signedForAws(request, SCOPE, KEYS, AT_MS)), first);
});
