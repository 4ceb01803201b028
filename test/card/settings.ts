import { RETRY_POLICY } from '../../src/resilience/retry.ts';
import type { TokenizerSettings } from '../../src/tokenizer/settings.ts';
import { CREDENTIAL } from './fake-bridge.ts';
import { CREDENTIALS } from './fake-gateway.ts';

export const IN_DOUBT_TEXTS = {
  'en-us': 'We are still checking.',
  'es-us': 'Lo estamos revisando.',
};

/** Settings of a card process between a fake bridge and a fake gateway. */
export function tokenizerSettings(
  bridge: string,
  gateway: string,
  more: Partial<TokenizerSettings> = {},
): TokenizerSettings {
  return {
    version: '0.0.0',
    listen: { host: '127.0.0.1', port: 0, tls: null },
    internal: { origin: bridge, credential: CREDENTIAL },
    gateway: { name: 'sandbox', origin: gateway, ca: null, credentials: CREDENTIALS },
    mode: 'test',
    timeZone: 'America/New_York',
    brands: ['visa', 'mastercard', 'amex'],
    deadlineMs: 27_000,
    retry: RETRY_POLICY,
    inFlightMax: 64,
    receiveMsMax: 10_000,
    inDoubtTexts: IN_DOUBT_TEXTS,
    ...more,
  };
}
