import type { Bridge } from './bridge.ts';
import {
  noteRefusal,
  recognise,
  signIn,
  signOut,
  type Person,
  type SignedIn,
  type StaffPolicy,
} from './staff.ts';

/**
 * Everything that the console asks of the bridge. `api/console/` turns HTTP into these calls; whether
 * a person may make them is decided there, by the right that the route wants.
 */
export interface Desk {
  /** @returns what the person's browser shows from now on; `null` where they have no role. */
  signIn(person: Person, origin: string): Promise<string | null>;
  /** @param present false for a stream, which says nothing about anybody being there. */
  recognise(secret: string, present: boolean): Promise<SignedIn | null>;
  signOut(secret: string, person: Person, origin: string): Promise<void>;
  noteRefusal(person: Person, origin: string, resource: string): Promise<void>;
}

/** Binds what the console asks to what it works with. */
export function openDesk(bridge: Bridge, policy: StaffPolicy): Desk {
  return {
    signIn: (person, origin) => signIn(bridge, policy, person, origin),
    recognise: (secret, present) => recognise(bridge, policy, secret, present),
    signOut: (secret, person, origin) => signOut(bridge, secret, person, origin),
    noteRefusal: (person, origin, resource) => noteRefusal(bridge, person, origin, resource),
  };
}
