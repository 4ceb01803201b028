import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { STRIPE_ERRORS } from '../../../src/gateway/stripe/errors.ts';
import { errorConformance } from '../../conformance/errors.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The words of a union type in the official package's declarations. */
function unionIn(declarations: string, name: string): string[] {
  const text = new RegExp(`type ${name} = ([^;]+);`).exec(declarations)?.[1] ?? '';
  return [...text.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
}

const SETUP_INTENTS = '../../../node_modules/stripe/esm/resources/SetupIntents.d.ts';
const codes = unionIn(read(SETUP_INTENTS), 'Code');
const { codes: declineCodes } = JSON.parse(read('../../specs/stripe/decline-codes.json')) as {
  codes: string[];
};

test('the official lists are read whole', () => {
  assert.equal(codes.length, 209);
  assert.equal(declineCodes.length, 49);
});

errorConformance('Stripe', STRIPE_ERRORS, {
  official: [...new Set([...codes, ...declineCodes])],
  secret: [
    'lost_card',
    'stolen_card',
    'pickup_card',
    'restricted_card',
    'fraudulent',
    'merchant_blacklist',
    'security_violation',
    'card_decline_rate_limit_exceeded',
  ],
});
