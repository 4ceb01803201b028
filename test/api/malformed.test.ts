import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runApi, sendRaw } from './running-api.ts';

const HOST = 'Host: a';
const END = '\r\n\r\n';

/** Requests that no client of ours sends; several of them smuggle a second one (RFC 9112 11.2). */
const MALFORMED: Readonly<Record<string, string | Buffer>> = {
  'no HTTP at all': 'hello\r\n\r\n',
  'TLS to a plain port': Buffer.from('16030100a5010000a1030300', 'hex'),
  'an unknown version': `GET / HTTP/9.9\r\n${HOST}${END}`,
  'no Host': `GET /healthz HTTP/1.1${END}`,
  'two lengths': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nContent-Length: 2\r\nContent-Length: 3${END}{}`,
  'a length and chunks': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked${END}0\r\n\r\n`,
  'chunks, hidden': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding : chunked${END}0\r\n\r\n`,
  'chunks and something else': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked, identity${END}0\r\n\r\n`,
  'a bad chunk size': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked${END}zz\r\n{}\r\n0\r\n\r\n`,
  'a negative length': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nContent-Length: -1${END}`,
  'a length beyond numbers': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nContent-Length: 99999999999999999999${END}`,
  'a folded header': `GET /healthz HTTP/1.1\r\n${HOST}\r\nX: a\r\n b${END}`,
  'a header without a name': `GET /healthz HTTP/1.1\r\n${HOST}\r\n: b${END}`,
  'a null in a header': `GET /healthz HTTP/1.1\r\n${HOST}\r\nX: a\0b${END}`,
  'a bare line feed': `GET /healthz HTTP/1.1\n${HOST}\nX: a\n\nGET / HTTP/1.1`,
  'headers without end': `GET /healthz HTTP/1.1\r\n${HOST}\r\nX: ${'a'.repeat(40_000)}${END}`,
  'many headers': `GET /nothing HTTP/1.1\r\n${HOST}\r\n${'X: a\r\n'.repeat(3_000)}${END}`,
  'a space in the address': `GET /a b HTTP/1.1\r\n${HOST}${END}`,
  'another host in the address': `GET http://evil/v1/switch HTTP/1.1\r\n${HOST}\r\nConnection: close${END}`,
  'a broken escape': `GET /v1/%E0%A4%A HTTP/1.1\r\n${HOST}\r\nConnection: close${END}`,
  'a null in the address': `GET /v1/operations/%00 HTTP/1.1\r\n${HOST}\r\nConnection: close${END}`,
  'steps upwards': `GET /v1/../../etc/passwd HTTP/1.1\r\n${HOST}\r\nConnection: close${END}`,
  'a very long address': `GET /${'a'.repeat(12_000)} HTTP/1.1\r\n${HOST}\r\nConnection: close${END}`,
  CONNECT: `CONNECT evil:443 HTTP/1.1\r\n${HOST}${END}`,
  TRACE: `TRACE / HTTP/1.1\r\n${HOST}\r\nConnection: close${END}`,
  'an upgrade': `GET /nothing HTTP/1.1\r\n${HOST}\r\nConnection: Upgrade, close\r\nUpgrade: h2c${END}`,
  'an unknown expectation': `POST /v1/consents HTTP/1.1\r\n${HOST}\r\nExpect: 200-maybe\r\nContent-Length: 2\r\nConnection: close${END}{}`,
  'half a body': `POST /v1/webhooks/sandbox HTTP/1.1\r\n${HOST}\r\nContent-Length: 50${END}{"a"`,
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
};

test('malformed HTTP is refused: no answer of 2xx or 5xx, nothing reaches a verb, and the process serves on', async (t) => {
  const api = await runApi(t);
  for (const [what, bytes] of Object.entries(MALFORMED)) {
    const answer = await sendRaw(api.port, bytes);
    const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d)(\d\d)/gm)].map((match) => match[1]);
    // What is cut off gets no answer at all.
    for (const status of statuses) assert.equal(status, '4', `${what}: ${answer.slice(0, 40)}`);
    assert.ok(statuses.length <= 1, `${what} was taken for several requests`);
  }
  assert.deepEqual(api.asked, []);
  assert.equal((await fetch(`${api.base}/healthz`)).status, 200);
  assert.doesNotMatch(api.logLines.join('\n'), /internal_error/);
});

test('bytes that are no HTTP get a problem as well', async (t) => {
  const api = await runApi(t);
  const answer = await sendRaw(api.port, 'hello\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(answer, /content-type: application\/problem\+json\r\n/);
  assert.match(answer, /"code":"bad_request"/);
  assert.match(answer, /cache-control: no-store\r\n/);
});
