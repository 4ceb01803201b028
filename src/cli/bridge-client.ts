import { Value } from 'typebox/value';
import { AccessTokenAnswer, Problem } from '../contract/access.ts';
import { Deadline } from '../resilience/deadline.ts';
import type { Clock } from '../system/clock.ts';
import type { Exchange, HttpRequest } from '../system/http-client.ts';
import { openHttpClient } from '../system/wire.ts';
import { CommandFailed } from './exit.ts';

export interface BridgeClientSettings {
  /** `http(s)://host:port` of the bridge. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM bundle for a private authority. */
  readonly ca: string | null;
}

/** A command's way to a running bridge: HTTP with an access token, as every client does it. */
export interface BridgeClient {
  /** @throws {CommandFailed} with what to do about it. */
  get<T>(path: string, isWanted: (value: unknown) => value is T): Promise<T>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** A page of the ledger has up to a thousand entries. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

export function openBridgeClient(settings: BridgeClientSettings, clock: Clock): BridgeClient {
  const { url } = settings;
  if (!URL.canParse(url) || new URL(url).origin !== url.replace(/\/$/, '')) {
    throw new CommandFailed(`--url ${url}: expected an address such as http://127.0.0.1:8080`, 2);
  }
  const http = openHttpClient(
    {
      origin: new URL(url).origin,
      responseBytesMax: ANSWER_BYTES_MAX,
      ...(settings.ca === null ? {} : { ca: settings.ca }),
    },
    clock,
  );
  let bearer: string | null = null;

  async function send(request: HttpRequest): Promise<Extract<Exchange, { kind: 'answered' }>> {
    const exchange = await new Deadline(clock, TIMEOUT_MS).within((signal) =>
      http.exchange(request, signal),
    );
    if (exchange.kind === 'answered') return exchange;
    throw new CommandFailed(
      `${url}: no answer (${exchange.reason}). Is the bridge running there? Start it with ` +
        '"tokenline serve", or name it with --url.',
    );
  }

  async function authorise(): Promise<string> {
    const pair = [settings.clientId, settings.clientSecret].map(encodeURIComponent).join(':');
    const exchange = await send({
      method: 'POST',
      path: '/oauth/token',
      headers: {
        authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: Buffer.from('grant_type=client_credentials', 'latin1'),
    });
    return answerIn(exchange, isAccessToken, url, settings.clientId).access_token;
  }

  return {
    async get(path, isWanted) {
      // A verification of a large ledger outlives a token: one more is fetched for a 401.
      for (let attempt = 1; ; attempt += 1) {
        bearer ??= await authorise();
        const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' };
        const exchange = await send({ method: 'GET', path, headers, body: null });
        if (exchange.response.status !== 401 || attempt === 2) {
          return answerIn(exchange, isWanted, url, settings.clientId);
        }
        bearer = null;
      }
    },
    close: () => http.close(),
  };
}

function isAccessToken(value: unknown): value is AccessTokenAnswer {
  return Value.Check(AccessTokenAnswer, value);
}

function answerIn<T>(
  exchange: Extract<Exchange, { kind: 'answered' }>,
  isWanted: (value: unknown) => value is T,
  url: string,
  clientId: string,
): T {
  const { status, body } = exchange.response;
  const read = parsed(body);
  if (status === 200 && isWanted(read)) return read;
  if (status === 200) {
    throw new CommandFailed(
      `${url}: the answer is not what a Tokenline bridge of this version says.`,
    );
  }
  const detail = Value.Check(Problem, read) ? `${read.title} ${read.detail}` : `HTTP ${status}`;
  throw new CommandFailed(`${url}: ${detail}${adviceFor(status, clientId)}`);
}

function adviceFor(status: number, clientId: string): string {
  switch (status) {
    case 401:
      return ` Check TOKENLINE_CLIENT_ID (now ${clientId}) and TOKENLINE_CLIENT_SECRET.`;
    case 403:
      return ` The client ${clientId} needs the scope "auditor".`;
    case 404:
      return ' Is this the bridge, and not the tokenizer or the sandbox?';
    default:
      return '';
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
