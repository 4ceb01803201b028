import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What goes wrong with one request. `after`: the double has carried it out before. */
export type LineFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      /** `null` keeps the body that the double gave (with `after`). */
      readonly text: string | null;
      readonly headers?: Readonly<Record<string, string>>;
      readonly after: boolean;
    }
  | { readonly kind: 'reset'; readonly after: boolean }
  | { readonly kind: 'hang'; readonly after: boolean }
  | { readonly kind: 'cut' }
  | { readonly kind: 'oversized' };

/** One request as it crossed the line. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  /** Names and values as they were written. */
  readonly head: string;
  readonly body: Buffer;
}

interface Answered {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Larger than any answer of a gateway, and than what a client should be willing to take. */
const OVERSIZED_BYTES = 8 * 1024 * 1024;

/**
 * A line between an adapter and the double of its gateway that loses, breaks and replaces answers,
 * and remembers every byte of every request. A double has to know nothing of faults.
 */
export class FaultyLine {
  readonly origin: string;
  readonly seen: Seen[] = [];
  readonly #server: http.Server;
  readonly #target: URL;
  readonly #passes: (path: string) => boolean;
  #faults: LineFault[] = [];
  #arrived: (() => void)[] = [];

  private constructor(server: http.Server, target: URL, passes: (path: string) => boolean) {
    this.#server = server;
    this.#target = target;
    this.#passes = passes;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#carry(request, response).catch(() => response.destroy());
    });
  }

  /** @param passes paths that no fault touches: requests for a credential. */
  static async open(target: string, passes: (path: string) => boolean): Promise<FaultyLine> {
    const server = http.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyLine(server, new URL(target), passes);
  }

  /** The next request that is not for a credential meets this fault; several are used in order. */
  next(...faults: readonly LineFault[]): void {
    this.#faults.push(...faults);
  }

  /** Resolves when a hanging request has arrived and, with `after`, has been carried out. */
  hangs(): Promise<void> {
    return new Promise((resolve) => this.#arrived.push(resolve));
  }

  /** Forgets faults that were not met. */
  mend(): void {
    this.#faults = [];
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', rawHeaders } = request;
    const body = await buffer(request);
    this.seen.push({ method, path, head: rawHeaders.join('\n'), body });
    const fault = this.#passes(path) ? undefined : this.#faults.shift();
    if (fault === undefined) return answer(response, await this.#forward(request, body));
    const after = fault.kind === 'cut' || fault.kind === 'oversized' || fault.after;
    const given = after ? await this.#forward(request, body) : null;
    this.#spoil(response, fault, given);
  }

  #spoil(response: ServerResponse, fault: LineFault, given: Answered | null): void {
    const body = given?.body ?? Buffer.alloc(0);
    switch (fault.kind) {
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'hang':
        for (const resolve of this.#arrived.splice(0)) resolve();
        return;
      case 'cut':
        response.writeHead(given?.status ?? 200, { 'content-length': body.length });
        response.write(body.subarray(0, body.length / 2), () => response.destroy());
        return;
      case 'oversized': {
        const text = `{"padding":"${'x'.repeat(OVERSIZED_BYTES)}"}`;
        return answer(response, { status: 200, headers: {}, body: Buffer.from(text) });
      }
      case 'status': {
        const text = fault.text === null ? body : Buffer.from(fault.text);
        const headers = { 'content-type': 'application/json', ...fault.headers };
        return answer(response, { status: fault.status, headers, body: text });
      }
    }
  }

  async #forward(request: IncomingMessage, body: Buffer): Promise<Answered> {
    const { hostname, port } = this.#target;
    const { method, url: path, headers } = request;
    const outgoing = http.request({ hostname, port, method, path, headers, agent: false });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const given = await buffer(incoming);
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: given };
  }
}

function answer(response: ServerResponse, { status, headers, body }: Answered): void {
  const { connection: _, 'transfer-encoding': __, ...kept } = headers;
  const length = status === 204 ? {} : { 'content-length': body.length };
  response.writeHead(status, { ...kept, ...length });
  response.end(status === 204 ? undefined : body);
}
