import { generateKeyPairSync } from 'node:crypto';
import type { Places } from '../../src/cli/places.ts';
import type { Config } from '../../src/system/config.ts';

const key = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** Secrets of a deployment by the names of their files; none of them opens anything. */
export const SECRETS: Readonly<Record<string, string>> = {
  database_url: 'postgres://tokenline:word@postgres/tokenline\n',
  internal_credential: 'a-credential-of-the-internal-line\n',
  access_key: key,
  ledger_key: key,
  internal_ca: 'PEM of an authority',
  bridge_certificate: 'PEM of a certificate',
  bridge_key: 'PEM of a key',
  tokenizer_certificate: 'PEM of a certificate',
  tokenizer_key: 'PEM of a key',
  gateway_api_key: 'sk_live_abc\n',
  gateway_webhook_secret: 'hook-key\n',
  billing_secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n',
  client_secret: 'a-secret-of-the-client-of-genesys\n',
};

/** Where processes are that run apart, each at the port of its configuration. */
export function placesOf(config: Config): Places {
  return {
    bridgePort: config.bridge.port,
    tokenizerPort: config.tokenizer.port,
    sandboxPort: config.sandbox.port,
    linePort: config.line.port,
    credential: config.internal.credential ?? '',
    version: '0.0.0',
  };
}
