import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Caller, PREMIUM } from '../../bridge/caller.ts';
import { problemOf } from '../running-api.ts';
import { blocksOf } from '../stream-blocks.ts';
import { ANA, BEN, Centre, runAgent, Visitor, type RunningAgent } from './running-agent.ts';

const READ = 'agent.call_read';

test('an agent signs in with Genesys and sees their call, and the ledger says so once', async (t) => {
  const running = await runAgent(t);
  const caller = new Caller(running.world);
  await caller.consent();
  await new Centre(running).arrive(caller.interaction);
  const ana = new Visitor(running);
  const opened = await ana.signIn(caller.interaction);
  assert.equal(opened.status, 200, await opened.clone().text());
  const call = await ana.call();
  assert.deepEqual(
    [call.known, call.step, call.customer_id, call.terms?.plan_id, call.attempts_left],
    [true, 'consent', caller.customer, PREMIUM, 3],
  );
  assert.notEqual(call.terms?.agreed_at, '');
  await ana.open(caller.interaction);
  const told = (await running.entries()).filter(({ action }) => action === READ);
  assert.deepEqual(
    told.map(({ actor, interactionId, result }) => [actor, interactionId, result]),
    [[`agent:${ANA.id}`, caller.interaction, 'success']],
  );
});

test('nobody sees anything without a session', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const nobody = new Visitor(running);
  for (const session of ['', 'made-up', 'a.b.c.d.e']) {
    nobody.session = session;
    assert.equal((await problemOf(await nobody.events())).code, 'signed_out');
    const order = { purpose: 'subscribe', customer_id: 'ada', plan_id: PREMIUM };
    const refused = await nobody.tell('call/entry', { order });
    assert.equal((await problemOf(refused)).code, 'signed_out');
  }
  assert.equal((await problemOf(await nobody.open('call-1'))).code, 'signed_out');
  assert.deepEqual(await running.entries(), []);
});

test('an agent who takes no part in a call sees nothing of it, nor does a look leave a trace of success', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const ben = new Visitor(running);
  const refused = await ben.signIn('call-1', BEN.id);
  assert.equal(refused.status, 403);
  assert.equal((await problemOf(refused)).code, 'not_in_conversation');
  assert.equal(ben.cookie, '', 'and is not remembered for it');
  assert.deepEqual(await running.entries(), []);
});

test('a conversation that Genesys does not know is nobody’s', async (t) => {
  const running = await runAgent(t);
  const ana = new Visitor(running);
  assert.equal((await problemOf(await ana.signIn('call-9'))).code, 'not_in_conversation');
});

test('a conversation that is over is shown to nobody', async (t) => {
  const running = await runAgent(t);
  const centre = new Centre(running);
  await centre.arrive('call-1');
  const ana = new Visitor(running);
  await ana.signIn('call-1');
  await centre.hangUp('call-1');
  assert.equal((await problemOf(await ana.events())).code, 'not_in_conversation');
  assert.equal((await problemOf(await ana.open('call-1'))).code, 'not_in_conversation');
});

test('a call that Tokenline has not heard of has a page all the same', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const ana = new Visitor(running);
  assert.equal((await ana.signIn('call-1')).status, 200);
  const call = await ana.call();
  assert.deepEqual([call.known, call.step, call.tried], [false, 'greeting', []]);
  assert.equal(call.plans.length, running.world.plans.length);
});

test('a session opens its own call and no other', async (t) => {
  const running = await runAgent(t);
  const centre = new Centre(running);
  await centre.arrive('call-1');
  await centre.arrive('call-2');
  const ana = new Visitor(running);
  await ana.signIn('call-1');
  assert.equal((await ana.call()).interaction_id, 'call-1');
  const first = ana.session;
  await ana.open('call-2');
  assert.equal((await ana.call()).interaction_id, 'call-2');
  ana.session = first;
  assert.equal((await ana.call()).interaction_id, 'call-1');
});

test('what was sealed for one use opens nothing else', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const ana = new Visitor(running);
  await ana.signIn('call-1');
  const [session, cookie] = [ana.session, ana.cookie];
  ana.session = cookie.split('=')[1] ?? '';
  assert.equal((await problemOf(await ana.events())).code, 'signed_out');
  ana.cookie = `tokenline-agent=${session}`;
  assert.equal((await problemOf(await ana.open('call-1'))).code, 'signed_out');
});

test('a code is worth something once, and only with the verifier of its page', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const ana = new Visitor(running);
  const thief = new Visitor(running);
  const code = await ana.code(ANA.id);
  const stolen = await thief.tell('sign-in', {
    interaction_id: 'call-1',
    code,
    verifier: thief.verifier,
  });
  assert.equal((await problemOf(stolen)).code, 'signed_out');
  const again = await ana.code(ANA.id);
  const order = { interaction_id: 'call-1', code: again, verifier: ana.verifier };
  assert.equal((await ana.tell('sign-in', order)).status, 200);
  assert.equal((await problemOf(await ana.tell('sign-in', order))).code, 'signed_out');
});

test('no page of another origin opens a call with the agent’s cookie', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const ana = new Visitor(running);
  await ana.signIn('call-1');
  const order = { interaction_id: 'call-1' };
  const page = { 'x-tokenline-console': '1' };
  const strangers: Readonly<Record<string, string>>[] = [
    {},
    { ...page, origin: 'https://evil.example' },
    { ...page, origin: running.sandbox },
    { ...page, 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of strangers) {
    const refused = await ana.tell('open', order, headers);
    assert.equal((await problemOf(refused)).code, 'foreign_page', JSON.stringify(headers));
  }
  assert.equal((await ana.tell('open', order, { ...page, origin: running.base })).status, 200);
});

test('the cookie is kept apart for the site that frames the page, and no script reads it', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const ana = new Visitor(running);
  const opened = await ana.signIn('call-1');
  const [set = ''] = opened.headers.getSetCookie();
  for (const flag of ['HttpOnly', 'Secure', 'SameSite=None', 'Partitioned', 'Path=/']) {
    assert.ok(set.split('; ').includes(flag), `${flag} in ${set.replace(/=[^;]*/, '=…')}`);
  }
});

test('Genesys that is away is no refusal: who signs in hears it, who looks goes on looking', async (t) => {
  const running = await runAgent(t);
  await new Centre(running).arrive('call-1');
  const ana = new Visitor(running);
  await ana.signIn('call-1');
  const stream = blocksOf(await ana.events());
  await stream.next();
  await stream.next();
  await running.genesysAway();
  const away = await ana.tell('sign-in', {
    interaction_id: 'call-1',
    code: 'any',
    verifier: ana.verifier,
  });
  assert.equal(away.status, 503);
  assert.equal((await problemOf(away)).code, 'genesys_unavailable');
  assert.equal((await problemOf(await ana.open('call-1'))).code, 'genesys_unavailable');
  for (let second = 0; second < 16; second += 1) {
    await running.world.pass(1_000);
    assert.match(String((await stream.next()).value), /^data: \{"at"/);
  }
  await stream.return(undefined);
});

test('a stream ends when the caller is somebody else’s, and with the session', async (t) => {
  const running = await runAgent(t);
  const centre = new Centre(running);
  await centre.arrive('call-1');
  await centre.arrive('call-2');
  const ana = new Visitor(running);
  await ana.signIn('call-2');
  const second = blocksOf(await ana.events());
  await ana.open('call-1');
  const first = blocksOf(await ana.events());
  await centre.hangUp('call-1');
  assert.match(await lastOf(running, first, 1_000), /^event: signed_out/);
  assert.match(await lastOf(running, second, 15_000), /^event: signed_out/);
});

/** The last block of a stream that ends by itself, while time passes in steps. */
async function lastOf(
  { world }: RunningAgent,
  stream: AsyncGenerator<string, void, void>,
  stepMs: number,
): Promise<string> {
  const state = { last: '', ended: false };
  const read = (async () => {
    for await (const text of stream) state.last = text;
  })().finally(() => {
    state.ended = true;
  });
  for (let steps = 0; !state.ended && steps < 1_000; steps += 1) {
    await world.pass(stepMs);
    // What is asked of Genesys takes its own time.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(state.ended, 'the stream has not ended');
  await read;
  return state.last;
}

test('only Genesys’ own pages may show the page in a frame, and no other page of ours may be framed', async (t) => {
  const running = await runAgent(t);
  const policyOf = async (path: string): Promise<string> => {
    const response = await fetch(`${running.base}${path}`);
    assert.equal(response.status, 200, path);
    await response.body?.cancel();
    return response.headers.get('content-security-policy') ?? '';
  };
  const framed = (policy: string): string => /frame-ancestors ([^;]*)/.exec(policy)?.[1] ?? '';
  assert.equal(framed(await policyOf('/agent?interaction=call-1')), running.sandbox);
  for (const path of [
    '/agent/signed-in',
    '/agent/api/sign-in',
    '/agent/agent/agent.js',
    '/healthz',
  ]) {
    assert.equal(framed(await policyOf(path)), "'none'", path);
  }
});
