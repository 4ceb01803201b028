import type { FastifyReply } from 'fastify';
import { sleep, type Clock } from '../system/clock.ts';
import type { Answer } from './ledger.ts';
import { Refusal } from './refusal.ts';
import type { Behaviour } from './script.ts';

/** One request as the stage sees it. Reads have no effect, so most of it is the answer. */
export interface Act {
  /** Takes effect and gives the answer. */
  readonly take: (word: string | null) => Answer;
  /** Takes effect after `ms`, and answers 202 now. */
  readonly postpone: (ms: number, word: string | null) => Answer;
  /** Takes effect after `ms` although nobody waits. */
  readonly takeLater: (ms: number) => void;
  /** Keeps look-ups from finding it for `ms`: the gateway's own index lags behind. */
  readonly hide: (ms: number) => void;
  /** Keeps others with the same key out until what it returns is called. */
  readonly hold: () => () => void;
}

/** Above every limit that a client may sensibly have for such answers. */
const OVERSIZED_BYTES = 8 * 1024 * 1024;

/** Error codes of scripted statuses, as the gateway itself would send them. */
const WORD_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  402: 'Card_Declined',
  403: 'Forbidden',
  404: 'Not_Found',
  409: 'Operation_In_Progress',
  422: 'Idempotency_Key_Reused',
  429: 'Rate_Limited',
};

function scripted(status: number): Answer {
  if (status < 300) return { status, body: {} };
  // What proxies and load balancers say: JSON without any error code.
  if (status >= 500 || status < 400) return { status, body: { message: 'Service Unavailable' } };
  const error_code = WORD_OF_STATUS[status] ?? 'Invalid_Request';
  return { status, body: { error_code, message: 'as the script wants it' } };
}

/** Plays the gateway's part in one exchange: what takes effect, and what becomes of the answer. */
export class Stage {
  readonly #clock: Clock;
  #stopping = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async play(reply: FastifyReply, behaviour: Behaviour, act: Act): Promise<void> {
    try {
      await this.#play(reply, behaviour, act);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(reply, error.answer);
    }
  }

  /** Ends every wait; what waited gets no answer and takes no effect. */
  stop(): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
  }

  async #play(reply: FastifyReply, behaviour: Behaviour, act: Act): Promise<void> {
    switch (behaviour.kind) {
      case 'approve':
        return send(reply, act.take(null));
      case 'decline':
        return send(reply, act.take(behaviour.word));
      case 'status':
        if (behaviour.after) act.take(null);
        return send(reply, scripted(behaviour.status));
      case 'retry-after':
        reply.header('retry-after', String(behaviour.seconds));
        return send(reply, scripted(429));
      case 'delay':
        return this.#delayed(reply, behaviour.ms, act);
      case 'hang':
        if (behaviour.after) act.take(null);
        return void reply.hijack();
      case 'reset':
        if (behaviour.after) act.take(null);
        return destroy(reply);
      case 'malformed':
        if (behaviour.after) act.take(null);
        return sendText(reply, 200, '{"token_id": "tok_');
      case 'cut':
        return sendHalf(reply, act.take(null));
      case 'oversized': {
        const { status, body } = act.take(null);
        const padding = 'x'.repeat(OVERSIZED_BYTES);
        return sendText(reply, status, JSON.stringify({ ...body, padding }));
      }
      case 'wrong-shape':
        act.take(null);
        return sendText(reply, 200, '{"result":"ok"}');
      case 'pending':
        return send(reply, act.postpone(behaviour.ms, behaviour.word));
      case 'late-commit':
        act.takeLater(behaviour.ms);
        return destroy(reply);
      case 'hidden':
        act.take(null);
        act.hide(behaviour.ms);
        return destroy(reply);
    }
  }

  async #delayed(reply: FastifyReply, ms: number, act: Act): Promise<void> {
    const { signal } = this.#stopping;
    const letGo = act.hold();
    await sleep(this.#clock, ms, signal);
    letGo();
    if (signal.aborted) return destroy(reply);
    return send(reply, act.take(null));
  }
}

export function send(reply: FastifyReply, answer: Answer): void {
  if (answer.status === 204) void reply.code(204).send();
  else sendText(reply, answer.status, JSON.stringify(answer.body));
}

function sendText(reply: FastifyReply, status: number, text: string): void {
  void reply.code(status).header('content-type', 'application/json').send(text);
}

function destroy(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

/** Promises the whole answer and sends half of it. */
function sendHalf(reply: FastifyReply, answer: Answer): void {
  const bytes = Buffer.from(JSON.stringify(answer.body), 'utf8');
  reply.hijack();
  reply.raw.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
  });
  reply.raw.write(bytes.subarray(0, bytes.length / 2), () => reply.raw.destroy());
}
