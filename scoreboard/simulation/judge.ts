import { judgeArrival } from './arrivals.ts';
import { answerIn, type Answer } from './caller.ts';
import type { System } from './system.ts';

const FINAL = new Set(['approved', 'declined', 'failed']);

/** An answer that was given, with what it is about. */
export interface Told {
  readonly step: string;
  readonly atMs: number;
  readonly answer: Answer;
}

/** Holds every answer and every request to the promises at the moment at which it is made. */
export class Judge {
  readonly told: Told[] = [];
  readonly #system: System;
  /** Final answers by operation and form: a repeat is the same byte for byte. */
  readonly #final = new Map<string, string>();

  constructor(system: System) {
    this.#system = system;
    system.gateway.onArrival = (asked) => judgeArrival(system, asked);
  }

  /** I5 and I9, for an answer that has left for its caller. */
  async answered(step: string, text: string): Promise<void> {
    const { stage } = this.#system;
    const answer = answerIn(text);
    this.told.push({ step, atMs: stage.clock.now(), answer });
    const { operation_id: id = '', outcome } = answer;
    if (id === '' || !FINAL.has(outcome)) return;
    const form = `${step === 'poll' ? 'poll' : 'answer'} ${id}`;
    const first = this.#final.get(form);
    if (first === undefined) this.#final.set(form, text);
    stage.holds(first === undefined || first === text, 'I9', () => {
      return `${form} was answered in two ways: ${first ?? ''} and ${text}`;
    });
    if (outcome === 'approved') await this.#isDone(step, id);
    else this.#isNot(step, id, outcome);
  }

  /** "Done" is said only of what is done, at the gateway where it is the gateway's to do. */
  async #isDone(step: string, id: string): Promise<void> {
    const { stage, store, gateway } = this.#system;
    const [row] = await store.query(OPERATION, [id]);
    stage.holds(row?.['state'] === 'approved', 'I5', () => {
      return `${step} ${id} was told approved and is ${String(row?.['state'])} in our tables`;
    });
    const wanted = row !== undefined && asksGateway(row);
    stage.holds(!wanted || gateway.books.hasEffect(id), 'I5', () => {
      return `${step} ${id} was told approved, and the gateway has not done it`;
    });
  }

  /** What may still come is seen when the run is over; see `verdict.ts`. */
  #isNot(step: string, id: string, outcome: string): void {
    const { stage, gateway } = this.#system;
    stage.holds(!gateway.books.hasEffect(id), 'I5', () => {
      return `${step} ${id} was told ${outcome}, and the gateway has done it`;
    });
  }
}

type Row = Readonly<Record<string, unknown>>;

/** True where the gateway has to do something before the operation is done. */
export function asksGateway(operation: Row): boolean {
  const order = Object(operation['order_json']) as Row;
  const { kind } = operation;
  if (order['recurring'] === 'tokenline') return order['use'] !== 'none';
  return kind !== 'disclosure' && kind !== 'consent' && kind !== 'handoff';
}

const OPERATION = `select state, kind, order_json from operation where id = $1`;
