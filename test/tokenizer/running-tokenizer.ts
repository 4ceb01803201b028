import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { TokenizerSettings } from '../../src/tokenizer/settings.ts';
import { startTokenizer, type RunningTokenizer } from '../../src/tokenizer/process.ts';
import { bodyText } from '../card/captures.ts';
import { startFakeBridge, type FakeBridge } from '../card/fake-bridge.ts';
import { startFakeGateway, type FakeGateway } from '../card/fake-gateway.ts';
import { tokenizerSettings } from '../card/settings.ts';
import { digitsIn } from '../conformance/digits.ts';

export const PAN = '4000056655665556';
export const BODY = bodyText(PAN, '737', 'call-alpha');

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of a problem, or empty. */
  readonly code: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null` for none; a good one where nothing is said. */
  readonly token?: string | null;
}

export interface World {
  readonly bridge: FakeBridge;
  readonly gateway: FakeGateway;
  readonly running: RunningTokenizer;
  readonly lines: string[];
  readonly send: (sent?: Sent) => Promise<Reply>;
}

/** A card process between a bridge and a gateway, all on loopback; it ends with the test. */
export async function start(t: TestContext, more: Partial<TokenizerSettings> = {}): Promise<World> {
  const bridge = await startFakeBridge();
  const gateway = await startFakeGateway();
  const lines: string[] = [];
  const running = await startTokenizer(tokenizerSettings(bridge.origin, gateway.origin, more), {
    write: (line) => lines.push(line),
  });
  t.after(async () => {
    await Promise.all([bridge.close(), gateway.close(), running.close()]);
    assert.deepEqual(digitsIn(`${lines.join()}${bridge.heard()}`, PAN), []);
  });
  const token = await bridge.token();
  return {
    bridge,
    gateway,
    running,
    lines,
    send: async (options = {}) => {
      const { method = 'POST', path = '/v1/tokens', body = BODY, headers = {} } = options;
      const bearer = options.token === undefined ? token : options.token;
      const reply = await exchange(running.port, method, path, method === 'GET' ? '' : body, {
        'content-type': 'application/json',
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...headers,
      });
      if (reply.status >= 400) {
        assert.equal(reply.headers['content-type'], 'application/problem+json');
        assert.deepEqual(digitsIn(reply.text, PAN), []);
      }
      return reply;
    },
  };
}

export function exchange(
  port: number,
  method: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => {
        const isProblem = response.headers['content-type'] === 'application/problem+json';
        const { code } = isProblem ? (JSON.parse(text) as { code: string }) : { code: '' };
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends raw bytes and gives what comes back until the server closes the connection. */
export async function raw(
  port: number,
  ...parts: string[]
): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  return { socket, text: () => text };
}

/** Resolves however the socket comes to its end. */
export const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('close', () => resolve());
  });

export const headOf = (token: string, length: number): string =>
  `POST /v1/tokens HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n` +
  `Authorization: Bearer ${token}\r\nContent-Length: ${length}\r\n\r\n`;

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
