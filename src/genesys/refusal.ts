import type { Call } from './calls.ts';

/** What Genesys said about a request that it did not do. */
export interface PlatformAnswer {
  /** HTTP. */
  readonly status: number;
  /** Genesys' own, such as `missing.permissions`; `null` where it gives none. */
  readonly code: string | null;
  /** Its sentence; `null` where it gives none. */
  readonly message: string | null;
  /** What Genesys' support asks for. */
  readonly correlationId: string | null;
}

type Explained = Pick<Call, 'method' | 'path' | 'does' | 'permissions'>;

/**
 * A call that failed, with what to do about it. The message is for a person; the rest is for
 * `--json`. Nothing of the request is in it.
 */
export class PlatformRefused extends Error {
  /** `PUT /api/v2/routing/queues/{queueId}`. */
  readonly call: string;
  /** `null` where there was no answer at all. */
  readonly answer: PlatformAnswer | null;
  readonly permissions: readonly string[];
  readonly todo: string;

  /** @param does what was to be done, where the call's own words say too little. */
  constructor(
    call: Explained,
    answer: PlatformAnswer | null,
    said: string,
    todo: string,
    does: string = call.does,
  ) {
    super(`It was not possible to ${does}. ${said} ${todo}`);
    this.name = 'PlatformRefused';
    this.call = `${call.method} ${call.path}`;
    this.answer = answer;
    this.permissions = call.permissions;
    this.todo = todo;
  }
}

/** @param about what the call was for, such as `queue Payment_Support_Group`. */
export function refused(call: Explained, about: string | null, answer: PlatformAnswer) {
  const { status, code, message, correlationId } = answer;
  const facts = [
    `${call.method} ${call.path}${about === null ? '' : ` (${about})`} was answered with ${status}`,
    code === null ? '' : ` ${code}`,
    message === null ? '' : `: ${message.replace(/[.\s]+$/, '')}`,
    correlationId === null ? '.' : `. Correlation id ${correlationId}.`,
  ];
  return new PlatformRefused(call, answer, facts.join(''), todoFor(call, status));
}

function todoFor({ method, permissions }: Explained, status: number): string {
  switch (status) {
    case 400:
      return 'Genesys names above what it does not take.';
    case 401:
      return 'Check genesys.client_id, genesys.client_secret and genesys.region: the client has to be of this region, and its grant client credentials.';
    case 403:
      return permissions.length === 0
        ? 'The OAuth client has no role at all: give it one under Admin > OAuth.'
        : `Give the OAuth client a role with ${permissions.join(', ')} (Admin > Roles / Permissions, then Admin > OAuth > Roles), for the division where this is.`;
    case 404:
      return 'Somebody removed it meanwhile: run it again.';
    case 409:
      return method === 'DELETE'
        ? 'It is in use, or somebody is changing it: see who, then run it again.'
        : 'Something of this name is there already, or somebody changed it meanwhile. Run plan to see; where it is not yours, rename it or choose genesys.prefix.';
    case 429:
      return 'Genesys takes no more requests for now, and the time for waiting is over: run it again later.';
    default:
      return status >= 500
        ? 'This is a fault of Genesys: run it again, what has been done is not done twice.'
        : 'Genesys names above what is wrong.';
  }
}

/** @param reason of the wire, such as `connect` or `reset`. */
export function unanswered(call: Explained, reason: string): PlatformRefused {
  return new PlatformRefused(
    call,
    null,
    `${call.method} ${call.path} got no answer (${reason}).`,
    call.method === 'GET'
      ? 'Check the connection, and genesys.region or genesys.api_url.'
      : 'Whether Genesys has done it is not known. Run it again: it looks first, and what has been done is not done twice.',
  );
}

export function unreadable(call: Explained, answer: PlatformAnswer): PlatformRefused {
  return new PlatformRefused(
    call,
    answer,
    `${call.method} ${call.path} was answered with ${answer.status} and something that is not what the published API describes.`,
    'Check genesys.region and genesys.api_url; a proxy may have answered in its place.',
  );
}
