import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReader } from '../../../src/gateway/rest/answers.ts';
import type { RestMapping } from '../../../src/gateway/rest/mapping.ts';
import type { Exchange } from '../../../src/system/http-client.ts';
import { outcomeText, tokeniseWith } from '../../conformance/gateway/rig.ts';
import { ACME_MAPPING, acmeDialect } from '../../doubles/rest/acme.ts';
import { startRestDouble, type Dialect } from '../../doubles/rest/double.ts';
import { guideDialect } from '../../doubles/rest/guide.ts';
import { mappingOf, openRest } from './opened.ts';

type Fields = RestMapping['tokenise']['fields'];

const SIGNAL = new AbortController().signal;

const ORDER = {
  idempotencyKey: 'op_planted',
  operationId: 'op_planted',
  interactionId: 'call-a',
  customerId: 'customer-ada',
  face: { brand: 'visa', last4: '5556' },
} as const;

/** What the double's description has against the token request of a mapping. */
async function against(dialect: Dialect, mapping: RestMapping): Promise<readonly string[]> {
  const double = await startRestDouble(dialect);
  const sides = openRest(double.origin, mapping);
  try {
    const reply = await tokeniseWith(sides, ORDER, SIGNAL);
    if (double.problems.length > 0) assert.equal(outcomeText(reply), 'failed gateway_rejected');
    else assert.equal(outcomeText(reply), 'approved');
    return double.problems;
  } finally {
    await sides.http.close();
    await double.close();
  }
}

const guide = mappingOf({});
const acme = mappingOf(ACME_MAPPING);

const renamed = (fields: Fields, from: string, to: string): Fields =>
  fields.map((field) => (field.to === from ? { ...field, to } : field));

const withFields = (mapping: RestMapping, fields: Fields): RestMapping => ({
  ...mapping,
  tokenise: { ...mapping.tokenise, fields },
});

test('the doubles take what the mappings say as it is', async () => {
  assert.deepEqual(await against(guideDialect(), guide), []);
  assert.deepEqual(await against(acmeDialect(), acme), []);
});

/** Mistakes that a careless double would let pass. */
const PLANTED: readonly (readonly [name: string, dialect: () => Dialect, mapping: RestMapping])[] =
  [
    [
      'a field too many',
      guideDialect,
      withFields(guide, [...guide.tokenise.fields, { to: 'colour', value: 'red' }]),
    ],
    [
      'a field that is missing',
      guideDialect,
      withFields(
        guide,
        guide.tokenise.fields.filter(({ to }) => to !== 'customer_id'),
      ),
    ],
    [
      'a nested name that is misspelt',
      guideDialect,
      withFields(guide, renamed(guide.tokenise.fields, 'metadata.call_id', 'metadata.callId')),
    ],
    [
      'a year of two digits',
      guideDialect,
      withFields(
        guide,
        guide.tokenise.fields.map((field) =>
          field.to === 'expiry_year' ? { to: field.to, from: 'expiry_yy' } : field,
        ),
      ),
    ],
    [
      'no idempotency key',
      guideDialect,
      { ...guide, idempotency: { header: null, retention_ms: 0 } },
    ],
    ['JSON where a form is wanted', acmeDialect, { ...acme, body: 'json' }],
    ['a header that is missing', acmeDialect, { ...acme, headers: [] }],
    [
      'a nested name of a form that is misspelt',
      acmeDialect,
      withFields(acme, renamed(acme.tokenise.fields, 'card.security.code', 'card.security.cod')),
    ],
  ];

for (const [name, dialect, mapping] of PLANTED) {
  test(`the double refuses ${name}`, async () => {
    assert.notDeepEqual(await against(dialect(), mapping), []);
  });
}

test('a gateway that keeps no keys is not asked again after a doubt, and is after a refusal', () => {
  const answered = (status: number): Exchange => ({
    kind: 'answered',
    response: { status, headers: {}, body: Buffer.from('{}') },
    latencyMs: 1,
  });
  const keyless = { ...guide, idempotency: { header: null, retention_ms: 0 } };
  const againOf = (mapping: RestMapping, status: number): string =>
    openReader(mapping).token(answered(status)).again.kind;
  assert.equal(againOf(guide, 503), 'again');
  assert.equal(againOf(keyless, 503), 'never');
  assert.equal(againOf(keyless, 429), 'again');
});

test('a 204 is a yes only where the mapping says that it is one', () => {
  const exchange: Exchange = {
    kind: 'answered',
    response: { status: 204, headers: {}, body: Buffer.alloc(0) },
    latencyMs: 1,
  };
  const reader = openReader(guide);
  const told = reader.subscription(exchange, { status: 'cancelled', reference: 'sub_a' });
  assert.equal(outcomeText(told), 'approved');
  const untold = reader.subscription(exchange, { status: 'cancelled', reference: null });
  assert.equal(outcomeText(untold), 'in_doubt');
});

test('a gateway that cannot be asked says so', async () => {
  const mapping = mappingOf({ look_up: { tokenise: null, subscribe: null, change: null } });
  const sides = openRest('http://127.0.0.1:9', mapping);
  const order = {
    ...ORDER,
    kind: 'subscribe',
    subscriptionReference: null,
    gatewayTransactionId: null,
    charge: null,
  } as const;
  assert.deepEqual(await sides.adapter.lookUp(order, SIGNAL), { kind: 'unable' });
  await sides.http.close();
});
