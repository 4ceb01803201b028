import type { Case } from './secret-cases.ts';

const task = (name: string, actions: string): string => `- task:
    name: ${name}
    refId: ${name}
    actions:
      ${actions.replaceAll('\n', '\n      ')}`;

const call = (name: string): string =>
  `- callTask: { name: Call ${name}, targetTaskRef: "./tasks/task[${name}]" }`;
const jump = (name: string): string =>
  `- jumpToTask: { name: Jump, targetTaskRef: "./tasks/task[${name}]" }`;

const KEY = '- stringVariable: { name: Flow.Key, initialValue: { lit: "" } }';
const one = (outputs: string): string => `- collectInput:
    name: Key
    inputData: { var: Flow.Key }
    digits: { exact: 1 }
${outputs}- decision:
    name: One
    condition: { exp: Flow.Key == "1" }
    outputs:
      "yes": { actions: [{ playAudio: { name: Good, audio: { tts: Good } } }] }`;

const menu = (choices: string): string => `- menu:
    name: Main
    refId: Main
    audio: { tts: Press a key. }
    choices:
      ${choices.replaceAll('\n', '\n      ')}`;
const toMenu = {
  actions: '- jumpToMenu: { name: Menu, targetMenuRef: "./menus/menu[Main]" }',
  ends: false,
};

const lookUp = (outputs: string): string => `- callData:
    name: Look
    category: { Home: { dataAction: { Look: { successOutputs: { key: { var: Flow.Key } } } } } }
    outputs:
${outputs}
- playAudio: { name: Say, audio: { exp: ToAudioTTS(Flow.Key) } }`;
const LEAVES = '{ actions: [{ disconnect: { name: Off } }] }';

export const WAY_CASES: readonly Case[] = [
  {
    rule: 'unreachable-action',
    says: 'something follows a disconnect',
    bad: {
      actions: `- disconnect: { name: Off }
- playAudio: { name: Never, audio: { tts: Never } } # <- here`,
    },
    good: { actions: '- playAudio: { name: Now, audio: { tts: Now } }' },
  },
  {
    rule: 'unreachable-action',
    says: 'both ways of a decision leave',
    bad: {
      variables: KEY,
      actions: `- collectInput:
    name: Key
    inputData: { var: Flow.Key }
    digits: { exact: 1 }
    outputs:
      success: ${LEAVES}
      failure: ${LEAVES}
- decision: # <- here
    name: One
    condition: { exp: Flow.Key == "1" }`,
    },
    good: {
      variables: KEY,
      actions: `- collectInput:
    name: Key
    inputData: { var: Flow.Key }
    digits: { exact: 1 }
    outputs:
      success: ${LEAVES}
- decision:
    name: One
    condition: { exp: Flow.Key == "1" }`,
    },
  },
  {
    rule: 'unreachable-action',
    says: 'a task that never comes back is called',
    bad: {
      actions: `${call('Off')}
- playAudio: { name: Never, audio: { tts: Never } } # <- here`,
      tasks: task('Off', '- disconnect: { name: End }'),
    },
    good: {
      actions: `${call('Off')}
- playAudio: { name: Then, audio: { tts: Then } }`,
      tasks: task('Off', '- endTask: { name: End }'),
    },
  },
  {
    rule: 'unreachable-task',
    says: 'nobody calls a task',
    bad: {
      tasks: task('Help', '- endTask: { name: End }').replace('- task:', '- task: # <- here'),
    },
    good: { actions: call('Help'), tasks: task('Help', '- endTask: { name: End }') },
  },
  {
    rule: 'unreachable-menu',
    says: 'nobody jumps to a menu',
    bad: {
      menus: menu('- menuDisconnect: { name: Off, dtmf: digit_1 }').replace(
        '- menu:',
        '- menu: # <- here',
      ),
    },
    good: { ...toMenu, menus: menu('- menuDisconnect: { name: Off, dtmf: digit_1 }') },
  },
  {
    rule: 'dead-end',
    says: 'the first task just stops',
    bad: { actions: '- playAudio: { name: More, audio: { tts: More } } # <- here', ends: false },
    good: { actions: '- transferToFlow: { name: On, targetFlow: { name: Other } }' },
  },
  {
    rule: 'dead-end',
    says: 'a failed transfer has nothing behind it',
    bad: {
      actions: '- transferToAcd: { name: On, targetQueue: { lit: { name: Q } } } # <- here',
      ends: false,
    },
    good: { actions: '- transferToAcd: { name: On, targetQueue: { lit: { name: Q } } }' },
  },
  {
    rule: 'dead-end',
    says: 'a task that is jumped to comes to its end, and one that is called may',
    bad: {
      actions: jump('Help'),
      ends: false,
      tasks: task('Help', '- playAudio: { name: Help, audio: { tts: Help } } # <- here'),
    },
    good: {
      actions: call('Help'),
      tasks: task('Help', '- playAudio: { name: Help, audio: { tts: Help } }'),
    },
  },
  {
    rule: 'missing-failure',
    says: 'silence counts as a key',
    bad: {
      variables: KEY,
      actions: one('').replace('- collectInput:', '- collectInput: # <- here'),
    },
    good: { variables: KEY, actions: one(`    outputs: { failure: ${LEAVES} }\n`) },
  },
  {
    rule: 'missing-failure',
    says: 'an answer that never came is spoken',
    bad: {
      variables: KEY,
      actions: lookUp(`      timeout: ${LEAVES}`).replace('- callData:', '- callData: # <- here'),
    },
    good: { variables: KEY, actions: lookUp(`      failure: ${LEAVES}\n      timeout: ${LEAVES}`) },
  },
  {
    rule: 'missing-timeout',
    says: 'a late answer is spoken',
    bad: {
      variables: KEY,
      actions: lookUp(`      failure: ${LEAVES}`).replace('- callData:', '- callData: # <- here'),
    },
    good: {
      variables: KEY,
      actions: `- loop:
    name: Thrice
    loopCount: { lit: 3 }
    outputs:
      loop:
        actions:
          - callData:
              name: Look
              category: { Home: { dataAction: { Look: { successOutputs: { key: { var: Flow.Key } } } } } }
              outputs: { success: { actions: [{ loopExit: { name: Have it } }] } }
- decision:
    name: One
    condition: { exp: Flow.Key == "1" }`,
    },
  },
  {
    rule: 'endless-loop',
    says: 'two tasks jump to each other',
    bad: {
      actions: jump('Ping'),
      ends: false,
      tasks: `${task('Ping', jump('Pong')).replace('- task:', '- task: # <- here')}\n${task('Pong', jump('Ping'))}`,
    },
    good: {
      variables: KEY,
      actions: jump('Ping'),
      ends: false,
      tasks: `${task('Ping', jump('Pong'))}\n${task(
        'Pong',
        `- decision:
    name: Enough
    condition: { exp: Flow.Key == "1" }
    outputs: { "yes": ${LEAVES} }
${jump('Ping')}`,
      )}`,
    },
  },
  {
    rule: 'task-recursion',
    says: 'a task calls itself',
    bad: {
      variables: KEY,
      actions: call('Help'),
      tasks: task(
        'Help',
        `- decision:
    name: Enough
    condition: { exp: Flow.Key == "1" }
    outputs:
      "yes": { actions: [{ endTask: { name: Done } }] }
${call('Help')} # <- here`,
      ),
    },
    good: {
      actions: call('Help'),
      tasks: `${task('Help', call('Deeper'))}\n${task('Deeper', '- endTask: { name: Done }')}`,
    },
  },
  {
    rule: 'loop-step-outside',
    says: 'a loop is left where there is none',
    bad: {
      variables: KEY,
      actions: `- decision:
    name: Enough
    condition: { exp: Flow.Key == "1" }
    outputs:
      "yes":
        actions:
          - loopExit: { name: Leave } # <- here`,
    },
    good: {
      actions: `- loop:
    name: Thrice
    loopCount: { lit: 3 }
    outputs: { loop: { actions: [{ loopExit: { name: Leave } }] } }`,
    },
  },
  {
    rule: 'menu-no-way-out',
    says: 'a menu only repeats itself',
    bad: {
      ...toMenu,
      menus: menu('- menuRepeatMenu: { name: Again, dtmf: digit_1 }').replace(
        '- menu:',
        '- menu: # <- here',
      ),
    },
    good: {
      ...toMenu,
      menus: menu(
        '- menuRepeatMenu: { name: Again, dtmf: digit_1 }\n- menuDisconnect: { name: Off, dtmf: digit_2 }',
      ),
    },
  },
  {
    rule: 'menu-key-twice',
    says: 'two choices share a key',
    bad: {
      ...toMenu,
      menus: menu(
        '- menuRepeatMenu: { name: Again, dtmf: digit_1 }\n- menuDisconnect: { name: Off, dtmf: digit_1 } # <- here',
      ),
    },
    good: {
      ...toMenu,
      menus: menu(
        '- menuRepeatMenu: { name: Again, dtmf: digit_1 }\n- menuDisconnect: { name: Off, dtmf: "digit_*" }',
      ),
    },
  },
  {
    rule: 'output-path-unhandled',
    says: 'a refusal is not listened to',
    bad: {
      actions: `- callTask: # <- here
    name: Ask
    targetTaskRef: ./tasks/task[Ask]
    outputs:
      paths:
        - path: { name: Agreed, actions: [] }`,
      variables: KEY,
      tasks: task('Ask', asks('Agreed', 'Refused')),
    },
    good: {
      actions: `- callTask:
    name: Ask
    targetTaskRef: ./tasks/task[Ask]
    outputs:
      paths:
        - path: { name: Agreed, actions: [] }
        - path: { name: refused, actions: [] }`,
      variables: KEY,
      tasks: task('Ask', asks('Agreed', 'Refused')),
    },
  },
  {
    rule: 'output-path-unknown',
    says: 'a branch waits for a path that the task does not have',
    bad: {
      actions: `- callTask:
    name: Ask
    targetTaskRef: ./tasks/task[Ask]
    outputs:
      paths:
        - path: { name: Agreed, actions: [] }
        - path: { name: Refused, actions: [] } # <- here`,
      variables: KEY,
      tasks: task('Ask', asks('Agreed', 'Agreed')),
    },
    good: {
      actions: call('Ask'),
      variables: KEY,
      tasks: task('Ask', asks('Agreed', 'Refused')),
    },
  },
  {
    rule: 'timeout-range',
    says: 'there is no time to key anything in',
    bad: {
      variables: KEY,
      actions: one(`    noEntryTimeout: { lit: { seconds: 0 } } # <- here
    outputs: { failure: ${LEAVES} }\n`),
    },
    good: {
      variables: KEY,
      actions: one(`    noEntryTimeout: { lit: { seconds: 99 } }
    outputs: { failure: ${LEAVES} }\n`),
    },
  },
];

function asks(yes: string, no: string): string {
  return `- decision:
    name: Enough
    condition: { exp: Flow.Key == "1" }
    outputs:
      "yes": { actions: [{ endTask: { name: A, outputPath: { name: ${yes} } } }] }
      "no": { actions: [{ endTask: { name: B, outputPath: { name: ${no} } } }] }`;
}
