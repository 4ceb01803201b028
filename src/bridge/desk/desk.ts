import type {
  AuditQuestion,
  AuditView,
  VerifyLine,
  VerifyOrder,
} from '../../contract/audit-view.ts';
import type { DeliveriesView, LiveView, SwitchOrder, SwitchView } from '../../contract/console.ts';
import type { FunnelQuestion, FunnelView } from '../../contract/funnel.ts';
import type { CheckpointKeys } from '../audit.ts';
import type { Actor, Bridge } from '../bridge.ts';
import { setSwitch } from '../switch.ts';
import { exportAudit, findAudit, printAudit } from './audit-find.ts';
import { verifyAudit } from './audit-verify.ts';
import { deliveries, replay } from './dead-letters.ts';
import { funnel } from './funnel.ts';
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
  /** Where callers drop off, of the calls that began in a time. */
  funnel(asked: FunnelQuestion): Promise<FunnelView>;
  /** Everything about an id, each entry with its proof. Asking is an entry, and so the three below. */
  findAudit(asking: Asking, question: AuditQuestion): Promise<AuditView>;
  /** The same, to be printed. */
  printAudit(asking: Asking, question: AuditQuestion): Promise<AuditView>;
  /** The evidence pack. @param source address of this bridge. */
  exportAudit(asking: Asking, question: AuditQuestion, source: string): Promise<string>;
  /** @param tell takes a line of the answer; false where nobody listens any more. */
  verifyAudit(
    asking: Asking,
    order: VerifyOrder,
    tell: (line: VerifyLine) => boolean,
  ): Promise<void>;
}

/** Binds what the console asks to what it works with. */
export function openDesk(bridge: Bridge, policy: StaffPolicy, keys: CheckpointKeys): Desk {
  const means = { bridge, keys };
  const by = ({ person, origin }: Asking): Actor => actorOf(person, origin);
  return {
    ...openOperationsDesk(bridge),
    funnel: (asked) => funnel(bridge, asked),
    findAudit: (asking, question) => findAudit(means, by(asking), question),
    printAudit: (asking, question) => printAudit(means, by(asking), question),
    exportAudit: (asking, question, source) => exportAudit(means, by(asking), question, source),
    verifyAudit: (asking, order, tell) => verifyAudit(means, by(asking), order, tell),
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
