import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, flowThat, playing, say, type Playing } from './playing.ts';

const task = (text: string, more = ''): string =>
  `task: {actions: [{playAudio: {name: P, audio: {tts: ${text}}}}${more}]}`;

const MENUS = `
- menu:
    name: Main
    refId: main
    audio: {tts: main menu}
    choices:
      - menuTask: {name: Status, dtmf: digit_1, speechRecTerms: {en-us: {terms: [status, my plan]}}, ${task('status')}}
      - menuJumpToMenu: {name: More, dtmf: digit_2, targetMenuRef: "/inboundCall/menus/menu[sub]"}
      - menuTask:
          name: Agent
          dtmf: digit_0
          globalDtmf: true
          globalSpeechRecTerms: true
          speechRecTerms: {en-us: {terms: [agent, operator]}, es-us: {terms: [agente]}}
          ${task('agent', ', {disconnect: {name: D}}')}
- menu:
    name: Sub
    refId: sub
    audio: {tts: sub menu}
    choices:
      - menuPreviousMenu: {name: Back, dtmf: digit_9}
      - menuRepeatMenu: {name: Again, dtmf: digit_8}
      - menuTask: {name: Zero, dtmf: digit_3, ${task('three', ', {previousMenu: {name: B}}')}}`;

const SPEECH = 'settingsSpeechRec: {asrEnabledOnFlow: true}';

function menu(settings = SPEECH): Playing {
  return playing(
    flowThat(say('unused'), {
      menus: MENUS,
      startUpRef: '/inboundCall/menus/menu[main]',
      settings,
    }),
  );
}

test('a key chooses', async () => {
  const call = menu();
  await call.clock.advance(1500);
  call.telephone.press('1');
  const end = await call.end();
  assert.deepEqual(call.heard(), ['main menu', 'status']);
  assert.deepEqual(
    call.of('chosen').map(({ choice, by }) => [choice, by]),
    [['Status', 'key']],
  );
  assert.match(faultOf(end), /came to the end/);
});

test('a key chooses while the menu is still being heard', async () => {
  const call = menu();
  await call.clock.advance(200);
  call.telephone.press('1');
  await call.end();
  assert.deepEqual(call.heard(), ['main menu', 'status']);
});

test('words choose, whatever is around them, and only those of the language', async () => {
  for (const [said, choice] of [
    ['status', 'Status'],
    ['I would like to hear MY PLAN, please.', 'Status'],
    ['Operator!', 'Agent'],
    ['statuses', undefined],
    ['agente', undefined],
  ] as const) {
    const call = menu();
    await call.clock.advance(500);
    call.telephone.say(said);
    await call.end();
    assert.equal(call.of('chosen')[0]?.choice, choice, said);
  }
});

test('a flow without speech recognition hears no words', async () => {
  const call = menu('description: silent');
  await call.clock.advance(500);
  call.telephone.say('status');
  await call.end();
  assert.deepEqual(call.of('chosen'), []);
});

test('a menu that gets no answer is played three times more, ten seconds apart, and then the call ends', async () => {
  const call = menu();
  const end = await call.end();
  assert.deepEqual(call.heard(), Array(4).fill('main menu'));
  assert.equal(end.durationMs, 4 * (1000 + 10_000));
  assert.deepEqual(
    call.of('not_chosen').map(({ repeatsLeft }) => repeatsLeft),
    [3, 2, 1, 0],
  );
  assert.deepEqual(end.how, { kind: 'disconnected', fault: null });
});

test('a key that means nothing here begins the menu again', async () => {
  const call = menu();
  await call.clock.advance(1500);
  call.telephone.press('7');
  await call.clock.advance(1100);
  call.telephone.press('1');
  await call.end();
  assert.deepEqual(call.heard(), ['main menu', 'main menu', 'status']);
});

test('repeat count and time for the choice come from the menu before the flow', async () => {
  const settings =
    'settingsMenu: {repeatCount: {lit: 0}, menuSelectionTimeout: {lit: {seconds: 2}}}';
  const flow = (own: string): Playing =>
    playing(
      flowThat(say('unused'), {
        menus: `- menu: {name: M, refId: m, audio: {tts: menu}, ${own}choices: []}`,
        startUpRef: '/inboundCall/menus/menu[m]',
        settings,
      }),
    );
  assert.equal((await flow('').end()).durationMs, 3000);
  const own = 'settingsMenu: {repeatCount: {lit: 1}, menuSelectionTimeout: {lit: {seconds: 4}}}, ';
  assert.equal((await flow(own).end()).durationMs, 10_000);
});

test('a submenu goes back, repeats, and goes back from a task', async () => {
  const call = menu();
  for (const key of ['2', '8', '3', '2', '9', '0']) {
    await call.clock.advance(1500);
    call.telephone.press(key);
  }
  await call.end();
  assert.deepEqual(call.heard(), [
    'main menu',
    'sub menu',
    'sub menu',
    'three',
    'main menu',
    'sub menu',
    'main menu',
    'agent',
  ]);
});

test('a global key and global words count in the menus inside, others do not', async () => {
  for (const [act, heard] of [
    [(call: Playing) => call.telephone.press('0'), 'agent'],
    [(call: Playing) => call.telephone.say('agent'), 'agent'],
    [(call: Playing) => call.telephone.press('1'), 'sub menu'],
    [(call: Playing) => call.telephone.say('status'), 'sub menu'],
  ] as const) {
    const call = menu();
    await call.clock.advance(1500);
    call.telephone.press('2');
    await call.clock.advance(1500);
    act(call);
    await call.clock.advance(1500);
    assert.equal(call.heard()[2], heard);
  }
});

test('previous menu in the first menu repeats it', async () => {
  const call = playing(
    flowThat(say('unused'), {
      menus: `- menu: {name: M, refId: m, audio: {tts: menu}, choices: [{menuPreviousMenu: {name: B, dtmf: digit_1}}, {menuDisconnect: {name: D, dtmf: digit_2}}]}`,
      startUpRef: '/inboundCall/menus/menu[m]',
    }),
  );
  await call.clock.advance(1500);
  call.telephone.press('1');
  await call.clock.advance(1500);
  call.telephone.press('2');
  const end = await call.end();
  assert.deepEqual(call.heard(), ['menu', 'menu']);
  assert.deepEqual(end.how, { kind: 'disconnected', fault: null });
});

test('a way back without a menu is an error', async () => {
  const call = playing(flowThat('- previousMenu: {name: B}'));
  assert.match(faultOf(await call.end()), /previousMenu "B": no menu has been entered/);
});

test('global keys do not count while digits are collected', async () => {
  const call = playing(
    flowThat(say('unused'), {
      menus: `
- menu:
    name: M
    refId: m
    audio: {tts: menu}
    choices:
      - menuTask: {name: Zero, dtmf: digit_0, globalDtmf: true, ${task('zero')}}
      - menuTask:
          name: One
          dtmf: digit_1
          task:
            actions:
              - collectInput:
                  name: C
                  inputData: {var: Task.d}
                  digits: {exact: 2}
                  inputAudio: {tts: two digits}
                  outputs: {success: {actions: [{playAudio: {name: P, audio: {exp: ToAudioTTS(Task.d)}}}]}}`,
      startUpRef: '/inboundCall/menus/menu[m]',
    }),
  );
  await call.clock.advance(1500);
  call.telephone.press('100');
  await call.end();
  assert.deepEqual(call.heard(), ['menu', '00']);
});
