import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { ArrivedRequest, Description, Judgement } from '../description.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Made {
  readonly kind: 'token' | 'subscription' | 'charge';
  readonly id: string;
  readonly operationId: string;
  status: 'active' | 'paused' | 'cancelled';
}

export type Verb = 'cancel' | 'pause' | 'resume' | 'change_plan' | 'change_card';

/** What a request wants, once the dialect has understood it. */
export type Wish =
  | {
      readonly step: 'tokenise' | 'subscribe' | 'charge';
      readonly key: string;
      readonly tag: string;
    }
  | { readonly step: 'verify'; readonly key: string; readonly tag: string; readonly id: string }
  | {
      readonly step: 'change';
      readonly key: string;
      readonly tag: string;
      readonly id: string;
      readonly verb: Verb;
    }
  | { readonly step: 'read'; readonly id: string }
  | { readonly step: 'look_up'; readonly by: 'key' | 'tag'; readonly value: string };

/** How one gateway speaks. It says nothing of what a request has to be: its description does. */
export interface Dialect {
  readonly description: Description;
  readonly tokenPath: string | null;
  /** `null` where the request is identified; otherwise what is wrong. */
  refuse(request: ArrivedRequest): string | null;
  /** What a request of the description wants. */
  wish(judged: Judgement, request: ArrivedRequest): Wish;
  granted(made: Made, transactionId: string): unknown;
  declined(code: string, transactionId: string): Answer;
  pending(transactionId: string): unknown;
  readonly absent: Answer;
  /** The answers that a look-up found, as it shows them. */
  found(answers: readonly Answer[]): Answer;
}

export interface RestDouble {
  readonly origin: string;
  /** What the description has against requests that came. */
  readonly problems: readonly string[];
  readonly requests: readonly ArrivedRequest[];
  /** The next request of this step is answered so. */
  script(step: Wish['step'], what: { readonly decline: string } | 'pend'): void;
  count(kind: Made['kind']): number;
  reset(): void;
  close(): Promise<void>;
}

/** A text of a judged body; empty where there is none. */
export function textAt(body: Json, name: string, inner?: string): string {
  const value = body[name];
  const text: unknown = inner === undefined ? value : (value as Json | undefined)?.[inner];
  return typeof text === 'string' ? text : '';
}

interface Operation {
  readonly key: string;
  readonly tag: string;
  answer: Answer;
}

const letters = (count: number): string =>
  String(count).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');

class Gateway implements RestDouble {
  origin = '';
  readonly problems: string[] = [];
  readonly requests: ArrivedRequest[] = [];
  readonly #dialect: Dialect;
  readonly #server: Server;
  #operations: Operation[] = [];
  #made: Made[] = [];
  #script = new Map<Wish['step'], { readonly decline: string } | 'pend'>();
  #count = 0;
  #bearers = 0;

  constructor(dialect: Dialect, server: Server) {
    this.#dialect = dialect;
    this.#server = server;
    server.on('request', (request: IncomingMessage, response) => {
      void buffer(request).then((body) => {
        const { method = '', url = '' } = request;
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const answer = this.#answer({ method, url, headers, body: body.toString('utf8') });
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer.body));
      });
    });
  }

  script(step: Wish['step'], what: { readonly decline: string } | 'pend'): void {
    this.#script.set(step, what);
  }

  count(kind: Made['kind']): number {
    return this.#made.filter((made) => made.kind === kind).length;
  }

  reset(): void {
    this.#operations = [];
    this.#made = [];
    this.#script.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: ArrivedRequest): Answer {
    const dialect = this.#dialect;
    this.requests.push(request);
    if (request.url === dialect.tokenPath) {
      return { status: 200, body: { access_token: `bearer-${++this.#bearers}`, expires_in: 900 } };
    }
    const refused = dialect.refuse(request);
    if (refused !== null) return { status: 401, body: { message: refused } };
    const judged = dialect.description.judge(request);
    const problems = judged?.problems ?? [`there is no ${request.method} ${request.url}`];
    if (judged === null || problems.length > 0) {
      this.problems.push(...problems);
      return { status: 400, body: { problems } };
    }
    return this.#carryOut(dialect.wish(judged, request));
  }

  #carryOut(wish: Wish): Answer {
    const { absent } = this.#dialect;
    if (wish.step === 'look_up') {
      const hits = this.#operations.filter(
        ({ key, tag }) => (wish.by === 'key' ? key : tag) === wish.value,
      );
      return hits.length === 0 && wish.by === 'key'
        ? absent
        : this.#dialect.found(hits.map((hit) => hit.answer));
    }
    if (wish.step === 'read') {
      const made = this.#made.find(({ id }) => id === wish.id);
      return made ? this.#granted(made) : absent;
    }
    const earlier = this.#operations.find(({ key }) => key === wish.key && key !== '');
    if (earlier) return earlier.answer;
    const answer = this.#doing(wish);
    this.#operations.push({ key: wish.key, tag: wish.tag, answer });
    return answer;
  }

  #doing(wish: Exclude<Wish, { step: 'read' | 'look_up' }>): Answer {
    const scripted = this.#script.get(wish.step);
    this.#script.delete(wish.step);
    const transaction = `tx${letters(++this.#count)}`;
    if (scripted === 'pend') return { status: 200, body: this.#dialect.pending(transaction) };
    if (scripted) return this.#dialect.declined(scripted.decline, transaction);
    if (wish.step === 'change' || wish.step === 'verify') {
      const made = this.#made.find(({ id }) => id === wish.id);
      if (!made) return this.#dialect.absent;
      if (wish.step === 'change') made.status = STATUS_AFTER[wish.verb] ?? made.status;
      return this.#granted(made);
    }
    const kinds = { tokenise: 'token', subscribe: 'subscription', charge: 'charge' } as const;
    const kind = kinds[wish.step];
    const id = `${kind}_${letters(this.#count)}`;
    const made: Made = { kind, id, operationId: wish.tag, status: 'active' };
    this.#made.push(made);
    if (kind === 'subscription') this.#made.push({ ...made, kind: 'charge', id: `first_${id}` });
    return this.#granted(made);
  }

  #granted(made: Made): Answer {
    return { status: 200, body: this.#dialect.granted(made, `tx_${made.id}`) };
  }
}

const STATUS_AFTER: Readonly<Partial<Record<Verb, Made['status']>>> = {
  cancel: 'cancelled',
  pause: 'paused',
  resume: 'active',
};

/** A gateway of the guide's kind that keeps strictly to a description. */
export async function startRestDouble(
  dialect: Dialect,
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<RestDouble> {
  const server = tls === null ? createServer() : createTlsServer({ ...tls });
  const gateway = new Gateway(dialect, server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  gateway.origin = `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`;
  return gateway;
}
