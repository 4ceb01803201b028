import {
  probePayPal,
  type PayPalFindings,
  type PayPalProbe,
  type PayPalWebhook,
} from '../gateway/paypal/probe.ts';
import type { Clock } from '../system/clock.ts';
import type { Config } from '../system/config.ts';
import type { HttpClient } from '../system/http-client.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { clockFinding, rightFinding } from './gateway-findings.ts';

/** Long enough for a slow line, short enough for somebody who waits. */
const PROBE_MS = 15_000;

/** What the guide to PayPal asks for: what becomes of payments that PayPal has not ended at once. */
export const PAYPAL_EVENTS = [
  'PAYMENT.CAPTURE.COMPLETED',
  'PAYMENT.CAPTURE.DENIED',
  'PAYMENT.CAPTURE.PENDING',
] as const;

const GUIDE = 'docs/guides/paypal.md says how.';
const LOOK = `Look at the API calls log at developer.paypal.com. ${GUIDE}`;

/**
 * What PayPal itself says about the app, its rights and its webhook.
 *
 * @param other the other of PayPal's worlds: the sandbox in live mode, and the other way round.
 */
export async function payPalChecks(
  config: Config,
  http: HttpClient,
  other: HttpClient | null,
  clock: Clock,
): Promise<Diagnosis[]> {
  const { clientId, clientSecret } = config.gateway;
  const live = config.mode === 'live';
  const name = ok('gateway', `paypal, ${live ? 'live' : 'PayPal’s sandbox: no money moves'}`);
  const controller = new AbortController();
  const timer = clock.after(PROBE_MS, () => controller.abort());
  const client = { clientId: clientId ?? '', clientSecret: clientSecret ?? '' };
  const probe = await probePayPal(client, http, other, clock, controller.signal);
  timer.cancel();
  return [name, ...answerOf(probe, config, live)];
}

function answerOf(probe: PayPalProbe, config: Config, live: boolean): Diagnosis[] {
  const check = 'gateway.paypal';
  switch (probe.kind) {
    case 'unreachable': {
      const why = 'Every card and every charge goes there.';
      const todo = 'Let this machine reach it, or correct gateway.url and gateway.ca_file.';
      return [trouble('fail', check, 'no answer', why, todo)];
    }
    case 'client_refused': {
      const [here, there] = live ? ['live', 'sandbox'] : ['sandbox', 'live'];
      const says = probe.elsewhere
        ? `the client is one of PayPal’s ${there} world, and mode is ${config.mode}`
        : `PayPal’s ${here} world does not know the client id with this secret`;
      const todo = `Take client_id and client_secret of an app under ${here === 'live' ? 'Live' : 'Sandbox'} at developer.paypal.com/dashboard/applications.`;
      return [trouble('fail', check, says, 'Every request would be refused with 401.', todo)];
    }
    case 'answered':
      return [ok(check, 'it answers'), ...findingsOf(probe.findings, config, live)];
  }
}

function findingsOf(findings: PayPalFindings, config: Config, live: boolean): Diagnosis[] {
  const unclear = 'PayPal’s answer to the question is one that is not known here';
  return [
    clockFinding(findings.clockAheadMs, 'PayPal'),
    rightFinding({
      check: 'gateway.vault',
      right: findings.vault,
      given: 'cards may be stored',
      missing: 'PayPal does not let this app store a card (PERMISSION_DENIED)',
      why: 'A card that cannot be stored cannot be charged again.',
      todo: `Switch on "Save payment methods" for the app, and ask PayPal for the vault. ${GUIDE}`,
      unclear,
      look: LOOK,
    }),
    rightFinding({
      check: 'gateway.cards',
      right: findings.cards,
      given: 'cards may be charged',
      missing: 'the account may not process cards (NOT_ENABLED_FOR_CARD_PROCESSING)',
      why: 'A card would be stored, and every charge of it refused.',
      todo: `Apply for Advanced Credit and Debit Card Payments. ${GUIDE}`,
      unclear,
      look: LOOK,
    }),
    webhookOf(findings.webhooks, config, live),
  ];
}

function webhookOf(
  webhooks: readonly PayPalWebhook[] | null,
  config: Config,
  live: boolean,
): Diagnosis {
  const check = 'gateway.webhook';
  const path = '/v1/webhooks/paypal';
  const why = 'What PayPal decides later, such as the end of a review, would not be heard of here.';
  if (webhooks === null) {
    return trouble('warn', check, 'the webhooks could not be read', why, LOOK);
  }
  const { webhookId } = config.gateway.paypal;
  const ours = webhooks.find(({ id }) => id === webhookId);
  if (ours === undefined) {
    const says = `the app has no webhook with the id ${webhookId ?? ''}`;
    const todo = `Add one for https://<bridge>${path} and put its id into gateway.paypal.webhook_id.`;
    return trouble(live ? 'fail' : 'warn', check, says, why, todo);
  }
  if (!ours.url.endsWith(path)) {
    const says = `it goes to ${ours.url}`;
    return trouble('fail', check, says, why, `Let it go to https://<bridge>${path}.`);
  }
  const { events } = ours;
  const missing = PAYPAL_EVENTS.filter((name) => !events.includes('*') && !events.includes(name));
  if (missing.length === 0) return ok(check, `events go to ${ours.url}`);
  const says = `${ours.url} does not get ${missing.join(', ')}`;
  return trouble('warn', check, says, why, `Add them. ${GUIDE}`);
}
