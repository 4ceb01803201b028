import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { RestMapping } from '../../src/gateway/rest/mapping.ts';
import type { ErrorCode } from '../../src/payment/outcome.ts';
import { signWebhook, webhookSecret } from '../../src/system/standard-webhooks.ts';
import { ACME_CHARGE_MAPPING, ACME_MAPPING, acmeDialect } from '../doubles/rest/acme.ts';
import { startRestDouble, type Dialect } from '../doubles/rest/double.ts';
import { guideDialect } from '../doubles/rest/guide.ts';
import { mappingOf, openRest, WEBHOOK_SECRET } from '../gateway/rest/opened.ts';
import { gatewayConformance, type GatewayBench } from './gateway.ts';

interface Setting {
  readonly dialect: Dialect;
  readonly mapping: RestMapping;
  readonly renewable: boolean;
  readonly declines: Readonly<Record<string, ErrorCode>>;
  readonly stops?: readonly string[];
  readonly event: (key: string, subscription: string) => object;
}

async function bench(setting: Setting): Promise<GatewayBench> {
  const double = await startRestDouble(setting.dialect);
  after(() => assert.deepEqual(double.problems, [], 'the description has nothing against'));
  return {
    origin: double.origin,
    open: (origin) => openRest(origin, setting.mapping),
    isCredential: (path) => path === setting.dialect.tokenPath,
    renewable: setting.renewable,
    declines: Object.entries(setting.declines).map(([code, errorCode]) => ({ code, errorCode })),
    stops: setting.stops ?? [],
    decline: (step, code) => Promise.resolve(double.script(step, { decline: code })),
    pend: (step) => Promise.resolve(double.script(step, 'pend')),
    effects: () =>
      Promise.resolve({
        tokens: double.count('token'),
        subscriptions: double.count('subscription'),
        charges: double.count('charge'),
      }),
    event(facts, sentAtMs) {
      const event = setting.event(facts.idempotencyKey, facts.subscriptionReference);
      const rawBody = Buffer.from(JSON.stringify(event));
      return {
        headers: signWebhook(webhookSecret(WEBHOOK_SECRET), 'evt_abc', sentAtMs, rawBody),
        rawBody,
      };
    },
    reset: () => Promise.resolve(double.reset()),
    close: () => double.close(),
  };
}

/** The guide's words, written out a second time. */
const GUIDE_DECLINES = {
  CVV_Mismatch: 'cvv_mismatch',
  Card_Declined: 'card_declined',
  Insufficient_Funds: 'insufficient_funds',
  Expired_Card: 'expired_card',
  Lost_Card: 'card_declined',
  Stolen_Card: 'card_declined',
  Suspected_Fraud: 'suspected_fraud',
} as const;

gatewayConformance(
  'generic REST as the guide has it',
  () =>
    bench({
      dialect: guideDialect(),
      mapping: mappingOf({}),
      renewable: true,
      declines: GUIDE_DECLINES,
      event: (key, subscription) => ({
        data: { idempotency_key: key, subscription_id: subscription },
      }),
    }),
  { skip: [] },
);

for (const [name, written] of [
  ['with forms, nested names and words of its own', ACME_MAPPING],
  ['that cannot subscribe and is charged by Tokenline', ACME_CHARGE_MAPPING],
] as const) {
  gatewayConformance(
    `generic REST ${name}`,
    () =>
      bench({
        dialect: acmeDialect(),
        mapping: mappingOf(written),
        renewable: false,
        declines: {
          BAD_CODE: 'cvv_mismatch',
          NO_MONEY: 'insufficient_funds',
          STOLEN: 'card_declined',
          FRAUD_RULE: 'suspected_fraud',
          TOO_OLD: 'expired_card',
        },
        stops: ['STOLEN'],
        event: (key, subscription) => ({ about: { op: key, agreement: subscription } }),
      }),
    { skip: [] },
  );
}
