import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OPERATION_KINDS } from '../../../../src/payment/operation.ts';
import type { Sql, Store } from '../../../../src/store/store.ts';
import type { OpenHttp } from '../../../../src/system/http-client.ts';
import { openHttpClient } from '../../../../src/system/wire.ts';
import { stepOf } from '../steps.ts';
import type { Plan } from './plan.ts';

/** The ports of a process, at each of which it may be told to die. */
export class Ports {
  readonly #plan: Plan;
  /** True once the gateway has been asked what became of something: the next end is a settled one. */
  #lookedUp = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Dies before a request goes out, and when its answer has come whole. */
  readonly openHttp: OpenHttp = (options, clock) => {
    const inner = openHttpClient(options, clock);
    return {
      exchange: async (request, signal) => {
        const step = stepOf(`${request.method} ${request.path}`);
        this.#plan.reached(`send ${step} before`);
        const exchange = await inner.exchange(request, signal);
        if (exchange.kind === 'answered') {
          this.#plan.reached(`answer ${step} last`);
          if (step === 'look_up') this.#lookedUp = true;
        }
        return exchange;
      },
      close: () => inner.close(),
    };
  };

  /** Dies before a statement goes out, and when it has been committed. */
  store(inner: Store): Store {
    const query: Sql['query'] = async (text, values) => {
      const statement = statementOf(text, values ?? []);
      if (statement === null) return inner.query(text, values);
      this.#plan.reached(`${statement} before`);
      const rows = await inner.query(text, values);
      this.#plan.reached(`${statement} after`);
      if (statement.startsWith('finish ')) {
        if (this.#lookedUp) this.#plan.reached('settle write');
        this.#lookedUp = false;
      }
      return rows;
    };
    const { engine, durable } = inner;
    return { engine, durable, query, tx: (work) => inner.tx(work), close: () => inner.close() };
  }

  /** Dies before a server's answer goes out, and when it has been handed to the system. */
  watchReplies(): void {
    channel('http.server.request.start').subscribe((message) => {
      const { request, response } = message as {
        request: IncomingMessage;
        response: ServerResponse;
      };
      const step = stepOf(`${request.method} ${request.url}`);
      if (step === 'other') return;
      const writeHead = response.writeHead.bind(response) as (...words: unknown[]) => unknown;
      Object.assign(response, {
        writeHead: (...words: unknown[]) => {
          this.#plan.reached(`reply ${step} before`);
          return writeHead(...words);
        },
      });
      response.once('finish', () => this.#plan.reached(`reply ${step} after`));
    });
  }
}

const ENDING = new RegExp(`^(${OPERATION_KINDS.join('|')})\\.[a-z_]+$`);

/** Which of the statements that matter this is, by its words and what is in it. */
export function statementOf(text: string, values: readonly unknown[]): string | null {
  if (/^with op as \(\s*insert into operation /.test(text) && text.includes("'settle'")) {
    const kind = OPERATION_KINDS.find((known) => values[1] === known);
    return kind === undefined ? null : `begin ${kind}`;
  }
  if (/^with op as \(\s*update operation set state/.test(text)) {
    const action = values.find((value) => typeof value === 'string' && ENDING.test(value));
    return typeof action === 'string' ? `finish ${action.split('.')[0] ?? ''}` : null;
  }
  if (text.includes('delivered_at = case')) return 'ack deliver';
  return text.startsWith('insert into ledger_checkpoint') ? 'checkpoint' : null;
}
