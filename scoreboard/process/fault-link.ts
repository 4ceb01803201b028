import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { Mode, Observer, Turn } from './fault-proxy.ts';

export interface LinkMeans {
  readonly protocol: 'http' | 'bytes';
  /** What it shows a client that speaks TLS; `null` is a plain one. */
  readonly secureContext: SecureContext | null;
  readonly dial: () => Socket;
  /** What is done to the turn that begins with this line. */
  readonly begin: (line: string) => Turn;
  readonly observer: () => Observer;
  /** One more request is held back, or one less. */
  readonly held: (change: 1 | -1) => void;
  readonly closed: () => void;
}

/** What is late must not keep a process that has nothing else to do. */
const UNHELD = { ref: false } as const;

/** Between two slices of an answer. */
const SLICE_EVERY_MS = 5;
/** Between the first byte of an answer and the rest, where they are sent apart. */
const FIRST_BYTE_MS = 10;

/** One connection of a client, with the connection to the peer that belongs to it. */
export class Link {
  readonly #raw: Socket;
  readonly #client: Socket;
  readonly #means: LinkMeans;
  #upstream: Socket | null = null;
  /** Everything that is written to either end, in its order. */
  #toClient: Promise<void> = Promise.resolve();
  #toUpstream: Promise<void> = Promise.resolve();
  #request: Buffer[] = [];
  #answer: Buffer[] = [];
  #turn: Turn | null = null;
  #clientGone = false;

  constructor(raw: Socket, means: LinkMeans) {
    this.#raw = raw;
    this.#means = means;
    const { secureContext } = means;
    // A client that finds a stranger's certificate breaks off, which is an error here.
    raw.on('error', () => this.reset());
    raw.once('close', () => this.#closed());
    this.#client =
      secureContext === null ? raw : new TLSSocket(raw, { isServer: true, secureContext });
    this.#client.on('error', () => this.reset());
    this.#client.on('data', (chunk: Buffer) => this.#asked(chunk));
    this.#client.on('end', () => this.#ended());
  }

  /** True between two turns. */
  get idle(): boolean {
    return this.#turn === null && this.#request.length === 0;
  }

  /** Ends it when everything has been written. */
  end(): void {
    this.#toClient = this.#toClient.then(() => void this.#client.end());
  }

  /** Ends it, and waits until the client has taken leave as well. */
  async leave(): Promise<void> {
    const gone = once(this.#raw, 'close');
    this.end();
    if (!this.#raw.destroyed) await gone;
  }

  /** Resets the client's end. What was to be delivered is delivered all the same. */
  reset(): void {
    this.#raw.resetAndDestroy();
    this.#leave();
  }

  /** Both ends, at once. */
  destroy(): void {
    this.reset();
    this.#upstream?.destroy();
  }

  /** The client says no more; it may still want to hear. */
  #ended(): void {
    this.#toUpstream = this.#toUpstream.then(() => {
      if (this.#upstream === null) this.end();
      else this.#upstream.end();
    });
  }

  #closed(): void {
    if (!this.#clientGone) this.#client.end();
    this.#leave();
  }

  #leave(): void {
    if (this.#clientGone) return;
    this.#clientGone = true;
    this.#means.closed();
    this.#toUpstream = this.#toUpstream.then(() => void this.#upstream?.end());
  }

  #asked(chunk: Buffer): void {
    if (this.#turn?.mode.kind === 'black_hole') return;
    this.#request.push(chunk);
    const request = Buffer.concat(this.#request);
    if (this.#means.protocol === 'http' && !isWhole(request)) return;
    this.#request = [];
    const turn = this.#means.begin(firstLineOf(request));
    this.#turn = turn;
    this.#answer = [];
    this.#toUpstream = this.#toUpstream.then(() => this.#act(turn, request));
  }

  async #act(turn: Turn, request: Buffer): Promise<void> {
    await this.#means.observer().request?.(turn);
    const { mode } = turn;
    if (mode.kind === 'black_hole') return;
    if (mode.kind === 'reset_before') return this.reset();
    if (mode.kind === 'answer' && !mode.deliver) return this.#say(turn, mode.bytes, true);
    if (mode.kind === 'late_delivery') return this.#deliverLate(request, mode.holdMs);
    await this.#deliver(request);
  }

  async #deliverLate(request: Buffer, holdMs: number): Promise<void> {
    this.#means.held(1);
    await wait(holdMs, null, UNHELD);
    const upstream = await this.#deliver(request);
    // Until the peer has done with it, or has gone.
    const ends = ['data', 'close'].map((end) => once(upstream, end).catch(() => undefined));
    if (!upstream.destroyed) await Promise.race(ends);
    this.#means.held(-1);
  }

  async #deliver(request: Buffer): Promise<Socket> {
    const upstream = (this.#upstream ??= this.#dialled());
    await written(upstream, request);
    return upstream;
  }

  #dialled(): Socket {
    const upstream = this.#means.dial();
    upstream.setNoDelay(true);
    upstream.on('data', (chunk: Buffer) => this.#answered(chunk));
    upstream.on('error', () => this.#upstreamGone(upstream));
    upstream.on('end', () => this.#upstreamGone(upstream));
    return upstream;
  }

  #upstreamGone(upstream: Socket): void {
    if (this.#upstream === upstream) this.#upstream = null;
    // A turn that is to end otherwise ends otherwise.
    if (this.#turn !== null && !hasAnswer(this.#turn.mode)) return;
    this.end();
  }

  #answered(chunk: Buffer): void {
    const turn = this.#turn;
    if (turn === null) return void (this.#toClient = this.#toClient.then(() => this.#send(chunk)));
    this.#answer.push(chunk);
    const answer = Buffer.concat(this.#answer);
    const { mode } = turn;
    if (mode.kind === 'reset_after') return this.#broken();
    if (this.#means.protocol === 'http' && !isWhole(answer)) return;
    this.#turn = null;
    this.#answer = [];
    if (mode.kind === 'cut') {
      const middle = middleOf(answer);
      this.#toClient = this.#toClient
        .then(() => this.#first(turn, answer.subarray(0, middle)))
        .then(() => this.#broken());
      return;
    }
    if (mode.kind === 'answer') return this.#say(turn, mode.bytes, true);
    this.#say(turn, answer, false);
  }

  #broken(): void {
    this.#turn = null;
    this.destroy();
  }

  #say(turn: Turn, answer: Buffer, last: boolean): void {
    const { mode } = turn;
    this.#turn = null;
    this.#toClient = this.#toClient.then(async () => {
      if (mode.kind === 'slow') await wait(mode.latencyMs, null, UNHELD);
      if (mode.kind === 'slow' && mode.sliceBytes !== undefined) {
        for (let at = 0; at < answer.length; at += mode.sliceBytes) {
          await this.#send(answer.subarray(at, at + mode.sliceBytes));
          await wait(SLICE_EVERY_MS);
        }
        return;
      }
      await this.#first(turn, answer);
      if (last) this.#client.end();
    });
  }

  /** Sends the answer, its first byte alone where somebody waits for that. */
  async #first(turn: Turn, answer: Buffer): Promise<void> {
    const observer = this.#means.observer();
    if (observer.splits?.(turn) !== true) return this.#send(answer);
    await this.#send(answer.subarray(0, 1));
    await wait(FIRST_BYTE_MS);
    await observer.firstByte?.(turn);
    await this.#send(answer.subarray(1));
  }

  async #send(bytes: Buffer): Promise<void> {
    if (!this.#clientGone) await written(this.#client, bytes);
  }
}

/** True where the peer's end means the client's end. */
function hasAnswer({ kind }: Mode): boolean {
  return kind !== 'black_hole' && kind !== 'reset_before';
}

/** Resolves when the bytes are on their way, or when there is no way any more. */
function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.writableEnded) return resolve();
    socket.once('close', resolve);
    socket.write(bytes, () => {
      socket.off('close', resolve);
      resolve();
    });
  });
}

const LINE_BYTES_MAX = 400;

function firstLineOf(request: Buffer): string {
  const end = request.indexOf('\r\n');
  return request.toString('latin1', 0, end === -1 ? LINE_BYTES_MAX : end);
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Where head and body of an HTTP message end; `null` where it does not say so, or not yet. */
function extentOf(message: Buffer): { readonly head: number; readonly whole: number } | null {
  const found = message.indexOf(HEAD_END);
  if (found === -1) return null;
  const head = found + HEAD_END.length;
  const text = message.toString('latin1', 0, head);
  const length = /^content-length: *(\d+)/im.exec(text)?.[1];
  if (length !== undefined) return { head, whole: head + Number(length) };
  return /^transfer-encoding:/im.test(text) ? null : { head, whole: head };
}

function isWhole(message: Buffer): boolean {
  const extent = extentOf(message);
  if (extent !== null) return message.length >= extent.whole;
  // A message in chunks is whole with its last one.
  return message.indexOf(HEAD_END) !== -1 && message.subarray(-5).equals(Buffer.from('0\r\n\r\n'));
}

/** In the middle of the body, or of everything where there is none that we can see. */
function middleOf(message: Buffer): number {
  const extent = extentOf(message);
  if (extent === null || extent.whole === extent.head) return Math.floor(message.length / 2);
  return extent.head + Math.floor((extent.whole - extent.head) / 2);
}
