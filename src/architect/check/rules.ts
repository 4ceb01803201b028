import { READ_RULES } from '../rules.ts';
import { LOGIC, SDK, type Rule } from './rule.ts';
import { DATA_ACTION, SECRET_RULES } from './secret-rules.ts';
import { WAY_RULES } from './way-rules.ts';

const VALUE_RULES = {
  'variable-undeclared': {
    severity: 'error',
    says: 'A variable is used that neither the flow declares nor Architect fills.',
    why: 'Architect does not publish the flow.',
    source: LOGIC,
    bad: 'updateData: { statements: [{ string: { variable: Task.Plam, … } }] }',
    good: 'variables: [{ stringVariable: { name: Task.Plan, initialValue: { noValue: true } } }]',
  },
  'variable-unused': {
    severity: 'warning',
    says: 'A variable is declared, and nothing reads it or gives it a value.',
    why: 'It is left over, or something is spelt otherwise.',
    source: LOGIC,
    bad: 'variables: [{ stringVariable: { name: Flow.Old, … } }]',
    good: 'variables: []',
  },
  'variable-never-set': {
    severity: 'warning',
    says: 'A variable is read and never gets a value.',
    why: 'It is NOT_SET, and most functions end in the error event with that.',
    source: LOGIC,
    bad: 'playAudio: { audio: { exp: ToAudioTTS(Flow.Name) } }    # and nothing sets Flow.Name',
    good: 'stringVariable: { name: Flow.Name, initialValue: { lit: "" } }',
  },
  'expression-type': {
    severity: 'error',
    says: 'An expression has values of the wrong types, or a function that does not exist.',
    why: 'Architect does not publish the flow.',
    source: 'Help data of the functions in Genesys’s flow scripting SDK 0.0.18',
    bad: 'condition: { exp: Flow.Count + "1" }',
    good: 'condition: { exp: Flow.Count + 1 > 3 }',
  },
  'value-type': {
    severity: 'error',
    says: 'A value of one type is put where another one is wanted.',
    why: 'Architect does not publish the flow.',
    source: 'Help data of the functions in Genesys’s flow scripting SDK 0.0.18',
    bad: 'condition: { exp: Flow.Count }',
    good: 'condition: { exp: Flow.Count > 3 }',
  },
  'attribute-twice': {
    severity: 'warning',
    says: 'One action sets the same participant attribute twice.',
    why: 'The second value wins.',
    source: LOGIC,
    bad: 'attributes: [{ attribute: { name: { lit: a }, … } }, { attribute: { name: { lit: a }, … } }]',
    good: 'attributes: [{ attribute: { name: { lit: a }, … } }, { attribute: { name: { lit: b }, … } }]',
  },
  'data-action-unknown': {
    severity: 'error',
    says: 'A data action of Tokenline is named that does not exist.',
    why: 'A flow is not published when a data action is missing.',
    source: 'genesys/data-actions',
    bad: 'category: { Tokenline: { dataAction: { Tokenline Tokenize: … } } }',
    good: 'category: { Tokenline: { dataAction: { Tokenline Tokenise Card: … } } }',
  },
  'data-action-input': {
    severity: 'error',
    says: 'A data action is given an input that it does not have, or lacks one that it needs.',
    why: 'The flow is not published, or every call of it fails.',
    source: 'The contract of the data action (`--data-actions`)',
    bad: 'inputs: { custmer_id: { exp: Flow.CustomerId } }',
    good: 'inputs: { customer_id: { exp: Flow.CustomerId } }',
  },
  'data-action-output': {
    severity: 'error',
    says: 'An output is bound that the data action does not have, or to a variable of another type.',
    why: 'The flow is not published, or the variable stays NOT_SET.',
    source: 'The contract of the data action (`--data-actions`)',
    bad: 'successOutputs: { status_code: { var: Flow.Name } }    # an integer, into a string',
    good: 'successOutputs: { status_code: { var: Flow.StatusCode } }',
  },
  'data-action-secure': {
    severity: 'error',
    says: 'callDataSecure calls a data action that is not marked secure, or callData one that is.',
    why: 'Architect offers secure data actions in Call Secure Data Action only, and no others there.',
    source: SDK,
    bad: DATA_ACTION.replace('Tokenise', 'Look Up'),
    good: DATA_ACTION,
  },
  'flow-reference': {
    severity: 'error',
    says: 'A transfer names a flow that has another type than is wanted, or that is nearly spelt as one of those checked with it.',
    why: 'The flow is not published, or the caller ends up elsewhere.',
    source: LOGIC,
    bad: 'transferToFlowSecure: { targetFlow: { name: Card Captur } }',
    good: 'transferToFlowSecure: { targetFlow: { name: Card Capture } }',
  },
  'prompt-unknown': {
    severity: 'error',
    says: 'A prompt is played that has no text.',
    why: 'The flow is not published when a prompt is missing.',
    source: 'The folder of prompts (`--prompts`)',
    bad: 'playAudio: { audio: { prompt: Prompt.tokenline_wellcome } }',
    good: 'playAudio: { audio: { prompt: Prompt.tokenline_welcome } }',
  },
} as const satisfies Readonly<Record<string, Rule>>;

const SUPPRESSION_RULES = {
  'suppression-reason': {
    severity: 'error',
    says: 'A suppression names no rule that can be suppressed, or gives no reason.',
    why: 'Whoever reads the flow next has to know why it is right.',
    source: 'Tokenline',
    bad: '# tokenline-check: allow dead-end',
    good: '# tokenline-check: allow dead-end because the survey flow hangs up',
  },
  'suppression-unused': {
    severity: 'error',
    says: 'A suppression does not suppress anything.',
    why: 'It would hide the next mistake in that place.',
    source: 'Tokenline',
    bad: '# tokenline-check: allow dead-end because …    # above an action that is no dead end',
    good: '(no comment)',
  },
} as const satisfies Readonly<Record<string, Rule>>;

/** Rules that this folder looks for itself. */
export const OWN_RULES = {
  ...SECRET_RULES,
  ...WAY_RULES,
  ...VALUE_RULES,
  ...SUPPRESSION_RULES,
};

export type OwnRule = keyof typeof OWN_RULES;

/** Families in the order of the documentation. */
export const RULE_FAMILIES: readonly (readonly [string, readonly string[]])[] = [
  ['Secrets', Object.keys(SECRET_RULES)],
  ['The way through a flow', Object.keys(WAY_RULES)],
  ['Values and names', Object.keys(VALUE_RULES)],
  ['Suppressions', Object.keys(SUPPRESSION_RULES)],
  ['Reading', Object.keys(READ_RULES)],
];

const READING: ReadonlyMap<string, Rule> = new Map(
  Object.entries(READ_RULES).map(([name, says]) => [
    name,
    {
      severity: 'error',
      says,
      why: 'What cannot be read cannot be published or played.',
      source: 'docs/reference/architect.md',
      bad: '',
      good: '',
      final: true,
    },
  ]),
);

/** Every rule by its name. */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...Object.entries<Rule>(OWN_RULES),
  ...READING,
]);
