import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { holdsCardNumber } from '../../src/system/digit-run.ts';
import { problemOf, runApi, type RunningApi } from './running-api.ts';

const good = EXAMPLES.subscribe.request;
const PAN = EXAMPLES.tokenise.request.card_number;

const refused = async (
  api: RunningApi,
  raw: string | Uint8Array<ArrayBuffer>,
  what: string,
  path = '/v1/subscriptions',
): Promise<string> => {
  const response = await api.send(path, { raw });
  assert.equal(response.status, 400, what);
  assert.equal(response.headers.get('content-type'), 'application/problem+json', what);
  const { code, detail } = await problemOf(response);
  assert.equal(code, 'bad_request', what);
  assert.deepEqual(api.asked, [], what);
  return detail;
};

test('a body that does not fit is refused by field and rule, and its values are not repeated', async (t) => {
  const api = await runApi(t);
  const SECRET = 'Xyzzy(secret)';
  const cases: [string, object, RegExp][] = [
    ['missing', { ...good, customer_id: undefined }, /customer_id is missing/],
    ['missing inside', { ...good, metadata: {} }, /metadata\.ivr_session_id is missing/],
    ['wrong type', { ...good, plan_id: 7 }, /plan_id must be string/],
    ['no coercion', { ...good, customer_id: true }, /customer_id must be string/],
    ['pattern', { ...good, plan_id: SECRET }, /plan_id must match pattern/],
    ['words', { ...good, interval_unit: SECRET }, /interval_unit must be/],
    ['unknown', { ...good, price: SECRET }, /price is not known/],
    [
      'unknown inside',
      { ...good, metadata: { ...good.metadata, cvv: '9' } },
      /metadata\.cvv is not known/,
    ],
    ['unknown, strange', { ...good, [SECRET]: 1 }, /a name that is not repeated is not known/],
    ['number', { ...good, interval_count: 0 }, /interval_count must be/],
    ['null', { ...good, attempt: null }, /attempt must be/],
    ['array', [good], /the whole must be object/],
  ];
  for (const [what, body, told] of cases) {
    const detail = await refused(api, JSON.stringify(body), what);
    assert.match(detail, told, what);
    assert.ok(!detail.includes(SECRET), what);
  }
});

test('text that is not strict, shallow JSON in UTF-8 is refused', async (t) => {
  const api = await runApi(t);
  const text = JSON.stringify(good);
  const cases: [string, string | Uint8Array<ArrayBuffer>][] = [
    ['empty', ''],
    ['half', text.slice(0, -1)],
    ['two documents', `${text}${text}`],
    ['a comment', `/* */${text}`],
    ['NaN', text.replace('"attempt":1', '"attempt":NaN')],
    ['bad UTF-8', Uint8Array.from([...Buffer.from(text.slice(0, -1)), 0xff, 0x7d])],
    ['a byte order mark', `\ufeff${text}`],
    ['a doubled name', text.replace('{', '{"customer_id":"first",')],
    ['a doubled name, escaped', text.replace('{', '{"customer\\u005fid":"first",')],
    [
      'a doubled name inside',
      text.replace('"ivr_session_id"', '"ivr_session_id":"x","ivr_session_id"'),
    ],
    ['__proto__', text.replace('{', '{"__proto__":{"attempt":9},')],
    ['__proto__ inside', text.replace('"metadata":{', '"metadata":{"__proto__":null,')],
    ['constructor', text.replace('{', '{"constructor":{"prototype":{}},')],
    ['deep', text.replace('{', `{"a":${'['.repeat(8)}${']'.repeat(8)},`)],
    ['very deep', `${'['.repeat(8_000)}${']'.repeat(8_000)}`],
    ['a string', '"text"'],
    ['a number', '7'],
  ];
  for (const [what, raw] of cases) await refused(api, raw, what);
  assert.equal(({} as { attempt?: number }).attempt, undefined);
  // In a field that takes any text the bad byte must not become a replacement character.
  const reason = Uint8Array.from([
    ...Buffer.from('{"automated_payments":"on","reason":"abc'),
    0xff,
  ]);
  const response = await api.send('/v1/switch', {
    method: 'PUT',
    scope: 'operator',
    raw: Uint8Array.from([...reason, ...Buffer.from('"}')]),
  });
  assert.match((await problemOf(response)).detail, /not UTF-8/);
  assert.deepEqual(api.asked, []);
});

test('a card number in any field, name or header is refused and not repeated', async (t) => {
  const api = await runApi(t);
  const spaced = '4242 4242 4242 4242';
  const bodies = [
    { ...good, customer_id: PAN },
    { ...good, metadata: { ivr_session_id: `call-${PAN}` } },
    { ...good, note: spaced },
    { ...good, [PAN]: 1 },
    { ...good, attempt: Number(PAN) },
    { ...good, list: [[spaced.replaceAll(' ', '-')]] },
  ];
  for (const body of bodies) {
    const response = await api.send('/v1/subscriptions', { body });
    const problem = await problemOf(response);
    assert.equal(problem.code, 'card_number_in_wrong_place', JSON.stringify(body));
    assert.ok(!JSON.stringify(problem).includes('4242'));
  }
  const first = JSON.stringify(good).replace('{', `{"customer_id":"${PAN}",`);
  const hidden = await api.send('/v1/subscriptions', { raw: first });
  assert.equal((await problemOf(hidden)).code, 'card_number_in_wrong_place', 'a doubled name');
  const header = await api.send('/v1/subscriptions', {
    body: good,
    headers: { 'idempotency-key': `a:${PAN}:1` },
  });
  assert.equal((await problemOf(header)).code, 'card_number_in_wrong_place');
  assert.deepEqual(api.asked, []);
  const log = api.logLines.join('\n');
  assert.match(log, /"level":"alarm".*http\.card_number_in_wrong_place/);
  assert.doesNotMatch(log, /4242/);
});

test('long numbers that are no cards pass: customer ids, conversation ids, telephone numbers', async (t) => {
  const api = await runApi(t);
  // Luhn-valid and as long as an old Visa number: a German telephone number.
  const german = ['+49', '151', '234', '567', '87'].join('');
  assert.ok(holdsCardNumber(german));
  const bodies = [
    { interaction_id: 'b1f0c5de-7a49-4b1e-9d4f-424242424242', customer_id: '1'.repeat(12) },
    { interaction_id: '2'.repeat(12), ani: german },
    { interaction_id: 'a', ani: 'sip:anonymous@anonymous.invalid' },
    { interaction_id: 'a', ani: 'tel:+13175550101' },
  ];
  for (const body of bodies) {
    const response = await api.send('/v1/subscribers/lookup', { body });
    assert.equal(response.status, 200, JSON.stringify(body));
  }
});

test('another type of content, and a body that is too large, are refused as such', async (t) => {
  const api = await runApi(t);
  for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'x']) {
    const response = await api.send('/v1/consents', {
      raw: '{}',
      headers: { 'content-type': type },
    });
    assert.equal(response.status, 415, type);
    assert.equal((await problemOf(response)).code, 'unsupported_media_type', type);
  }
  const charset = await api.send('/v1/subscriptions', {
    body: good,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
  assert.equal(charset.status, 200);
  for (const size of [16 * 1024 + 1, 1024 * 1024]) {
    const response = await api.send('/v1/consents', { raw: ' '.repeat(size) });
    assert.equal(response.status, 413, String(size));
    assert.equal((await problemOf(response)).code, 'body_too_large');
  }
});

test('a query is read as strictly as a body; whole numbers are read as numbers', async (t) => {
  const api = await runApi(t);
  const audit = (query: string): Promise<Response> =>
    api.send(`/v1/audit${query}`, { method: 'GET', scope: 'auditor' });
  assert.equal((await audit('?interaction_id=a&limit=10&after_seq=3')).status, 200);
  assert.deepEqual(api.asked[0]?.[2], { interaction_id: 'a', limit: 10, after_seq: 3 });
  for (const query of [
    '?limit=ten',
    '?limit=1e2',
    '?limit=0',
    '?secret=1',
    '?from=a&from=b',
    '?__proto__=1',
  ]) {
    const response = await audit(query);
    assert.equal(response.status, 400, query);
    assert.match((await problemOf(response)).detail, /^The query does not fit/, query);
  }
});

test('an id of another shape names nothing', async (t) => {
  const api = await runApi(t);
  for (const id of ['1', 'sub_short', `sub_${'a'.repeat(21)}`, "sub_'--", PAN]) {
    const response = await api.send(`/v1/subscriptions/${id}`, { method: 'GET' });
    assert.equal((await problemOf(response)).code, 'unknown_resource', id);
  }
  assert.deepEqual(api.asked, []);
  assert.doesNotMatch(api.logLines.join('\n'), /4242/);
});
