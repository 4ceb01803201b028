import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import type { HttpClient } from '../../../src/system/http-client.ts';
import type { ArrivedRequest, Judgement } from '../description.ts';
import { PayPalAccount, refusal, type PayPalAnswer } from './account.ts';
import { paypalDescription } from './description.ts';
import { isSigned } from './signer.ts';

export const CLIENT = { clientId: 'client_double', clientSecret: 'secret_double' };

interface Stored {
  readonly request: string;
  /** `null` while the first request is being dealt with. */
  answer: PayPalAnswer | null;
}

export interface PayPalDouble {
  readonly origin: string;
  readonly account: PayPalAccount;
  /** Everything that the official descriptions had against a request, or against an answer. */
  readonly problems: string[];
  /** The same without a line: for a world whose time stands still. Set `workMs` to 0 for it. */
  readonly http: HttpClient;
  /** Each request as `POST /v2/checkout/orders`, in the order of arrival. */
  readonly seen: string[];
  /** How long a request with a key takes. */
  workMs: number;
  /** False for the other one of PayPal's worlds. */
  knowsClient: boolean;
  /** Every bearer that was given is refused from now on. */
  forgetBearers(): void;
  reset(): void;
  close(): Promise<void>;
}

const BASIC = Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64');

/** https://developer.paypal.com/api/rest/authentication/ */
function tokenAnswer(request: ArrivedRequest, known: boolean, bearer: () => string): PayPalAnswer {
  if (!known || request.headers['authorization'] !== `Basic ${BASIC}`) {
    const error_description = 'Client Authentication failed';
    return { status: 401, body: { error: 'invalid_client', error_description } };
  }
  if (request.body !== 'grant_type=client_credentials') {
    return { status: 400, body: { error: 'unsupported_grant_type' } };
  }
  const body = {
    access_token: bearer(),
    token_type: 'Bearer',
    app_id: 'APP-D',
    expires_in: 32_400,
  };
  return { status: 200, body };
}

/** An order's answer is its id and status alone, unless more is asked for (`Prefer`). */
function preferred(answer: PayPalAnswer, { url, headers }: ArrivedRequest): PayPalAnswer {
  const { status, body } = answer;
  const whole = headers['prefer'] === 'return=representation' || url !== '/v2/checkout/orders';
  if (whole || status !== 201 || body === null) return answer;
  return { status, body: { id: body['id'], status: body['status'], links: body['links'] } };
}

/**
 * PayPal on loopback: requests are judged by its official descriptions before anything else, its own
 * answers too, keys are kept as PayPal keeps them, and a signature is truly checked.
 */
export async function startPayPalDouble(): Promise<PayPalDouble> {
  const description = paypalDescription();
  const account = new PayPalAccount();
  const problems: string[] = [];
  const seen: string[] = [];
  const keys = new Map<string, Stored>();
  let bearers = 0;
  let forgotten = 0;

  async function answer(request: ArrivedRequest): Promise<PayPalAnswer> {
    if (request.url === '/v1/oauth2/token') {
      return tokenAnswer(request, double.knowsClient, () => `A21.bearer-${++bearers}`);
    }
    const given = /^Bearer A21\.bearer-(\d+)$/.exec(request.headers['authorization'] ?? '')?.[1];
    if (given === undefined || Number(given) <= forgotten) {
      return { status: 401, body: { error: 'invalid_token', error_description: 'Token expired' } };
    }
    const judged = description.judge(request);
    if (!judged) return refusal(404, 'RESOURCE_NOT_FOUND', null);
    if (judged.problems.length > 0) {
      problems.push(...judged.problems.map((one) => `${request.method} ${judged.template} ${one}`));
      return refusal(400, 'INVALID_REQUEST', 'INVALID_PARAMETER_SYNTAX', judged.problems[0]);
    }
    if (judged.template === '/v1/notifications/verify-webhook-signature') {
      const verified = isSigned(judged.body, request.body);
      return { status: 200, body: { verification_status: verified ? 'SUCCESS' : 'FAILURE' } };
    }
    const key = request.headers['paypal-request-id'];
    if (request.method !== 'POST') {
      const read = account.answer(request.method, judged);
      const { method } = request;
      if (read.status === 200) {
        problems.push(...description.answerProblems(method, judged.template, 200, read.body));
      }
      return read;
    }
    // Orders that are paid at once want one too, whatever their description says of its header.
    if (key === undefined) return refusal(400, 'INVALID_REQUEST', 'PAYPAL_REQUEST_ID_REQUIRED');
    return onceFor(`${judged.template} ${key}`, request, judged);
  }

  async function onceFor(
    key: string,
    request: ArrivedRequest,
    judged: Judgement,
  ): Promise<PayPalAnswer> {
    const known = keys.get(key);
    if (known && known.request !== request.body) problems.push(`${key}: used for two requests`);
    if (known?.answer === null) {
      return refusal(409, 'RESOURCE_CONFLICT', 'PREVIOUS_REQUEST_IN_PROGRESS');
    }
    if (known?.answer) return { ...known.answer, status: known.answer.status === 201 ? 200 : 422 };
    const stored: Stored = { request: request.body, answer: null };
    keys.set(key, stored);
    if (double.workMs > 0) await wait(double.workMs);
    stored.answer = structuredClone(account.answer(request.method, judged));
    const { status, body } = stored.answer;
    if (status === 201) {
      problems.push(...description.answerProblems(request.method, judged.template, status, body));
    } else if (status !== 422) keys.delete(key);
    stored.answer = preferred(stored.answer, request);
    return stored.answer;
  }

  function answered(request: ArrivedRequest): Promise<PayPalAnswer> {
    seen.push(`${request.method} ${request.url.split('?')[0]}`);
    return answer(request);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
    const { status, body } = await answered({ method, url, headers, body: await text(request) });
    response.writeHead(status, { 'content-type': 'application/json', 'paypal-debug-id': 'debug' });
    response.end(body === null ? '' : JSON.stringify(body));
  }

  const http: HttpClient = {
    async exchange({ method, path, headers, body: given }) {
      const sent = given === null ? '' : Buffer.from(given).toString();
      const { status, body } = await answered({ method, url: path, headers, body: sent });
      const bytes = Buffer.from(body === null ? '' : JSON.stringify(body));
      return { kind: 'answered', response: { status, headers: {}, body: bytes }, latencyMs: 1 };
    },
    close: () => Promise.resolve(),
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      problems.push(String(error));
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const double: PayPalDouble = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    account,
    problems,
    http,
    seen,
    workMs: 2,
    knowsClient: true,
    forgetBearers() {
      forgotten = bearers;
    },
    reset() {
      account.forget();
      keys.clear();
      seen.splice(0);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}
