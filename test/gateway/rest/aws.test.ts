import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import type { AwsSigning } from '../../../src/gateway/rest/aws-keys.ts';
import { outcomeText, tokeniseWith } from '../../conformance/gateway/rig.ts';
import { ManualClock } from '../../clock.ts';
import { mappingOf, openRest, type Opened } from './opened.ts';

interface Aws4 {
  readonly RequestSigner: new (
    request: Readonly<Record<string, unknown>>,
    keys: Readonly<Record<string, string>>,
  ) => { datetime: string; sign(): { readonly headers: Readonly<Record<string, unknown>> } };
}

const aws4 = createRequire(import.meta.url)('aws4') as Aws4;

const SIGNAL = new AbortController().signal;
const NOW_MS = Date.UTC(2026, 10, 25, 12, 0, 0);

/** AWS: "the request must reach AWS within five minutes of the time stamp in the request". */
const SKEW_MS_MAX = 300_000;

const ORDER = {
  idempotencyKey: 'op_aws',
  operationId: 'op_aws',
  interactionId: 'call-a',
  customerId: 'customer with a space',
  face: { brand: 'visa', last4: '5556' },
} as const;

const SIGNING: AwsSigning = {
  kind: 'aws_sigv4',
  region: 'eu-central-1',
  service: 'execute-api',
  accessKeyId: 'AKIDONE',
  secretAccessKey: 'the secret of one',
  sessionToken: null,
  credentialsFile: null,
};

/** The keys that are good at API Gateway now, by access key id. */
type Keys = Readonly<Record<string, { readonly secret: string; readonly session?: string }>>;

/** API Gateway with IAM authorisation: it signs what came by itself, with aws4, and compares. */
async function startApiGateway(t: TestContext, state: { keys: Keys; expired?: string }) {
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { authorization = '', connection: _, ...rest } = request.headers;
      const id = /Credential=([^/]+)\//.exec(authorization)?.[1] ?? '';
      const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
      const key = state.keys[id];
      const refuse = (type: string): void => {
        response.writeHead(403, { 'x-amzn-errortype': type, 'content-type': 'application/json' });
        response.end('{"message":"no"}');
      };
      if (id === state.expired) return refuse('ExpiredTokenException');
      if (!key || rest['x-amz-security-token'] !== key.session) {
        return refuse('UnrecognizedClientException');
      }
      const sentAt = String(rest['x-amz-date']);
      const sentAtMs = Date.parse(
        sentAt.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'),
      );
      const signer = new aws4.RequestSigner(
        {
          method: request.method,
          path: request.url,
          host: rest.host,
          service: 'execute-api',
          region: 'eu-central-1',
          headers: Object.fromEntries(names.map((name) => [name, rest[name]])),
          body,
          doNotModifyHeaders: true,
        },
        { accessKeyId: id, secretAccessKey: key.secret },
      );
      signer.datetime = sentAt;
      const good = signer.sign().headers['Authorization'] === authorization;
      const signedAll = Object.keys(rest).every(
        (name) => name === 'content-length' || names.includes(name),
      );
      if (!good || !signedAll || Math.abs(sentAtMs - NOW_MS) > SKEW_MS_MAX) {
        return refuse('InvalidSignatureException');
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"token_id":"tok_aws"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const mapping = mappingOf({ authorization: 'none', api_key_header: null });

function opened(t: TestContext, origin: string, signing: AwsSigning, atMs = NOW_MS): Opened {
  const clock = new ManualClock(atMs);
  const sides = openRest(origin, mapping, { signing }, clock);
  t.after(() => sides.http.close());
  return sides;
}

test('a token is asked for with a signature that AWS’s own rules make', async (t) => {
  const origin = await startApiGateway(t, { keys: { AKIDONE: { secret: 'the secret of one' } } });
  const reply = await tokeniseWith(opened(t, origin, SIGNING), ORDER, SIGNAL);
  assert.equal(outcomeText(reply), 'approved');
});

test('the adapter signs as well, a path with reserved characters and a request without a body', async (t) => {
  const origin = await startApiGateway(t, { keys: { AKIDONE: { secret: 'the secret of one' } } });
  const { adapter } = opened(t, origin, SIGNING);
  const reply = await adapter.read('sub (1)*/ü', SIGNAL);
  assert.equal(reply.statusCode, 200, 'not refused');
});

test('a session token goes with the signature and is part of it', async (t) => {
  const keys = { ASIATEMP: { secret: 'temporary', session: 'a/session+token==' } };
  const origin = await startApiGateway(t, { keys });
  const signing: AwsSigning = {
    ...SIGNING,
    accessKeyId: 'ASIATEMP',
    secretAccessKey: 'temporary',
    sessionToken: 'a/session+token==',
  };
  const reply = await tokeniseWith(opened(t, origin, signing), ORDER, SIGNAL);
  assert.equal(outcomeText(reply), 'approved');
});

test('a clock that is six minutes wrong is our mistake, and nothing has happened', async (t) => {
  const origin = await startApiGateway(t, { keys: { AKIDONE: { secret: 'the secret of one' } } });
  const late = opened(t, origin, SIGNING, NOW_MS + 360_000);
  const reply = await tokeniseWith(late, ORDER, SIGNAL);
  assert.equal(outcomeText(reply), 'failed gateway_rejected');
  const close = opened(t, origin, SIGNING, NOW_MS + 240_000);
  assert.equal(outcomeText(await tokeniseWith(close, ORDER, SIGNAL)), 'approved');
});

test('a wrong secret is refused', async (t) => {
  const origin = await startApiGateway(t, { keys: { AKIDONE: { secret: 'another' } } });
  const reply = await tokeniseWith(opened(t, origin, SIGNING), ORDER, SIGNAL);
  assert.equal(outcomeText(reply), 'failed gateway_rejected');
  assert.equal(reply.again.kind, 'never');
});

test('temporary keys are read again from their file when AWS says that their time is over', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'aws-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  const credentialsFile = join(folder, 'keys.json');
  const write = (id: string): Promise<void> =>
    writeFile(
      credentialsFile,
      JSON.stringify({ Version: 1, AccessKeyId: id, SecretAccessKey: 's', SessionToken: 't' }),
    );
  const keys = { ASIAOLD: { secret: 's', session: 't' }, ASIANEW: { secret: 's', session: 't' } };
  const origin = await startApiGateway(t, { keys, expired: 'ASIAOLD' });
  const file: AwsSigning = {
    ...SIGNING,
    accessKeyId: null,
    secretAccessKey: null,
    credentialsFile,
  };

  const none = opened(t, origin, file);
  const missing = await tokeniseWith(none, ORDER, SIGNAL);
  assert.equal(outcomeText(missing), 'failed gateway_rejected');
  assert.equal(missing.rawCode, 'aws_credentials_missing');

  await write('ASIAOLD');
  const sides = opened(t, origin, file);
  const reply = await tokeniseWith(sides, ORDER, SIGNAL);
  assert.equal(reply.again.kind, 'renew_credential');
  assert.equal(await sides.tokenizer.renewCredential(), false, 'the file says the same');
  await write('ASIANEW');
  assert.equal(await sides.tokenizer.renewCredential(), true);
  assert.equal(outcomeText(await tokeniseWith(sides, ORDER, SIGNAL)), 'approved');
});

test('temporary keys are replaced before their time is over', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'aws-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  const credentialsFile = join(folder, 'keys.json');
  const write = (id: string, endsAtMs: number): Promise<void> =>
    writeFile(
      credentialsFile,
      JSON.stringify({
        Version: 1,
        AccessKeyId: id,
        SecretAccessKey: 's',
        SessionToken: 't',
        Expiration: new Date(endsAtMs).toISOString(),
      }),
    );
  const origin = await startApiGateway(t, { keys: { ASIANEW: { secret: 's', session: 't' } } });
  const file: AwsSigning = {
    ...SIGNING,
    accessKeyId: null,
    secretAccessKey: null,
    credentialsFile,
  };
  await write('ASIAOLD', NOW_MS + 60_000);
  const sides = opened(t, origin, file);
  await write('ASIANEW', NOW_MS + 3_600_000);
  assert.equal(outcomeText(await tokeniseWith(sides, ORDER, SIGNAL)), 'approved');
});
