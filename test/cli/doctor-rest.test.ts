import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import type { Diagnosis } from '../../src/cli/diagnosis.ts';
import { gatewayChecks } from '../../src/cli/doctor-gateway.ts';
import { systemClock } from '../../src/system/clock.ts';
import { loadConfig } from '../../src/system/config.ts';
import { ManualClock } from '../clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'doctor-rest-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
function fileWith(text: string): string {
  const file = join(folder, `${++count}.yaml`);
  writeFileSync(file, text);
  return file;
}

/** A gateway as far as a doctor sees it. */
async function startGateway(t: TestContext, bearer: number, probe: number): Promise<string[]> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const status = request.url === '/oauth/token' ? bearer : probe;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 200 ? '{"access_token":"abc","expires_in":60}' : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  asked.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return asked;
}

async function checked(
  url: string | null,
  gateway: Readonly<Record<string, unknown>>,
  clock = systemClock,
): Promise<ReadonlyMap<string, Diagnosis>> {
  const written = {
    gateway: {
      name: 'rest',
      url,
      api_key: 'a-key',
      client_id: 'tokenline',
      client_secret: 'a-secret',
      ...gateway,
    },
  };
  const found = await gatewayChecks(loadConfig(fileWith(JSON.stringify(written)), {}), clock);
  return new Map(found.map((diagnosis) => [diagnosis.check, diagnosis]));
}

test('a mapping is tried without any card, and the gateway is asked for a bearer', async (t) => {
  const seen = await startGateway(t, 200, 404);
  const [url = ''] = seen;
  const found = await checked(url, {
    webhook_secret: 'whsec_Z2VuZXJpYyByZXN0IHdlYmhvb2sgc2VjcmV0IQ==',
  });
  assert.deepEqual(seen.slice(1), ['POST /oauth/token', 'GET /']);
  assert.match(
    found.get('gateway.mapping')?.says ?? '',
    /tokenise POST \/v1\/tokens, subscribe POST/,
  );
  for (const check of ['mapping', 'look_up', 'webhook', 'rest', 'credential', 'clock']) {
    assert.equal(found.get(`gateway.${check}`)?.state, 'ok', check);
  }
});

test('without an address the mapping alone is looked at', async () => {
  const found = await checked(null, {});
  assert.equal(found.get('gateway')?.says, 'rest, with the sandbox beside');
  assert.equal(found.has('gateway.rest'), false);
  assert.equal(found.get('gateway.webhook')?.state, 'warn');
});

test('a slip in the mapping, and a credential that it wants, are named', async () => {
  const mapping_file = fileWith('{ "tokenise": { "path": "/v1/{pan}" } }');
  const slip = await checked(null, { mapping_file });
  assert.match(
    slip.get('gateway.mapping')?.says ?? '',
    /tokenise\.path: \{pan\}: digits of a card/,
  );
  const missing = await checked(null, { api_key: null });
  assert.match(missing.get('gateway.mapping')?.says ?? '', /gateway\.api_key: the mapping/);
});

test('no bearer, no answer and a refusal are told apart', async (t) => {
  const [noBearer = ''] = await startGateway(t, 401, 200);
  const credential = (await checked(noBearer, {})).get('gateway.credential');
  assert.equal(credential?.state, 'fail');
  assert.match(credential.says, /answered 401/);
  const mapping_file = fileWith('{ "authorization": "none" }');
  const [refusing = ''] = await startGateway(t, 200, 403);
  const refused = (await checked(refusing, { mapping_file })).get('gateway.credential');
  assert.equal(refused?.state, 'warn');
  const away = await checked('http://127.0.0.1:1', { mapping_file });
  assert.equal(away.get('gateway.rest')?.state, 'fail');
});

test('a clock that AWS would refuse is a failure', async (t) => {
  const [url = ''] = await startGateway(t, 200, 404);
  const mapping_file = fileWith('{ "authorization": "none" }');
  const signing = {
    kind: 'aws_sigv4',
    region: 'eu-central-1',
    access_key_id: 'AKIDEXAMPLE',
    secret_access_key: 'a secret',
  };
  const clock = new ManualClock(Date.now() + 280_000);
  const found = await checked(url, { mapping_file, signing }, clock);
  assert.equal(found.get('gateway.clock')?.state, 'fail');
  assert.match(found.get('gateway.clock')?.why ?? '', /AWS refuses every request/);
});

test('keys of AWS that are not there, and gateways that cannot be asked, are said before the first doubt', async (t) => {
  const [url = ''] = await startGateway(t, 200, 404);
  const nothing = { tokenise: null, subscribe: null, change: null };
  const mapping_file = fileWith(
    JSON.stringify({
      authorization: 'none',
      look_up: nothing,
      idempotency: { header: null, retention_ms: 0 },
    }),
  );
  const signing = { kind: 'aws_sigv4', region: 'eu-central-1', credentials_file: '/nowhere/keys' };
  const found = await checked(url, { mapping_file, signing });
  assert.match(found.get('gateway.credential')?.says ?? '', /credentials_file cannot be read/);
  assert.match(found.get('gateway.look_up')?.says ?? '', /no keys are kept/);
});
