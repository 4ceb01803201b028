import type { Answer } from './ledger.ts';

/** A request that is refused without any effect; nothing is kept under its key. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.answer = { status, body: { error_code: errorCode, message } };
  }
}

export const invalidRequest = (message: string): Refusal =>
  new Refusal(400, 'Invalid_Request', message);
export const notFound = (what: string): Refusal => new Refusal(404, 'Not_Found', `no such ${what}`);
export const unauthorized = (message: string): Refusal => new Refusal(401, 'Unauthorized', message);
