import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Fault } from '../payment/fault.ts';
import type { SecretBytes } from '../card/secret.ts';
import { cardRequestOf, redacted, type CardRequest } from './body.ts';
import type { ScanKeys } from './scan.ts';

/**
 * The contract of Twilio's Generic Pay Connector, which SignalWire's `payment_connector_url` and
 * others speak as well: what is posted when a caller has keyed a card, and what has to be answered.
 *
 * @see https://www.twilio.com/docs/voice/twiml/pay/generic-pay-connector
 * @see https://www.twilio.com/docs/voice/tutorials/how-to-capture-payment-during-a-voice-call-generic-pay-connector
 * @see https://developer.signalwire.com/swml/methods/pay/payment_connector_url
 */

/**
 * Twilio reads `error_code` of a 200 (`method` is `tokenize` or `charge`); SignalWire wants another
 * status than 200 for a no (`method` is `credit-card`).
 */
export type ConnectorDialect = 'twilio' | 'signalwire';

/** A request of the connector, with the card taken out of it. */
export interface ConnectorRequest {
  readonly request: CardRequest;
  readonly dialect: ConnectorDialect;
  /** The same on the platform's retries: our idempotency key. */
  readonly transactionId: string;
  /** What came in `parameters` and goes back in them, so that the next step of the call has it. */
  readonly carried: Readonly<Record<string, string>>;
}

/** What the connector asks for and Tokenline does not do: said in the connector's own shape. */
export class ConnectorRefusal extends Error {
  readonly code: string;
  readonly dialect: ConnectorDialect;

  constructor(code: string, message: string, dialect: ConnectorDialect) {
    super(message);
    this.name = 'ConnectorRefusal';
    this.code = code;
    this.dialect = dialect;
  }
}

/** What a bank account is paid with is taken out like a card: it is refused, and leaves no copy. */
const KEYS: ScanKeys = {
  known: new Set([
    'transaction_id',
    'method',
    'cardnumber',
    'cvv',
    'expiry_month',
    'expiry_year',
    'postal_code',
    'description',
    'amount',
    'chargeAmount',
    'currency_code',
    'token_type',
    'parameters',
    'bankaccountnumber',
    'routingnumber',
  ]),
  secret: new Set(['cardnumber', 'cvv', 'bankaccountnumber', 'routingnumber']),
  // Platforms add fields of their own from time to time.
  others: 'kept',
};

const optional = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
const short = Type.String({ maxLength: 200 });
const amount = optional(Type.Union([Type.Number(), short]));

const Payload = Type.Object({
  transaction_id: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,100}$' }),
  method: optional(short),
  expiry_month: optional(short),
  expiry_year: optional(short),
  postal_code: optional(short),
  token_type: optional(short),
  amount,
  chargeAmount: amount,
  /** Twilio's is an object; a list of names and values is what SWML writes. */
  parameters: optional(
    Type.Union([
      Type.Record(Type.String(), Type.Unknown()),
      Type.Array(Type.Object({ name: short, value: short })),
    ]),
  ),
});
type Payload = Static<typeof Payload>;

const validator = Compile(Payload);

/** Parameters that mean something to us; the others are the merchant's own. */
const CARRIED = ['customer_id', 'plan_id', 'consent_id', 'interaction_id'] as const;

/**
 * Reads a request of the connector.
 *
 * @throws Fault `bad_request` for what is none; {@link ConnectorRefusal} for a charge and the like.
 */
export function readConnector(bytes: Buffer, secrets: SecretBytes[]): ConnectorRequest {
  const card = ['cardnumber', 'cvv'].filter((key) => bytes.includes(`"${key}"`));
  const payload = redacted(bytes, KEYS, card, secrets);
  if (!validator.Check(payload)) throw wrong(payload);
  const dialect = dialectOf(payload);
  refuseOther(payload, dialect);
  if (secrets.length < 2) {
    throw new Fault('bad_request', 'cardnumber and cvv are needed; set securityCode to true.');
  }
  const parameters = parametersOf(payload);
  const { transaction_id: transactionId } = payload;
  const given = (name: string): string | undefined => parameters.get(name);
  const customerId = given('customer_id');
  if (customerId === undefined) {
    throw new Fault(
      'bad_request',
      'customer_id is missing: give it as <Parameter name="customer_id" value="…"/>.',
    );
  }
  const attempt = given('attempt');
  const language = given('language');
  const request = cardRequestOf(
    {
      card_number: '0',
      cvv: '0',
      expiry_month: payload.expiry_month ?? '',
      expiry_year: payload.expiry_year ?? '',
      customer_id: customerId,
      ...(payload.postal_code ? { postal_code: payload.postal_code } : {}),
      ...(attempt === undefined ? {} : { attempt }),
      ...(language === undefined ? {} : { language }),
      metadata: {
        call_id: given('call_id') ?? transactionId,
        interaction_id: given('interaction_id') ?? transactionId,
        source: 'pay_connector',
      },
    },
    secrets,
  );
  const carried = CARRIED.flatMap((name) => {
    const value = given(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { request, dialect, transactionId, carried: Object.fromEntries(carried) };
}

function wrong(payload: unknown): Fault {
  const [first] = validator.Errors(payload);
  const field = first?.instancePath.split('/')[1] ?? '';
  const named = KEYS.known.has(field) ? field : 'transaction_id or another field';
  return new Fault(
    'bad_request',
    `${named} is missing or wrong; see docs/guides/pay-connector.md.`,
  );
}

function dialectOf({ method, chargeAmount }: Payload): ConnectorDialect {
  const twilio = method === 'tokenize' || method === 'charge';
  return !twilio && (method === 'credit-card' || chargeAmount !== undefined)
    ? 'signalwire'
    : 'twilio';
}

/** Money moves here only as a subscription that a caller has agreed to, never as a one-off charge. */
function refuseOther(payload: Payload, dialect: ConnectorDialect): void {
  const { method } = payload;
  if (method === 'ach-debit' || method === 'bank-account') {
    throw new ConnectorRefusal(
      'unsupported_card',
      'Only cards can be given by telephone.',
      dialect,
    );
  }
  const asked = [payload.amount, payload.chargeAmount].some((value) => Number(value ?? 0) !== 0);
  if (method === 'charge' || asked) {
    throw new ConnectorRefusal(
      'charge_not_supported',
      'This connector stores a card for recurring payments: set chargeAmount to 0, and create the ' +
        'subscription with the token.',
      dialect,
    );
  }
}

function parametersOf({ parameters }: Payload): ReadonlyMap<string, string> {
  const pairs: readonly (readonly [string, unknown])[] = Array.isArray(parameters)
    ? parameters.map(({ name, value }) => [name, value] as const)
    : Object.entries(parameters ?? {});
  return new Map(
    pairs.flatMap(([name, value]) =>
      typeof value === 'string' && value !== '' ? [[name, value] as const] : [],
    ),
  );
}

/** What the connector is answered. */
export interface ConnectorAnswer {
  readonly status: number;
  readonly body: string;
}

/** The status of a no: see {@link ConnectorDialect}. */
const NO: Readonly<Record<ConnectorDialect, number>> = { twilio: 200, signalwire: 402 };

function answer(
  status: number,
  tokenId: string | null,
  errorCode: string | null,
  errorMessage: string | null,
  parameters: Readonly<Record<string, string>>,
): ConnectorAnswer {
  const body = {
    token_id: tokenId,
    error_code: errorCode,
    error_message: errorMessage,
    parameters,
  };
  return { status, body: JSON.stringify(body) };
}

const Told = Compile(
  Type.Object({
    outcome: Type.String(),
    prompt_text: Type.String(),
    error_code: Type.String(),
    token_id: Type.String(),
    operation_id: Type.String(),
    card_brand: Type.String(),
    card_last4: Type.String(),
  }),
);

/** The caller's answer in the connector's shape: a token, or why there is none. */
export function connectorAnswer(told: unknown, connector: ConnectorRequest): ConnectorAnswer {
  const { dialect, carried } = connector;
  if (!Told.Check(told)) {
    return answer(502, null, 'in_doubt', 'The card’s operation is being looked up.', carried);
  }
  const parameters = {
    ...carried,
    operation_id: told.operation_id,
    card_brand: told.card_brand,
    card_last4: told.card_last4,
  };
  if (told.outcome === 'approved' && told.token_id !== '') {
    return answer(200, told.token_id, null, null, parameters);
  }
  const code = told.error_code === '' ? told.outcome : told.error_code;
  return answer(NO[dialect], null, code, told.prompt_text, parameters);
}

/** A fault or a refusal in the connector's shape; of a bug nothing is said. */
export function connectorRefused(error: unknown): ConnectorAnswer {
  if (error instanceof ConnectorRefusal) {
    return answer(NO[error.dialect], null, error.code, error.message, {});
  }
  if (error instanceof Fault) return answer(error.status, null, error.code, error.message, {});
  return answer(500, null, 'internal_error', 'Something is wrong on our side.', {});
}
