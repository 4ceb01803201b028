import type { LedgerEntry } from '../payment/ledger.ts';
import { GATEWAY_KINDS, type GatewayKind, type OperationState } from '../payment/operation.ts';

const THING: Readonly<Record<GatewayKind, string>> = {
  tokenise: 'card',
  subscribe: 'enrolment',
  charge: 'charge',
  cancel: 'cancellation',
  pause: 'pause',
  resume: 'resumption',
  change_plan: 'change of plan',
  change_card: 'change of card',
};

const END: Readonly<Record<Exclude<OperationState, 'started'>, string>> = {
  approved: 'was approved',
  pending: 'waits for the gateway to tell its end',
  declined: 'was declined',
  failed: 'failed; nothing happened',
  in_doubt: 'is in doubt: it was sent, and the answer was lost',
};

const OWN: Readonly<Record<string, string>> = {
  'agent.call_read': 'An agent of the contact centre read how the call stands',
  'agent.entry_begun': 'An agent of the contact centre sent the caller to key a card',
  'agent.entry_not_begun': 'An agent could not send the caller to key a card',
  'audit.export': 'Took evidence out of the ledger',
  'audit.read': 'Read the ledger',
  'audit.verify': 'Verified the ledger',
  'call.handed_off': 'The call was passed to a person',
  'charge.skipped': 'The charge was passed over',
  'consent.given': 'The caller agreed to the terms',
  'consent.refused': 'The caller did not agree to the terms',
  'console.refused': 'Wanted what none of their roles may do, and was refused',
  'console.sign_in': 'Signed in to the console',
  'console.sign_out': 'Signed out of the console',
  'disclosure.rendered': 'The terms were put into words for the caller',
  'event.dead': 'Billing did not take the event; it was given up',
  'event.delivered': 'Billing took the event',
  'event.replayed': 'The event was sent to billing again',
  'link.approved': 'The customer entered a card on the page that they were sent',
  'link.declined': 'The page for the card ended, and no card was accepted on it',
  'link.failed': 'The page for the card ended without a card; nothing happened',
  'link.in_doubt': 'Whether the page for the card was opened is in doubt',
  'link.intent': 'A page for the card was about to be opened at the gateway',
  'link.pending': 'The page for the card was opened, and its end is waited for',
  'proposal.confirmed': 'A second person confirmed how the operation ended',
  'proposal.made': 'Proposed how the operation in doubt has ended',
  'proposal.own_refused': 'Wanted to confirm their own proposal, and was refused',
  'proposal.refused': 'Turned down how the operation was said to have ended',
  'proposal.withdrawn': 'Took back how the operation was said to have ended',
  'subscription.followed': 'What the gateway did to the subscription was taken over',
  'switch.off': 'Automated payments were switched off',
  'switch.on': 'Automated payments were switched on',
  'tokenise.approved': 'The gateway took the card and gave a token for it',
  'tokenise.failed': 'The card did not get to the gateway; nothing happened',
  'tokenise.intent': 'The card was about to be sent to the gateway',
};

/** Where the entry tells of something that did not happen. */
const OWN_FAILED: Readonly<Record<string, string>> = {
  'audit.verify': 'Verified the ledger: it does not add up',
  'console.sign_in': 'Had no role, and was refused at the console',
  'disclosure.rendered': 'There were no terms to tell the caller',
};

function operationWords(action: string): string | null {
  const [kind, step = ''] = action.split('.');
  const known = GATEWAY_KINDS.find((candidate) => candidate === kind);
  if (known === undefined) return null;
  if (step === 'intent') return `The ${THING[known]} was begun`;
  const end = Object.entries(END).find(([state]) => state === step);
  return end === undefined ? null : `The ${THING[known]} ${end[1]}`;
}

/** What an entry of the ledger tells of, as a sentence without its full stop. */
export function inWords({ action, result }: Pick<LedgerEntry, 'action' | 'result'>): string {
  const failed = result === 'failure' ? OWN_FAILED[action] : undefined;
  return failed ?? OWN[action] ?? operationWords(action) ?? action.replaceAll(/[._]/g, ' ');
}
