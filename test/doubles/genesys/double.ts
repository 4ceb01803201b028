import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CALLS, type Call } from '../../../src/genesys/calls.ts';
import { LOOKS } from '../../../src/genesys/looks.ts';
import { genesysDescription, type GenesysDescription } from './description.ts';
import { Flows, type ArchitectMood } from './flows.ts';
import { integrationRoutes } from './integrations.ts';
import { Organisation, refusal, type Answer, type Routes } from './organisation.ts';
import { routingRoutes } from './routing.ts';
import { Settings, settingsRoutes } from './settings.ts';

export const CLIENT_ID = 'oauth-client';
export const CLIENT_SECRET = 'not-a-secret-oauth-client';

/** Something that goes wrong, once unless it says more. */
export interface Fault {
  /** `GET /api/v2/flows`, `write` for whatever changes something, or `any`. */
  readonly at: string;
  /** How many requests it lets by first. */
  readonly after?: number;
  readonly times?: number;
  readonly does:
    | {
        readonly kind: 'refuse';
        readonly status: number;
        readonly code?: string;
        readonly message?: string;
        readonly retryAfterS?: number;
      }
    /** The connection is cut: before anything is done, or after all of it. */
    | { readonly kind: 'cut_before' | 'cut_after' };
}

export interface GenesysDouble {
  /** Of the API and of the login, which are two hosts in truth. */
  readonly origin: string;
  readonly org: Organisation;
  readonly mood: ArchitectMood;
  readonly settings: Settings;
  /** The permissions that the client's roles give; `null` is all of them. */
  permissions: Set<string> | null;
  /** Seconds that an access token is good for. */
  tokenLifetimeS: number;
  /** What the SDK's types have against a request, or against an answer of the double. */
  readonly problems: string[];
  /** Each request as `POST /api/v2/routing/queues`, in the order of arrival; uploads are `PUT upload`. */
  readonly seen: string[];
  /** Those that may change something. */
  writes(): string[];
  script(...faults: readonly Fault[]): void;
  /** Access tokens that have been given out. */
  readonly tokens: string[];
  /** No token that was given out is good any more. */
  revokeTokens(): void;
  close(): Promise<void>;
}

interface Scripted {
  readonly fault: Fault;
  skip: number;
  left: number;
}

const permissionsFor = new Map<string, Call>(
  [...Object.values(LOOKS), ...Object.values(CALLS)].map((call) => [
    `${call.method} ${call.path}`,
    call,
  ]),
);

/** The routes that Tokenline calls; the SDK's description judges them before anything else. */
export const ROUTES: readonly string[] = [...permissionsFor.keys()];

/** Reading the SDK takes a second: once for all doubles of a process. */
const description = genesysDescription(ROUTES);

/** Genesys Cloud on loopback, as far as `tokenline genesys` calls it. */
export async function startGenesysDouble(): Promise<GenesysDouble> {
  const world = new World();
  const server = createServer((request, response) => {
    world.serve(request, response).catch((error: unknown) => {
      world.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  world.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  world.flows.origin = world.origin;
  world.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return world;
}

class World implements GenesysDouble {
  origin = '';
  readonly org = new Organisation();
  readonly mood: ArchitectMood = {
    polls: 1,
    expired: 0,
    failure: null,
    exportPolls: 0,
    exportFailure: null,
    exportedVersions: [],
    locked: new Set(),
  };
  readonly settings = new Settings();
  readonly flows = new Flows(this.org, this.mood);
  permissions: Set<string> | null = null;
  tokenLifetimeS = 3_600;
  readonly problems: string[] = [];
  readonly seen: string[] = [];
  readonly tokens: string[] = [];
  readonly #good = new Set<string>();
  readonly #scripted: Scripted[] = [];
  readonly #routes: Routes = {
    ...integrationRoutes(this.org),
    ...routingRoutes(this.org),
    ...settingsRoutes(this.org, this.settings),
    ...this.flows.routes(),
  };
  close = async (): Promise<void> => {};

  constructor() {
    for (const route of description.missing) this.problems.push(`${route}: not in the SDK`);
    for (const route of ROUTES) {
      if (this.#routes[route] === undefined) this.problems.push(`${route}: not in the double`);
    }
  }

  writes(): string[] {
    return this.seen.filter((route) => !route.startsWith('GET ') && route !== 'POST /oauth/token');
  }

  script(...faults: readonly Fault[]): void {
    for (const fault of faults) {
      this.#scripted.push({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 });
    }
  }

  revokeTokens(): void {
    this.#good.clear();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
    const body = await text(request);
    const [path = ''] = url.split('?');
    if (url === '/oauth/token') return this.#login(headers, body, response);
    if (!url.startsWith('/api/')) return this.#files(method, path, headers, body, response);
    const judged = description.judge({ method, url, headers, body });
    const route = `${method} ${judged?.template ?? path}`;
    this.seen.push(route);
    const fault = this.#faultAt(route);
    if (fault?.kind === 'cut_before') return void response.destroy();
    if (fault?.kind === 'refuse') {
      const { status, code = 'scripted', message = 'Scripted.', retryAfterS } = fault;
      const retry = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
      return this.#say(response, refusal(status, code, message), retry);
    }
    const answer = this.#answer(route, headers, judged);
    if (fault?.kind === 'cut_after') return void response.destroy();
    this.#say(response, answer);
  }

  #answer(
    route: string,
    headers: Readonly<Record<string, string>>,
    judged: ReturnType<GenesysDescription['judge']>,
  ): Answer {
    const token = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '';
    if (!this.#good.has(token))
      return refusal(401, 'bad.credentials', 'Invalid login credentials.');
    if (judged === null) return refusal(404, 'not.found', 'There is no such route.');
    const wanted = permissionsFor.get(route)?.permissions ?? [];
    const missing = wanted.filter((one) => this.permissions !== null && !this.permissions.has(one));
    if (missing.length > 0) {
      const said = `Unable to perform the requested action. You are missing the following permission(s): ${missing.join(', ')}`;
      return refusal(403, 'missing.permissions', said);
    }
    if (judged.problems.length > 0) {
      this.problems.push(...judged.problems.map((problem) => `${route} ${problem}`));
      return refusal(400, 'bad.request', judged.problems.join('; '));
    }
    const answer = this.#routes[route]?.(judged) ?? refusal(404, 'not.found', 'Not played.');
    const [method = '', template = ''] = route.split(' ');
    const json = answer.status === 200 && typeof answer.body !== 'string';
    if (json) this.problems.push(...description.answerProblems(method, template, answer.body));
    return answer;
  }

  #faultAt(route: string): Fault['does'] | null {
    const write = !route.startsWith('GET ');
    for (const scripted of this.#scripted) {
      const { at, does } = scripted.fault;
      if (scripted.left === 0 || !(at === 'any' || at === route || (at === 'write' && write)))
        continue;
      if (scripted.skip > 0) scripted.skip -= 1;
      else {
        scripted.left -= 1;
        return does;
      }
    }
    return null;
  }

  #login(headers: Readonly<Record<string, string>>, body: string, response: ServerResponse): void {
    this.seen.push('POST /oauth/token');
    const basic = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64');
    if (headers['authorization'] !== `Basic ${basic}` || body !== 'grant_type=client_credentials') {
      const denied = { error: 'invalid_client', description: 'client not found or secret wrong' };
      return this.#say(response, { status: 401, body: denied });
    }
    const token = `token-${this.tokens.length + 1}`;
    this.tokens.push(token);
    this.#good.add(token);
    const granted = { access_token: token, token_type: 'bearer', expires_in: this.tokenLifetimeS };
    this.#say(response, { status: 200, body: granted });
  }

  #files(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    response: ServerResponse,
  ): void {
    this.seen.push(method === 'PUT' ? 'PUT upload' : 'GET download');
    const fault = this.#faultAt(this.seen.at(-1) ?? '');
    if (fault?.kind === 'cut_before') return void response.destroy();
    const found = this.flows.download(path);
    const answer =
      method === 'PUT'
        ? this.flows.upload(path, headers, body)
        : found === null
          ? null
          : { status: 200, body: found };
    if (fault?.kind === 'cut_after') return void response.destroy();
    this.#say(response, answer ?? { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' });
  }

  #say(response: ServerResponse, answer: Answer, more: Record<string, string> = {}): void {
    const { status, body } = answer;
    const json = typeof body !== 'string';
    response.writeHead(status, {
      'content-type': json ? 'application/json' : 'text/plain',
      'inin-correlation-id': 'correlation-of-the-double',
      ...more,
    });
    response.end(status === 204 ? undefined : json ? JSON.stringify(body) : body);
  }
}
