import { probeStripe, type PriceState, type StripeFindings } from '../gateway/stripe/probe.ts';
import type { Clock } from '../system/clock.ts';
import type { Config } from '../system/config.ts';
import type { HttpClient } from '../system/http-client.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { clockFinding, rightFinding } from './gateway-findings.ts';
import { referencesOf } from './gateways.ts';

/** Long enough for a slow line, short enough for somebody who waits. */
const PROBE_MS = 15_000;

/** What the guide to Stripe asks for; each tells of a change that was not made by telephone. */
export const STRIPE_EVENTS = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'invoice.paid',
  'invoice.payment_failed',
  'setup_intent.succeeded',
  'setup_intent.setup_failed',
] as const;

/** A page that is finished is seen at once, and not only when somebody asks. */
export const STRIPE_LINK_EVENTS = [
  'checkout.session.completed',
  'checkout.session.expired',
] as const;

const GUIDE = 'docs/guides/stripe.md says how.';

/** What Stripe itself says about the account, the rights, the prices and the events. */
export async function stripeChecks(
  config: Config,
  http: HttpClient,
  clock: Clock,
): Promise<Diagnosis[]> {
  const apiKey = config.gateway.apiKey ?? '';
  const live = /_live_/.test(apiKey);
  const key = ok('gateway', `stripe, ${live ? 'live key' : 'test key: no money moves'}`);
  const controller = new AbortController();
  const timer = clock.after(PROBE_MS, () => controller.abort());
  const settings = { apiKey, prices: referencesOf(config.plans) };
  const { plans } = config;
  const probe = await probeStripe(settings, plans, http, clock.now(), controller.signal);
  timer.cancel();
  const check = 'gateway.stripe';
  switch (probe.kind) {
    case 'unreachable': {
      const why = 'Every card and every subscription goes there.';
      const todo = 'Let this machine reach it, or correct gateway.url and gateway.ca_file.';
      return [key, trouble('fail', check, `no answer (${probe.reason})`, why, todo)];
    }
    case 'key_refused': {
      const why = 'Every request would be refused with 401.';
      const todo =
        'Take a key from dashboard.stripe.com/apikeys that has not been rolled or deleted.';
      return [key, trouble('fail', check, 'Stripe does not know the key', why, todo)];
    }
    case 'answered':
      return [key, ok(check, 'it answers'), ...findingsOf(probe.findings, config, live)];
  }
}

function findingsOf(findings: StripeFindings, config: Config, live: boolean): Diagnosis[] {
  const unclear = 'Stripe’s answer to the question is one that is not known here';
  const look = `Look at the newest requests under dashboard.stripe.com/logs. ${GUIDE}`;
  return [
    clockFinding(findings.clockAheadMs, 'Stripe'),
    rightFinding({
      check: 'gateway.raw_cards',
      right: findings.rawCards,
      given: 'card numbers may be sent',
      missing:
        'Stripe refuses card numbers: "Sending credit card numbers directly to the Stripe API is ' +
        'generally unsafe"',
      why: 'A telephone has no form of Stripe’s: the card has to be sent from this server.',
      todo: `Ask Stripe’s support for access to raw card data APIs, with your PCI attestation. ${GUIDE}`,
      unclear,
      look,
    }),
    rightFinding({
      check: 'gateway.moto',
      right: findings.moto,
      given: 'cards may be marked as given by telephone',
      missing: 'Stripe does not take payment_method_options[card][moto]',
      why: 'Without it issuers ask for authentication, which a call cannot give.',
      todo: `Ask Stripe’s support to enable MOTO for the account. ${GUIDE}`,
      unclear,
      look,
    }),
    ...findings.prices.map(({ planId, state }) => priceOf(planId, state)),
    webhookOf(findings, config, live),
  ];
}

function priceOf(planId: string, state: PriceState): Diagnosis {
  const check = `gateway.price.${planId}`;
  const why =
    'Stripe would charge something else than the caller agreed to; it is refused instead.';
  const todo = 'Correct plans[].gateway_reference, or make a price at Stripe that is the plan’s.';
  switch (state) {
    case 'right':
      return ok(check, 'amount, currency and interval are the plan’s');
    case 'unknown':
      return trouble('fail', check, 'Stripe has no such price in this mode', why, todo);
    case 'differs':
      return trouble(
        'fail',
        check,
        'amount, currency or interval is not the plan’s, or the price is not active',
        why,
        todo,
      );
    case 'unclear':
      return trouble(
        'warn',
        check,
        'it could not be read',
        why,
        'Give the key the right to read prices.',
      );
  }
}

/** The secret cannot be compared: Stripe shows it once. What can be seen is where events go. */
function webhookOf({ endpoints }: StripeFindings, config: Config, live: boolean): Diagnosis {
  const check = 'gateway.webhook';
  const path = '/v1/webhooks/stripe';
  const why = 'Charges and cancellations that Stripe makes by itself would not be heard of here.';
  const secret = config.gateway.webhookSecret ?? '';
  if (!secret.startsWith('whsec_')) {
    const says = 'gateway.webhook_secret is no signing secret of Stripe’s: those begin with whsec_';
    return trouble('fail', check, says, 'Every event would be refused.', GUIDE);
  }
  if (endpoints === null) {
    const says = 'the key may not see the endpoints';
    return trouble(
      'warn',
      check,
      says,
      why,
      'Give it the right to read webhook endpoints, or look.',
    );
  }
  const ours = endpoints.filter(({ url }) => url.endsWith(path));
  const [endpoint] = ours.toSorted((one, other) => Number(other.enabled) - Number(one.enabled));
  if (endpoint === undefined) {
    const says = `no endpoint of the account ends with ${path}`;
    return trouble(
      live ? 'fail' : 'warn',
      check,
      says,
      why,
      `Add https://<bridge>${path}. ${GUIDE}`,
    );
  }
  if (!endpoint.enabled) {
    const says = `${endpoint.url} is disabled`;
    const todo = 'Let Stripe reach it, then enable it at dashboard.stripe.com/webhooks.';
    return trouble('fail', check, says, why, todo);
  }
  const { events } = endpoint;
  const links = config.payLink.use === 'off' ? [] : STRIPE_LINK_EVENTS;
  const wanted = [...STRIPE_EVENTS, ...links];
  const missing = wanted.filter((name) => !events.includes('*') && !events.includes(name));
  if (missing.length === 0) return ok(check, `events go to ${endpoint.url}`);
  const says = `${endpoint.url} does not get ${missing.join(', ')}`;
  return trouble('warn', check, says, why, `Add them. ${GUIDE}`);
}
