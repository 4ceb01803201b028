import { randomBytes } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { INTERNAL_CREDENTIAL_HEADER } from '../../src/contract/internal.ts';
import { startTokenizer } from '../../src/tokenizer/process.ts';
import {
  CLIENTS,
  INTERNAL_CREDENTIAL,
  freshKey,
  runApi,
  type RunningApi,
  type VerbStub,
} from '../../test/api/running-api.ts';
import { tokenizerSettings } from '../../test/card/settings.ts';
import { seededRandomness } from '../../test/randomness.ts';
import { openSigner } from '../../src/system/access-token.ts';
import type { Door, Role } from './role-table.ts';

export const CONNECTOR = { username: 'connector', password: randomBytes(16).toString('hex') };

export interface Reached {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Knock {
  readonly door: Door;
  readonly method: string;
  /** Sent as it is: nothing makes it plainer on the way. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Nothing in this board is about how often somebody may ask. */
const NO_LIMITS = {
  clientBurst: 1_000_000,
  peerBurst: 1_000_000,
  failuresPerMinute: 1_000_000,
};

/** The two HTTP faces and the line between them, with real listeners and verbs that only remember. */
export class TwoDoors {
  readonly api: RunningApi;
  readonly lines: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #ends: (() => unknown)[];
  #tokenizerPort = 0;

  private constructor(api: RunningApi, ends: (() => unknown)[]) {
    this.api = api;
    this.#ends = ends;
  }

  static async open(): Promise<TwoDoors> {
    const ends: (() => unknown)[] = [];
    const answer = JSON.stringify(EXAMPLES.tokenise.answer);
    const stub: VerbStub = { begin: () => Promise.resolve({ kind: 'answer', answer }) };
    const api = await runApi({ after: (end) => void ends.push(end) }, stub, NO_LIMITS);
    const doors = new TwoDoors(api, ends);
    const settings = tokenizerSettings(api.internalAddress, 'http://127.0.0.1:9', {
      internal: { origin: api.internalAddress, credential: INTERNAL_CREDENTIAL },
      payConnector: CONNECTOR,
    });
    const tokenizer = await startTokenizer(settings, {
      clock: api.clock,
      randomness: seededRandomness(1),
      write: (line) => void doors.lines.push(line),
    });
    // Its last answers are flushed by the clock, which stands still.
    ends.push(async () => {
      const closing = tokenizer.close();
      await api.clock.advance(60_000);
      await closing;
    });
    doors.#tokenizerPort = tokenizer.port;
    return doors;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    for (const end of this.#ends.toReversed()) await end();
  }

  /** Names of the verbs that were asked, oldest first. */
  get asked(): readonly string[] {
    return this.api.asked.map(([name]) => name);
  }

  knock({ door, method, path, headers, body }: Knock): Promise<Reached> {
    const where =
      door === 'internal'
        ? { socketPath: this.api.socketPath }
        : { host: '127.0.0.1', port: door === 'bridge' ? this.api.port : this.#tokenizerPort };
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const asked = request(
        { ...where, agent: this.#agent, method, path, headers: { ...length, ...headers } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
  }

  /** Everybody who may come: what they show, and what the table says that it is good for. */
  async roles(): Promise<Role[]> {
    const { signer, clock } = this.api;
    const nowMs = clock.now();
    const sign = (scopes: readonly string[], fromMs = nowMs, by = signer): Promise<string> =>
      by.sign('client-of-a-board', scopes, fromMs, 600);
    const bearer = async (
      name: string,
      holds: Role['holds'],
      token: Promise<string> | string,
      refusedWith: Role['refusedWith'],
    ): Promise<Role> => ({
      name,
      headers: { authorization: `Bearer ${await token}` },
      holds,
      refusedWith,
    });
    const scopes = (...holds: Role['holds']): Promise<Role> =>
      bearer(holds.join(' and '), holds, sign(holds), 403);
    const stranger = (name: string, headers: Role['headers']): Role => ({
      name,
      headers,
      holds: [],
      refusedWith: 401,
    });
    const everything = ['calls', 'cards', 'operator', 'auditor'] as const;
    const good = await sign(everything);
    const [head = '', payload = ''] = good.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const basic = (name: string, secret: string): string =>
      `Basic ${Buffer.from(`${name}:${encodeURIComponent(secret)}`).toString('base64')}`;
    const [client] = CLIENTS;
    if (client === undefined) throw new Error('there is no client');
    return [
      stranger('nobody', {}),
      await scopes('calls'),
      await scopes('cards'),
      await scopes('operator'),
      await scopes('auditor'),
      await scopes('calls', 'cards'),
      await scopes('operator', 'auditor'),
      await scopes('calls', 'auditor'),
      await scopes(...everything),
      await bearer('a token without a scope', [], sign([]), 403),
      await bearer('a token for a scope that is none of ours', [], sign(['admin', '*']), 403),
      await bearer('a scope in capitals', [], sign(['CALLS', 'Operator']), 403),
      await bearer('an expired token', [], sign(everything, nowMs - 601_000), 401),
      await bearer(
        'a token of another key',
        [],
        sign(everything, nowMs, openSigner(freshKey())),
        401,
      ),
      await bearer('a token without a signature', [], `${none}.${payload}.`, 401),
      await bearer(
        'a token with another’s signature',
        [],
        `${head}.${payload}.${good.slice(-86)}x`,
        401,
      ),
      await bearer('an empty token', [], '', 401),
      await bearer('the internal credential as a token', [], INTERNAL_CREDENTIAL, 401),
      stranger('a token in a cookie', { cookie: `access_token=${good}` }),
      stranger('a token without its scheme', { authorization: good }),
      {
        ...stranger('the internal credential', {
          [INTERNAL_CREDENTIAL_HEADER]: INTERNAL_CREDENTIAL,
        }),
        holds: ['internal credential'],
      },
      stranger('a wrong internal credential', {
        [INTERNAL_CREDENTIAL_HEADER]: `${INTERNAL_CREDENTIAL.slice(0, -1)}x`,
      }),
      stranger('an empty internal credential', { [INTERNAL_CREDENTIAL_HEADER]: '' }),
      {
        ...stranger('a client’s secret', { authorization: basic(client.id, client.secret) }),
        holds: ['client secret'],
      },
      stranger('a wrong client’s secret', { authorization: basic(client.id, 'guessed') }),
      {
        ...stranger('the pay connector', {
          authorization: basic(CONNECTOR.username, CONNECTOR.password),
        }),
        holds: ['pay connector'],
      },
      stranger('a wrong pay connector', {
        authorization: basic(CONNECTOR.username, `${CONNECTOR.password}x`),
      }),
    ];
  }
}
