/** Something that a gateway can be told to do: in a call file's words, and in the sandbox's script. */
interface GatewayWord {
  /** As it is written; `N` is a number. */
  readonly form: string;
  readonly does: string;
  readonly pattern: RegExp;
  readonly script: (match: RegExpExecArray) => string;
}

/**
 * The gateway's declines by the error code that they become, and the sandbox's word for each. What a
 * caller cannot cause (our own rules, the breaker, the switch) is no answer of a gateway.
 */
export const DECLINES: Readonly<Record<string, string>> = {
  invalid_card_number: 'Invalid_Card_Number',
  invalid_cvv: 'Invalid_CVV',
  invalid_expiry: 'Invalid_Expiry',
  expired_card: 'Expired_Card',
  unsupported_card: 'Unsupported_Card',
  cvv_mismatch: 'CVV_Mismatch',
  postal_code_mismatch: 'Postal_Code_Mismatch',
  card_declined: 'Card_Declined',
  insufficient_funds: 'Insufficient_Funds',
  limit_exceeded: 'Limit_Exceeded',
  suspected_fraud: 'Suspected_Fraud',
  authentication_required: 'Authentication_Required',
  processing_error: 'Processing_Error',
};

const seconds = (text: string | undefined): number => Math.round(Number(text) * 1_000);

const S = String.raw`(\d+(?:\.\d+)?) s`;

export const GATEWAY_WORDS: readonly GatewayWord[] = [
  {
    form: 'approved',
    does: 'it says yes',
    pattern: /^approved$/,
    script: () => 'approve',
  },
  {
    form: Object.keys(DECLINES).join(' · '),
    does: 'it says no, for that reason',
    pattern: new RegExp(`^(${Object.keys(DECLINES).join('|')})$`),
    script: ([, code = '']) => `decline:${DECLINES[code] ?? ''}`,
  },
  {
    form: 'status N',
    does: 'that HTTP status, and nothing has happened',
    pattern: /^status ([2-5]\d\d)$/,
    script: ([, status]) => `status:${status}`,
  },
  {
    form: 'status N after taking effect',
    does: 'it has happened, and the answer is that status',
    pattern: /^status ([2-5]\d\d) after taking effect$/,
    script: ([, status]) => `status:${status}-after-commit`,
  },
  {
    form: 'takes N s',
    does: 'it says yes that much later',
    pattern: new RegExp(`^takes ${S}$`),
    script: ([, s]) => `delay:${seconds(s)}`,
  },
  {
    form: 'hangs',
    does: 'it never answers, and nothing has happened',
    pattern: /^hangs$/,
    script: () => 'hang',
  },
  {
    form: 'hangs after taking effect',
    does: 'it has happened, and no answer comes',
    pattern: /^hangs after taking effect$/,
    script: () => 'hang-after-commit',
  },
  {
    form: 'loses its answer',
    does: 'it has happened, and the connection breaks',
    pattern: /^loses its answer$/,
    script: () => 'reset-after',
  },
  {
    form: 'resets before',
    does: 'the connection breaks, and nothing has happened',
    pattern: /^resets before$/,
    script: () => 'reset-before',
  },
  {
    form: 'malformed',
    does: 'it has happened, and the answer cannot be read',
    pattern: /^malformed$/,
    script: () => 'malformed',
  },
  {
    form: 'takes effect N s late',
    does: 'the connection breaks, and it happens that much later',
    pattern: new RegExp(`^takes effect ${S} late$`),
    script: ([, s]) => `late-commit:${seconds(s)}`,
  },
  {
    form: 'asks to come back in N s',
    does: 'HTTP 429 with that Retry-After',
    pattern: /^asks to come back in (\d+) s$/,
    script: ([, s]) => `retry-after:${s}`,
  },
  {
    form: 'pending [N s] [then approved or a decline]',
    does: 'it says that it will tell later, after one second or that time',
    pattern: new RegExp(
      `^pending(?: ${S})?(?: then (approved|${Object.keys(DECLINES).join('|')}))?$`,
    ),
    script: ([, s, word]) => {
      const ms = s === undefined ? 1_000 : seconds(s);
      const said = word === undefined ? undefined : DECLINES[word];
      return said === undefined ? `pending:${ms}` : `pending:${ms}:decline:${said}`;
    },
  },
];

/** @returns what the sandbox's script calls it; `null` for words that are none of these. */
export function scriptOf(words: string): string | null {
  for (const { pattern, script } of GATEWAY_WORDS) {
    const match = pattern.exec(words);
    if (match !== null) return script(match);
  }
  return null;
}

/** What the gateway is asked for, in a call file's words, and in the sandbox's. */
export const GATEWAY_OPERATIONS: Readonly<Record<string, string>> = {
  tokenise: 'tokenize',
  tokenize: 'tokenize',
  verify: 'verify',
  subscribe: 'subscribe',
  read: 'read',
  cancel: 'cancel',
  pause: 'pause',
  resume: 'resume',
  'change plan': 'change-plan',
  'change card': 'change-card',
  'look up': 'lookup',
  'open page': 'open-page',
  'read page': 'read-page',
  'close page': 'close-page',
  anything: '*',
};
