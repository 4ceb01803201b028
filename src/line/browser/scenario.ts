/** A way in which the make-believe gateway behaves in one call. */
export interface Scenario {
  readonly key: string;
  /** For people, a few words. */
  readonly title: string;
  /** What a caller hears of it. */
  readonly effect: string;
  /** Entries for the sandbox's script, without the call's id. */
  readonly script: readonly { readonly operation: string; readonly behave: string }[];
}

/** All that the page can choose from: no text of its own goes into a script. */
export const SCENARIOS: readonly Scenario[] = [
  { key: 'approve', title: 'Everything works', effect: 'The card is taken.', script: [] },
  {
    key: 'cvv',
    title: 'Wrong security code, once',
    effect: 'Asks for the security code again, and only for that.',
    script: [{ operation: 'tokenize', behave: 'decline:CVV_Mismatch' }],
  },
  {
    key: 'decline',
    title: 'Bank declines, once',
    effect: 'Asks for another card.',
    script: [{ operation: 'tokenize', behave: 'decline:Card_Declined' }],
  },
  {
    key: 'lost-answer',
    title: 'Answer to the enrolment is lost',
    effect: 'Asks the gateway what happened; nobody is charged twice.',
    script: [{ operation: 'subscribe', behave: 'reset-after' }],
  },
  {
    key: 'pending',
    title: 'Gateway decides later',
    effect: 'Says that it is still working, and then the result.',
    script: [{ operation: 'subscribe', behave: 'pending:4000' }],
  },
  {
    key: 'busy',
    title: 'Gateway is busy, twice',
    effect: 'Nothing: it is tried again under the same key.',
    script: [
      { operation: 'tokenize', behave: 'status:503' },
      { operation: 'tokenize', behave: 'status:503' },
    ],
  },
  {
    key: 'hang',
    title: 'Gateway never answers',
    effect: 'After half a minute a person takes over.',
    script: [
      { operation: 'tokenize', behave: 'hang' },
      { operation: 'tokenize', behave: 'hang' },
      { operation: 'tokenize', behave: 'hang' },
    ],
  },
];
