import type { FastifyRequest } from 'fastify';
import type { Desk } from '../../bridge/desk/desk.ts';
import type { SignedIn } from '../../bridge/desk/staff.ts';
import type { Right } from '../../contract/staff.ts';
import { Fault } from '../../payment/fault.ts';
import { peerOf } from '../listener.ts';
import type { CookieJar } from './cookies.ts';

/** Only a page of the same origin can send it: a form cannot, and CORS is refused. */
const PAGE_HEADER = 'x-tokenline-console';

export interface Guard {
  /**
   * Who asks, where one of their roles has the right.
   *
   * @param present false for a stream that a page keeps open by itself.
   * @throws {Fault} `signed_out`, `missing_right`; `foreign_page` where something is to be changed.
   */
  admit(request: FastifyRequest, right: Right, present?: boolean): Promise<SignedIn>;
  /** Who asks, whatever their roles. */
  recognise(request: FastifyRequest, present?: boolean): Promise<SignedIn>;
  /** What their browser shows. */
  secretOf(request: FastifyRequest): string | null;
}

export function originOf(request: FastifyRequest): string {
  return `console ${peerOf(request)}`;
}

/** @throws {Fault} `foreign_page` where something is to be changed from another origin. */
export function assertOwnPage(request: FastifyRequest, publicOrigin: string): void {
  if (request.method === 'GET') return;
  const { origin, [PAGE_HEADER]: header, 'sec-fetch-site': site } = request.headers;
  const own =
    header === '1' &&
    (origin === undefined || origin === publicOrigin) &&
    (site === undefined || site === 'same-origin');
  if (!own) throw new Fault('foreign_page', 'Use the buttons of the page itself.');
}

/** A link on another site must not make the ledger say that somebody asked for something. */
function assertOwnQuestion({ method, headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'] ?? 'none';
  if (method !== 'GET' || site === 'same-origin' || site === 'none') return;
  throw new Fault('foreign_page', 'Open the console itself.');
}

export function openGuard(desk: Desk, jar: CookieJar, publicOrigin: string): Guard {
  const secretOf = (request: FastifyRequest): string | null =>
    jar.read(request.headers.cookie, 'session');

  async function recognise(request: FastifyRequest, present = true): Promise<SignedIn> {
    const secret = secretOf(request);
    const person = secret === null ? null : await desk.recognise(secret, present);
    if (person === null) throw new Fault('signed_out', 'Sign in at /console/sign-in.');
    if (request.facts) request.facts.clientId = `staff:${person.id}`;
    assertOwnPage(request, publicOrigin);
    assertOwnQuestion(request);
    return person;
  }

  return {
    secretOf,
    recognise,
    async admit(request, right, present) {
      const person = await recognise(request, present);
      if (person.rights.includes(right)) return person;
      const route = request.routeOptions.url ?? 'console';
      const asking = { person, origin: originOf(request) };
      await desk.noteRefusal(asking, `${request.method} ${route}`);
      throw new Fault(
        'missing_right',
        `This needs the right to ${right}; ask an admin for a role.`,
      );
    },
  };
}
