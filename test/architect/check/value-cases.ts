import type { Case } from './secret-cases.ts';

const say = (name: string): string =>
  `- playAudio: { name: Say, audio: { exp: ToAudioTTS(${name}) } }`;
const set = (type: string, name: string, exp: string): string => `- updateData:
    name: Set
    statements:
      - ${type}: { variable: ${name}, value: { exp: '${exp}' } }`;

const TEXT = '- stringVariable: { name: Flow.Text, initialValue: { lit: a } }';
const COUNT = '- integerVariable: { name: Flow.Count, initialValue: { lit: 1 } }';

const counted = (condition: string): string => `- decision:
    name: Many
    condition: { exp: '${condition}' }
    outputs: { "yes": { actions: [{ playAudio: { name: Many, audio: { tts: Many } } }] } }`;

export const VALUE_CASES: readonly Case[] = [
  {
    rule: 'variable-undeclared',
    says: 'a variable is misspelt where it is read',
    bad: { variables: TEXT, actions: `${say('Flow.Text')}\n${say('Flow.Texd')} # <- here` },
    good: { variables: TEXT, actions: say('flow.text') },
  },
  {
    rule: 'variable-undeclared',
    says: 'a variable of one task is set in another',
    bad: {
      taskVariables: TEXT.replace('Flow', 'Task'),
      actions: `${say('Task.Text')}
- callTask: { name: Help, targetTaskRef: "./tasks/task[Help]" }`,
      tasks: `- task:
    name: Help
    refId: Help
    actions:
      - updateData:
          name: Set
          statements:
            - string: { variable: Task.Text, value: { lit: b } } # <- here`,
    },
    good: {
      taskVariables: TEXT.replace('Flow', 'Task'),
      actions: `${set('string', 'Task.Text', 'Call.Ani')}\n${say('Task.Text')}`,
    },
  },
  {
    rule: 'variable-unused',
    says: 'a variable is left over',
    bad: { variables: `${TEXT} # <- here` },
    good: { variables: TEXT, actions: set('string', 'Flow.Text', 'Call.Ani') },
  },
  {
    rule: 'variable-never-set',
    says: 'a variable without a value is spoken',
    bad: {
      variables: '- stringVariable: { name: Flow.Text, initialValue: { noValue: true } } # <- here',
      actions: say('Flow.Text'),
    },
    good: { variables: TEXT, actions: say('Flow.Text') },
  },
  {
    rule: 'expression-type',
    says: 'a number is compared with a text',
    bad: {
      variables: COUNT,
      actions: counted('Flow.Count > "2"').replace(/(condition.*)/, '$1 # <- here'),
    },
    good: { variables: COUNT, actions: counted('Flow.Count > 2') },
  },
  {
    rule: 'value-type',
    says: 'a number is a condition',
    bad: {
      variables: COUNT,
      actions: counted('Flow.Count + 1').replace(/(condition.*)/, '$1 # <- here'),
    },
    good: { variables: COUNT, actions: counted('Flow.Count == 1') },
  },
  {
    rule: 'value-type',
    says: 'a text is put into a number',
    bad: {
      variables: COUNT,
      actions: `${set('string', 'Flow.Count', 'Call.Ani')} # <- here`,
    },
    good: { variables: COUNT, actions: set('integer', 'Flow.Count', 'ToInt(Call.Ani)') },
  },
  {
    rule: 'attribute-twice',
    says: 'an attribute is set twice at once',
    bad: {
      actions: `- setParticipantData:
    name: Mark
    attributes:
      - attribute: { name: { lit: visit }, value: { lit: a } }
      - attribute: { name: { lit: visit }, value: { lit: b } } # <- here`,
    },
    good: {
      actions: `- setParticipantData:
    name: Mark
    attributes:
      - attribute: { name: { lit: visit }, value: { lit: a } }
      - attribute: { name: { lit: visitor }, value: { lit: b } }`,
    },
  },
];
