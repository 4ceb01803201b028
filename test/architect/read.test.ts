import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFlow } from '../../src/architect/read.ts';

const FLOW = `inboundCall:
  name: Front
  startUpRef: ./tasks/task[start]
  defaultLanguage: en-us
  initialGreeting: { tts: Hello. }
  tasks:
    - task:
        name: Start
        refId: start
        actions:
          - playAudio: { name: Say, audio: { prompt: Prompt.tokenline_hello } }
          - jumpToMenu: { name: Go, targetMenuRef: "/inboundCall/menus/menu[main]" }
  menus:
    - menu:
        name: Main
        refId: main
        audio: { tts: Press nine. }
        choices:
          - menuDisconnect: { name: Bye, dtmf: digit_9 }
`;

test('a flow is read with its tasks and menus, and nothing is wrong with it', () => {
  const { flow, problems } = readFlow(FLOW, 'front.yaml');
  assert.deepEqual(problems, []);
  assert.equal(flow?.name, 'Front');
  assert.deepEqual(
    flow?.tasks[0]?.actions.map(({ kind, position }) => [kind, position.line]),
    [
      ['playAudio', 11],
      ['jumpToMenu', 12],
    ],
  );
  assert.equal(flow?.menus[0]?.choices[0]?.key, '9');
});
