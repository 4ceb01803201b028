import type { Exchange, HttpClient, HttpResponse, Origin } from '../system/http-client.ts';
import type { RequestTemplates } from './data-action-file.ts';
import { rendered, type TemplateValues } from './data-action-template.ts';

/** A request whose templates are filled in. */
export interface Filled {
  readonly method: RequestTemplates['requestType'];
  readonly origin: Origin;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Genesys' own switch, which is not sent on: the client always says how long a body is. */
const NOT_SENT_ON = 'transfer-encoding';

/** @returns `null` where the address that comes out is none. */
export function fill(templates: RequestTemplates, values: TemplateValues): Filled | null {
  const address = rendered(templates.requestUrlTemplate, values);
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const { requestType: method } = templates;
  const headers = Object.entries(templates.headers)
    .filter(([name]) => name.toLowerCase() !== NOT_SENT_ON)
    .map(([name, value]) => [name, rendered(value, values)] as const);
  return {
    method,
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(headers),
    body: method === 'GET' ? null : rendered(templates.requestTemplate, values),
  };
}

/** The clients of an integration, one for each origin that its actions name. */
export class Clients {
  readonly #connect: (origin: Origin) => HttpClient;
  readonly #open = new Map<Origin, HttpClient>();

  constructor(connect: (origin: Origin) => HttpClient) {
    this.#connect = connect;
  }

  exchange(filled: Filled, body: Uint8Array | null, signal: AbortSignal): Promise<Exchange> {
    const { method, path, headers, origin } = filled;
    const client = this.#open.get(origin) ?? this.#connect(origin);
    this.#open.set(origin, client);
    return client.exchange({ method, path, headers, body }, signal);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((client) => client.close()));
  }
}

/** The response, or in words why there is none. */
export function responseOf(exchange: Exchange): HttpResponse | string {
  if (exchange.kind === 'answered') return exchange.response;
  return exchange.kind === 'not_sent'
    ? `the request was not sent (${exchange.reason})`
    : `no answer came (${exchange.reason})`;
}
