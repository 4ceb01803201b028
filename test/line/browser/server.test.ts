import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { WebSocket } from 'ws';
import { readFlow } from '../../../src/architect/read.ts';
import type { Flow } from '../../../src/architect/model.ts';
import { startPhoneServer, type PhoneServer } from '../../../src/line/browser/server.ts';
import { Clips } from '../../../src/line/speech/clips.ts';
import { Playback } from '../../../src/line/speech/playback.ts';
import { RecordedPrompts } from '../../../src/line/speech/recorded.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemRandomness } from '../../../src/system/randomness.ts';

/** Collects four secret digits and hangs up. */
const FLOW = `
secureCall:
  name: Four Digits
  defaultLanguage: en-us
  supportedLanguages:
    en-us:
      defaultLanguageSkill:
        noValue: true
  startUpRef: '/secureCall/tasks/task[Start_10]'
  variables:
    - stringVariable:
        name: Flow.Secret
        initialValue:
          noValue: true
        isSecure: true
  tasks:
    - task:
        name: Start
        refId: Start_10
        actions:
          - collectInput:
              name: Digits
              inputData:
                var: Flow.Secret
              digits:
                exact: 4
              interDigitTimeout:
                noValue: true
              noEntryTimeout:
                noValue: true
              inputAudio:
                noValue: true
              acceptJustStar:
                lit: false
              acceptJustPound:
                lit: false
              verificationType: none
          - disconnect:
              name: End
`;

const folder = mkdtempSync(join(tmpdir(), 'tl-phone-'));
const reports: string[] = [];
let server: PhoneServer;

before(async () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  const { flow, problems } = readFlow(FLOW, 'four-digits.yaml');
  assert.deepEqual(problems, []);
  const flows = new Map<string, Flow>(flow === null ? [] : [[flow.name, flow]]);
  server = await startPhoneServer(
    {
      flows,
      startFlow: 'Four Digits',
      dnis: '',
      dataActions: { run: () => Promise.resolve({ kind: 'timeout' }) },
      playback: new Playback(() => null, new Clips([], null), new RecordedPrompts('/nowhere')),
      agentFlow: 'Four Digits',
      centre: {
        arrive: () => Promise.resolve(null),
        next: () => Promise.resolve({ kind: 'over' }),
        back: () => Promise.resolve(),
        leave: () => Promise.resolve(),
      },
      prepare: () => Promise.resolve(),
      clock: systemClock,
      randomness: systemRandomness,
      report: (sentence) => void reports.push(sentence),
    },
    { host: '127.0.0.1', port: 0, pageFolder: folder, setup: { flows: [] } },
  );
});

after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, headers };
    request(options, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });
}

const START = { type: 'start', ani: '+13175550100', scenario: 'approve', agents: true };

function dial(origin = `http://127.0.0.1:${server.port}`): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${server.port}/phone/line`, { origin });
}

/** Everything that a call sends until its socket closes, or it is over. */
async function callWith(send: (socket: WebSocket) => void): Promise<string[]> {
  const socket = dial();
  const heard: string[] = [];
  const over = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('message', (data) => {
      const text = (data as Buffer).toString('utf8');
      heard.push(text);
      if (text.includes('"over"')) resolve();
    });
  });
  await once(socket, 'open');
  send(socket);
  await over;
  socket.terminate();
  return heard;
}

async function closeCode(send: (socket: WebSocket) => void): Promise<number> {
  const socket = dial();
  await once(socket, 'open');
  send(socket);
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

test('the page may load nothing from elsewhere and stands in no frame', async () => {
  const { status, headers } = await get('/phone');
  assert.equal(status, 200);
  const policy = String(headers['content-security-policy']);
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
});

test('a name that somebody else points here is not served', async () => {
  assert.equal((await get('/phone', { host: 'evil.example' })).status, 404);
});

test('only files of the page are served, and only clips that a call has announced', async () => {
  for (const path of [
    '/phone/../server.ts',
    '/phone/%2e%2e/server.js',
    '/phone/tsconfig.json',
    `/phone/clips/${'a'.repeat(64)}.wav`,
    '/phone/clips/..%2f..%2fx.wav',
  ]) {
    assert.equal((await get(path)).status, 404, path);
  }
});

test('a page of another origin gets no line', async () => {
  const socket = dial('http://evil.example');
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /403/);
});

test('what a caller keys in secret is in no message of the call', async () => {
  const heard = await callWith((socket) => {
    socket.send(JSON.stringify(START));
    for (const key of '7391') socket.send(Buffer.from(key, 'latin1'));
  });
  const text = heard.join('\n');
  assert.match(text, /"kind":"collected".*"digitCount":4/);
  assert.match(text, /"how":"disconnected"/);
  assert.doesNotMatch(text, /7391|"7".*"3".*"9".*"1"|\b55\b.*\b51\b/);
});

test('a key leaves no copy in the buffer that the socket was read into', async () => {
  const read: Buffer[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called with its socket below
  const original = WebSocket.prototype.emit;
  const watched = mock.method(
    WebSocket.prototype,
    'emit',
    function (this: WebSocket, ...args: [string, ...unknown[]]) {
      const told = original.apply(this, args);
      if (args[0] === 'message' && args[2] === true) read.push(args[1] as Buffer);
      return told;
    },
  );
  try {
    await callWith((socket) => {
      socket.send(JSON.stringify(START));
      for (const key of '7391') socket.send(Buffer.from(key, 'latin1'));
    });
  } finally {
    watched.mock.restore();
  }
  assert.equal(read.length, 4);
  assert.ok(read.every((bytes) => bytes.every((byte) => byte === 0)));
});

test('what no page sends ends the call, and nothing of it is reported', async () => {
  const wrong: readonly ((socket: WebSocket) => void)[] = [
    (socket) => socket.send('no json'),
    (socket) => socket.send(JSON.stringify({ ...START, ani: '1; drop' })),
    (socket) => socket.send(JSON.stringify({ type: 'shout' })),
    (socket) => socket.send(Buffer.from('4242', 'latin1')),
    (socket) => socket.send(Buffer.from('x', 'latin1')),
    (socket) => {
      socket.send(JSON.stringify(START));
      socket.send(JSON.stringify(START));
    },
  ];
  for (const send of wrong) assert.equal(await closeCode(send), 1008);
  assert.deepEqual(reports, []);
});

test('a message that is too long, and too many at once, end the call', async () => {
  assert.equal(await closeCode((socket) => socket.send('x'.repeat(5000))), 1009);
  const flood = await closeCode((socket) => {
    socket.send(JSON.stringify(START));
    for (let i = 0; i < 200; i++) socket.send(JSON.stringify({ type: 'say', text: 'hello' }));
  });
  assert.equal(flood, 1008);
});

test('one call too many is told to try again later, and the others stay', async () => {
  const calls = [];
  for (let n = 0; n < 16; n++) {
    const socket = dial();
    calls.push(socket);
    await once(socket, 'open');
  }
  assert.equal(await closeCode(() => undefined), 1013);
  assert.equal(calls[0]?.readyState, WebSocket.OPEN);
  for (const socket of calls) {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }
});

test('hanging up in the middle ends the call', async () => {
  const heard = await callWith((socket) => {
    socket.send(JSON.stringify(START));
    socket.send(Buffer.from('7', 'latin1'));
    socket.send(JSON.stringify({ type: 'hang_up' }));
  });
  assert.match(heard.at(-1) ?? '', /"over","how":"hung_up"/);
});
