import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi, type Api } from '../../src/api/api.ts';
import { openApiMetrics } from '../../src/api/metrics.ts';
import { API_LIMITS, type ApiLimits, type ApiSettings } from '../../src/api/settings.ts';
import type { Verbs } from '../../src/bridge/verbs.ts';
import { SCOPES, type Scope } from '../../src/contract/access.ts';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { openSigner, openVerifier, type Signer } from '../../src/system/access-token.ts';
import { openLog } from '../../src/system/log.ts';
import { openMetrics } from '../../src/system/metrics.ts';
import { ManualClock } from '../clock.ts';
import { seededRandomness } from '../randomness.ts';

export const INTERNAL_CREDENTIAL = 'internal-credential-for-tests';

/** One client for each scope, and one without any use. */
export const CLIENTS = SCOPES.map((scope) => ({
  id: `client-${scope}`,
  secret: `secret of ${scope}: 100%+1`,
  scopes: [scope] as const,
}));

/** Odd spaces and an escape: text that a parser and a serialiser would not leave alone. */
export const ANSWER = '{ "outcome":"approved",  "prompt_text":"\\u00e9 ü" }';

/** What was asked of the verbs: the method's name and its arguments. */
export type Asked = readonly [name: string, ...args: unknown[]];

export type VerbStub = Partial<Verbs>;

function recordingVerbs(asked: Asked[], stub: VerbStub): Verbs {
  const plain: Record<string, (...args: unknown[]) => Promise<unknown>> = {};
  const answers: Record<string, unknown> = {
    begin: { kind: 'answer', answer: ANSWER },
    ready: true,
    gatewayEvent: undefined,
    gauges: {
      operations_in_doubt: 2,
      operations_to_settle: 3,
      deliveries_waiting: 4,
      deliveries_dead: 5,
      ledger_unsealed: 6,
      breaker_open: 0,
      switch_on: 1,
      charges_due: 7,
      charges_overdue: 8,
    } satisfies Awaited<ReturnType<Verbs['gauges']>>,
  };
  return new Proxy(plain, {
    get: (_, name) => {
      const key = String(name);
      return async (...args: unknown[]) => {
        asked.push([key, ...args]);
        const run: unknown = Reflect.get(stub, key);
        if (typeof run === 'function') return Reflect.apply(run, stub, args) as unknown;
        return key in answers ? answers[key] : ANSWER;
      };
    },
  }) as unknown as Verbs;
}

export interface RunningApi extends Api {
  readonly base: string;
  readonly clock: ManualClock;
  readonly asked: Asked[];
  readonly logLines: string[];
  readonly socketPath: string;
  readonly signer: Signer;
  readonly privatePem: string;
  token(...scopes: readonly Scope[]): Promise<string>;
  /** A request with a token of the scope, as JSON where there is a body. */
  send(path: string, options?: SendOptions): Promise<Response>;
}

export interface SendOptions {
  readonly method?: string;
  readonly scope?: Scope;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function freshKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Whoever says when it is over: a test, or a board. */
export interface Ending {
  after(end: () => unknown): void;
}

/** Starts an API over verbs that only remember; it ends with the test. */
export async function runApi(
  t: Ending,
  stub: VerbStub = {},
  limits: Partial<ApiLimits> = {},
  changes: Partial<ApiSettings> = {},
): Promise<RunningApi> {
  const clock = new ManualClock();
  const asked: Asked[] = [];
  const logLines: string[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-api-'));
  const socketPath = join(directory, 'run', 'bridge.sock');
  const privatePem = freshKey();
  const signer = openSigner(privatePem);
  const settings: ApiSettings = {
    listen: { host: '127.0.0.1', port: 0, tls: null },
    internal: { socketPath },
    internalCredential: INTERNAL_CREDENTIAL,
    // With it every route of the bridge is there.
    capture: 'direct',
    clients: CLIENTS,
    version: '1.2.3',
    limits: { ...API_LIMITS, ...limits },
    ...changes,
  };
  const api = await startApi(settings, recordingVerbs(asked, stub), {
    clock,
    randomness: seededRandomness(1),
    log: openLog('bridge', (line) => logLines.push(line), clock),
    metrics: openApiMetrics(openMetrics('bridge')),
    signer,
    verifier: openVerifier([signer]),
    publicKeys: [signer],
  });
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await api.close();
    open = false;
  };
  t.after(async () => {
    await close();
    rmSync(directory, { recursive: true, force: true });
  });
  const base = `http://127.0.0.1:${api.port}`;
  const token = (...scopes: readonly Scope[]): Promise<string> =>
    signer.sign('client-calls', scopes, clock.now(), 600);
  return {
    ...api,
    close,
    base,
    clock,
    asked,
    logLines,
    socketPath,
    signer,
    privatePem,
    token,
    async send(path, { method = 'POST', scope = 'calls', body, raw, headers = {} } = {}) {
      const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      return fetch(base + path, {
        method,
        headers: {
          authorization: `Bearer ${await token(scope)}`,
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(text === undefined ? {} : { body: text }),
      });
    },
  };
}

/** The problem in an answer. */
export async function problemOf(
  response: Response,
): Promise<{ code: string; status: number; detail: string; instance?: string }> {
  return (await response.json()) as { code: string; status: number; detail: string };
}

/** Sends bytes and gives back everything that comes until the connection ends. */
export function sendRaw(port: number, text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', (error) =>
      'code' in error && error.code === 'ECONNRESET' ? null : reject(error),
    );
    socket.on('close', () => resolve(answer));
    socket.end(text);
  });
}

/** A request over the internal line. */
export function sendInternal(
  socketPath: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, path, method: options.method ?? 'POST', headers: options.headers ?? {} },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    sent.on('error', reject);
    sent.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

/** An address of a route with an id that fits. */
export function pathOf(path: string): string {
  return path
    .replace('{subscription_id}', EXAMPLES.cancel.answer.subscription_id)
    .replace('{link_id}', EXAMPLES.create_link.answer.operation_id)
    .replace('{operation_id}', EXAMPLES.read_operation.answer.operation_id)
    .replace('{gateway}', 'sandbox');
}
