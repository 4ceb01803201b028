import { sleep } from '../../src/system/clock.ts';
import type { BeginRequest, FinishRequest } from '../../src/contract/internal.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../src/system/http-client.ts';
import { openBridgeLine, type BridgeLine } from '../../src/tokenizer/bridge-line.ts';
import type { Mortal } from './stage.ts';
import type { BridgeUnit, Response } from './units.ts';

const DELAY_MS_MAX = 6_000;

/** Where the one compiled line leads now: compiling its schemas takes longer than a run. */
const led: { to: HttpClient | null } = { to: null };

const LINE = openBridgeLine(
  {
    exchange: (request, signal) => {
      if (led.to === null) throw new Error('the line leads nowhere');
      return led.to.exchange(request, signal);
    },
    close: () => Promise.resolve(),
  },
  'not-a-secret',
);

/** A card process's line to whichever bridge answers; no digits cross it. */
export class InternalLine implements BridgeLine, HttpClient {
  readonly #owner: Mortal;
  readonly #bridges: () => BridgeUnit | null;

  constructor(owner: Mortal, bridges: () => BridgeUnit | null) {
    this.#owner = owner;
    this.#bridges = bridges;
  }

  begin(request: BeginRequest, signal: AbortSignal): ReturnType<BridgeLine['begin']> {
    led.to = this;
    return LINE.begin(request, signal);
  }

  finish(
    operationId: string,
    request: FinishRequest,
    signal: AbortSignal,
  ): ReturnType<BridgeLine['finish']> {
    led.to = this;
    return LINE.finish(operationId, request, signal);
  }

  keys(signal: AbortSignal): ReturnType<BridgeLine['keys']> {
    led.to = this;
    return LINE.keys(signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    const { stage } = this.#owner;
    const isBegin = request.path.endsWith('/operations');
    await this.#owner.turn(isBegin ? 'begins' : 'finishes');
    const fault = stage.faults.draw('internal', isBegin ? 'begin' : 'finish');
    if (fault !== null) stage.tell(this.#owner.name, `${fault} ${isBegin ? 'begin' : 'finish'}`);
    const bridge = this.#bridges();
    if (bridge === null) return { kind: 'not_sent', reason: 'connect', latencyMs: 0 };
    if (fault === 'line_request_lost') {
      await sleep(this.#owner.clock, stage.chance(0.5) ? 1 : 60_000, signal);
      return LOST;
    }
    if (fault === 'line_delayed') await sleep(this.#owner.clock, stage.between(1, DELAY_MS_MAX));
    const text = Buffer.from(request.body ?? []).toString('utf8');
    const serve = (): Promise<Response | null> => served(bridge, request.path, text);
    if (fault === 'line_duplicated') void serve();
    const response = await Promise.race([serve(), aborted(signal)]);
    await this.#owner.turn('hears the bridge');
    if (response === null || signal.aborted || fault === 'line_answer_lost') return LOST;
    const type = response.status === 200 ? 'application/json' : 'application/problem+json';
    return {
      kind: 'answered',
      response: {
        status: response.status,
        headers: { 'content-type': type },
        body: Buffer.from(response.text, 'utf8'),
      },
      latencyMs: 0,
    };
  }
}

const LOST: Exchange = { kind: 'no_answer', reason: 'reset', latencyMs: 0 };

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

/** `null` where the bridge has died over it. */
function served(bridge: BridgeUnit, path: string, text: string): Promise<Response | null> {
  const response = bridge.serve(async (verbs) => {
    if (path === '/internal/operations') {
      return JSON.stringify(await verbs.begin(JSON.parse(text) as BeginRequest));
    }
    const [, , , operationId = ''] = path.split('/');
    const answer = await verbs.finish(operationId, JSON.parse(text) as FinishRequest);
    return JSON.stringify({ answer });
  });
  return orDead(bridge, response);
}

/** What a process answers, or `null` as soon as it dies. */
export function orDead<T>(unit: Mortal, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    if (!unit.alive) return resolve(null);
    unit.whenItDies(() => resolve(null));
    work.then(resolve, reject);
  });
}
