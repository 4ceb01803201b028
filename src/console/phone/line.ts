import type { FromLine } from './messages.ts';

export interface Start {
  readonly ani: string;
  readonly scenario: string;
  readonly agents: boolean;
  readonly desktop: boolean;
}

/** The wire to the line process: one socket is one call. */
export class Line {
  readonly #socket: WebSocket;

  constructor(start: Start, take: (message: FromLine) => void, gone: () => void) {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(`${scheme}//${location.host}/phone/line`);
    this.#socket.addEventListener('open', () => this.#send({ type: 'start', ...start }));
    this.#socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from our own server
      take(JSON.parse(data) as FromLine);
    });
    this.#socket.addEventListener('close', gone);
  }

  /** One byte and never text: a key may be a card's digit. */
  key(key: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(new Uint8Array([key.charCodeAt(0)]));
    }
  }

  say(text: string): void {
    this.#send({ type: 'say', text });
  }

  heard(id: number): void {
    this.#send({ type: 'heard', id });
  }

  hangUp(): void {
    this.#send({ type: 'hang_up' });
  }

  close(): void {
    this.#socket.close();
  }

  #send(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
