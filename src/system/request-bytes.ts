import type { HttpRequest } from './http-client.ts';

/** Gives a buffer of `byteCount` zeros that shares its memory with nothing else. */
export type Allocate = (byteCount: number) => Buffer;

/**
 * `Buffer.alloc` takes no part in Node's pool, and only buffers of more than 64 bytes lie outside
 * V8's own heap, whose collector moves them and leaves a stale copy behind.
 */
export const unpooled: Allocate = (byteCount) => Buffer.alloc(byteCount);

const BUFFER_BYTES_MIN = 128;

const PATH = /^\/[\x21-\x7e]*$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What the client writes itself; a second one would let two readers disagree. */
const OWN_HEADERS = new Set(['host', 'content-length', 'connection', 'transfer-encoding']);

/**
 * The head of a request, the empty line at its end included.
 *
 * @throws TypeError where a header or the path cannot be written, without repeating its value.
 */
export function headOf(request: HttpRequest, host: string): string {
  if (!PATH.test(request.path)) {
    throw new TypeError('a path begins with / and has printable ASCII only; encode it');
  }
  const lines = [`${request.method} ${request.path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(request.headers)) {
    if (!NAME.test(name)) throw new TypeError('a header name is not a token of RFC 9110');
    if (OWN_HEADERS.has(name.toLowerCase())) {
      throw new TypeError(`the client writes ${name} itself; leave it out`);
    }
    if (!VALUE.test(value)) throw new TypeError(`the value of ${name} is not one line of latin1`);
    lines.push(`${name}: ${value}`);
  }
  // RFC 9110 §8.6: a method that expects a body says 0 where there is none.
  const takesBody = request.method !== 'GET' && request.method !== 'DELETE';
  if (request.body !== null || takesBody) {
    lines.push(`Content-Length: ${request.body?.length ?? 0}`);
  }
  lines.push('Connection: keep-alive', '', '');
  return lines.join('\r\n');
}

/**
 * Head and body in one buffer. Two buffers would be joined below us into a copy that nobody wipes:
 * `writev` of a TLS socket, and of a corked one, allocates its own store.
 */
export function requestBytes(head: string, body: Uint8Array | null, allocate: Allocate): Buffer {
  const byteCount = head.length + (body?.length ?? 0);
  const bytes = allocate(Math.max(byteCount, BUFFER_BYTES_MIN)).subarray(0, byteCount);
  bytes.write(head, 'latin1');
  if (body !== null) bytes.set(body, head.length);
  return bytes;
}
