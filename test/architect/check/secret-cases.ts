import type { Pieces } from './flow-of.ts';

/** A flow that breaks one rule in the marked line, and one that nearly does. */
export interface Case {
  readonly rule: string;
  readonly says: string;
  readonly bad: Pieces;
  readonly good: Pieces;
}

const PAN = `- stringVariable: { name: Flow.Pan, isSecure: true, initialValue: { noValue: true } }
- stringVariable: { name: Flow.Token, initialValue: { noValue: true } }`;

const ask = (into: string, more = ''): string => `- collectInput:
    name: Ask
    inputData: { var: ${into} }
    digits: { range: { min: 8, max: 19, terminatingDtmf: "digit_#" } }
    inputAudio: { tts: Please enter your card number. }
    verificationType: none
    outputs:
      success: { actions: [] }
      failure: { actions: [{ disconnect: { name: Silence } }] }${more}`;

const send = (input: string, action = 'callDataSecure'): string => `- ${action}:
    name: Send
    timeout: { lit: { seconds: 9 } }
    category:
      Vault:
        dataAction:
          Keep:
            inputs:
              digits: { exp: '${input}' }
            successOutputs: { token: { var: Flow.Token } }
    outputs:
      success:
        actions:
          - playAudio: { name: Kept, audio: { exp: 'ToAudioTTS(Flow.Token)' } }
      failure: { actions: [{ disconnect: { name: Failed } }] }
      timeout: { actions: [{ disconnect: { name: Late } }] }`;

const secure = (actions: string, more: Pieces = {}): Pieces => ({
  type: 'secureCall',
  variables: PAN,
  actions: `${ask('Flow.Pan')}\n${send('Flow.Pan')}\n${actions}`,
  ...more,
});

/** The same action with the secret, and with the token that stands for it. */
const leak = (
  rule: string,
  says: string,
  action: (name: string) => string,
  more: Pieces = {},
): Case => ({
  rule,
  says,
  bad: secure(action('Flow.Pan').replace('@', '# <- here'), more),
  good: secure(action('Flow.Token').replace('@', ''), more),
});

const input = (digits: string): Pieces => ({
  type: 'secureCall',
  variables: PAN,
  actions: `${ask('Flow.Pan')}\n${send(digits)}`,
});

const inMarked = (pieces: Pieces): Pieces => ({
  ...pieces,
  actions: (pieces.actions ?? '').replace(/( +digits: \{ exp: .*)/, '$1 # <- here'),
});

export const SECRET_CASES: readonly Case[] = [
  leak(
    'secret-in-audio',
    'a secret is spoken',
    (name) => `- playAudio: { name: Say, audio: { exp: 'ToAudioTTS(${name})' } } @`,
  ),
  leak(
    'secret-in-participant-data',
    'a secret becomes participant data',
    (name) =>
      `- setParticipantData:
    name: Mark
    attributes:
      - attribute: { name: { lit: card }, value: { exp: ${name} } } @`,
  ),
  leak(
    'secret-in-screen-pop',
    'a secret goes to the agent’s screen',
    (name) =>
      `- setScreenPop:
    name: Pop
    screenPopScript:
      Pay:
        inputs: { card: { exp: ${name} } } @`,
  ),
  leak(
    'secret-in-condition',
    'a decision looks at a secret',
    (name) =>
      `- decision:
    name: Long
    condition: { exp: Length(${name}) > 15 } @
    outputs:
      "yes": { actions: [{ playAudio: { name: Yes, audio: { tts: "Yes" } } }] }`,
  ),
  leak(
    'secret-in-condition',
    'a switch looks at a secret',
    (name) =>
      `- switch:
    name: First
    evaluate:
      firstTrue:
        cases:
          - case:
              value: { exp: 'Left(${name}, 1) == "4"' } @
              actions: [{ playAudio: { name: Yes, audio: { tts: "Yes" } } }]`,
  ),
  leak(
    'secret-in-condition',
    'a loop counts to a secret',
    (name) =>
      `- loop:
    name: Many
    loopCount: { exp: ToInt(${name}) } @
    outputs:
      loop: { actions: [{ playAudio: { name: Beep, audio: { tts: Beep } } }] }`,
  ),
  leak(
    'secret-in-transfer',
    'a secret is invocation data',
    (name) =>
      `- transferToFlowSecure:
    name: On
    targetFlow: { name: Another }
    preTransferAudio: { tts: One moment. }
    invocationData: { exp: ${name} } @`,
    { ends: false },
  ),
  leak(
    'secret-elsewhere',
    'a secret is an outcome',
    (name) =>
      `- setFlowOutcome:
    name: Outcome
    flowOutcome: { lit: { name: Paid } }
    flowOutcomeValue: { exp: ${name} } @`,
  ),
  leak(
    'extract-secure-data',
    'a secret is extracted',
    (name) =>
      `- extractSecureData:
    name: Extract
    statements:
      - string: { variable: Flow.Other, value: { exp: 'Right(${name}, 4)' } } @`,
    {
      variables: `${PAN}
- stringVariable: { name: Flow.Other, initialValue: { noValue: true } }`,
    },
  ),
  {
    rule: 'secret-in-update-data',
    says: 'a secret is copied',
    bad: secure(
      `- updateData:
    name: Copy
    statements:
      - string: { variable: Flow.Token, value: { exp: 'Append(Flow.Pan, "")' } } # <- here`,
      {
        actions: `${ask('Flow.Pan')}
- updateData:
    name: Copy
    statements:
      - string:
          variable: Flow.Token
          value: { exp: 'Append(Flow.Pan, "")' } # <- here
${send('Flow.Pan').replace('ToAudioTTS(Flow.Token)', 'ToAudioTTS("kept")')}`,
      },
    ),
    good: secure(`- updateData:
    name: Copy
    statements:
      - string: { variable: Flow.Token, value: { exp: 'Append(Flow.Token, "")' } }`),
  },
  {
    rule: 'secret-in-task-input',
    says: 'a secret is the input of a task',
    bad: secure(
      `- callTask:
    name: Help
    targetTaskRef: ./tasks/task[Help]
    taskInputs: { Task.Text: { exp: Flow.Pan } } # <- here`,
      {
        tasks: `- task:
    name: Help
    refId: Help
    variables:
      - stringVariable: { name: Task.Text, isInput: true, initialValue: { noValue: true } }
    actions: [{ endTask: { name: Done } }]`,
      },
    ),
    good: secure(
      `- callTask:
    name: Help
    targetTaskRef: ./tasks/task[Help]
    taskInputs: { Task.Text: { exp: Flow.Token } }`,
      {
        tasks: `- task:
    name: Help
    refId: Help
    variables:
      - stringVariable: { name: Task.Text, isInput: true, initialValue: { noValue: true } }
    actions: [{ endTask: { name: Done } }]`,
      },
    ),
  },
  {
    rule: 'secret-in-call-data',
    says: 'a secret goes to a plain data action',
    bad: inMarked({
      type: 'secureCall',
      variables: PAN,
      actions: `${ask('Flow.Pan')}\n${send('Flow.Pan', 'callData')}`,
    }),
    good: secure(send('Flow.Token', 'callData')),
  },
  {
    rule: 'secret-expression',
    says: 'an input computes with a secret',
    bad: inMarked(input('Append(Flow.Pan, "0")')),
    good: input('Substring(Flow.Pan, 0, 6)'),
  },
  {
    rule: 'secret-expression',
    says: 'a secret says how much is taken',
    bad: inMarked(input('Left(Flow.Pan, ToInt(Flow.Pan))')),
    good: input('Right(Flow.Pan, 4)'),
  },
  {
    rule: 'secret-read-back',
    says: 'the keys of a secret are read back',
    bad: {
      ...secure(''),
      actions: `${ask('Flow.Pan')
        .replace('- collectInput:', '- collectInput: # <- here')
        .replace('verificationType: none', 'verificationType: numeric')}\n${send('Flow.Pan')}`,
    },
    good: {
      variables: '- stringVariable: { name: Flow.Visit, initialValue: { noValue: true } }',
      actions: `${ask('Flow.Visit')
        .replace('card number', 'visit number')
        .replace('verificationType: none', 'verificationType: numeric')}
- playAudio: { name: Say, audio: { exp: 'ToAudioTTS(Flow.Visit)' } }`,
    },
  },
  {
    rule: 'card-data-not-secure',
    says: 'a card number goes into a plain variable',
    bad: {
      variables: '- stringVariable: { name: Flow.Digits, initialValue: { noValue: true } }',
      actions: ask('Flow.Digits').replace('- collectInput:', '- collectInput: # <- here'),
    },
    good: {
      variables: '- stringVariable: { name: Flow.Digits, initialValue: { noValue: true } }',
      actions: ask('Flow.Digits').replace('card number', 'loyalty card number'),
    },
  },
  {
    rule: 'secure-variable-outside',
    says: 'a secure variable stands in an inbound flow',
    bad: {
      variables:
        '- stringVariable: { name: Flow.Pin, isSecure: true, initialValue: { noValue: true } } # <- here',
      actions: ask('Flow.Pin').replace('card number', 'visit number'),
    },
    good: input('Flow.Pan'),
  },
  {
    rule: 'secure-input-or-output',
    says: 'a secure variable is an input',
    bad: {
      type: 'secureCall',
      variables: PAN.replace(
        'isSecure: true, initialValue: { noValue: true } }',
        'isSecure: true, isInput: true, initialValue: { noValue: true } } # <- here',
      ),
      actions: `${ask('Flow.Pan')}\n${send('Flow.Pan')}`,
    },
    good: input('Left(Flow.Pan, 6)'),
  },
  {
    rule: 'secure-action-outside',
    says: 'an inbound flow returns to an agent',
    bad: { actions: '- returnToAgent: { name: Back } # <- here', ends: false },
    good: { type: 'secureCall', actions: '- returnToAgent: { name: Back }', ends: false },
  },
  {
    rule: 'secure-transfer-silent',
    says: 'a secure flow transfers without a word',
    bad: {
      ...input('Flow.Pan'),
      actions: `${input('Flow.Pan').actions ?? ''}
- collectInput:
    name: Again
    inputData: { var: Flow.Token }
    digits: { exact: 1 }
    outputs:
      failure: { actions: [{ disconnect: { name: Silence } }] }
- transferToAcd: # <- here
    name: Person
    targetQueue: { lit: { name: Plumbers } }`,
      ends: false,
    },
    good: {
      type: 'secureCall',
      actions: `- transferToAcd:
    name: Person
    targetQueue: { lit: { name: Plumbers } }`,
      ends: false,
    },
  },
  {
    rule: 'secure-transfer-failure',
    says: 'a secure flow trusts in a failure path',
    bad: {
      type: 'secureCall',
      actions: `- transferToAcd:
    name: Person
    targetQueue: { lit: { name: Plumbers } }
    outputs:
      failure:
        actions:
          - playAudio: { name: Sorry, audio: { tts: Sorry } } # <- here`,
      ends: false,
    },
    good: {
      actions: `- transferToAcd:
    name: Person
    targetQueue: { lit: { name: Plumbers } }
    outputs:
      failure:
        actions:
          - playAudio: { name: Sorry, audio: { tts: Sorry } }`,
    },
  },
];
