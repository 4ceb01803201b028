import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../src/architect/expression/value.ts';
import { SecretBytes } from '../../src/card/secret.ts';
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
} from './data-action-world.ts';

const text = (value: string): Value => ({ type: 'string', value });

const SECURE: ActionParts = {
  secure: true,
  required: ['pan', 'cvv'],
  inputs: { pan: { type: 'string' }, cvv: { type: 'string' }, who: { type: 'string' } },
  request: {
    requestTemplate:
      '{"pan": "$esc.jsonString(${input.pan})", "cvv": "$esc.jsonString(${input.cvv})", "who": "$esc.jsonString(${input.who})"#if("$!{input.cvv}" != ""), "again": "${input.pan}"#end}',
  },
};

const secretOf = (digits: string): SecretBytes => SecretBytes.copyOf(Buffer.from(digits));

test('secrets are copied into the body as bytes, and every buffer is wiped', async (t) => {
  const { run, server, buffers } = await setting(t, SECURE);
  const pan = secretOf('4242424242424242');
  const result = await run({ pan, cvv: secretOf('123'), who: text('ü"') }, { secure: true });
  assert.equal(result.kind, 'success');
  assert.deepEqual(JSON.parse(server.got[0]?.body ?? ''), {
    pan: '4242424242424242',
    cvv: '123',
    who: 'ü"',
    again: '4242424242424242',
  });
  assert.ok(buffers.length >= 2);
  for (const buffer of buffers) {
    assert.ok(buffer.buffer.byteLength > 64);
    assert.ok(buffer.every((byte) => byte === 0));
  }
  // Lent, and not the action's to wipe.
  assert.equal(pan.length, 16);
});

test('every buffer is wiped when the request fails as well', async (t) => {
  const answers: readonly (() => Answer)[] = [() => [500, ''], () => null];
  for (const answer of answers) {
    const { run, server, buffers, clock, actions } = await setting(t, SECURE, answer);
    const inputs = { pan: secretOf('4242424242424242'), cvv: secretOf('123'), who: text('a') };
    const result = run(inputs, { secure: true, timeoutMs: 1000 });
    await until(() => server.got.length === 1);
    await clock.advance(30_000);
    await result;
    await actions.settled();
    assert.ok(buffers.length >= 2 && buffers.every((buffer) => buffer.every((byte) => byte === 0)));
  }
});

test('a text that looks like what stands for a secret does not become one', async (t) => {
  const { run, server } = await setting(t, SECURE);
  const inputs = { pan: secretOf('4242424242424242'), cvv: secretOf('123') };
  await run({ ...inputs, who: text('secret_aaaaaaaaaaaaaaaaaaaa') }, { secure: true });
  const { who } = JSON.parse(server.got[0]?.body ?? '') as { who: string };
  assert.equal(who, 'secret_aaaaaaaaaaaaaaaaaaaa');
});

test('a secret goes to secure actions only, is digits only, and stands in the body only', async (t) => {
  const pan = secretOf('4242424242424242');
  const plain = await setting(t, { ...SECURE, secure: false });
  const inputs = { pan, cvv: secretOf('123'), who: text('a') };
  assert.match(reasonOf(await plain.run(inputs, { secure: true })), /Act is not marked secure/);
  const secure = await setting(t, SECURE);
  assert.match(reasonOf(await secure.run(inputs)), /pan is secure/);
  for (const odd of ['42*2', '4242#', '', '42 42', '42"', 'ab']) {
    const run = await secure.run({ ...inputs, cvv: secretOf(odd) }, { secure: true });
    assert.match(reasonOf(run), /cvv has to be digits and nothing else/);
    assert.ok(odd === '' || !reasonOf(run).includes(odd));
  }
  const templates: readonly NonNullable<ActionParts['request']>[] = [
    { headers: { 'X-Pan': '${input.pan}' } },
    { requestUrlTemplate: `${secure.server.origin}/a/\${input.pan}` },
    { requestTemplate: '{"pan": "$encoding.base64(${input.pan})", "cvv": "${input.cvv}"}' },
    { requestType: 'GET' },
  ];
  for (const request of templates) {
    const misplaced = await setting(t, {
      ...SECURE,
      request: { ...SECURE.request, ...request },
    });
    const reason = reasonOf(await misplaced.run(inputs, { secure: true }));
    assert.match(reason, /a secure input (stands outside of the body|is not sent as it is)/);
    assert.deepEqual([...misplaced.server.got, ...secure.server.got], []);
  }
});

test('a flow that stopped waiting for a token has nothing sent for it', async (t) => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const login = await serving(t, async () => {
    await gate;
    return [200, '{"access_token":"t"}'];
  });
  const { credentials, ...authentication } = authenticationAt(login.origin);
  const server = await serving(t, () => [200, '{}']);
  const files = { actions: [actionOf(server.origin, SECURE)], authentication };
  const world = opened(t, files, credentials);
  const inputs = { pan: secretOf('4242424242424242'), cvv: secretOf('123'), who: text('a') };
  const request = { category: 'Tokenline', action: 'Act', secure: true, inputs };
  const result = world.actions.run(request, 1000);
  await until(() => login.got.length === 1);
  await world.clock.advance(1000);
  assert.deepEqual(await result, { kind: 'timeout' });
  open();
  await world.actions.settled();
  assert.deepEqual(server.got, []);
});
