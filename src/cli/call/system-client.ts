import type { Clock } from '../../system/clock.ts';
import type { HttpClient, HttpRequest } from '../../system/http-client.ts';
import { openHttpClient } from '../../system/wire.ts';
import { Deadline } from '../../resilience/deadline.ts';
import { CommandFailed } from '../exit.ts';

/** Where the parts of a system listen. */
export interface SystemOrigins {
  readonly bridge: string;
  /** `null` where no card comes to the system. */
  readonly tokenizer: string | null;
  /** `null` where there is no sandbox: then a call file can give nothing of gateway or billing. */
  readonly sandbox: string | null;
}

/** Who asks: the flows' client, or the operator's. */
export type ClientRole = 'flows' | 'operator';

export interface ClientSecret {
  readonly id: string;
  readonly secret: string;
}

export type SystemClients = Readonly<Record<ClientRole, ClientSecret>>;

export interface SystemAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A member that is text; empty where it is not there. */
export function textIn(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

/** Above the longest that any request of the product takes. */
const TIMEOUT_MS = 60_000;
/** The ledger of a long-lived sandbox, or a page of the audit. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** A system from outside, over HTTP alone: what the runner of call files does beside the call itself. */
export class SystemClient {
  readonly origins: SystemOrigins;
  readonly #clients: SystemClients;
  readonly #clock: Clock;
  readonly #http = new Map<string, HttpClient>();
  readonly #tokens = new Map<ClientRole, string>();

  constructor(origins: SystemOrigins, clients: SystemClients, clock: Clock) {
    this.origins = origins;
    this.#clients = clients;
    this.#clock = clock;
  }

  /** A request with an access token and, where there is one, a JSON body. */
  async ask(
    part: 'bridge' | 'tokenizer',
    method: HttpRequest['method'],
    path: string,
    body: object | null = null,
    role: ClientRole = 'flows',
  ): Promise<SystemAnswer> {
    const token = this.#tokens.get(role) ?? (await this.#authorise(role));
    return this.#send(this.#origin(part), {
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      body: body === null ? null : Buffer.from(JSON.stringify(body), 'utf8'),
    });
  }

  /** The same, for what has to succeed. @throws {CommandFailed} with the answer where it does not. */
  async done(
    part: 'bridge' | 'tokenizer',
    method: HttpRequest['method'],
    path: string,
    body: object | null = null,
    role: ClientRole = 'flows',
  ): Promise<SystemAnswer['body']> {
    const answer = await this.ask(part, method, path, body, role);
    if (answer.status === 200) return answer.body;
    throw new CommandFailed(`${method} ${path}: HTTP ${answer.status} ${answer.text}`);
  }

  /** A request to the sandbox's own side door. */
  async sandbox(method: 'GET' | 'POST', path: string, body: unknown = null): Promise<SystemAnswer> {
    const { sandbox } = this.origins;
    if (sandbox === null) throw new CommandFailed('there is no sandbox to ask');
    const bytes = body === null ? null : Buffer.from(JSON.stringify(body), 'utf8');
    return this.#send(sandbox, { method, path, headers: {}, body: bytes });
  }

  /** Fills in a form of a page in a browser's place. @returns the status. */
  async form(url: string, fields: Readonly<Record<string, string>>): Promise<number> {
    const { origin, pathname } = new URL(url);
    const { status } = await this.#send(origin, {
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(new URLSearchParams(fields).toString(), 'utf8'),
    });
    return status;
  }

  /** Text of a route that is open, such as `/metrics`. */
  async open(part: 'bridge' | 'tokenizer', path: string): Promise<string> {
    const request = { method: 'GET', path, headers: {}, body: null } as const;
    return (await this.#send(this.#origin(part), request)).text;
  }

  #origin(part: 'bridge' | 'tokenizer'): string {
    const origin = this.origins[part];
    if (origin === null) throw new CommandFailed(`there is no ${part} to ask`);
    return origin;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#http.values()].map((client) => client.close()));
  }

  async #authorise(role: ClientRole): Promise<string> {
    const { id, secret } = this.#clients[role];
    const pair = [id, secret].map(encodeURIComponent).join(':');
    const answer = await this.#send(this.origins.bridge, {
      method: 'POST',
      path: '/oauth/token',
      headers: {
        authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: Buffer.from('grant_type=client_credentials', 'latin1'),
    });
    const token = answer.body['access_token'];
    if (typeof token !== 'string') {
      throw new CommandFailed(
        `${this.origins.bridge}: no access token for ${id} (HTTP ${answer.status}). Is its secret right?`,
      );
    }
    this.#tokens.set(role, token);
    return token;
  }

  async #send(origin: string, request: HttpRequest): Promise<SystemAnswer> {
    const http =
      this.#http.get(origin) ??
      openHttpClient({ origin, responseBytesMax: ANSWER_BYTES_MAX }, this.#clock);
    this.#http.set(origin, http);
    const deadline = new Deadline(this.#clock, TIMEOUT_MS);
    const exchange = await deadline.within((signal) => http.exchange(request, signal));
    if (exchange.kind !== 'answered') {
      throw new CommandFailed(`${origin}: no answer (${exchange.reason}). Is it running there?`);
    }
    const { status, body } = exchange.response;
    const text = body.toString('utf8');
    return { status, text, body: membersOf(text) };
  }
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null
      ? Object.fromEntries(Object.entries(read))
      : {};
  } catch {
    return {};
  }
}
