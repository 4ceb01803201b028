import type { FaultCode } from '../payment/fault.ts';

/**
 * People who sign in to the console, and what each may do. Deny by default: a right that no role of
 * a person has is refused (PCI DSS 7.2, 7.3.3).
 */
export const ROLES = ['viewer', 'operator', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * `watch`: live figures, calls, subscriptions, deliveries, funnel. `operate`: the switch, dead
 * letters, operations in doubt. `audit`: the ledger and evidence. `administer`: who is signed in.
 */
export const RIGHTS = ['watch', 'operate', 'audit', 'administer'] as const;
export type Right = (typeof RIGHTS)[number];

/** Who operates does not audit what they did; an admin may do everything. */
export const RIGHTS_OF: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['watch'],
  operator: ['watch', 'operate'],
  auditor: ['watch', 'audit'],
  admin: RIGHTS,
};

export function rightsOf(roles: readonly Role[]): readonly Right[] {
  return RIGHTS.filter((right) => roles.some((role) => RIGHTS_OF[role].includes(right)));
}

/** Faults that only the console gives, whose routes are for its own pages. */
export const CONSOLE_FAULTS = [
  'signed_out',
  'missing_right',
  'second_person_needed',
  'not_resolvable',
  'foreign_page',
  'sign_in_unavailable',
] as const satisfies readonly FaultCode[];

/** What `GET /console/api/me` says of whoever is signed in. */
export interface Me {
  /** As the identity provider spells it. */
  readonly name: string;
  /** As the ledger names them. */
  readonly actor: string;
  readonly roles: readonly Role[];
  readonly rights: readonly Right[];
  /** After so long without a request of theirs they have to sign in again, milliseconds. */
  readonly idle_ms: number;
  /** When they have to sign in again whatever they do, ISO 8601. */
  readonly ends_at: string;
  readonly mode: 'sandbox' | 'live';
  readonly version: string;
}
