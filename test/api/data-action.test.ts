import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TObject } from 'typebox';
import { Compile } from 'typebox/compile';
import { actionFolder } from '../../src/contract/capture-files.ts';
import {
  BASE_URL,
  authenticationAction,
  dataActions,
  fileNameOf,
  inputsOf,
  type DataAction,
} from '../../src/contract/data-action.ts';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { ROUTES, type Route, type RouteId } from '../../src/contract/routes.ts';
import { translate } from '../../src/line/data-action-answer.ts';
import { rendered } from '../../src/line/data-action-template.ts';

type Value = string | number | boolean;
type Inputs = Readonly<Record<string, Value>>;

const bodyOf = (action: DataAction, input: Inputs): unknown =>
  JSON.parse(rendered(action.config.request.requestTemplate, { input }));

/** The flat inputs of a body: what a flow would bind. */
function flat(value: object): Record<string, Value> {
  const inputs: Record<string, Value> = {};
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    if (typeof member === 'object' && member !== null) Object.assign(inputs, flat(member));
    else inputs[name === 'ivr_session_id' ? 'interaction_id' : name] = member as Value;
  }
  return inputs;
}

const requestOf = (id: RouteId): object => EXAMPLES[id].request ?? {};
const withBody = dataActions().filter(([id]) => ROUTES[id].request !== null);

const SURPRISES = [
  '"',
  '\\',
  '\\"',
  '","outcome":"approved","x":"',
  'line\nbreak\r\ttab\b\f',
  '\u0000\u001f\u007f\u2028',
  '$',
  '$input.customer_id',
  '${input.customer_id}',
  '$!{input.cvv}',
  '#',
  '#if(true)x#end',
  '#set($a = 1)',
  '## a comment',
  '#* a comment *#',
  '{{TOKENLINE_BRIDGE_URL}}',
  '}',
  'ü€😀',
  "it's",
];

test('each route with a name is a data action in a file of its own', () => {
  const named = Object.values(ROUTES).filter((route) => route.name !== null);
  assert.equal(dataActions().length, named.length);
  assert.equal(named.length, 20);
  const files = new Set(
    dataActions().map(([id, action]) => `${actionFolder(ROUTES[id])}/${fileNameOf(action)}`),
  );
  assert.equal(files.size, named.length);
  const tokenise = 'data-actions/tokenline-tokenise-card.custom.json';
  assert.ok(files.has(tokenise));
  for (const file of files) {
    assert.match(file, /^(direct\/)?data-actions\/[a-z]+(-[a-z]+)+\.custom\.json$/);
    const action = JSON.parse(readFileSync(`genesys/${file}`, 'utf8')) as DataAction;
    assert.equal(action.integrationType, 'custom-rest-actions');
    assert.equal(action.config.timeoutSeconds, 30);
    assert.equal(action.secure, file === tokenise);
  }
});

test('an action sends the example of its route when it is given the example’s values', () => {
  for (const [id, action] of withBody) {
    assert.deepEqual(bodyOf(action, flat(requestOf(id))), requestOf(id), id);
  }
});

test('optional inputs that are empty or absent are not sent', () => {
  for (const [id, action] of withBody) {
    const route: Route = ROUTES[id];
    const needed = new Set(
      inputsOf(route)
        .filter((field) => field.required)
        .map(({ name }) => name),
    );
    const all = flat(requestOf(id));
    const least = Object.fromEntries(Object.entries(all).filter(([name]) => needed.has(name)));
    const blank = Object.fromEntries(
      inputsOf(route).map(({ name }) => [name, needed.has(name) ? (all[name] ?? '') : '']),
    );
    const body = bodyOf(action, least);
    assert.deepEqual(bodyOf(action, blank), body, id);
    assert.deepEqual(
      Object.keys(flat(body as object)).sort(),
      Object.keys(least)
        .filter((name) => name !== 'subscription_id')
        .sort(),
      id,
    );
    assert.ok(Compile(route.request as TObject).Check(body), id);
  }
});

test('no text that a caller or a flow brings can break out of its field', () => {
  let executed = 0;
  for (const [id, action] of withBody) {
    const example = flat(requestOf(id));
    for (const { name, type } of inputsOf(ROUTES[id])) {
      if (type !== 'string' || !(name in example)) continue;
      for (const surprise of SURPRISES) {
        const sent = flat(bodyOf(action, { ...example, [name]: surprise }) as object);
        assert.deepEqual(sent, { ...example, [name]: surprise }, `${id}.${name}: ${surprise}`);
        executed += 1;
      }
    }
  }
  assert.ok(executed > 500);
});

test('numbers and booleans are sent as such', () => {
  const tokenise = dataActions().find(([id]) => id === 'tokenise')?.[1];
  assert.ok(tokenise);
  const example = flat(requestOf('tokenise'));
  const body = bodyOf(tokenise, { ...example, recurring_flag: false, amount: 0.5, attempt: 3 });
  const { recurring_flag, amount, attempt, expiry_month } = body as Record<string, unknown>;
  assert.deepEqual([recurring_flag, amount, attempt, expiry_month], [false, 0.5, 3, '12']);
});

test('an address takes its id escaped, and names the process by its placeholder', () => {
  for (const [id, action] of dataActions()) {
    const route: Route = ROUTES[id];
    const template = action.config.request.requestUrlTemplate;
    assert.ok(
      template.startsWith(BASE_URL[route.process === 'tokenizer' ? 'tokenizer' : 'bridge']),
    );
    const names = ['subscription_id', 'operation_id', 'link_id'];
    const input = Object.fromEntries(names.map((name) => [name, '../a?b#c d']));
    const path = rendered(template.replace(/^\{\{\w+\}\}/, ''), { input });
    assert.equal(path, route.path.replace(/\{\w+\}/, '..%2Fa%3Fb%23c%20d'), id);
  }
});

test('secrets come from the credential only, and a keyed action sends the key that it was given', () => {
  for (const [id, action] of dataActions()) {
    const { headers } = action.config.request;
    assert.equal(headers['Authorization'], 'Bearer ${authResponse.access_token}');
    const names = inputsOf(ROUTES[id]).map(({ name }) => name);
    assert.deepEqual(
      names.filter(
        (name) => /secret|token$|password|credential/.test(name) && name !== 'payment_method_token',
      ),
      [],
    );
    const key = headers['Idempotency-Key'];
    assert.equal(key !== undefined, ROUTES[id].keyed, id);
    if (key === undefined) continue;
    assert.equal(rendered(key, { input: { idempotency_key: 'a:subscribe:1' } }), 'a:subscribe:1');
    assert.equal(rendered(key, { input: {} }), '');
  }
});

/** What the line gives a flow of an answer, as Genesys does. */
function backToFlow(action: DataAction, answer: object): unknown {
  const response = { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
  const translated = translate(response, action.config.response);
  return translated.kind === 'outputs' ? translated.outputs : translated.reason;
}

test('an answer comes back to the flow with every field as it was, whatever stands in it', () => {
  for (const [id, action] of dataActions()) {
    const answer: object = EXAMPLES[id].answer ?? {};
    assert.deepEqual(backToFlow(action, answer), answer, id);
    for (const surprise of SURPRISES) {
      const odd = { ...answer, prompt_text: surprise };
      assert.deepEqual(backToFlow(action, odd), odd, `${id}: ${surprise}`);
    }
  }
});

test('an answer that lacks a field gives the flow an empty one of its type', () => {
  for (const [id, action] of dataActions()) {
    const empty = backToFlow(action, {}) as Record<string, unknown>;
    const fields = Object.keys(EXAMPLES[id].answer ?? {});
    assert.deepEqual(Object.keys(empty).sort(), fields.sort(), id);
    for (const value of Object.values(empty)) {
      assert.ok(
        ['', 0, false].includes(value as Value) || (Array.isArray(value) && value.length === 0),
      );
    }
  }
});

test('a contract is flat and names what its action reads and gives', () => {
  for (const [id, action] of dataActions()) {
    const input = action.contract.input.inputSchema as TObject;
    const output = action.contract.output.successSchema as TObject;
    assert.deepEqual(
      Object.keys(output.properties),
      Object.keys(action.config.response.translationMap),
      id,
    );
    const { requestTemplate, requestUrlTemplate, headers } = action.config.request;
    const text = [requestTemplate, requestUrlTemplate, ...Object.values(headers)].join('\n');
    const read = new Set([...text.matchAll(/\{input\.(\w+)\}/g)].map((match) => match[1] ?? ''));
    // The default template of a GET, which has no body.
    read.delete('rawRequest');
    assert.deepEqual([...read].sort(), Object.keys(input.properties).sort(), id);
    for (const field of [...Object.values(input.properties), ...Object.values(output.properties)]) {
      const { type } = field as { type?: unknown };
      assert.ok(['string', 'integer', 'number', 'boolean', 'array'].includes(String(type)), id);
    }
  }
});

test('the integration gets its token by HTTP Basic from its credential', () => {
  const action = authenticationAction() as DataAction;
  const { config } = action;
  const credentials = {
    loginUrl: 'https://bridge/oauth/token',
    clientId: 'a',
    clientSecret: 'b:"c',
  };
  assert.equal(rendered(config.request.requestUrlTemplate, { credentials }), credentials.loginUrl);
  assert.equal(
    rendered(config.request.headers['Authorization'] ?? '', { credentials }),
    `Basic ${Buffer.from('a:b:"c').toString('base64')}`,
  );
  const { access_token, token_type } = EXAMPLES.access_token.answer;
  assert.deepEqual(backToFlow(action, EXAMPLES.access_token.answer), { access_token, token_type });
});
