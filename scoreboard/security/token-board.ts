import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { INTERNAL_CREDENTIAL_HEADER } from '../../src/contract/internal.ts';
import { approved, Caller } from '../../test/whole/caller.ts';
import type { Answer } from '../../test/whole/http.ts';
import { System } from '../../test/whole/system.ts';
import { request } from 'node:http';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import { broughtTokens } from './forged-tokens.ts';

interface Means {
  readonly system: System;
  readonly violations: Violation[];
}

/** Where a token is brought: a route of each scope, and the one that takes cards. */
function routesFor(caller: Caller) {
  const bodyOf = (value: unknown): string => JSON.stringify(value);
  return [
    {
      role: 'bridge',
      method: 'POST',
      path: '/v1/availability',
      body: bodyOf(EXAMPLES.availability.request),
    },
    {
      role: 'bridge',
      method: 'POST',
      path: '/v1/subscriptions',
      body: bodyOf(caller.subscribeBody()),
    },
    { role: 'bridge', method: 'GET', path: '/v1/switch', body: null },
    { role: 'bridge', method: 'GET', path: '/v1/audit?operation_id=op_none', body: null },
    { role: 'tokenizer', method: 'POST', path: '/v1/tokens', body: bodyOf(caller.tokenBody(1)) },
  ] as const;
}

async function effects({ system }: Means): Promise<string> {
  return JSON.stringify(await system.ledger());
}

function wrong({ violations }: Means, replay: string, what: string): void {
  violations.push({ promise: 'access', what: `${replay}: ${what}`, replay });
}

/** Every token at every door. */
async function bringTokens(means: Means): Promise<number> {
  const { system } = means;
  const pem = readFileSync(join(system.data, 'keys', 'access.pem'), 'utf8');
  let cells = 0;
  for (const { name, token, status } of await broughtTokens(pem)) {
    const caller = new Caller(system);
    const before = await effects(means);
    for (const { role, method, path, body } of routesFor(caller)) {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body !== null && { 'content-type': 'application/json' }),
      };
      const answer = await system.send(role, { method, path, headers, body });
      cells += 1;
      // A subscription without a consent is no fault, and no success either.
      const isRight =
        status === 200 ? ![401, 403].includes(answer.status) : answer.status === status;
      if (!isRight)
        wrong(means, name, `${role} ${method} ${path} answered ${answer.status}, not ${status}`);
    }
    const after = await effects(means);
    if (status !== 200 && after !== before) wrong(means, name, 'something happened at the gateway');
    if (status === 200 && after === before) wrong(means, name, 'a good token stored no card');
  }
  return cells;
}

/** The line between tokenizer and bridge: whoever does not know its credential. */
async function bringCredentials(means: Means): Promise<number> {
  const { system } = means;
  const socketPath = join(system.data, 'run', 'bridge.sock');
  const before = await effects(means);
  const credentials = [null, '', 'guessed', await system.token(), 'x'.repeat(4_000)];
  for (const credential of credentials) {
    for (const path of [
      '/internal/operations',
      '/internal/operations/op_x/finish',
      '/internal/none',
    ]) {
      const status = await internalStatus(socketPath, path, credential);
      if (status !== 401)
        wrong(means, 'internal credential', `${path} answered ${status}, not 401`);
    }
  }
  if ((await effects(means)) !== before) wrong(means, 'internal credential', 'it had an effect');
  return credentials.length * 3;
}

function internalStatus(
  socketPath: string,
  path: string,
  credential: string | null,
): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    ...(credential !== null && { [INTERNAL_CREDENTIAL_HEADER]: credential }),
  };
  return new Promise((told, reject) => {
    request({ socketPath, method: 'POST', path, headers, agent: false }, (response) => {
      response.resume();
      told(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end('{}');
  });
}

/** A request under a key, again, changed, and by another client. */
async function repeat(means: Means, role: 'bridge' | 'tokenizer'): Promise<number> {
  const { system } = means;
  const caller = new Caller(system);
  await caller.consent();
  if (role === 'bridge') approved(await caller.tokenise());
  const path = role === 'bridge' ? '/v1/subscriptions' : '/v1/tokens';
  const body = role === 'bridge' ? caller.subscribeBody() : caller.tokenBody(1);
  const key = `key-${caller.interactionId}`;
  const pem = readFileSync(join(system.data, 'keys', 'access.pem'), 'utf8');
  const tokens = await broughtTokens(pem);
  const tokenOf = (name: string): string => tokens.find((one) => one.name === name)?.token ?? '';
  const ask = (asked: unknown, token = tokenOf('good')): Promise<Answer> =>
    system.send(role, {
      method: 'POST',
      path,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(asked),
    });
  const first = approved(await ask(body));
  const before = await effects(means);
  const again = await ask(body);
  if (again.text !== first.text) wrong(means, `repeat at the ${role}`, 'another answer');
  const changed = await ask({ ...body, customer_id: 'somebody-else' });
  if (changed.status !== 422) wrong(means, `repeat at the ${role}`, `changed: ${changed.status}`);
  const expired = await ask(body, tokenOf('expired this second'));
  if (expired.status !== 401) wrong(means, `repeat at the ${role}`, `expired: ${expired.status}`);
  if ((await effects(means)) !== before) {
    wrong(means, `repeat at the ${role}`, 'a repeat had an effect at the gateway');
  }
  const other = await ask(body, tokenOf('good, of another client'));
  if (other.status === 422 || other.text === first.text) {
    wrong(means, `repeat at the ${role}`, 'the key of one client is another one’s too');
  }
  return 4;
}

async function bring({ progress }: BoardRun): Promise<BoardResult> {
  const system = await System.start({ engine: 'postgres' });
  const means: Means = { system, violations: [] };
  try {
    await system.ready();
    progress(0, 3, 'tokens');
    const tokenCells = await bringTokens(means);
    progress(1, 3, 'credentials');
    const credentialCells = await bringCredentials(means);
    progress(2, 3, 'repeats');
    const repeats = (await repeat(means, 'tokenizer')) + (await repeat(means, 'bridge'));
    return {
      runs: tokenCells + credentialCells + repeats,
      violations: means.violations,
      figures: { tokens: tokenCells, credentials: credentialCells, repeats },
    };
  } finally {
    await system.stop();
  }
}

/** S6: tokens that are old, for somebody else or made up, and requests that come again. */
export const tokenBoard: Board = {
  id: 'S6',
  title: 'tokens and repeats',
  proves:
    'A token that is not ours, not meant for us or out of date opens nothing, and no repeat has a second effect.',
  run: bring,
};
