import { Type, type Static } from 'typebox';
import type { CaptureMode } from './config-capture.ts';
import type { GatewayName } from './config-gateway.ts';
import { milliseconds, nullable, shut, url, words } from './config-shape.ts';

/** `pay_link` of the configuration file: a card that is entered on a page of the gateway's. */
export const PayLink = Type.Object(
  {
    beside_keypad: Type.Boolean({ description: 'true or false' }),
    channel: words(['sms', 'email']),
    open_ms: milliseconds(60_000, 86_400_000),
    wait_ms_max: milliseconds(10_000, 900_000),
    send_ms_max: milliseconds(1_000, 120_000),
    gone_ms: milliseconds(5_000, 600_000),
    return_url: nullable(url),
  },
  shut,
);
type PayLink = Static<typeof PayLink>;

const MINUTE = 60_000;

export const PAY_LINK: PayLink = {
  beside_keypad: false,
  channel: 'sms',
  // Stripe's shortest is 30 minutes: https://docs.stripe.com/api/checkout/sessions/create, expires_at.
  open_ms: 35 * MINUTE,
  wait_ms_max: 5 * MINUTE,
  send_ms_max: 10_000,
  gone_ms: 30_000,
  return_url: null,
};

/** In the shape of `payment/link.ts`. */
export interface PayLinkConfig {
  readonly use: 'off' | 'choice' | 'only';
  readonly channel: PayLink['channel'];
  readonly openMs: number;
  readonly waitMsMax: number;
  readonly sendMsMax: number;
  readonly goneMs: number;
  readonly returnUrl: string | null;
}

/** With `capture: link` nobody keys a card; beside the keypad a page is a choice. */
export function payLinkOf(file: PayLink, capture: CaptureMode): PayLinkConfig {
  return {
    use: capture === 'link' ? 'only' : file.beside_keypad ? 'choice' : 'off',
    channel: file.channel,
    openMs: file.open_ms,
    waitMsMax: file.wait_ms_max,
    sendMsMax: file.send_ms_max,
    goneMs: file.gone_ms,
    returnUrl: file.return_url,
  };
}

/** Why a gateway has no page to send a link to; `null` where it has one. */
const WITHOUT_PAGES: Readonly<Record<GatewayName, string | null>> = {
  sandbox: null,
  stripe: null,
  paypal:
    'link is not there for PayPal: its approval page wants a PayPal account, and has not been built',
  rest: 'link is not there for a generic gateway: its mapping has no section for pages',
};

/** Stripe refuses less than 30 minutes from when it is asked; the request may be on its way for a while. */
const STRIPE_OPEN_MS_MIN = 31 * MINUTE;

interface Chosen {
  readonly capture: CaptureMode;
  readonly gateway: { readonly name: GatewayName };
  readonly pay_link: PayLink;
}

/** What is wrong with `pay_link`, and with `capture: link`, for the gateway that was chosen. */
export function payLinkProblems(
  { capture, gateway: { name }, pay_link: payLink }: Chosen,
  say: (key: string, sentence: string) => void,
): void {
  if (payLinkOf(payLink, capture).use === 'off') return;
  const without = WITHOUT_PAGES[name];
  if (without !== null) say(capture === 'link' ? 'capture' : 'pay_link.beside_keypad', without);
  if (name === 'stripe' && payLink.return_url === null) {
    say('pay_link.return_url', 'expected the page to which Stripe sends the browser afterwards');
  }
  if (name === 'stripe' && payLink.open_ms < STRIPE_OPEN_MS_MIN) {
    say(
      'pay_link.open_ms',
      'expected 31 minutes or more: Stripe makes no page that is closed sooner',
    );
  }
  if (payLink.open_ms < payLink.wait_ms_max) {
    say('pay_link.open_ms', 'expected at least pay_link.wait_ms_max');
  }
}
