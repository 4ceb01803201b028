import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Deadline } from '../resilience/deadline.ts';
import { sleep, type Clock } from '../system/clock.ts';
import { openWebFetch, type WebFetch } from '../system/web-fetch.ts';
import { openAccess, type AccessSettings } from './access.ts';
import type { Call, ListCall } from './calls.ts';
import {
  refused,
  unanswered,
  unreadable,
  type PlatformAnswer,
  type PlatformRefused,
} from './refusal.ts';

export interface PlatformSettings extends AccessSettings {
  /** `https://api.mypurecloud.de`. */
  readonly apiUrl: string;
  /** Texts that no message repeats: the client's secret and what else is sent. */
  readonly secrets: readonly string[];
}

/** What fills a call. */
export interface Filling {
  /** For the `{names}` of the path. */
  readonly names?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** JSON; the names are Genesys' own. */
  readonly body?: unknown;
  /** For messages: `queue Payment_Support_Group`. */
  readonly about?: string;
}

/** What became of a file that was put to an address that Genesys gave out. */
export type Upload =
  | { readonly kind: 'taken' }
  /** The address is good for a short time only; a new one has to be asked for. */
  | { readonly kind: 'expired' };

/** The platform API of one organisation, as one OAuth client sees it. */
export interface Platform {
  /** @throws {PlatformRefused} for everything but a success whose answer can be read. */
  send<A extends TSchema>(call: Call<A>, filling?: Filling): Promise<Static<A>>;
  /** Every entity of every page. @throws {PlatformRefused} */
  all<A extends TSchema>(call: ListCall<A>, filling?: Filling): Promise<Static<A>[]>;
  /** Puts a text to a presigned address, with the headers that came with it. @throws {PlatformRefused} */
  upload(url: string, headers: Readonly<Record<string, string>>, text: string): Promise<Upload>;
  /** Gets a text from such an address. @throws {PlatformRefused} */
  download(url: string): Promise<string>;
  /** Requests that may have changed something, counted when they are sent. */
  writes(): number;
  close(): Promise<void>;
}

/** One request; the platform's own limit is not published. */
const REQUEST_TIMEOUT_MS = 60_000;
/** One call with its waits: 300 requests a minute are allowed, so a wait is a minute at most. */
const CALL_BUDGET_MS = 300_000;
/** What a list may have at most on a page; flows and prompts take more, nothing takes less. */
const PAGE_SIZE = 100;
/** A page without end would be a bug of somebody's. */
const PAGES_MAX = 500;
/** Waits before a reading is asked again: a write is never asked twice by itself. */
const AGAIN_MS = [1_000, 3_000];
/** `HttpRequest.headers`: the client writes these itself. */
const OWN_HEADERS = new Set(['host', 'content-length', 'connection']);

const UPLOAD = {
  method: 'PUT',
  path: '<presigned address>',
  does: 'hand the flow over',
  permissions: [],
} as const;
const DOWNLOAD = { ...UPLOAD, method: 'GET', does: 'fetch the exported flow' } as const;

/** https://developer.genesys.cloud/platform/api/, "Error body"; `ErrorBody` of the SDK. */
const ErrorBody = Type.Object({
  code: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  contextId: Type.Optional(Type.String()),
});

const Page = Type.Object({
  entities: Type.Optional(Type.Union([Type.Array(Type.Unknown()), Type.Null()])),
  pageCount: Type.Optional(Type.Number()),
  nextUri: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

/** @param web tests give one whose requests are timed by another clock than the waits between them. */
export function openPlatform(
  settings: PlatformSettings,
  clock: Clock,
  web = openWebFetch({ timeoutMs: REQUEST_TIMEOUT_MS }, clock),
): Platform {
  const access = openAccess(web.fetch, settings, clock);
  const sender = new Sender(settings, web.fetch, access, clock);
  return {
    send: async (call, filling = {}) => readAs(call, await sender.send(call, filling)),
    all: (call, filling = {}) => allPages(sender, call, filling),
    upload: (url, headers, text) => upload(web.fetch, url, headers, text),
    download: (url) => download(web.fetch, url),
    writes: () => sender.writes,
    close: () => web.close(),
  };
}

interface Received {
  readonly answer: PlatformAnswer;
  readonly text: string;
  /** The text as JSON; the text itself where it is none. */
  readonly body: unknown;
}

class Sender {
  writes = 0;
  readonly #settings: PlatformSettings;
  readonly #fetch: WebFetch;
  readonly #access: ReturnType<typeof openAccess>;
  readonly #clock: Clock;

  constructor(
    settings: PlatformSettings,
    fetch: WebFetch,
    access: ReturnType<typeof openAccess>,
    clock: Clock,
  ) {
    this.#settings = settings;
    this.#fetch = fetch;
    this.#access = access;
    this.#clock = clock;
  }

  /** Waits where Genesys asks for it (429), signs in again once (401), asks a reading again. */
  async send(call: Call, filling: Filling): Promise<Received> {
    const deadline = new Deadline(this.#clock, CALL_BUDGET_MS);
    let renewed = false;
    for (let again = 0; ;) {
      const response = await this.#once(call, filling);
      const status = response?.status ?? null;
      if (response !== null && response.ok) return received(response);
      const mayAsk = call.method === 'GET' && (status === null || status >= 500);
      if (status === 401 && !renewed) {
        renewed = true;
        this.#access.drop();
      } else if (status === 429 && response !== null) {
        const waitMs = retryAfterMs(response);
        if (waitMs >= deadline.leftMs()) throw await this.#refusal(call, filling, response);
        await sleep(this.#clock, waitMs);
      } else if (mayAsk && again < AGAIN_MS.length) {
        await sleep(this.#clock, AGAIN_MS[again] ?? 0);
        again += 1;
      } else {
        throw response === null
          ? unanswered(call, 'the connection was cut')
          : await this.#refusal(call, filling, response);
      }
    }
  }

  async #once(call: Call, filling: Filling): Promise<Response | null> {
    const token = await this.#access.token();
    if (call.method !== 'GET') this.writes += 1;
    const { body } = filling;
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/plain',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const url = `${this.#settings.apiUrl}${pathOf(call, filling)}`;
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      return await this.#fetch(url, { method: call.method, headers, ...json });
    } catch {
      return null;
    }
  }

  async #refusal(call: Call, { about }: Filling, response: Response): Promise<PlatformRefused> {
    const { answer } = await received(response);
    const message = this.#settings.secrets.reduce(
      (text, secret) => (secret === '' ? text : text.replaceAll(secret, '…')),
      answer.message ?? '',
    );
    return refused(call, about ?? null, { ...answer, message: message === '' ? null : message });
  }
}

function pathOf({ path }: Call, { names = {}, query = {} }: Filling): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = names[name];
    if (value === undefined) throw new TypeError(`${path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) words.append(name, String(value));
  return words.size === 0 ? filled : `${filled}?${words.toString()}`;
}

async function received(response: Response): Promise<Received> {
  const text = await response.text();
  const body = parsed(text);
  const error = Value.Check(ErrorBody, body) ? body : {};
  const answer = {
    status: response.status,
    code: error.code ?? null,
    message: error.message ?? null,
    correlationId: response.headers.get('inin-correlation-id') ?? error.contextId ?? null,
  };
  return { answer, text, body };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** RFC 9110 §10.2.3; Genesys gives seconds. */
function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? '');
  return Math.max(1, Number.isFinite(seconds) ? seconds : 1) * 1000;
}

function readAs<A extends TSchema>(call: Call<A>, { answer, text, body }: Received): Static<A> {
  // A template is text even where it reads like JSON.
  const found = Type.IsString(call.answer) ? text : body;
  if (!Value.Check(call.answer, found)) throw unreadable(call, answer);
  return found;
}

/** Pages by number, or by the address of the next one where there are no numbers. */
async function allPages<A extends TSchema>(
  sender: Sender,
  call: ListCall<A>,
  filling: Filling,
): Promise<Static<A>[]> {
  const found: Static<A>[] = [];
  let query: Filling['query'] = { ...filling.query, pageSize: PAGE_SIZE };
  for (let pageNumber = 1; pageNumber <= PAGES_MAX; pageNumber += 1) {
    const received = await sender.send(call, { ...filling, query });
    const { body, answer } = received;
    if (!Value.Check(Page, body)) throw unreadable(call, answer);
    const entities = body.entities ?? [];
    for (const entity of entities) found.push(readAs(call, { ...received, body: entity }));
    if (body.pageCount !== undefined) {
      if (pageNumber >= body.pageCount || entities.length === 0) return found;
      query = { ...query, pageNumber: pageNumber + 1 };
    } else {
      if (typeof body.nextUri !== 'string' || entities.length === 0) return found;
      query = Object.fromEntries(new URL(body.nextUri, 'http://relative').searchParams);
    }
  }
  return found;
}

async function upload(
  fetch: WebFetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  text: string,
): Promise<Upload> {
  const given = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name.toLowerCase())),
  );
  const response = await fetch(url, { method: 'PUT', headers: given, body: text }).catch(() => {
    throw unanswered(UPLOAD, 'the connection was cut');
  });
  if (response.ok) return { kind: 'taken' };
  // Amazon S3 answers 403 AccessDenied, "Request has expired", where the time of an address is over.
  if (response.status === 403) return { kind: 'expired' };
  throw refused(UPLOAD, null, { ...NOTHING_SAID, status: response.status });
}

const NOTHING_SAID = { code: null, message: null, correlationId: null };

async function download(fetch: WebFetch, url: string): Promise<string> {
  const response = await fetch(url, { headers: {} }).catch(() => {
    throw unanswered(DOWNLOAD, 'the connection was cut');
  });
  if (!response.ok) throw refused(DOWNLOAD, null, { ...NOTHING_SAID, status: response.status });
  return await response.text();
}
