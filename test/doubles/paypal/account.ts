import type { Judgement } from '../description.ts';

export type Members = Record<string, unknown>;

export interface PayPalAnswer {
  readonly status: number;
  readonly body: Members | null;
}

export type Step = 'tokenise' | 'verify' | 'charge';

/** How the account and its next requests behave. */
export interface Manners {
  /** Refusals, in order, by step: an issue of the API or a code of the processor. */
  readonly declines: { readonly step: Step; readonly code: string }[];
  /** Steps whose next answer is that the payment is being reviewed. */
  readonly reviews: Step[];
  /** "Block accidental payments": no two payments have the same invoice id. */
  blocksInvoices: boolean;
  /** The app may not store cards. */
  vaultRefused: boolean;
  /** The account may not process cards. */
  cardsRefused: boolean;
  /** The issuer's word on the security code of the next cards that are stored. */
  cvvCode: string;
}

/**
 * What the last four digits of a published test number do here. PayPal's own sandbox goes by the
 * cardholder's name, which no caller says. The double keeps these and no other digit.
 */
const TEST_CARDS: Readonly<Record<string, { store?: string; charge?: string }>> = {
  '0002': { store: '0500' },
  '9995': { store: '5120' },
  '9987': { store: '9520' },
  '0127': { store: '5110' },
  '0341': { charge: '5120' },
};

const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ';
let made = 0;
/** As PayPal's own ids, without a run of digits that may be mistaken for a card. */
function newId(prefix: string): string {
  made += 1;
  let text = '';
  for (let rest = made; rest > 0; rest = Math.floor(rest / LETTERS.length)) {
    text += LETTERS[rest % LETTERS.length] ?? '';
  }
  return `${prefix}${text.padEnd(9, 'Z')}`;
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((here, name) => (here as Members | undefined)?.[name], value);

/** https://developer.paypal.com/api/rest/responses/#link-failedrequests */
export function refusal(
  status: number,
  name: string,
  issue: string | null,
  field?: string,
): PayPalAnswer {
  return {
    status,
    body: {
      name,
      message: 'The requested action could not be performed.',
      debug_id: newId('debug'),
      ...(issue !== null && {
        details: [{ issue, description: 'See the issue.', ...(field !== undefined && { field }) }],
      }),
      links: [],
    },
  };
}

/** Issues are words in capitals; the processor's codes have four signs. */
const isProcessorCode = (code: string): boolean => !/^[0-9A-Z]+_[0-9A-Z_]+$/.test(code);

/** One merchant's account: what each request does to it. */
export class PayPalAccount {
  readonly setupTokens = new Map<string, Members>();
  readonly paymentTokens = new Map<string, Members>();
  /** With each capture as it was when it was made, and then as {@link decide} has it. */
  readonly orders: { readonly request: Members; readonly capture: Members }[] = [];
  readonly webhooks: Members[] = [];
  readonly manners: Manners = {
    declines: [],
    reviews: [],
    blocksInvoices: false,
    vaultRefused: false,
    cardsRefused: false,
    cvvCode: 'M',
  };

  forget(): void {
    this.setupTokens.clear();
    this.paymentTokens.clear();
    this.orders.splice(0);
    this.manners.declines.splice(0);
    this.manners.reviews.splice(0);
    Object.assign(this.manners, {
      blocksInvoices: false,
      vaultRefused: false,
      cardsRefused: false,
      cvvCode: 'M',
    });
  }

  /** Carries out a request that the description has nothing against. */
  answer(method: string, { template, names, body }: Judgement): PayPalAnswer {
    switch (`${method} ${template}`) {
      case 'POST /v3/vault/setup-tokens':
        return this.#store(body);
      case 'POST /v3/vault/payment-tokens':
        return this.#promote(body);
      case 'DELETE /v3/vault/payment-tokens/{id}':
        this.paymentTokens.delete(names['id'] ?? '');
        return { status: 204, body: null };
      case 'POST /v2/checkout/orders':
        return this.#charge(body);
      case 'GET /v2/payments/captures/{capture_id}':
        return this.#capture(names['capture_id']);
      case 'GET /v1/notifications/webhooks':
        return { status: 200, body: { webhooks: this.webhooks } };
      default:
        throw new Error(`the double has no ${method} ${template}`);
    }
  }

  /** Ends the review of the newest payment. */
  decide(status: 'COMPLETED' | 'DECLINED'): void {
    const capture = this.orders.at(-1)?.capture;
    if (capture?.['status'] !== 'PENDING') throw new Error('no payment is under review');
    delete capture['status_details'];
    capture['status'] = status;
  }

  #capture(id: string | undefined): PayPalAnswer {
    const made = this.orders.find(({ capture }) => capture['id'] === id);
    if (!made) return refusal(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID');
    return { status: 200, body: structuredClone(made.capture) };
  }

  /** Captures that moved money. */
  charges(): number {
    return this.orders.filter(({ capture }) => capture['status'] === 'COMPLETED').length;
  }

  #declineOf(step: Step): string | null {
    const index = this.manners.declines.findIndex((decline) => decline.step === step);
    return this.manners.declines.splice(index, index === -1 ? 0 : 1)[0]?.code ?? null;
  }

  #store(body: Members): PayPalAnswer {
    const { vaultRefused, cvvCode } = this.manners;
    if (vaultRefused) return refusal(403, 'NOT_AUTHORIZED', 'PERMISSION_DENIED');
    const card = at(body, 'payment_source', 'card');
    if (at(card, 'number') === undefined) {
      const field = '/payment_source/card/number';
      return refusal(400, 'INVALID_REQUEST', 'MISSING_REQUIRED_PARAMETER', field);
    }
    const last4 = String(at(card, 'number')).slice(-4);
    const code = this.#declineOf('tokenise') ?? TEST_CARDS[last4]?.store ?? null;
    if (code !== null && !isProcessorCode(code)) return refusal(422, 'UNPROCESSABLE_ENTITY', code);
    const token = this.#token('SETUP', last4, code ?? '0000', at(body, 'customer'));
    if (code === null) this.setupTokens.set(String(token['id']), { ...token, cvvCode });
    return { status: 201, body: { ...token, status: 'APPROVED' } };
  }

  #token(prefix: string, last4: string, code: string, customer: unknown): Members {
    const verification = {
      network_transaction_id: newId('NETWORK'),
      processor_response: {
        response_code: code,
        avs_code: 'Y',
        cvv_code: prefix === 'SETUP' ? 'M' : this.manners.cvvCode,
      },
    };
    return {
      id: newId(prefix),
      ...(customer !== undefined && { customer }),
      payment_source: { card: { last_digits: last4, brand: 'VISA', verification } },
      links: [{ href: 'https://api-m.paypal.com/v3/vault', rel: 'self', method: 'GET' }],
    };
  }

  #promote(body: Members): PayPalAnswer {
    const setup = this.setupTokens.get(String(at(body, 'payment_source', 'token', 'id')));
    if (!setup) return refusal(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID');
    const code = this.#declineOf('verify');
    if (code !== null && !isProcessorCode(code)) return refusal(422, 'UNPROCESSABLE_ENTITY', code);
    const last4 = String(at(setup, 'payment_source', 'card', 'last_digits'));
    const token = this.#token('PAYMENT', last4, code ?? '0000', setup['customer']);
    this.paymentTokens.set(String(token['id']), token);
    return { status: 201, body: token };
  }

  #charge(body: Members): PayPalAnswer {
    if (this.manners.cardsRefused) {
      return refusal(422, 'UNPROCESSABLE_ENTITY', 'NOT_ENABLED_FOR_CARD_PROCESSING');
    }
    const token = this.paymentTokens.get(String(at(body, 'payment_source', 'card', 'vault_id')));
    if (!token) return refusal(422, 'UNPROCESSABLE_ENTITY', 'TOKEN_ID_NOT_FOUND');
    const unit = at(body, 'purchase_units', '0') as Members;
    const paid = this.orders.some(
      ({ request, capture }) =>
        at(request, 'purchase_units', '0', 'invoice_id') === unit['invoice_id'] &&
        capture['status'] === 'COMPLETED',
    );
    if (this.manners.blocksInvoices && paid) {
      return refusal(422, 'UNPROCESSABLE_ENTITY', 'DUPLICATE_INVOICE_ID');
    }
    const last4 = String(at(token, 'payment_source', 'card', 'last_digits'));
    const code = this.#declineOf('charge') ?? TEST_CARDS[last4]?.charge ?? null;
    if (code !== null && !isProcessorCode(code)) return refusal(422, 'UNPROCESSABLE_ENTITY', code);
    const review = this.manners.reviews.splice(0, 1).length > 0;
    const capture: Members = {
      id: newId('CAPTURE'),
      status: code !== null ? 'DECLINED' : review ? 'PENDING' : 'COMPLETED',
      ...(review && { status_details: { reason: 'PENDING_REVIEW' } }),
      amount: unit['amount'],
      invoice_id: unit['invoice_id'],
      custom_id: unit['custom_id'],
      final_capture: true,
      network_transaction_reference: { id: newId('NETWORKREF'), network: 'VISA' },
      processor_response: { response_code: code ?? '0000', avs_code: 'Y', cvv_code: 'P' },
    };
    this.orders.push({ request: body, capture });
    const answer = {
      id: newId('ORDER'),
      intent: 'CAPTURE',
      status: 'COMPLETED',
      purchase_units: [{ ...unit, reference_id: 'default', payments: { captures: [capture] } }],
      payment_source: { card: { last_digits: last4, brand: 'VISA' } },
      links: [{ href: 'https://api-m.paypal.com/v2/checkout/orders', rel: 'self', method: 'GET' }],
    };
    return { status: 201, body: answer };
  }
}
