import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { MALFORMED } from './malformed-requests.ts';
import { runApi, sendRaw } from './running-api.ts';

test('malformed HTTP is refused: no answer of 2xx or 5xx, nothing reaches a verb, and the process serves on', async (t) => {
  const api = await runApi(t);
  for (const [what, bytes] of Object.entries(MALFORMED)) {
    const answer = await sendRaw(api.port, bytes);
    const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d)(\d\d) /g)].map((match) => match[1]);
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

test('a peer that never ends its request, and reads nothing, is not kept', async (t) => {
  const api = await runApi(t, {}, { receiveMsMax: 100 });
  const socket = connect(api.port, '127.0.0.1');
  const gone = new Promise((resolve) => socket.once('close', resolve));
  // Nobody reads: only a connection that is destroyed ends by itself.
  socket.on('error', () => undefined);
  socket.write('POST /v1/availability HTTP/1.1\r\nHost: a\r\n');
  const drops = setInterval(() => socket.write('x'), 50);
  t.after(() => clearInterval(drops));
  await gone;
});
