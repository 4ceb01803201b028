import { randomBytes } from 'node:crypto';
import type { Judgement } from '../description.ts';
import {
  cardError,
  example,
  list,
  missing,
  ok,
  refusal,
  type Members,
  type StripeAnswer,
} from './objects.ts';

type Whole = Members & { readonly id: string };

/** Letters only: a long digit run is an alarm. */
const nameOf = (prefix: string): string =>
  `${prefix}_Double${[...randomBytes(12)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`;

const MINUTE_S = 60;

/** Checkout's pages: sessions of mode `setup`, and what customers enter on them. */
export class StripeCheckout {
  readonly sessions = new Map<string, Whole>();
  readonly #intents = new Map<string, Members>();
  readonly #attempts: Members[] = [];

  forget(): void {
    this.sessions.clear();
    this.#intents.clear();
    this.#attempts.splice(0);
  }

  /** @returns `null` for what is no page's. */
  answer(method: string, { template, names, query, body }: Judgement): StripeAnswer | null {
    const id = Object.values(names)[0] ?? '';
    switch (`${method} ${template}`) {
      case 'POST /v1/checkout/sessions':
        return this.#create(body);
      case 'GET /v1/checkout/sessions':
        return ok(this.#list(query));
      case 'GET /v1/checkout/sessions/{session}': {
        const session = this.sessions.get(id);
        return session
          ? ok(this.#shown(session, query['expand'] !== undefined))
          : missing('id', id);
      }
      case 'POST /v1/checkout/sessions/{session}/expire':
        return this.#expire(id);
      case 'GET /v1/setup_attempts': {
        const tries = this.#attempts.filter((one) => one['setup_intent'] === query['setup_intent']);
        return ok(list(tries, '/v1/setup_attempts'));
      }
      default:
        return null;
    }
  }

  /** A customer enters a card on a page: `code` is what the issuer says against it. */
  enter(id: string, last4: string, code: string | null): Members | null {
    const session = this.sessions.get(id);
    const intent = this.#intents.get(String(session?.['setup_intent']));
    if (!session || !intent || session['status'] !== 'open') throw new Error('no page is open');
    const attempt = { id: nameOf('setatt'), setup_intent: intent['id'] };
    if (code !== null) {
      intent['last_setup_error'] = cardError(code);
      this.#attempts.push(example('setup_attempt', { ...attempt, status: 'failed' }));
      return null;
    }
    const card = { ...(example('payment_method', {})['card'] as Members), brand: 'visa', last4 };
    const method = example('payment_method', {
      id: nameOf('pm'),
      customer: session['customer'],
      card,
    });
    this.#attempts.push(example('setup_attempt', { ...attempt, status: 'succeeded' }));
    Object.assign(intent, { status: 'succeeded', payment_method: method, last_setup_error: null });
    session['status'] = 'complete';
    return method;
  }

  #create(body: Judgement['body']): StripeAnswer {
    const nowS = Math.floor(Date.now() / 1000);
    const expires = Number(body['expires_at']);
    if (expires < nowS + 30 * MINUTE_S || expires > nowS + 24 * 60 * MINUTE_S) {
      return refusal(400, {
        type: 'invalid_request_error',
        param: 'expires_at',
        message:
          'The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.',
      });
    }
    const intent = example('setup_intent', {
      id: nameOf('seti'),
      customer: body['customer'],
      payment_method: null,
      status: 'requires_payment_method',
      last_setup_error: null,
      next_action: null,
    });
    const id = nameOf('cs_test');
    const session = {
      ...example('checkout.session', {
        mode: body['mode'],
        customer: body['customer'],
        metadata: body['metadata'] ?? {},
        expires_at: expires,
        locale: body['locale'] ?? null,
        success_url: body['success_url'],
        payment_intent: null,
        setup_intent: intent['id'],
        status: 'open',
        url: `https://checkout.stripe.com/c/pay/${id}`,
      }),
      id,
    };
    this.#intents.set(String(intent['id']), intent);
    this.sessions.set(id, session);
    return ok(session);
  }

  #shown(session: Members, expanded: boolean): Members {
    const intent = this.#intents.get(String(session['setup_intent']));
    return expanded ? { ...session, setup_intent: intent } : session;
  }

  /** The newest first; two on a page, so that pages are turned. */
  #list(query: Judgement['query']): Members {
    const whole = [...this.sessions.values()]
      .toReversed()
      .filter(({ customer }) => customer === query['customer']);
    const from = whole.findIndex(({ id }) => id === query['starting_after']) + 1;
    return list(whole.slice(from, from + 2), '/v1/checkout/sessions', from + 2 < whole.length);
  }

  #expire(id: string): StripeAnswer {
    const session = this.sessions.get(id);
    if (!session) return missing('id', id);
    if (session['status'] !== 'open') {
      return refusal(400, {
        type: 'invalid_request_error',
        message: `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${String(session['status'])}\`.`,
      });
    }
    session['status'] = 'expired';
    session['url'] = null;
    return ok(session);
  }
}
