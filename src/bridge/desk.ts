import type { DeliveriesView, LiveView, SwitchOrder, SwitchView } from '../contract/console.ts';
import type { Bridge } from './bridge.ts';
import { deliveries, replay } from './dead-letters.ts';
import { live, switchView } from './live.ts';
import { openOperationsDesk, type OperationsDesk } from './operations-desk.ts';
import {
  actorOf,
  noteRefusal,
  recognise,
  signIn,
  signOut,
  type Person,
  type SignedIn,
  type StaffPolicy,
} from './staff.ts';
import { setSwitch } from './switch.ts';

/** A person who asks, and from where, for the ledger. */
export interface Asking {
  readonly person: Person;
  /** Such as `console 203.0.113.7`. */
  readonly origin: string;
}

/**
 * Everything that the console asks of the bridge. `api/console/` turns HTTP into these calls; whether
 * a person may make them is decided there, by the right that the route wants.
 */
export interface Desk extends OperationsDesk {
  /** @returns what the person's browser shows from now on; `null` where they have no role. */
  signIn(asking: Asking): Promise<string | null>;
  /** @param present false for a stream, which says nothing about anybody being there. */
  recognise(secret: string, present: boolean): Promise<SignedIn | null>;
  signOut(secret: string, asking: Asking): Promise<void>;
  noteRefusal(asking: Asking, resource: string): Promise<void>;
  live(): Promise<LiveView>;
  switch(): Promise<SwitchView>;
  /** The very next call hears it. */
  setSwitch(asking: Asking, order: SwitchOrder): Promise<SwitchView>;
  deliveries(): Promise<DeliveriesView>;
  /** Sends a dead letter again, under its own id. */
  replay(asking: Asking, eventId: string): Promise<DeliveriesView>;
}

/** Binds what the console asks to what it works with. */
export function openDesk(bridge: Bridge, policy: StaffPolicy): Desk {
  return {
    ...openOperationsDesk(bridge),
    signIn: ({ person, origin }) => signIn(bridge, policy, person, origin),
    recognise: (secret, present) => recognise(bridge, policy, secret, present),
    signOut: (secret, { person, origin }) => signOut(bridge, secret, person, origin),
    noteRefusal: ({ person, origin }, resource) => noteRefusal(bridge, person, origin, resource),
    live: () => live(bridge),
    switch: () => switchView(bridge),
    deliveries: () => deliveries(bridge),
    replay: ({ person, origin }, eventId) => replay(bridge, actorOf(person, origin), eventId),
    async setSwitch({ person, origin }, { state, reason }) {
      const actor = actorOf(person, origin);
      const request = { automated_payments: state, reason };
      await setSwitch(bridge, { actor, key: null, bodyHash: '', request });
      return switchView(bridge);
    },
  };
}
