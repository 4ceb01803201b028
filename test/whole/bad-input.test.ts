import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SignJWT } from 'jose';
import { Client } from 'pg';
import { databaseUrl } from '../database.ts';
import { approved, Caller, CARDS } from './caller.ts';
import type { Answer } from './http.ts';
import { System } from './system.ts';

const [PAN] = CARDS;
const MEBIBYTE = 1024 * 1024;
const CODES = /^\| `([a-z_]+)` +\| (4\d\d) /gm;

/** The 4xx codes that are documented, with their status. */
const documented = new Map(
  [...readFileSync('docs/reference/errors.md', 'utf8').matchAll(CODES)].map(
    ([, code, status]) => [code, Number(status)] as const,
  ),
);

type Body = Record<string, unknown>;

describe('what no client should send', () => {
  let system: System;
  let caller: Caller;
  let token: Body;
  let untouched: string;
  let accessKey: KeyObject;

  before(async () => {
    system = await System.start({ engine: 'postgres' });
    caller = new Caller(system);
    await caller.enrol();
    token = new Caller(system).tokenBody(1);
    accessKey = createPrivateKey(readFileSync(join(system.data, 'keys', 'access.pem')));
    await system.token('operator');
    untouched = await everything();
  });
  after(() => system.stop());

  /** Rows of every table and the gateway's ledger: what may not grow by a refusal. */
  async function everything(): Promise<string> {
    const client = new Client({ connectionString: databaseUrl(system.databaseName ?? '') });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string; n: number }>(
        `select table_name as name, (xpath('/row/n/text()', query_to_xml(
           format('select count(*) as n from %I', table_name), true, true, '')))[1]::text::int as n
         from information_schema.tables
         where table_schema = 'public' and table_name not in
           ('job', 'ledger', 'ledger_seal', 'ledger_unsealed', 'ledger_checkpoint')
         order by 1`,
      );
      assert.ok(rows.length > 8, 'there are tables to count in');
      const acted = await client.query(
        `select count(*)::int as n from ledger where action not like 'audit.%'
           and action not like 'access.%' and action not like 'event.%'`,
      );
      const { operations, tokens } = await system.ledger();
      return JSON.stringify([rows, acted.rows, operations.length, tokens.length]);
    } finally {
      await client.end();
    }
  }

  function assertRefused(what: string, answer: Answer, code?: string): void {
    const { status, headers, body, text } = answer;
    assert.ok(status >= 400 && status < 500, `${what}: ${status} ${text}`);
    assert.match(String(headers['content-type']), /^application\/problem\+json/, what);
    assert.equal(documented.get(String(body['code'])), status, `${what}: ${text}`);
    if (code !== undefined) assert.equal(body['code'], code, `${what}: ${text}`);
    assert.ok(!text.includes(PAN) && !/\d{12}/.test(text), `${what}: it repeats digits`);
  }

  async function nothingHappened(): Promise<void> {
    assert.equal(await everything(), untouched, 'nothing was stored and nothing was sent');
  }

  async function post(
    role: 'bridge' | 'tokenizer',
    path: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const authorization = `Bearer ${await system.token()}`;
    const type = { 'content-type': 'application/json' };
    return system.send(role, {
      method: 'POST',
      path,
      body,
      headers: { authorization, ...type, ...headers },
    });
  }

  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

  test('a card request that is not what the card process takes is refused whole', async () => {
    const text = JSON.stringify(token);
    const without = (name: string): string =>
      JSON.stringify(Object.fromEntries(Object.entries(token).filter(([key]) => key !== name)));
    const bodies: Record<string, string | Buffer> = {
      'no JSON': 'card_number=4',
      'an empty body': '',
      'a list': `[${text}]`,
      null: 'null',
      'half of it': text.slice(0, text.length / 2),
      'two documents': `${text}${text}`,
      'no card number': without('card_number'),
      'no CVV': without('cvv'),
      'no customer': without('customer_id'),
      'no metadata': without('metadata'),
      'the card number as a number': text.replace(`"${PAN}"`, PAN),
      'the card number in a list': text.replace(`"${PAN}"`, `["${PAN}"]`),
      'the card number as null': text.replace(`"${PAN}"`, 'null'),
      'an escape inside the digits': text.replace(`"${PAN}"`, `"\\u0034${PAN.slice(1)}"`),
      'an escape inside a key': text.replace('card_number', 'card_n\\u0075mber'),
      'the card number twice': text.replace('{', `{"card_number":"${PAN}",`),
      'the CVV twice': text.replace('{', '{"cvv":"999",'),
      'an unknown key': text.replace('{', '{"cardholder":"Ada",'),
      'a second card number under another name': text.replace('{', `{"pan":"${PAN}",`),
      'another spelling of the key': text.replace('card_number', 'Card_Number'),
      'a prototype': text.replace('{', '{"__proto__":{"admin":true},'),
      'a constructor': text.replace('{', '{"constructor":{"prototype":{}},'),
      'a prototype in the metadata': text.replace('"metadata":{', '"metadata":{"__proto__":{},'),
      'a card number as customer': text
        .replace(caller.customerId, PAN)
        .replace(/"customer_id":"[^"]+"/, `"customer_id":"${PAN}"`),
      'a card number in the metadata': text.replace('ivr_payment_flow', PAN),
      'wrong types': text.replace('29.99', '{"value":29.99}'),
      'an amount of many digits': text.replace('29.99', '"1e400"'),
      'a currency of four letters': text.replace('USD', 'USDX'),
      'a key inside a key': text.replace('{', `{"a":${deep(2_000)},`),
      'bytes that are no UTF-8': Buffer.concat([
        Buffer.from(text.slice(0, -1)),
        Buffer.of(0xff, 0x7d),
      ]),
      'a mebibyte': text.replace('{', `{"pad":"${'x'.repeat(MEBIBYTE)}",`),
    };
    for (const [what, body] of Object.entries(bodies)) {
      assertRefused(what, await post('tokenizer', '/v1/tokens', body));
    }
    const large = bodies['a mebibyte'] ?? '';
    const large413 = await post('tokenizer', '/v1/tokens', large);
    assert.equal(large413.body['code'], 'body_too_large');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assertRefused(
      'a form',
      await post('tokenizer', '/v1/tokens', text, form),
      'unsupported_media_type',
    );
    const key = { 'idempotency-key': `key ${PAN}` };
    assertRefused('a card number as key', await post('tokenizer', '/v1/tokens', text, key));
    assertRefused(
      'a card number in the path',
      await post('tokenizer', `/v1/tokens/${PAN}`, text),
      'unknown_route',
    );
    await nothingHappened();
  });

  test('a bridge request that is not what its route takes is refused whole', async () => {
    const call = { interaction_id: caller.interactionId };
    const subscribe = caller.subscribeBody();
    const bodies: readonly (readonly [what: string, path: string, body: unknown])[] = [
      ['a number for a text', '/v1/availability', { interaction_id: 7 }],
      ['a missing field', '/v1/availability', {}],
      ['an unknown key', '/v1/availability', { ...call, card: 'x' }],
      ['a list', '/v1/availability', [call]],
      ['a card number as call', '/v1/availability', { interaction_id: PAN }],
      ['a card number as language', '/v1/availability', { ...call, language: PAN }],
      ['a card number as customer', '/v1/subscribers/lookup', { ...call, customer_id: PAN }],
      [
        'a card number in groups',
        '/v1/subscribers/lookup',
        { ...call, customer_id: '4242-4242-4242-4242' },
      ],
      ['a card number as token', '/v1/subscriptions', { ...subscribe, payment_method_token: PAN }],
      ['a card number as plan', '/v1/subscriptions', { ...subscribe, plan_id: PAN }],
      ['a card number as a key', '/v1/subscriptions', { ...subscribe, [PAN]: 1 }],
      ['a card number field', '/v1/subscriptions', { ...subscribe, card_number: PAN }],
      [
        'a card number in the metadata',
        '/v1/subscriptions',
        { ...subscribe, metadata: { ivr_session_id: PAN } },
      ],
      ['an interval of nothing', '/v1/subscriptions', { ...subscribe, interval_count: 0 }],
      ['an attempt of letters', '/v1/subscriptions', { ...subscribe, attempt: 'one' }],
      ['an unknown reason', '/v1/handoffs', { ...call, reason: PAN }],
      ['no consent', '/v1/consents', { ...call, disclosure_id: PAN, key_pressed: '1' }],
    ];
    for (const [what, path, body] of bodies) {
      assertRefused(what, await post('bridge', path, JSON.stringify(body)));
    }
    const text = JSON.stringify(subscribe);
    const raw: Record<string, string | Buffer> = {
      'no JSON': 'plan_id=1',
      'an empty body': '',
      'half of it': text.slice(0, 40),
      'a prototype': text.replace('{', '{"__proto__":{"admin":true},'),
      'a constructor': text.replace('{', '{"constructor":{"prototype":{}},'),
      'a key twice': text.replace('{', '{"plan_id":"other",'),
      'deep JSON': deep(5_000),
      'deep lists': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      'a mebibyte': text.replace('{', `{"pad":"${'x'.repeat(MEBIBYTE)}",`),
      'bytes that are no UTF-8': Buffer.concat([
        Buffer.from(text.slice(0, -1)),
        Buffer.of(0xff, 0x7d),
      ]),
    };
    for (const [what, body] of Object.entries(raw)) {
      assertRefused(what, await post('bridge', '/v1/subscriptions', body));
    }
    const key = { 'idempotency-key': PAN };
    assertRefused('a card number as key', await post('bridge', '/v1/subscriptions', text, key));
    const paths = [`/v1/subscriptions/${PAN}`, `/v1/operations/${PAN}`, '/v1/nothing', '/%ff'];
    for (const path of paths) assertRefused(path, await system.ask('bridge', 'GET', path));
    const query = `/v1/audit?interaction_id=${PAN}`;
    assertRefused(query, await system.ask('bridge', 'GET', query, undefined, 'operator'));
    await nothingHappened();
  });

  test('a token that is missing, expired, forged or for something else opens neither door', async () => {
    const good = await system.token();
    const sign = (key: KeyObject, scope: string, expires: string, audience = 'tokenline') =>
      new SignJWT({ scope })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: kidOf() })
        .setIssuer('tokenline')
        .setAudience(audience)
        .setSubject('tokenline-sandbox')
        .setIssuedAt('-1h')
        .setExpirationTime(expires)
        .sign(key);
    const kidOf = (): string => {
      const [head = ''] = good.split('.');
      return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid;
    };
    const [head = '', payload = '', signature = ''] = good.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const { privateKey: otherKey } = generateKeyPairSync('ed25519');
    const scopes = 'calls cards';
    const tokens: readonly (readonly [what: string, header: string | null, code: string])[] = [
      ['none', null, 'missing_token'],
      ['another scheme', 'Basic dG9rZW46eA==', 'invalid_token'],
      ['a card number', `Bearer ${PAN}`, 'invalid_token'],
      ['expired', `Bearer ${await sign(accessKey, scopes, '-1m')}`, 'invalid_token'],
      ['for somebody else', `Bearer ${await sign(accessKey, scopes, '5m', 'x')}`, 'invalid_token'],
      ['of another key', `Bearer ${await sign(otherKey, scopes, '5m')}`, 'invalid_token'],
      ['without a signature', `Bearer ${none}.${payload}.`, 'invalid_token'],
      [
        'with another’s payload',
        `Bearer ${head}.${payload.slice(0, -4)}.${signature}`,
        'invalid_token',
      ],
      ['without the scope', `Bearer ${await system.token('operator')}`, 'missing_scope'],
    ];
    const right = `Bearer ${await sign(accessKey, scopes, '5m')}`;
    const asked = JSON.stringify({ interaction_id: caller.interactionId });
    const control = await post('bridge', '/v1/plans/list', asked, { authorization: right });
    approved(control);
    for (const [what, authorization, code] of tokens) {
      for (const [role, path, body] of [
        ['tokenizer', '/v1/tokens', JSON.stringify(token)],
        ['bridge', '/v1/plans/list', asked],
      ] as const) {
        const headers = {
          'content-type': 'application/json',
          ...(authorization && { authorization }),
        };
        const answer = await system.send(role, { method: 'POST', path, body, headers });
        assertRefused(`${role}: ${what}`, answer, code);
      }
    }
    await nothingHappened();
  });

  test('the internal line is not reachable from the public doors', async () => {
    for (const role of ['bridge', 'tokenizer'] as const) {
      for (const path of ['/internal/operations', '/internal/keys']) {
        assertRefused(`${role} ${path}`, await post(role, path, '{}'), 'unknown_route');
      }
    }
    const event = { method: 'POST', path: '/v1/webhooks/sandbox', body: '{"data":{}}' };
    assertRefused('an unsigned event', await system.send('bridge', event));
    await nothingHappened();
  });

  test('after all of it the next caller is served', async () => {
    await new Caller(system).enrol();
  });
});
