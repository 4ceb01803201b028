import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { JsonValue, Value } from '../../src/architect/expression/value.ts';
import type { DataActionResult } from '../../src/line/call.ts';
import { integrationIn, readDataAction, readIntegration } from '../../src/line/data-action-file.ts';
import {
  actionOf,
  authenticationAt,
  opened,
  reasonOf,
  serving,
  setting,
  until,
  type ActionParts,
  type Answer,
  type Opened,
  type ServerAtHand,
} from './data-action-world.ts';

const text = (value: string): Value => ({ type: 'string', value });

test('a request is what its templates say, with everything escaped', async (t) => {
  const { run, server } = await setting(t, (origin) => ({
    request: {
      requestUrlTemplate: `${origin}/things/$esc.url(\${input.id})?q=$esc.url("\${input.q}")`,
      requestType: 'PUT',
      headers: {
        'X-Key': '$!{input.key}',
        'X-None': '$!{input.none}',
        'Transfer-Encoding': 'buffered',
        'X-Basic': '$encoding.base64("a:${input.id}")',
      },
      requestTemplate:
        '{"id": "$esc.jsonString(${input.id})", "n": ${input.n}#if("$!{input.none}" != ""), "none": 1#end, "all": $esc.quote(${input.id})}',
    },
  }));
  const result = await run({
    id: text('a/"b\\ü\n$x #if'),
    q: text('1&2'),
    key: text('k'),
    n: { type: 'decimal', value: 2.5 },
    none: { type: 'not_set' },
  });
  assert.equal(result.kind, 'success');
  const [got] = server.got;
  assert.equal(got?.method, 'PUT');
  assert.equal(got?.path, `/things/${encodeURIComponent('a/"b\\ü\n$x #if')}?q=1%262`);
  assert.deepEqual(JSON.parse(got?.body ?? ''), {
    id: 'a/"b\\ü\n$x #if',
    n: 2.5,
    all: 'a/"b\\ü\n$x #if',
  });
  assert.equal(got?.headers['x-key'], 'k');
  assert.equal(got?.headers['x-none'], '');
  assert.equal(got?.headers['x-basic'], Buffer.from('a:a/"b\\ü\n$x #if').toString('base64'));
  assert.equal(got?.headers['transfer-encoding'], undefined);
});

test('a GET has no body, and raw request is every input that is set', async (t) => {
  const get = await setting(t, { request: { requestType: 'GET' } });
  await get.run({ a: text('1') });
  assert.deepEqual(
    get.server.got.map(({ method, body }) => [method, body]),
    [['GET', '']],
  );
  const post = await setting(t);
  await post.run({
    a: text('"x"'),
    n: { type: 'integer', value: 3 },
    no: { type: 'not_set' },
    l: { type: 'collection', of: 'string', items: [text('p'), text('q')] },
    at: { type: 'datetime', value: 0 },
    q: { type: 'queue', name: 'Q' },
  });
  assert.deepEqual(JSON.parse(post.server.got[0]?.body ?? ''), {
    a: '"x"',
    n: 3,
    l: ['p', 'q'],
    at: '1970-01-01T00:00:00.000Z',
    q: 'Q',
  });
});

test('the contract refuses inputs before anything is sent', async (t) => {
  const { run, server } = await setting(t, {
    required: ['id'],
    inputs: { id: { type: 'string' }, n: { type: 'integer' }, l: { type: 'array' } },
  });
  assert.match(reasonOf(await run({})), /id is missing/);
  assert.match(reasonOf(await run({ id: { type: 'not_set' } })), /id is missing/);
  assert.match(reasonOf(await run({ id: text('a'), n: text('1') })), /n has to be integer/);
  assert.match(reasonOf(await run({ id: { type: 'integer', value: 1 } })), /id has to be string/);
  assert.match(reasonOf(await run({ id: text('a'), l: text('b') })), /l has to be array/);
  assert.deepEqual(server.got, []);
  assert.equal((await run({ id: text('a'), extra: text('b') })).kind, 'success');
});

test('an action that the integration does not have is a failure', async (t) => {
  const { run } = await setting(t);
  assert.match(reasonOf(await run({}, { action: 'Other' })), /no data action Tokenline \/ Other/);
});

const TRANSLATIONS: readonly (readonly [string, ActionParts['response'], Answer, JsonValue])[] = [
  [
    'a path and its default',
    {
      translationMap: { a: '$.x.y', b: '$.nothing' },
      translationMapDefaults: { b: '"none"' },
      successTemplate: '{"a": ${a}, "b": ${b}}',
    },
    [200, '{"x":{"y":"q\\"uote"}}'],
    { a: 'q"uote', b: 'none' },
  ],
  [
    'false, 0, null and empty, which are found',
    {
      translationMap: { a: '$.a', b: '$.b', c: '$.c', d: '$.d' },
      translationMapDefaults: { a: 'true', b: '1', c: '2', d: '"x"' },
      successTemplate: '{"a": ${a}, "b": ${b}, "c": ${c}, "d": ${d}}',
    },
    [201, '{"a":false,"b":0,"c":null,"d":""}'],
    { a: false, b: 0, c: null, d: '' },
  ],
  [
    'a path that finds many gives a list, also of one',
    {
      translationMap: { names: '$.items[*].name', odd: '$.items[?(@.n > 1)].name', deep: '$..n' },
      translationMapDefaults: {},
      successTemplate: '{"names": ${names}, "odd": ${odd}, "deep": ${deep}}',
    },
    [200, '{"items":[{"name":"a","n":1},{"name":"b","n":2}]}'],
    { names: ['a', 'b'], odd: ['b'], deep: [1, 2] },
  ],
  [
    'the first of a list',
    {
      translationMap: { ids: '$.items[*].id' },
      translationMapDefaults: { ids: '[]' },
      successTemplate: '{"id": ${successTemplateUtils.firstFromArray("${ids}")}}',
    },
    [200, '{"items":[{"id":"one"},{"id":"two"}]}'],
    { id: 'one' },
  ],
  ['the whole answer', {}, [200, '{"as":["it","is"]}'], { as: ['it', 'is'] }],
];

test('an answer is translated as Genesys does', async (t) => {
  for (const [what, response = {}, answer, outputs] of TRANSLATIONS) {
    const { run } = await setting(t, { response }, () => answer);
    assert.deepEqual(await run(), { kind: 'success', outputs }, what);
  }
});

test('whatever else comes back is a failure that repeats nothing of it', async (t) => {
  const map = { translationMap: { a: '$.a' }, successTemplate: '{"a": ${a}}' };
  for (const [answer, response, reason] of [
    [[500, '{"a":"secret words"}'], map, /HTTP 500/],
    [[302, ''], map, /HTTP 302/],
    [[200, 'secret words'], map, /not JSON/],
    [[200, '"secret words"'], map, /not JSON/],
    [[200, '{"b":"secret words"}'], map, /nothing for a, and no default/],
    [[200, '{"a":"secret words"}'], { ...map, successTemplate: '{"a": ' }, /JSON object/],
    [[200, '{"a":"secret words"}'], { ...map, successTemplate: '${a}' }, /JSON object/],
  ] as const) {
    const { run } = await setting(t, { response }, () => answer);
    const said = reasonOf(await run());
    assert.match(said, reason);
    assert.doesNotMatch(said, /secret words/);
  }
});

test('outputs that do not keep the contract are a failure', async (t) => {
  const { run } = await setting(t, { outputs: { n: { type: 'integer' } } }, () => [
    200,
    '{"n":"x"}',
  ]);
  assert.match(reasonOf(await run()), /n has to be integer/);
});

test('a server that is not there is a failure', async (t) => {
  const world = opened(t, { actions: [actionOf('http://127.0.0.1:9')], authentication: null });
  const request = { category: 'Tokenline', action: 'Act', secure: false, inputs: {} };
  assert.match(reasonOf(await world.actions.run(request, null)), /was not sent \(connect\)/);
});

test('the flow’s limit ends the waiting, and the request runs on', async (t) => {
  const { run, server, clock, actions } = await setting(t, { timeoutSeconds: 30 }, () => null);
  const result = run({}, { timeoutMs: 17_000 });
  await until(() => server.got.length === 1);
  await clock.advance(17_000);
  assert.deepEqual(await result, { kind: 'timeout' });
  let settled = false;
  const settling = actions.settled().then(() => (settled = true));
  await clock.advance(12_000);
  assert.equal(settled, false);
  await clock.advance(1000);
  await settling;
  assert.equal(clock.timerCount, 0);
});

test('the action’s own limit is a failure', async (t) => {
  const { run, server, clock } = await setting(t, { timeoutSeconds: 5 }, () => null);
  const result = run({}, { timeoutMs: 17_000 });
  await until(() => server.got.length === 1);
  await clock.advance(5000);
  assert.match(reasonOf(await result), /no answer came \(aborted\)/);
  assert.equal(clock.timerCount, 0);
});

async function withTokens(
  t: TestContext,
  answer: (path: string, bearer: string) => Answer,
): Promise<{ world: Opened; server: ServerAtHand; run: () => Promise<DataActionResult> }> {
  const server = await serving(t, ({ path, headers }) => answer(path, headers.authorization ?? ''));
  const { credentials, ...authentication } = authenticationAt(server.origin);
  const request = { headers: { Authorization: 'Bearer ${authResponse.access_token}' } };
  const actions = [actionOf(server.origin, { request })];
  const world = opened(t, { actions, authentication }, credentials);
  const run = (): Promise<DataActionResult> =>
    world.actions.run({ category: 'Tokenline', action: 'Act', secure: false, inputs: {} }, null);
  return { world, server, run };
}

test('a token is asked for once, by the credential, and kept', async (t) => {
  const { server, run } = await withTokens(t, (path) =>
    path === '/login' ? [200, '{"access_token":"t1"}'] : [200, '{}'],
  );
  const results = await Promise.all([run(), run(), run()]);
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['success', 'success', 'success'],
  );
  const [login, ...acts] = server.got;
  assert.equal(
    login?.headers.authorization,
    `Basic ${Buffer.from('id:se"cret').toString('base64')}`,
  );
  assert.equal(login?.body, 'grant_type=client_credentials');
  assert.deepEqual(
    acts.map(({ path, headers }) => [path, headers.authorization]),
    Array.from({ length: 3 }, () => ['/act', 'Bearer t1']),
  );
});

test('a token that is refused is renewed once, for all who wait', async (t) => {
  let logins = 0;
  const { server, run } = await withTokens(t, (path, bearer) => {
    if (path === '/login') return [200, `{"access_token":"t${++logins}"}`];
    return bearer === 'Bearer t2' ? [200, '{}'] : [401, '{}'];
  });
  const results = await Promise.all([run(), run()]);
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['success', 'success'],
  );
  assert.equal(logins, 2);
  assert.equal(server.got.filter(({ path }) => path === '/act').length, 4);
});

test('a token that is refused twice is a failure, and the next run asks again', async (t) => {
  const { server, run } = await withTokens(t, (path) =>
    path === '/login' ? [200, '{"access_token":"t"}'] : [401, '{}'],
  );
  assert.match(reasonOf(await run()), /HTTP 401/);
  assert.deepEqual(
    server.got.map(({ path }) => path),
    ['/login', '/act', '/login', '/act'],
  );
});

test('without a token nothing is sent, and the refusal is not kept', async (t) => {
  let refuse = true;
  const { server, run } = await withTokens(t, (path) => {
    if (path !== '/login') return [200, '{}'];
    return refuse ? [403, '{}'] : [200, '{"access_token":"t"}'];
  });
  assert.match(reasonOf(await run()), /no access token: the answer was HTTP 403/);
  refuse = false;
  assert.equal((await run()).kind, 'success');
  assert.deepEqual(
    server.got.map(({ path }) => path),
    ['/login', '/login', '/act'],
  );
});

test('the files of the product are read, with their addresses put in', () => {
  const addresses = { TOKENLINE_BRIDGE_URL: 'http://b', TOKENLINE_TOKENIZER_URL: 'http://t' };
  const { actions, authentication } = readIntegration(
    integrationIn('genesys/data-actions'),
    addresses,
  );
  assert.equal(actions.length, 18);
  assert.ok(authentication);
  const tokenise = actions.find(({ name }) => name === 'Tokenline Tokenise Card');
  assert.equal(tokenise?.request.requestUrlTemplate, 'http://t/v1/tokens');
  assert.equal(tokenise?.secure, true);
  assert.equal(tokenise?.timeoutMs, 30_000);
  assert.equal(actions.filter(({ secure }) => secure).length, 1);
  assert.throws(
    () => readIntegration(integrationIn('genesys/data-actions'), {}),
    /no value is given for \{\{TOKENLINE_/,
  );
});

test('a file that is none is refused with its name and the member', () => {
  for (const [file, message] of [
    ['{', /x.json: this is not JSON/],
    ['[]', /x.json: the file has to be an object/],
    ['{"config": {"request": 1}, "contract": {}}', /x.json/],
    [
      JSON.stringify({
        name: 'A',
        config: {
          request: {
            requestUrlTemplate: 'u',
            requestType: 'BREW',
            headers: {},
            requestTemplate: '',
          },
        },
        contract: {},
      }),
      /x.json: config.request.requestType has to be one of GET/,
    ],
  ] as const) {
    assert.throws(() => readDataAction(file, 'x.json', {}), message);
  }
});
