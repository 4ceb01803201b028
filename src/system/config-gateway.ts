import { Type, type Static } from 'typebox';
import { milliseconds, nullable, path, secret, shut, text, url, words } from './config-shape.ts';

/** Gateways that there are, by the name that the configuration gives them. */
export const GATEWAY_NAMES = ['sandbox', 'stripe', 'paypal', 'rest'] as const;
export type GatewayName = (typeof GATEWAY_NAMES)[number];

/** What only Stripe has: how its subscriptions are ended and changed. */
const Stripe = Type.Object(
  {
    cancel: words(['now', 'period_end']),
    proration: words(['none', 'next_invoice', 'now']),
  },
  shut,
);

/** Requests that are signed, for a gateway behind AWS. */
const Signing = Type.Object(
  {
    kind: words(['aws_sigv4']),
    region: text('an AWS region such as eu-central-1', { pattern: '^[a-z0-9-]+$' }),
    service: Type.Optional(text('execute-api, or another service', { pattern: '^[a-z0-9-]+$' })),
    access_key_id: Type.Optional(nullable(text('an access key id'))),
    secret_access_key: Type.Optional(nullable(secret)),
    session_token: Type.Optional(nullable(secret)),
    credentials_file: Type.Optional(nullable(path)),
  },
  shut,
);

/** What only PayPal has. Without a country no postal code is sent: PayPal takes none alone. */
const PayPal = Type.Object(
  {
    webhook_id: nullable(text('the id of a webhook', { pattern: '^[a-zA-Z0-9]{1,50}$' })),
    card_country: nullable(text('two capitals, such as US', { pattern: '^[A-Z]{2}$' })),
    card_subscriptions: Type.Boolean({ description: 'true or false' }),
  },
  shut,
);

/** `gateway` of the configuration file; what one gateway alone has is under its own name. */
export const Gateway = Type.Object(
  {
    name: words(GATEWAY_NAMES),
    url: nullable(url),
    api_key: nullable(secret),
    client_id: nullable(text('an id')),
    client_secret: nullable(secret),
    bearer_token: nullable(secret),
    webhook_secret: nullable(secret),
    mapping_file: nullable(path),
    signing: nullable(Signing),
    ca_file: nullable(path),
    verification: Type.Boolean({ description: 'true or false' }),
    recurring: words(['gateway', 'tokenline']),
    absence_is_proof_after_ms: nullable(milliseconds(0, 86_400_000)),
    stripe: Stripe,
    paypal: PayPal,
  },
  shut,
);
export type Gateway = Static<typeof Gateway>;

/** Whose money a credential moves. */
type KeyMode = 'live' | 'test';

/** What has to be true of the settings of one gateway. */
interface GatewayRule {
  readonly needs: readonly ('api_key' | 'client_id' | 'client_secret' | 'webhook_secret')[];
  /** Its own address; `null` where `url` has to say it, or where it runs beside. */
  readonly origins: { readonly live: string | null; readonly test: string | null };
  /** Whose money the credentials move, a sentence where they are none of this gateway's, or `null`. */
  readonly judge: (gateway: Gateway) => KeyMode | { readonly wrong: string } | null;
  /** True where a plan has to be known at the gateway first, under an id of its own. */
  readonly plansAreThere: boolean;
}

/** https://docs.stripe.com/keys: secret and restricted keys, each for live mode or a sandbox. */
function judgeStripe({ api_key }: Gateway): KeyMode | { readonly wrong: string } {
  const mode = /^[sr]k_(live|test)_./.exec(api_key ?? '')?.[1];
  if (mode === 'live' || mode === 'test') return mode;
  return { wrong: 'expected a secret or restricted key of Stripe: it begins with sk_ or rk_' };
}

const RULES: Readonly<Record<GatewayName, GatewayRule>> = {
  sandbox: {
    needs: ['api_key', 'client_id', 'client_secret', 'webhook_secret'],
    origins: { live: null, test: null },
    judge: () => null,
    plansAreThere: false,
  },
  rest: {
    // What it needs is what its mapping says, which is read where it is used.
    needs: [],
    origins: { live: null, test: null },
    judge: () => null,
    plansAreThere: false,
  },
  paypal: {
    needs: ['client_id', 'client_secret'],
    origins: { live: 'https://api-m.paypal.com', test: 'https://api-m.sandbox.paypal.com' },
    // PayPal's credentials do not say whose money they move; `doctor` asks.
    judge: () => null,
    plansAreThere: false,
  },
  stripe: {
    needs: ['api_key', 'webhook_secret'],
    origins: { live: 'https://api.stripe.com', test: 'https://api.stripe.com' },
    judge: judgeStripe,
    plansAreThere: true,
  },
};

/** The gateway's own address, where it has one. */
export function gatewayOriginOf(name: GatewayName, mode: 'sandbox' | 'live'): string | null {
  return RULES[name].origins[mode === 'live' ? 'live' : 'test'];
}

/** Whose money the gateway's credentials move; `null` where they do not say. */
export function keyModeOf(gateway: Gateway): KeyMode | null {
  const judged = RULES[gateway.name].judge(gateway);
  return typeof judged === 'string' ? judged : null;
}

interface PlanReference {
  readonly id: string;
  readonly gateway_reference?: string;
}

/** What is wrong with the settings of the gateway that was chosen; the key of each is named. */
export function gatewayProblems(
  gateway: Gateway,
  mode: 'sandbox' | 'live',
  plans: readonly PlanReference[],
  say: (key: string, sentence: string) => void,
): void {
  const { name } = gateway;
  const rule = RULES[name];
  if (mode === 'live' && name === 'sandbox') {
    say('gateway.name', 'the sandbox is no gateway for live mode');
    return;
  }
  if (mode === 'live' && gateway.url === null && rule.origins.live === null) {
    say('gateway.url', `the gateway ${name} needs it`);
  }
  signingProblems(gateway, say);
  const missing = rule.needs.filter((key) => gateway[key] === null);
  for (const key of missing) say(`gateway.${key}`, `the gateway ${name} needs it`);
  if (name === 'paypal') payPalProblems(gateway, say);
  const judged = missing.includes('api_key') ? null : rule.judge(gateway);
  if (judged !== null && typeof judged === 'object') say('gateway.api_key', judged.wrong);
  // PCI DSS 6.5.5 and 6.5.6: no live card in a test, no test account in production.
  if (judged === 'test' && mode === 'live') {
    say('gateway.api_key', 'is a test key, which moves no money; live mode needs a live one');
  }
  if (judged === 'live' && mode === 'sandbox') {
    say('gateway.api_key', 'is a live key; set mode: live, or take a test key to try things out');
  }
  if (name !== 'sandbox' && gateway.url !== null && !isSafeUrl(gateway.url)) {
    // PCI DSS 4.2.1: strong cryptography over open networks.
    say('gateway.url', 'expected https://, or an address of this machine');
  }
  if (isOfOtherMode(gateway.url, rule.origins, mode)) {
    say('gateway.url', `belongs to the other mode than mode: ${mode}; leave it out, it is known`);
  }
  plans.forEach((plan, index) => {
    if (!rule.plansAreThere || plan.gateway_reference !== undefined) return;
    say(
      `plans[${index}].gateway_reference`,
      `${name} has to know the plan ${plan.id}: give its id`,
    );
  });
}

/** True for the address of the world that this mode must not reach: test cards in one, money in the other. */
function isOfOtherMode(
  url: string | null,
  { live, test }: GatewayRule['origins'],
  mode: 'sandbox' | 'live',
): boolean {
  const other = mode === 'live' ? test : live;
  if (url === null || other === null || live === test) return false;
  return URL.canParse(url) && new URL(url).origin === other;
}

/** How requests are signed; in the shape of `gateway/rest/aws-keys.ts`. */
export interface SigningConfig {
  readonly kind: 'aws_sigv4';
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: string | null;
  readonly secretAccessKey: string | null;
  readonly sessionToken: string | null;
  readonly credentialsFile: string | null;
}

/** With what holds where a key is left out. */
export function signingOf(signing: Gateway['signing']): SigningConfig | null {
  if (signing === null) return null;
  return {
    kind: signing.kind,
    region: signing.region,
    service: signing.service ?? 'execute-api',
    accessKeyId: signing.access_key_id ?? null,
    secretAccessKey: signing.secret_access_key ?? null,
    sessionToken: signing.session_token ?? null,
    credentialsFile: signing.credentials_file ?? null,
  };
}

function signingProblems(
  { name, signing }: Gateway,
  say: (key: string, text: string) => void,
): void {
  if (signing === null) return;
  if (name !== 'rest') say('gateway.signing', `the gateway ${name} signs nothing; only rest does`);
  const file = (signing.credentials_file ?? null) !== null;
  const keys = [signing.access_key_id, signing.secret_access_key].map(
    (key) => (key ?? null) !== null,
  );
  if (file && keys.some(Boolean)) {
    say(
      'gateway.signing',
      'give access_key_id and secret_access_key, or credentials_file; not both',
    );
  }
  if (!file && !keys.every(Boolean)) {
    say('gateway.signing', 'needs access_key_id and secret_access_key, or credentials_file');
  }
}

function payPalProblems({ paypal }: Gateway, say: (key: string, sentence: string) => void): void {
  if (paypal.webhook_id === null) {
    say(
      'gateway.paypal.webhook_id',
      'the gateway paypal needs it: PayPal shows it with the webhook',
    );
  }
  // The public API takes `subscriber.payment_source.card` in the request that subscribes, and no token.
  if (paypal.card_subscriptions) {
    say(
      'gateway.paypal.card_subscriptions',
      'cannot be true: PayPal wants the card number again in the request that subscribes, and ' +
        'Tokenline never keeps one after it has been stored; leave it false, Tokenline charges by itself',
    );
  }
}

/** Encrypted, or not leaving this machine. */
export function isSafeUrl(address: string): boolean {
  return /^https:\/\/|^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)([:/]|$)/.test(address);
}
