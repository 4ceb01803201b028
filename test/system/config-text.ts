import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { ConfigError, loadConfig } from '../../src/system/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-config-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;

/** A configuration file with this text; it is gone when the tests of the file have ended. */
export function fileWith(text: string): string {
  count += 1;
  const folder = join(directory, String(count));
  mkdirSync(folder);
  const file = join(folder, 'tokenline.yaml');
  writeFileSync(file, text);
  return file;
}

/** What is wrong with a configuration, without the file's name. */
export function problemsOf(text: string, env: Record<string, string> = {}): readonly string[] {
  const file = fileWith(text);
  try {
    loadConfig(file, env);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((problem) => problem.replace(`${file}: `, ''));
  }
  return [];
}

/** One plan, as Stripe wants it. */
export const GOLD_PLAN = `
plans:
  - id: gold
    name: { en-us: Gold, es-us: Oro }
    price: { amount_minor: 500, currency: USD }
    interval: { count: 1, unit: month }
    trial_days: 0
    gateway_reference: price_gold
`;

/** Whole and right for live mode; tests take something away or add something. */
export const LIVE = `
mode: live
database_url: postgres://tokenline@127.0.0.1/tokenline
merchant: { name: Acme, support_phone: '+1 317 555 0100', time_zone: America/Chicago }
clients:
  - { id: genesys, secret: kqjzmwrtpxhbvnydfgca, scopes: [calls, cards] }
gateway: { name: stripe, api_key: sk_live_abc, webhook_secret: hook-key }
billing: { url: 'https://billing.example.com', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw }
${GOLD_PLAN}`.replace('kqjzmwrtpxhbvnydfgca', 'kqjzmwrtpxhbvnydfgcaeukqjz');
