import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { HttpDataActions } from '../../src/line/data-action.ts';
import type { DataActionRequest, DataActionResult } from '../../src/line/call.ts';
import { readDataAction, type DataActionFile } from '../../src/line/data-action-file.ts';
import type { RequestTemplates, ResponseTemplates } from '../../src/line/data-action-file.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { ManualClock } from '../clock.ts';
import { seededRandomness } from '../randomness.ts';

/** A request as the server got it. */
export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Status and body; `null` never answers. */
export type Answer = readonly [status: number, body: string] | null;

export interface ServerAtHand {
  readonly origin: string;
  readonly got: Got[];
}

/** A server on loopback that answers as the test says; it ends with the test. */
export async function serving(
  t: TestContext,
  answer: (got: Got) => Answer | Promise<Answer>,
): Promise<ServerAtHand> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    const reply = async (): Promise<void> => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      got.push(one);
      const answered = await answer(one);
      if (answered === null) return;
      response.writeHead(answered[0], { 'content-type': 'application/json' });
      response.end(answered[1]);
    };
    request.on('end', () => void reply());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, got };
}

/** The parts of an action that tests change. */
export interface ActionParts {
  readonly request?: Partial<RequestTemplates>;
  readonly response?: Partial<ResponseTemplates>;
  readonly required?: readonly string[];
  readonly inputs?: Readonly<Record<string, object>>;
  readonly outputs?: Readonly<Record<string, object>>;
  readonly secure?: boolean;
  readonly timeoutSeconds?: number;
}

export function actionOf(origin: string, parts: ActionParts = {}): DataActionFile {
  const { inputs = {}, outputs = {}, required = [], secure = false, timeoutSeconds = 30 } = parts;
  const schema = (properties: object, needed: readonly string[]): object => ({
    type: 'object',
    required: needed,
    properties,
  });
  const file = {
    name: 'Act',
    config: {
      request: {
        requestUrlTemplate: `${origin}/act`,
        requestType: 'POST',
        headers: {},
        requestTemplate: '${input.rawRequest}',
        ...parts.request,
      },
      response: {
        translationMap: {},
        translationMapDefaults: {},
        successTemplate: '${rawResult}',
        ...parts.response,
      },
      timeoutSeconds,
    },
    contract: {
      input: { inputSchema: schema(inputs, required) },
      output: { successSchema: schema(outputs, []) },
    },
    secure,
  };
  return readDataAction(JSON.stringify(file), 'act.custom.json', {});
}

export interface Opened {
  readonly actions: HttpDataActions;
  readonly clock: ManualClock;
  /** Every buffer that a body was put together in, ours and the client's. */
  readonly buffers: Buffer[];
}

/** Data actions over real sockets; they are closed with the test. */
export function opened(
  t: TestContext,
  files: ConstructorParameters<typeof HttpDataActions>[0]['files'],
  credentials: Readonly<Record<string, string>> = {},
): Opened {
  const clock = new ManualClock();
  const buffers: Buffer[] = [];
  const allocate = (byteCount: number): Buffer => {
    const buffer = Buffer.alloc(byteCount);
    buffers.push(buffer);
    return buffer;
  };
  const actions = new HttpDataActions({
    category: 'Tokenline',
    files,
    credentials,
    clock,
    randomness: seededRandomness(7),
    connect: (origin) => openHttpClient({ origin }, clock, allocate),
    allocate,
  });
  t.after(() => actions.close());
  return { actions, clock, buffers };
}

/** Gives sockets the time that a clock of a test does not. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export interface Setting extends Opened {
  readonly server: ServerAtHand;
  readonly run: (
    inputs?: DataActionRequest['inputs'],
    more?: { readonly secure?: boolean; readonly timeoutMs?: number; readonly action?: string },
  ) => Promise<DataActionResult>;
}

export async function setting(
  t: TestContext,
  parts: ActionParts | ((origin: string) => ActionParts) = {},
  answer: () => Answer = () => [200, '{}'],
): Promise<Setting> {
  const server = await serving(t, answer);
  const own = typeof parts === 'function' ? parts(server.origin) : parts;
  const files = { actions: [actionOf(server.origin, own)], authentication: null };
  const world = opened(t, files);
  return {
    ...world,
    server,
    run: (inputs = {}, { secure = false, timeoutMs, action = 'Act' } = {}) =>
      world.actions.run({ category: 'Tokenline', action, secure, inputs }, timeoutMs ?? null),
  };
}

export const reasonOf = (result: DataActionResult): string =>
  result.kind === 'failure' ? result.reason : result.kind;

/** An authentication action, and the credential that it uses. */
export const authenticationAt = (origin: string) => ({
  request: {
    requestUrlTemplate: '${credentials.loginUrl}',
    requestType: 'POST' as const,
    headers: {
      Authorization:
        'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
    },
    requestTemplate: 'grant_type=client_credentials',
  },
  response: {
    translationMap: { access_token: '$.access_token' },
    translationMapDefaults: {},
    successTemplate: '{"access_token": ${access_token}}',
  },
  credentials: { loginUrl: `${origin}/login`, clientId: 'id', clientSecret: 'se"cret' },
});
