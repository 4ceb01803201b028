import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Outgoing {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | null;
  /** The address that it comes from, where many are wanted. */
  readonly localAddress?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as it came. */
  readonly bytes: Buffer;
  /** The JSON object of the body; empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Longer than any deadline in these tests, so that the server's word comes first. */
const TIMEOUT_MS = 40_000;

/** One request on a socket of its own, as plainly as can be. Rejects where no answer came. */
export function send(port: number, outgoing: Outgoing): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body = null, localAddress } = outgoing;
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...length, ...headers },
        agent: false,
        ...(localAddress === undefined ? {} : { localAddress }),
        timeout: TIMEOUT_MS,
      },
      (response) => {
        buffer(response).then((bytes) => {
          const text = bytes.toString('utf8');
          const status = response.statusCode ?? 0;
          resolve({ status, headers: response.headers, text, bytes, body: objectIn(text) });
        }, reject);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer to ${method} ${path}`)));
    asked.on('error', reject);
    asked.end(body ?? undefined);
  });
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
