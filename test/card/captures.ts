import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { luhnValid } from '../../src/card/luhn.ts';

/** Six digits of a published test number and one more; the series is the eighth of those looked for. */
const RANGE = '4000000';

/**
 * The `index`-th of a series of numbers of the sandbox's range, all different, all Luhn-valid.
 *
 * @param series 1 to 9: in series 0 are published numbers, which the code itself has in memory.
 */
export function panOf(series: number, index: number): string {
  const body = `${RANGE}${series}${String(index).padStart(7, '0')}`;
  for (let check = 0; check < 10; check++) {
    if (luhnValid(Buffer.from(`${body}${check}`))) return `${body}${check}`;
  }
  throw new Error('no check digit fits');
}

export function withWrongCheckDigit(pan: string): string {
  return pan.slice(0, -1) + String((Number(pan.at(-1)) + 1) % 10);
}

export const BEHAVIOURS = [
  'keep-alive',
  'close',
  'split in the middle of the PAN',
  'abort mid-body',
  'abort after the body',
  'bad Luhn',
  'long CVV',
  'no token',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** The two ways in which a card may be handed in. */
export type Door = 'tokens' | 'pay-connector';

export interface Target {
  readonly port: number;
  readonly ca: string | null;
  readonly token: string;
  readonly door?: Door;
}

export const bodyText = (pan: string, cvv: string, interactionId: string): string =>
  JSON.stringify({
    card_number: pan,
    cvv,
    expiry_month: '12',
    expiry_year: '2030',
    customer_id: 'cus-alpha',
    amount: 29.99,
    currency: 'USD',
    recurring_flag: true,
    metadata: { call_id: interactionId, interaction_id: interactionId, source: 'ivr_payment_flow' },
  });

const connectorText = (pan: string, cvv: string, interactionId: string): string =>
  JSON.stringify({
    transaction_id: interactionId,
    cardnumber: pan,
    cvv,
    expiry_month: '12',
    expiry_year: '30',
    description: 'Premium',
    method: 'tokenize',
    parameters: { customer_id: 'cus-alpha' },
  });

function head(target: Target, body: string, behaviour: Behaviour): string {
  const token = behaviour === 'no token' ? '' : `Authorization: Bearer ${target.token}\r\n`;
  const connection = behaviour === 'close' ? 'close' : 'keep-alive';
  return (
    `POST /v1/${target.door ?? 'tokens'} HTTP/1.1\r\nHost: localhost\r\n${token}Content-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nConnection: ${connection}\r\n\r\n`
  );
}

/** One client: keeps its socket as long as its captures let it, and sends them one after the other. */
export class Lane {
  readonly #target: Target;
  #socket: Socket | null = null;

  constructor(target: Target) {
    this.#target = target;
  }

  /** @returns the status of the answer, or 0 where none was waited for. */
  async capture(behaviour: Behaviour, body: string, pan: string): Promise<number> {
    const socket = await this.#connected();
    const request = head(this.#target, body, behaviour) + body;
    const middle = request.indexOf(pan) + Math.floor(pan.length / 2);
    const leaves = behaviour === 'abort mid-body' || behaviour === 'abort after the body';
    const splits = behaviour === 'split in the middle of the PAN' || behaviour === 'abort mid-body';
    socket.write(splits ? request.slice(0, middle) : request);
    if (leaves || splits) await turns(10);
    if (leaves) {
      this.close();
      return 0;
    }
    if (splits) socket.write(request.slice(middle));
    const status = await statusOf(socket);
    if (behaviour === 'close') this.close();
    return status;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  async #connected(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const { port, ca } = this.#target;
    const socket =
      ca === null ? connectTcp(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ca });
    socket.on('error', () => {});
    socket.setNoDelay(true);
    await once(socket, ca === null ? 'connect' : 'secureConnect');
    this.#socket = socket;
    return socket;
  }
}

const LANES = 16;

export interface Driven {
  /** Everything that a scan has to look for: PANs, and long digits in the CVV's place. */
  readonly digits: string[];
  readonly statuses: Map<Behaviour, number[]>;
}

/**
 * Adversarial captures on many sockets at once; each has a number of its own.
 *
 * @param series the next one holds what stands in the CVV's place.
 */
export async function drive(target: Target, series: number, captureCount: number): Promise<Driven> {
  const digits: string[] = [];
  const statuses = new Map<Behaviour, number[]>();
  let next = 0;
  const work = async (): Promise<void> => {
    const lane = new Lane(target);
    while (next < captureCount) {
      const index = next++;
      // Lanes meet all behaviours in an order of their own.
      const behaviour = BEHAVIOURS[(index * 5 + (index >> 4)) % BEHAVIOURS.length] ?? 'close';
      const valid = panOf(series, index);
      const pan = behaviour === 'bad Luhn' ? withWrongCheckDigit(valid) : valid;
      const cvv = behaviour === 'long CVV' ? panOf(series + 1, index) : '123';
      digits.push(pan, ...(behaviour === 'long CVV' ? [cvv] : []));
      const letters = String(index).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
      const textOf = target.door === 'pay-connector' ? connectorText : bodyText;
      const body = textOf(pan, cvv, `call-${letters}`);
      const status = await lane.capture(behaviour, body, pan);
      statuses.set(behaviour, [...(statuses.get(behaviour) ?? []), status]);
    }
    lane.close();
  };
  await Promise.all(Array.from({ length: LANES }, work));
  return { digits, statuses };
}

async function statusOf(socket: Socket): Promise<number> {
  let text = '';
  return new Promise((resolve) => {
    const finish = (status: number): void => {
      socket.off('data', hear).off('close', gone);
      resolve(status);
    };
    const gone = (): void => finish(0);
    const hear = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = /^content-length: (\d+)/im.exec(text)?.[1];
      if (end === -1 || length === undefined || text.length < end + 4 + Number(length)) return;
      finish(Number(text.slice(9, 12)));
    };
    socket.on('data', hear).on('close', gone);
  });
}

/** Lets written bytes leave on their own; no time of a clock is waited for. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
