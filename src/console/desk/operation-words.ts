import { badge, link, type Tone } from './dom.ts';

/** What the console calls each kind of operation. */
const KINDS: Readonly<Record<string, string>> = {
  tokenise: 'Card',
  subscribe: 'Enrolment',
  charge: 'Charge',
  link: 'Payment link',
  cancel: 'Cancellation',
  pause: 'Pause',
  resume: 'Resumption',
  change_plan: 'Change of plan',
  change_card: 'Change of card',
  disclosure: 'Terms',
  consent: 'Consent',
  handoff: 'Hand-off',
  skip_charge: 'Charge passed over',
  follow: 'Change at the gateway',
};

const TONES: Readonly<Record<string, Tone>> = {
  approved: 'success',
  active: 'success',
  paid: 'success',
  delivered: 'success',
  declined: 'error',
  failed: 'error',
  dead: 'error',
  unpaid: 'error',
  past_due: 'error',
  in_doubt: 'warning',
  pending: 'warning',
  started: 'warning',
  waiting: 'warning',
  paused: 'warning',
  open: 'warning',
};

export function kindWord(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** `in_doubt` as people write it. */
export function stateWord(state: string): string {
  return state.replaceAll('_', ' ');
}

export function toneOf(state: string): Tone {
  return TONES[state] ?? 'info';
}

export function stateBadge(state: string): HTMLElement {
  return badge(stateWord(state), toneOf(state));
}

export function storyAddress(operationId: string): string {
  return `/console/operations/${operationId}`;
}

export function storyLink(operationId: string): HTMLElement | string {
  return operationId === '' ? '' : link(operationId, storyAddress(operationId));
}

export function subscriptionLink(id: string): HTMLElement | string {
  return id === '' ? '' : link(id, `/console/subscriptions/${id}`);
}
