import { INTERNAL_CREDENTIAL_HEADER } from '../../src/contract/internal.ts';
import { openSigner, type Signer } from '../../src/system/access-token.ts';
import { CLIENTS, freshKey, INTERNAL_CREDENTIAL } from '../../test/api/running-api.ts';
import type { Role } from './role-table.ts';
import { CONNECTOR } from './two-doors.ts';

const EVERYTHING = ['calls', 'cards', 'operator', 'auditor'] as const;

function bearer(
  name: string,
  holds: Role['holds'],
  token: string,
  refusedWith: Role['refusedWith'],
): Role {
  return { name, headers: { authorization: `Bearer ${token}` }, holds, refusedWith };
}

function stranger(name: string, headers: Role['headers'], holds: Role['holds'] = []): Role {
  return { name, headers, holds, refusedWith: 401 };
}

/** Those who come with a token, good or not. */
async function bearers(signer: Signer, nowMs: number): Promise<Role[]> {
  const sign = (scopes: readonly string[], fromMs = nowMs, by = signer): Promise<string> =>
    by.sign('client-of-a-board', scopes, fromMs, 600);
  const scopes = async (...holds: Role['holds']): Promise<Role> =>
    bearer(holds.join(' and '), holds, await sign(holds), 403);
  const without = async (name: string, words: readonly string[]): Promise<Role> =>
    bearer(name, [], await sign(words), 403);
  const good = await sign(EVERYTHING);
  const [head = '', payload = '', signature = ''] = good.split('.');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
  const foreign = await sign(EVERYTHING, nowMs, openSigner(freshKey()));
  return [
    await scopes('calls'),
    await scopes('cards'),
    await scopes('operator'),
    await scopes('auditor'),
    await scopes('calls', 'cards'),
    await scopes('operator', 'auditor'),
    await scopes('calls', 'auditor'),
    await scopes(...EVERYTHING),
    await without('a token without a scope', []),
    await without('a token for a scope that is none of ours', ['admin', '*']),
    await without('a scope in capitals', ['CALLS', 'Operator']),
    bearer('an expired token', [], await sign(EVERYTHING, nowMs - 601_000), 401),
    bearer('a token of another key', [], foreign, 401),
    bearer('a token without a signature', [], `${none}.${payload}.`, 401),
    bearer(
      'a token with half a signature',
      [],
      `${head}.${payload}.${signature.slice(0, 40)}`,
      401,
    ),
    bearer('an empty token', [], '', 401),
    bearer('the internal credential as a token', [], INTERNAL_CREDENTIAL, 401),
    stranger('a token in a cookie', { cookie: `access_token=${good}` }),
    stranger('a token without its scheme', { authorization: good }),
  ];
}

function basic(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${name}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

/** Everybody who may come: what they show, and what the table says that it is good for. */
export async function everybody(signer: Signer, nowMs: number): Promise<Role[]> {
  const [client] = CLIENTS;
  if (client === undefined) throw new Error('there is no client');
  const { username, password } = CONNECTOR;
  const internal = (credential: string): Role['headers'] => ({
    [INTERNAL_CREDENTIAL_HEADER]: credential,
  });
  const secret = (name: string, text: string): Role['headers'] => ({
    authorization: basic(name, text),
  });
  return [
    stranger('nobody', {}),
    ...(await bearers(signer, nowMs)),
    stranger('the internal credential', internal(INTERNAL_CREDENTIAL), ['internal credential']),
    stranger('a wrong internal credential', internal(`${INTERNAL_CREDENTIAL.slice(0, -1)}x`)),
    stranger('an empty internal credential', internal('')),
    stranger('a client’s secret', secret(client.id, client.secret), ['client secret']),
    stranger('a wrong client’s secret', secret(client.id, 'guessed')),
    stranger('the pay connector', secret(username, password), ['pay connector']),
    stranger('a wrong pay connector', secret(username, `${password}x`)),
  ];
}
