import type { HttpResponse } from './http-client.ts';

/** What the bytes of one response have come to so far. */
export type Parsed =
  | { readonly kind: 'reading' }
  | {
      readonly kind: 'complete';
      readonly response: HttpResponse;
      /** The peer keeps the connection open after this response. */
      readonly keepAlive: boolean;
      /** `Keep-Alive: timeout=…`, the peer's own idle time, or `null` where it says none. */
      readonly peerIdleMs: number | null;
    }
  | { readonly kind: 'failed'; readonly reason: 'reset' | 'malformed' | 'too_large' };

/** Status line, headers and trailers of one response together, interim responses included. */
const HEAD_BYTES_MAX = 16 * 1024;

/** Extensions of a chunk are nobody's need, so a line that is longer is an attack or a fault. */
const CHUNK_LINE_BYTES_MAX = 256;

const LF = 0x0a;
const CR = 0x0d;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/** No space before the colon: RFC 9112 §5.1. */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;
/** RFC 9112 §7.1; 13 hexadecimal digits are exact in a double. */
const CHUNK_LINE = /^([0-9A-Fa-f]{1,13})[\t ]*(?:;.*)?$/;

type Step =
  'status' | 'header' | 'body' | 'until_close' | 'size' | 'chunk' | 'chunk_end' | 'trailer';

/**
 * Reads one HTTP/1.x response (RFC 9112), however its bytes are cut into chunks. It never throws:
 * what cannot be read is `malformed`, because the request may have taken effect all the same. It keeps
 * copies of what it is given, and wipes them once the response stands.
 */
export class ResponseParser {
  readonly #bodyBytesMax: number;
  #step: Step = 'status';
  #parsed: Parsed = { kind: 'reading' };
  #excess = false;

  /** The bytes of a line whose end has not come yet. */
  #line: Buffer = Buffer.alloc(0);
  #headBytesLeft = HEAD_BYTES_MAX;

  #status = 0;
  #keepAlive = true;
  readonly #headers = new Map<string, string>();
  #lastName: string | null = null;

  #body: Buffer[] = [];
  #bodyBytes = 0;
  /** Bytes that are left of the body or of the chunk. */
  #left = 0;

  /** @param bodyBytesMax the longest body that is taken, chunked ones after decoding. */
  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  get parsed(): Parsed {
    return this.#parsed;
  }

  /** True when bytes came behind a complete response: the connection is out of step. */
  get excess(): boolean {
    return this.#excess;
  }

  push(chunk: Buffer): Parsed {
    let offset = 0;
    while (offset < chunk.length && this.#parsed.kind === 'reading') {
      offset += this.#take(chunk.subarray(offset));
    }
    if (offset < chunk.length) this.#excess = true;
    return this.#parsed;
  }

  /** The peer has ended the connection, which is how a body without a length ends. */
  end(): Parsed {
    if (this.#parsed.kind === 'reading') {
      if (this.#step === 'until_close') this.#complete();
      else this.#fail('reset');
    }
    return this.#parsed;
  }

  /** Consumes the beginning of `bytes` (never empty) and returns how many bytes that were. */
  #take(bytes: Buffer): number {
    switch (this.#step) {
      case 'status':
      case 'header':
      case 'trailer':
      case 'size':
      case 'chunk_end':
        return this.#takeLine(bytes);
      case 'until_close':
        this.#keep(bytes);
        return bytes.length;
      case 'body':
      case 'chunk':
        return this.#takeCounted(bytes);
    }
  }

  #takeCounted(bytes: Buffer): number {
    const part = bytes.subarray(0, this.#left);
    this.#keep(part);
    this.#left -= part.length;
    if (this.#left === 0 && this.#parsed.kind === 'reading') {
      if (this.#step === 'body') this.#complete();
      else this.#step = 'chunk_end';
    }
    return part.length;
  }

  #takeLine(bytes: Buffer): number {
    const found = bytes.indexOf(LF);
    const part = found === -1 ? bytes : bytes.subarray(0, found + 1);
    if (this.#line.length + part.length > this.#lineBytesMax()) {
      this.#fail(this.#step === 'size' || this.#step === 'chunk_end' ? 'malformed' : 'too_large');
      return part.length;
    }
    const line = this.#line.length === 0 ? part : Buffer.concat([this.#line, part]);
    // A copy: whoever brought the bytes wipes them.
    this.#line = found === -1 ? Buffer.from(line) : Buffer.alloc(0);
    if (found === -1) return part.length;
    // A bare LF may be taken for a line's end (RFC 9112 §2.2), but nobody honest sends one.
    if (line.length < 2 || line[line.length - 2] !== CR) this.#fail('malformed');
    else this.#readLine(line.toString('latin1', 0, line.length - 2), line.length);
    return part.length;
  }

  #lineBytesMax(): number {
    return this.#step === 'size' || this.#step === 'chunk_end'
      ? CHUNK_LINE_BYTES_MAX
      : this.#headBytesLeft;
  }

  #readLine(line: string, byteCount: number): void {
    if (this.#step === 'size') return this.#readSize(line);
    if (this.#step === 'chunk_end') {
      if (line !== '') return this.#fail('malformed');
      this.#step = 'size';
      return;
    }
    this.#headBytesLeft -= byteCount;
    if (this.#step === 'status') return this.#readStatus(line);
    if (this.#step === 'header') return line === '' ? this.#readFraming() : this.#readField(line);
    // Trailers may be discarded (RFC 9110 §6.5.1): no gateway says anything in one.
    if (line === '') this.#complete();
  }

  #readStatus(line: string): void {
    const match = STATUS_LINE.exec(line);
    if (!match) return this.#fail('malformed');
    this.#status = Number(match[2]);
    this.#keepAlive = match[1] === '1';
    this.#headers.clear();
    this.#lastName = null;
    this.#step = 'header';
  }

  #readField(line: string): void {
    if (line.startsWith(' ') || line.startsWith('\t')) return this.#readFold(line);
    const match = FIELD_LINE.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return this.#fail('malformed');
    const name = match[1].toLowerCase();
    const earlier = this.#headers.get(name);
    const value = match[2].trim();
    this.#headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
    this.#lastName = name;
  }

  /** A folded line continues the value before it: RFC 9112 §5.2. */
  #readFold(line: string): void {
    const value = FIELD_LINE.exec(`fold:${line}`)?.[2];
    if (value === undefined || this.#lastName === null) return this.#fail('malformed');
    const earlier = this.#headers.get(this.#lastName) ?? '';
    this.#headers.set(this.#lastName, `${earlier} ${value.trim()}`.trim());
  }

  /** How long the body is: RFC 9112 §6.3, in its order. */
  #readFraming(): void {
    // An interim response is followed by the real one; nobody asked for another protocol.
    if (this.#status === 101) return this.#fail('malformed');
    if (this.#status < 200) {
      this.#step = 'status';
      return;
    }
    if (this.#status === 204 || this.#status === 304) return this.#complete();
    const coding = this.#headers.get('transfer-encoding');
    const length = this.#headers.get('content-length');
    if (coding !== undefined) return this.#readCoding(coding, length !== undefined);
    if (length === undefined) {
      this.#step = 'until_close';
      this.#keepAlive = false;
      return;
    }
    const byteCount = lengthOf(length);
    if (byteCount === null) return this.#fail('malformed');
    if (byteCount > this.#bodyBytesMax) return this.#fail('too_large');
    if (byteCount === 0) return this.#complete();
    this.#left = byteCount;
    this.#step = 'body';
  }

  #readCoding(coding: string, hasLength: boolean): void {
    // HTTP/1.0 has no transfer coding (RFC 9112 §6.1), and we offered no other one than chunked.
    if (coding.toLowerCase() !== 'chunked' || !this.#keepAlive) return this.#fail('malformed');
    // The coding wins over the length, and the connection is not to be trusted (RFC 9112 §6.3).
    if (hasLength) this.#keepAlive = false;
    this.#step = 'size';
  }

  #readSize(line: string): void {
    const match = CHUNK_LINE.exec(line);
    if (!match) return this.#fail('malformed');
    this.#left = Number.parseInt(match[1] ?? '', 16);
    if (this.#bodyBytes + this.#left > this.#bodyBytesMax) return this.#fail('too_large');
    this.#step = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #keep(bytes: Buffer): void {
    this.#bodyBytes += bytes.length;
    if (this.#bodyBytes > this.#bodyBytesMax) return this.#fail('too_large');
    this.#body.push(Buffer.from(bytes));
  }

  #complete(): void {
    const headers = Object.fromEntries(this.#headers);
    const connection = listOf(headers['connection'] ?? '');
    const timeoutS = /(?:^|[ ,;])timeout=(\d{1,9})(?:$|[ ,;])/i.exec(
      headers['keep-alive'] ?? '',
    )?.[1];
    this.#parsed = {
      kind: 'complete',
      response: { status: this.#status, headers, body: Buffer.concat(this.#body, this.#bodyBytes) },
      keepAlive: this.#keepAlive && !connection.includes('close'),
      peerIdleMs: timeoutS === undefined ? null : Number(timeoutS) * 1000,
    };
    this.wipe();
  }

  #fail(reason: 'reset' | 'malformed' | 'too_large'): void {
    this.#parsed = { kind: 'failed', reason };
    this.wipe();
  }

  /** Forgets what it holds of the body: for a response that will not come to its end. */
  wipe(): void {
    for (const part of this.#body) part.fill(0);
    this.#body = [];
  }
}

function listOf(value: string): string[] {
  return value.split(',').map((element) => element.trim().toLowerCase());
}

/** `Content-Length`; a list of the same number is that number (RFC 9112 §6.3). */
function lengthOf(value: string): number | null {
  const [first, ...others] = listOf(value);
  if (first === undefined || !/^\d{1,15}$/.test(first)) return null;
  return others.every((other) => other === first) ? Number(first) : null;
}
