import { Fault } from '../../payment/fault.ts';
import type { Clock } from '../../system/clock.ts';
import type { WebFetch, WebRequest } from '../../system/web-fetch.ts';
import type { Conversations, GenesysUser, Place } from './conversations.ts';

/** Where Genesys is, and what knows us there. */
export interface GenesysLine {
  /** `https://login.<region>`. */
  readonly loginUrl: string;
  /** `https://api.<region>`. */
  readonly apiUrl: string;
  /** An OAuth client of the grant "Code Authorization/PKCE": it has no secret. */
  readonly clientId: string;
  readonly redirectUri: string;
  /** Id of the secure flow for callers who are with an agent. */
  readonly flowId: string;
}

type Json = Readonly<Record<string, unknown>>;

/** When to ask Genesys again, seconds. */
const RETRY_S = 3;

/** Participants that hold a caller's end (Genesys: `Participant.purpose`). */
const CALLER = ['customer', 'external'];
/** Participants that are people of the organisation. */
const STAFF = ['agent', 'user'];

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(json: Json, name: string): string {
  const found = json[name];
  return typeof found === 'string' ? found : '';
}

function unavailable(): Fault {
  return new Fault('genesys_unavailable', 'Genesys Cloud gives no answer; try again.', RETRY_S);
}

async function bodyOf(response: Response): Promise<Json> {
  const body: unknown = await response.json().catch(() => null);
  return isJson(body) ? body : {};
}

/** Reads one participant; what Genesys leaves out is not so. */
function isStillThere(participant: Json): boolean {
  return textOf(participant, 'endTime') === '';
}

/** After the call the agent writes up what it was about, and may still look. */
function writesUp(participant: Json): boolean {
  return textOf(participant, 'startAcwTime') !== '' && textOf(participant, 'endAcwTime') === '';
}

/** Supervisors are participants too: of somebody else's call. */
function listensIn(participant: Json): boolean {
  const of = ['monitoredParticipantId', 'coachedParticipantId'];
  return of.some((name) => textOf(participant, name) !== '');
}

/**
 * The place of a user in a conversation as `GET /api/v2/conversations/{id}` tells of it: `Conversation`
 * and `Participant` of purecloud-platform-client-v2@262.0.0.
 */
export function placeIn(conversation: Json, userId: string): Place | null {
  const listed = conversation['participants'];
  const participants = Array.isArray(listed) ? listed.filter(isJson) : [];
  const own = participants.findLast(
    (one) =>
      textOf(one, 'userId') === userId &&
      STAFF.includes(textOf(one, 'purpose')) &&
      (isStillThere(one) || writesUp(one)),
  );
  if (own === undefined) return null;
  const caller = participants.findLast(
    (one) => CALLER.includes(textOf(one, 'purpose')) && isStillThere(one),
  );
  const callerParticipantId = caller === undefined ? null : textOf(caller, 'id');
  return {
    participantId: textOf(own, 'id'),
    callerParticipantId,
    mayBeginEntry: callerParticipantId !== null && isStillThere(own) && !listensIn(own),
  };
}

/** An answer that is no fault: 2xx, or 400, 403, 404, 409, which mean something to who asked. */
async function send(fetch: WebFetch, url: string, request: WebRequest): Promise<Response> {
  const response = await fetch(url, request).catch(() => {
    throw unavailable();
  });
  if (response.status === 401) throw new Fault('signed_out', 'Sign in with Genesys once more.');
  if (response.status === 429 || response.status >= 500) throw unavailable();
  return response;
}

function assertDone({ ok, status }: Response): void {
  if (ok) return;
  throw new Fault(
    'genesys_refused',
    `Genesys Cloud answers ${status}: see "What Genesys may refuse" in docs/guides/agent.md.`,
  );
}

/** Genesys Cloud over its platform API. Nothing of it has been tried in a real organisation. */
export function openConversations(line: GenesysLine, fetch: WebFetch, clock: Clock): Conversations {
  function ask(token: string, path: string, order?: object, method = 'POST'): Promise<Response> {
    const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
    const url = `${line.apiUrl}/api/v2/${path}`;
    if (order === undefined) return send(fetch, url, { headers });
    const sent = { ...headers, 'content-type': 'application/json' };
    return send(fetch, url, { method, headers: sent, body: JSON.stringify(order) });
  }

  return {
    async redeem(code, verifier) {
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        client_id: line.clientId,
        redirect_uri: line.redirectUri,
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const response = await send(fetch, `${line.loginUrl}/oauth/token`, {
        method: 'POST',
        headers,
        body: form.toString(),
      });
      const body = await bodyOf(response);
      const [token, lifetimeS] = [textOf(body, 'access_token'), Number(body['expires_in'])];
      if (!response.ok || token === '' || !(lifetimeS > 0)) {
        throw new Fault('signed_out', 'Signing in did not work; begin again.');
      }
      return { token, endsAtMs: clock.now() + lifetimeS * 1_000 };
    },
    async userOf(token) {
      const response = await ask(token, 'users/me');
      assertDone(response);
      const body = await bodyOf(response);
      const user: GenesysUser = { id: textOf(body, 'id'), name: textOf(body, 'name') };
      if (user.id === '') throw unavailable();
      return user;
    },
    async placeOf(token, userId, conversationId) {
      const response = await ask(token, `conversations/${encodeURIComponent(conversationId)}`);
      return response.ok ? placeIn(await bodyOf(response), userId) : null;
    },
    async beginEntry(token, conversationId, place, attributes) {
      const caller = place.callerParticipantId ?? '';
      const path = `conversations/${encodeURIComponent(conversationId)}/participants/${caller}`;
      assertDone(await ask(token, `${path}/attributes`, { attributes }, 'PATCH'));
      const response = await ask(token, `${path}/secureivrsessions`, {
        flowId: line.flowId,
        userData: attributes['payment_purpose'] ?? '',
        sourceParticipantId: place.participantId,
        disconnect: false,
      });
      assertDone(response);
      return textOf(await bodyOf(response), 'id');
    },
  };
}
