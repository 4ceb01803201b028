import { randomBytes } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { startTokenizer } from '../../src/tokenizer/process.ts';
import {
  INTERNAL_CREDENTIAL,
  runApi,
  type RunningApi,
  type VerbStub,
} from '../../test/api/running-api.ts';
import { tokenizerSettings } from '../../test/card/settings.ts';
import { seededRandomness } from '../../test/randomness.ts';
import type { Door } from './role-table.ts';

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
}
