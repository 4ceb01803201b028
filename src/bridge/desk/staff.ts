import { rightsOf, ROLES, type Right, type Role } from '../../contract/staff.ts';
import { fingerprint } from '../../payment/fingerprint.ts';
import { appendEntry } from '../../store/ledger.ts';
import {
  addStaffSession,
  dropStaffSession,
  findStaffSession,
  touchStaffSession,
  type StaffSession,
} from '../../store/staff.ts';
import { secretText } from '../../system/randomness.ts';
import type { Actor, Bridge } from '../bridge.ts';
import { ledgerEntry } from '../entry.ts';

/** How long a person stays signed in. */
export interface StaffPolicy {
  /** Without a request of theirs; PCI DSS 8.2.8 asks for 15 minutes at most. */
  readonly idleMs: number;
  /** Whatever they do. */
  readonly sessionMsMax: number;
}

/** Somebody whom the identity provider has named. */
export interface Person {
  /** For the ledger: the same person always, and nobody else. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** Somebody who is signed in. */
export interface SignedIn extends Person {
  readonly rights: readonly Right[];
  readonly endsAtMs: number;
}

/** A request of theirs tells that they are still there; so often it is noted. */
const TOUCH_EVERY_MS = 15_000;

/** As many random bytes as the session's secret has: OWASP asks for 8 or more. */
const SECRET_BYTES = 32;

/** How the ledger names a person, apart from every OAuth client. */
export function actorOf(person: Pick<Person, 'id'>, origin: string): Actor {
  return { clientId: `staff:${person.id}`, origin };
}

/**
 * Signs a person in. Whoever has no role is refused, and the ledger tells of both (PCI DSS 10.2.1.4).
 *
 * @returns what their browser has to show from now on, or `null` where they have no role.
 */
export async function signIn(
  bridge: Bridge,
  policy: StaffPolicy,
  person: Person,
  origin: string,
): Promise<string | null> {
  const entry = ledgerEntry(bridge, actorOf(person, origin), {
    action: 'console.sign_in',
    result: person.roles.length === 0 ? 'failure' : 'success',
    resource: 'console',
    detail: { roles: person.roles.join(' ') },
  });
  if (person.roles.length === 0) {
    await appendEntry(bridge.store, entry);
    return null;
  }
  const secret = secretText(bridge.randomness, SECRET_BYTES);
  const nowMs = bridge.clock.now();
  const session: StaffSession = {
    idHash: fingerprint(secret),
    subject: person.id,
    name: person.name,
    roles: person.roles,
    startedAtMs: nowMs,
    seenAtMs: nowMs,
    endsAtMs: nowMs + policy.sessionMsMax,
  };
  await addStaffSession(bridge.store, session, entry);
  return secret;
}

/**
 * Who shows this secret; `null` where nobody does, or where their time is over.
 *
 * @param present whether this is something that they did themselves: a stream that a page keeps open
 *   tells nothing about anybody being there.
 */
export async function recognise(
  bridge: Bridge,
  policy: StaffPolicy,
  secret: string,
  present: boolean,
): Promise<SignedIn | null> {
  const session = await findStaffSession(bridge.store, fingerprint(secret));
  if (session === null) return null;
  const nowMs = bridge.clock.now();
  if (nowMs >= session.endsAtMs || nowMs - session.seenAtMs >= policy.idleMs) return null;
  if (present && nowMs - session.seenAtMs >= TOUCH_EVERY_MS) {
    await touchStaffSession(bridge.store, session.idHash, nowMs);
  }
  const roles = ROLES.filter((role) => session.roles.includes(role));
  const { subject: id, name, endsAtMs } = session;
  return { id, name, roles, rights: rightsOf(roles), endsAtMs };
}

/** Signs a person out, at once and on every replica. */
export async function signOut(
  bridge: Bridge,
  secret: string,
  person: Person,
  origin: string,
): Promise<void> {
  const entry = ledgerEntry(bridge, actorOf(person, origin), {
    action: 'console.sign_out',
    result: 'success',
    resource: 'console',
  });
  await dropStaffSession(bridge.store, fingerprint(secret), entry);
}

/** Notes that somebody wanted what none of their roles may do (PCI DSS 10.2.1.4). */
export async function noteRefusal(
  bridge: Bridge,
  person: Person,
  origin: string,
  resource: string,
): Promise<void> {
  const entry = ledgerEntry(bridge, actorOf(person, origin), {
    action: 'console.refused',
    result: 'failure',
    resource,
    detail: { roles: person.roles.join(' ') },
  });
  await appendEntry(bridge.store, entry);
}
