import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Me } from '../../../src/contract/staff.ts';
import { problemOf } from '../running-api.ts';
import { IDLE_MS, runConsole, SESSION_MS_MAX } from './running-console.ts';

const SESSION = 'tokenline-session';

test('an operator signs in, is known, and signs out', async (t) => {
  const { base, browser, entries } = await runConsole(t);
  const { url, response } = await browser.signIn('otto', '/console/switch');
  assert.equal(url, `${base}/console/switch`, 'they land where they wanted to go');
  assert.match(await response.text(), /<title>Tokenline console/);
  const me = (await (await browser.go('/console/api/me')).json()) as Me;
  assert.deepEqual(
    [me.name, me.roles, me.rights],
    ['Otto Operator', ['operator'], ['watch', 'operate']],
  );
  const held = browser.cookies().get(SESSION);
  const out = await browser.tell('/console/api/sign-out');
  assert.equal(out.status, 204);
  browser.cookies().set(SESSION, held ?? '');
  const after = await browser.go('/console/api/me');
  assert.equal(after.status, 401, 'what the browser held is worth nothing any more');
  assert.equal((await problemOf(after)).code, 'signed_out');
  const told = (await entries()).map(({ actor, action, result }) => [actor, action, result]);
  assert.deepEqual(told, [
    ['staff:otto', 'console.sign_in', 'success'],
    ['staff:otto', 'console.sign_out', 'success'],
  ]);
});

test('somebody without a role is refused, and the ledger tells of it', async (t) => {
  const { browser, entries } = await runConsole(t);
  const { response } = await browser.signIn('nora');
  assert.equal(response.status, 403);
  assert.equal((await problemOf(response)).code, 'missing_right');
  assert.equal(browser.cookies().has(SESSION), false);
  const told = (await entries()).map(({ actor, action, result }) => [actor, action, result]);
  assert.deepEqual(told, [['staff:nora', 'console.sign_in', 'failure']]);
});

test('who does nothing for fifteen minutes has to sign in again', async (t) => {
  const { browser, world } = await runConsole(t);
  await browser.signIn('vera');
  await world.clock.advance(IDLE_MS - 1);
  assert.equal((await browser.go('/console/api/me')).status, 200);
  await world.clock.advance(IDLE_MS - 1);
  assert.equal((await browser.go('/console/api/me')).status, 200, 'each request counts');
  await world.clock.advance(IDLE_MS);
  assert.equal((await browser.go('/console/api/me')).status, 401);
});

test('a session ends after its longest time, whatever somebody does', async (t) => {
  const { browser, world } = await runConsole(t);
  await browser.signIn('vera');
  for (let passedMs = 0; passedMs + IDLE_MS < SESSION_MS_MAX; passedMs += IDLE_MS / 2) {
    assert.equal((await browser.go('/console/api/me')).status, 200);
    await world.clock.advance(IDLE_MS / 2);
  }
  await world.clock.advance(IDLE_MS - 1);
  assert.equal((await browser.go('/console/api/me')).status, 401);
});

test('an answer that belongs to another journey signs nobody in', async (t) => {
  const { base, browser, newBrowser } = await runConsole(t);
  const other = newBrowser();
  await other.visit('/console/sign-in');
  const asked = await browser.visit('/console/sign-in');
  const form = { method: 'POST', body: 'person=ada' };
  let next = await browser.go(asked.url, form);
  let location = new URL(next.headers.get('location') ?? '', asked.url).href;
  while (!location.startsWith(base)) {
    next = await browser.go(location);
    location = new URL(next.headers.get('location') ?? '', location).href;
  }
  const stolen = await other.go(location);
  assert.equal(stolen.status, 401, 'the state is that of another browser');
  assert.equal(other.cookies().has(SESSION), false);
  const nobody = await newBrowser().go(location);
  assert.equal(nobody.status, 401, 'a browser that never began');
  assert.equal((await browser.go(location)).status, 303, 'their own is not spoilt by it');
  assert.equal((await browser.go(location)).status, 401, 'and is good once');
});

test('an address of another site is not where a sign-in ends', async (t) => {
  const { base, browser, newBrowser } = await runConsole(t);
  for (const to of ['https://evil.test/console', '//evil.test', '/console/../v1', '/phone']) {
    const { url } = await newBrowser().signIn('vera', to);
    assert.equal(url, `${base}/console`, to);
  }
  assert.equal(
    (await browser.signIn('vera', '/console/audit?id=op_x')).url,
    `${base}/console/audit?id=op_x`,
  );
});

test('a request that another page sends changes nothing', async (t) => {
  const { browser } = await runConsole(t);
  await browser.signIn('ada');
  const foreign: readonly Record<string, string>[] = [
    { 'x-tokenline-console': '' },
    { origin: 'https://evil.test' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of foreign) {
    const refused = await browser.tell('/console/api/sign-out', {}, headers);
    assert.equal(refused.status, 403, JSON.stringify(headers));
    assert.equal((await problemOf(refused)).code, 'foreign_page');
  }
  assert.equal((await browser.go('/console/api/me')).status, 200);
});

test('a second factor is asked for where the configuration says so', async (t) => {
  const { browser } = await runConsole(t, { amr: ['hwk'] });
  const { response } = await browser.signIn('ada');
  assert.equal(response.status, 401);
  assert.match((await problemOf(response)).detail, /second factor/);
});

test('without its provider the console says so, and works again when it is back', async (t) => {
  const { browser } = await runConsole(t, { issuer: 'http://127.0.0.1:9/people' });
  const response = await browser.go('/console/sign-in');
  assert.equal(response.status, 503);
  assert.equal((await problemOf(response)).code, 'sign_in_unavailable');
});

test('the pages hold no data, allow nothing foreign, and have a nonce of their own each', async (t) => {
  const { browser } = await runConsole(t);
  const [one, other] = [await browser.go('/console'), await browser.go('/console/audit')];
  const policies = [one, other].map((page) => page.headers.get('content-security-policy') ?? '');
  assert.notEqual(policies[0], policies[1]);
  for (const policy of policies) {
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  }
  const text = await one.text();
  const nonce = /'nonce-([^']+)'/.exec(policies[0] ?? '')?.[1] ?? 'none';
  assert.ok(text.includes(`content="${nonce}"`));
  assert.equal((await browser.go('/console/desk.js')).status, 200);
  assert.equal((await browser.go('/console/../package.json')).status, 404);
  assert.equal((await browser.go('/console/..%2f..%2fpackage.json')).status, 404);
  assert.equal((await browser.go('/console/no-such.js')).status, 404);
});
