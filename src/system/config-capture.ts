import { Type, type Static } from 'typebox';
import type { Gateway } from './config-gateway.ts';
import { nullable, secret, shut, text } from './config-shape.ts';

/** How a card gets to the gateway; the words of `payment/capture.ts`. */
export const CAPTURE_MODES = ['bridge', 'direct', 'link'] as const;
export type CaptureMode = (typeof CAPTURE_MODES)[number];

/**
 * What the secure data action names itself with at the gateway, with `capture: direct`. Never the
 * bridge's own credential: whoever has this one can send cards and do nothing else with them.
 */
export const Direct = Type.Object(
  {
    api_key: nullable(secret),
    client_id: nullable(text('an id')),
    client_secret: nullable(secret),
  },
  shut,
);

export interface DirectConfig {
  readonly apiKey: string | null;
  readonly clientId: string | null;
  readonly clientSecret: string | null;
}

export function directOf(direct: Static<typeof Direct>): DirectConfig {
  return {
    apiKey: direct.api_key,
    clientId: direct.client_id,
    clientSecret: direct.client_secret,
  };
}

/** What a mode is judged by. */
interface Chosen {
  readonly mode: 'sandbox' | 'live';
  readonly capture: CaptureMode;
  readonly direct: Static<typeof Direct>;
  readonly gateway: Gateway;
  readonly tokenizer: { readonly pay_connector: unknown };
}

type Say = (key: string, sentence: string) => void;

/** https://docs.stripe.com/keys: what may stand in a data action has a prefix of its own. */
const STRIPE_DIRECT_KEY = /^(rk|pk)_(test|live)_./;

function directProblems({ mode, direct, gateway, tokenizer }: Chosen, say: Say): void {
  const { name } = gateway;
  if (name === 'paypal') {
    say(
      'capture',
      'direct needs a gateway that takes a card with a key that can do nothing else. PayPal has ' +
        'none: the credential that stores a card charges it as well, and it would stand in the ' +
        'contact centre',
    );
  }
  if (gateway.signing !== null) {
    say(
      'capture',
      'direct cannot be used with gateway.signing: a data action has no way to sign its request',
    );
  }
  if (tokenizer.pay_connector !== null) {
    say('tokenizer.pay_connector', 'there is no tokenizer with capture: direct');
  }
  if (name === 'rest' && direct.client_secret !== null) {
    if (direct.client_secret === gateway.client_secret) {
      say('direct.client_secret', 'is gateway.client_secret, which has to stay with the bridge');
    }
  }
  if (name !== 'stripe' || direct.api_key === null) return;
  if (!STRIPE_DIRECT_KEY.test(direct.api_key)) {
    say(
      'direct.api_key',
      'expected a restricted key of Stripe that may write payment methods: it begins with rk_',
    );
  } else if (direct.api_key.includes('_live_') !== (mode === 'live')) {
    say('direct.api_key', `belongs to the other mode than mode: ${mode}`);
  }
  if (direct.api_key === gateway.api_key) {
    say('direct.api_key', 'is gateway.api_key, which has to stay with the bridge');
  }
}

/** What has to be true of each mode. */
const RULES: Readonly<Record<CaptureMode, (chosen: Chosen, say: Say) => void>> = {
  bridge: () => undefined,
  direct: directProblems,
  link: ({ tokenizer }, say) => {
    if (tokenizer.pay_connector === null) return;
    say('tokenizer.pay_connector', 'there is no tokenizer with capture: link');
  },
};

/** What is wrong with the way that was chosen for cards; the key of each is named. */
export function captureProblems(chosen: Chosen, say: Say): void {
  RULES[chosen.capture](chosen, say);
}
