import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { STRIPE_VERSION } from '../../../src/gateway/stripe/words.ts';
import type { ArrivedRequest } from '../description.ts';
import { StripeAccount } from './account.ts';
import { stripeDescription } from './description.ts';
import { refusal, type StripeAnswer } from './objects.ts';

export const API_KEY = 'sk_test_double';

interface Stored {
  readonly fingerprint: string;
  /** `null` while the first request is being dealt with. */
  answer: StripeAnswer | null;
}

export interface StripeDouble {
  readonly origin: string;
  readonly account: StripeAccount;
  /** Everything that the official description had against a request. */
  readonly problems: string[];
  /** Each request as `POST /v1/subscriptions`, in the order of arrival. */
  readonly seen: string[];
  /** How long a request with a key takes; longer, and requests at the same time surely meet. */
  workMs: number;
  reset(): void;
  close(): Promise<void>;
}

const unknownUrl = (request: ArrivedRequest): StripeAnswer =>
  refusal(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${request.method}: ${request.url}).`,
  });

/** What Stripe, or this double in its place, refuses before it looks at any parameter. */
function headProblem(request: ArrivedRequest): StripeAnswer | null {
  const { method, url, headers } = request;
  const wrong = (status: number, message: string): StripeAnswer =>
    refusal(status, { type: 'invalid_request_error', message });
  if (headers['authorization'] !== `Bearer ${API_KEY}`)
    return wrong(401, 'Invalid API Key provided');
  if (headers['stripe-version'] !== STRIPE_VERSION) {
    return wrong(400, 'The double wants the version that the adapter is written for');
  }
  if (method === 'GET' || url === '/v1/invoices/create_preview') return null;
  if (!/^.{1,255}$/.test(headers['idempotency-key'] ?? '')) {
    return wrong(400, 'The double wants an Idempotency-Key with whatever changes something');
  }
  const form = headers['content-type'] === 'application/x-www-form-urlencoded';
  return form || request.body === '' ? null : wrong(400, 'Invalid content type');
}

/**
 * Stripe on loopback: requests are judged by its official description before anything else, answers
 * are its official examples with the account's own values, keys are kept as Stripe keeps them.
 */
export async function startStripeDouble(
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<StripeDouble> {
  const description = stripeDescription();
  const account = new StripeAccount();
  const problems: string[] = [];
  const seen: string[] = [];
  const keys = new Map<string, Stored>();

  /** Parameters are judged before a key is claimed: such a refusal is not kept. */
  async function answer(request: ArrivedRequest): Promise<StripeAnswer> {
    const refused = headProblem(request);
    if (refused) return refused;
    const judged = description.judge(request);
    if (!judged) return unknownUrl(request);
    if (judged.problems.length > 0) {
      const found = judged.problems.map(
        (problem) => `${request.method} ${judged.template} ${problem}`,
      );
      problems.push(...found);
      return refusal(400, {
        type: 'invalid_request_error',
        code: 'parameter_unknown',
        message: found.join('; '),
      });
    }
    const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined;
    const work = (): StripeAnswer => structuredClone(account.answer(request.method, judged));
    return key === undefined ? work() : onceFor(key, request, work);
  }

  async function onceFor(
    key: string,
    request: ArrivedRequest,
    work: () => StripeAnswer,
  ): Promise<StripeAnswer> {
    const parts = [request.method, request.url, request.body].join('\n');
    const fingerprint = createHash('sha256').update(parts).digest('hex');
    const known = keys.get(key);
    if (known && known.fingerprint !== fingerprint) {
      return refusal(400, {
        type: 'idempotency_error',
        message: 'Keys for idempotent requests can only be used with the same parameters.',
      });
    }
    if (known?.answer === null) {
      return refusal(409, {
        type: 'invalid_request_error',
        code: 'idempotency_key_in_use',
        message: 'There is currently another in-progress request using this Idempotency Key.',
      });
    }
    if (known?.answer) return known.answer;
    const stored: Stored = { fingerprint, answer: null };
    keys.set(key, stored);
    await wait(double.workMs);
    stored.answer = work();
    return stored.answer;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
    seen.push(`${method} ${url.split('?')[0]}`);
    const { status, body } = await answer({ method, url, headers, body: await text(request) });
    response.writeHead(status, {
      'content-type': 'application/json',
      'request-id': 'req_double',
      'stripe-version': STRIPE_VERSION,
      ...(status === 409 && { 'stripe-should-retry': 'true' }),
    });
    response.end(JSON.stringify(body));
  }

  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    serve(request, response).catch((error: unknown) => {
      problems.push(String(error));
      response.destroy();
    });
  };
  const server = tls === null ? createServer(handler) : createTlsServer({ ...tls }, handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const double: StripeDouble = {
    origin: `${tls === null ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    account,
    problems,
    seen,
    workMs: 2,
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
