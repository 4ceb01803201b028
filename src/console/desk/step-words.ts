import type { CallStep } from '../../contract/console.ts';

/** How the steps of a call are called on every page. */
export const STEP_WORDS: Readonly<Record<CallStep, string>> = {
  greeting: 'Greeting',
  terms: 'Heard the terms',
  consent: 'Agreed',
  card: 'Keyed a card',
  enrolment: 'Enrolment begun',
  enrolled: 'Enrolled',
  agent: 'With a person',
};
