import type { FastifyRequest } from 'fastify';
import type { GenesysToken, GenesysUser } from '../../bridge/seat/conversations.ts';
import { Fault } from '../../payment/fault.ts';
import { cookieIn } from '../console/cookies.ts';
import { seal, sealedText, unseal } from '../sealed.ts';

/**
 * What an agent's browser holds, and cannot read: Genesys' token in an encrypted text. The bridge keeps
 * none of it, so any replica serves, and a script that gets into the page gets no token.
 *
 * The cookie says who somebody is, for the pages of all their calls; the session opens the page of one
 * call, after Genesys has said that they take part in it.
 */
export interface KnownAgent extends GenesysToken {
  readonly user: GenesysUser;
}

export interface CallSession extends KnownAgent {
  readonly interactionId: string;
}

/** The longest that one call is shown without Genesys being asked anew who is there. */
const SESSION_MS_MAX = 30 * 60_000;
/** A shift; Genesys' own token may end before. */
const COOKIE_MS_MAX = 12 * 60 * 60_000;

export function cookieName(secure: boolean): string {
  return `${secure ? '__Host-' : ''}tokenline-agent`;
}

/**
 * The text of `Set-Cookie`. The page is in a frame of another site, where a browser takes a cookie only
 * if it is kept apart for that site (CHIPS: `Partitioned`), which wants `Secure` and `SameSite=None`; an
 * address of this machine counts as secure. Requests by which something changes show a header as well.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies
 */
export function cookieText(secure: boolean, value: string, lifetimeMs: number): string {
  const seconds = Math.max(0, Math.floor(lifetimeMs / 1_000));
  const flags = 'Path=/; HttpOnly; Secure; SameSite=None; Partitioned';
  return `${cookieName(secure)}=${value}; Max-Age=${seconds}; ${flags}`;
}

function membersOf({ user, token, endsAtMs }: KnownAgent): object {
  return { user_id: user.id, user_name: user.name, token, token_ends: endsAtMs };
}

export async function sealAgent(
  agent: KnownAgent,
  key: Uint8Array,
  nowMs: number,
): Promise<{ readonly value: string; readonly lifetimeMs: number }> {
  const endsAtMs = Math.min(agent.endsAtMs, nowMs + COOKIE_MS_MAX);
  const value = await seal(membersOf(agent), 'tokenline agent', key, endsAtMs);
  return { value, lifetimeMs: endsAtMs - nowMs };
}

export async function sealSession(
  session: CallSession,
  key: Uint8Array,
  nowMs: number,
): Promise<{ readonly value: string; readonly endsAtMs: number }> {
  const endsAtMs = Math.min(session.endsAtMs, nowMs + SESSION_MS_MAX);
  const members = { ...membersOf(session), interaction_id: session.interactionId };
  return { value: await seal(members, 'tokenline agent at a call', key, endsAtMs), endsAtMs };
}

type Payload = NonNullable<Awaited<ReturnType<typeof unseal>>>;

function agentIn(payload: Payload): KnownAgent {
  return {
    user: { id: sealedText(payload, 'user_id'), name: sealedText(payload, 'user_name') },
    token: sealedText(payload, 'token'),
    endsAtMs: Number(payload['token_ends']),
  };
}

const SIGN_IN = 'Sign in with Genesys.';

/** @throws {Fault} `signed_out` where the browser shows no cookie that holds. */
export async function agentOf(
  request: FastifyRequest,
  secure: boolean,
  key: Uint8Array,
  nowMs: number,
): Promise<KnownAgent> {
  const shown = cookieIn(request.headers.cookie, cookieName(secure));
  const payload = await unseal(shown, 'tokenline agent', key, nowMs);
  if (payload === null) throw new Fault('signed_out', SIGN_IN);
  return agentIn(payload);
}

/** @throws {Fault} `signed_out` where the page shows no session that holds. */
export async function sessionOf(
  request: FastifyRequest,
  key: Uint8Array,
  nowMs: number,
): Promise<CallSession> {
  const shown = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
  const payload = await unseal(shown, 'tokenline agent at a call', key, nowMs);
  if (payload === null) throw new Fault('signed_out', SIGN_IN);
  return { ...agentIn(payload), interactionId: sealedText(payload, 'interaction_id') };
}
