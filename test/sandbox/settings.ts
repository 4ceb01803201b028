import assert from 'node:assert/strict';
import type { SandboxSettings } from '../../src/sandbox/settings.ts';

/** Settings of a sandbox for a test: any free port, and secrets that are none. */
export function sandboxSettings(
  dataDir: string,
  changed: Partial<SandboxSettings> = {},
): SandboxSettings {
  return {
    host: '127.0.0.1',
    port: 0,
    dataDir,
    tls: null,
    timeZone: 'UTC',
    gateway: {
      clientId: 'tokenline',
      clientSecret: 'a client secret: with % and +',
      apiKey: 'an-api-key',
      bearerSeconds: 900,
    },
    verification: false,
    subscriptions: true,
    webhook: null,
    people: null,
    genesys: null,
    billingSecret: `whsec_${Buffer.from('the billing secret of a test').toString('base64')}`,
    ...changed,
  };
}

/** Tells a running sandbox how to behave. */
export async function tell(
  origin: string,
  script: readonly { readonly operation: string; readonly behave: string }[],
): Promise<void> {
  const body = JSON.stringify(script);
  const response = await fetch(`${origin}/__sandbox/script`, { method: 'POST', body });
  assert.equal(response.status, 200, await response.text());
}
