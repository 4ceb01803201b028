import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, flowThat, playing, say, TestDataActions } from './playing.ts';

const HANDLING = `
settingsErrorHandling:
  errorHandling: {queue: {targetQueue: {lit: {name: Help}}}}
  preHandlingAudio: {tts: sorry}`;

const DIVIDES =
  '- updateData: {name: Divides, statements: [{decimal: {variable: Task.x, value: {exp: 1 / Task.zero}}}]}';
const ZERO =
  '- updateData: {name: Z, statements: [{integer: {variable: Task.zero, value: {lit: 0}}}]}';

test('what an expression runs into goes to error handling, with its place', async () => {
  const list =
    '- updateData: {name: L, statements: [{stringCollection: {variable: Task.l, value: {exp: "MakeList(\\"a\\")"}}}]}';
  for (const [before, exp] of [
    [ZERO, 'ToAudioTTS(ToString(1 / Task.zero))'],
    [list, 'ToAudioTTS(GetAt(Task.l, 7))'],
    [list, 'ToAudioTTS(ToString(ToInt("abc")))'],
  ]) {
    const call = playing(
      flowThat(
        `${before ?? ''}\n- playAudio: {name: Bad, audio: {exp: '${exp ?? ''}'}}\n${say('never')}`,
        {
          settings: HANDLING,
        },
      ),
    );
    const end = await call.end();
    assert.deepEqual(call.heard(), ['sorry'], exp);
    assert.equal(end.how.kind, 'transferred');
    const [{ fault } = { fault: null }] = call.of('error');
    assert.match(fault?.message ?? '', /^playAudio "Bad": .+ in "ToAudioTTS/);
    assert.equal(fault?.position.file, 'flow.yaml');
    assert.doesNotMatch(fault?.message ?? '', /\n\s+at /);
  }
});

test('without settings an error disconnects, and the end says why', async () => {
  const call = playing(flowThat(`${ZERO}\n${DIVIDES}\n${say('never')}`));
  const end = await call.end();
  assert.deepEqual(call.heard(), []);
  assert.match(faultOf(end), /updateData "Divides"/);
  assert.equal(call.telephone.endedBy, 'flow');
});

test('error handling may go on with a task, and an error in it disconnects', async () => {
  const settings = `
settingsErrorHandling:
  errorHandling: {task: {targetTaskRef: "/inboundCall/tasks/task[rescue]"}}
  preHandlingAudio: {tts: sorry}`;
  const rescue = (actions: string): string =>
    `- task: {name: Rescue, refId: rescue, actions: [${actions}]}`;
  const start = `${ZERO}\n${DIVIDES}`;
  const well = playing(
    flowThat(start, {
      settings,
      tasks: rescue('{playAudio: {name: P, audio: {tts: rescued}}}, {disconnect: {name: D}}'),
    }),
  );
  assert.deepEqual((await well.end()).how, { kind: 'disconnected', fault: null });
  assert.deepEqual(well.heard(), ['sorry', 'rescued']);
  const again = playing(
    flowThat(start, { settings, tasks: rescue('{previousMenu: {name: Again}}') }),
  );
  assert.match(faultOf(await again.end()), /previousMenu "Again"/);
  assert.deepEqual(again.heard(), []);
  assert.equal(again.of('error').length, 2);
});

test('an error in the audio of error handling disconnects', async () => {
  const settings = `
settingsErrorHandling:
  errorHandling: {disconnect: {none: true}}
  preHandlingAudio: {exp: 'ToAudioTTS(ToString(ToInt("no number")))'}`;
  const call = playing(flowThat(`${ZERO}\n${DIVIDES}`, { settings }));
  assert.match(faultOf(await call.end()), /no number/);
  assert.equal(call.of('error').length, 2);
});

test('an error in a menu goes to error handling', async () => {
  const call = playing(
    flowThat(say('unused'), {
      menus: `- menu: {name: M, refId: m, audio: {exp: 'ToAudioTTS(ToString(ToInt("x")))'}, choices: []}`,
      startUpRef: '/inboundCall/menus/menu[m]',
      settings: HANDLING,
    }),
  );
  assert.equal((await call.end()).how.kind, 'transferred');
  assert.match(call.of('error')[0]?.fault.message ?? '', /^M: /);
});

test('an action that the line does not play stops there by name, file and line', async () => {
  const call = playing(
    flowThat(`${say('one')}\n- wait: {name: Nap, duration: {lit: {seconds: 5}}}\n${say('never')}`),
  );
  const end = await call.end();
  assert.match(faultOf(end), /^wait "Nap": the line reads this action but does not play it/);
  const { how } = end;
  assert.ok(how.kind === 'disconnected' && (how.fault?.position.line ?? 0) > 10);
});

test('a loop without an end is ended by the limit of actions', async () => {
  const forever = (body: string): string => `
- loop: {name: L, loopCount: {lit: 2000000000}, outputs: {loop: {actions: [${body}]}}}`;
  for (const body of ['', '{playAudio: {name: P, audio: {tts: again}}}', '{loopNext: {name: N}}']) {
    const call = playing(flowThat(forever(body), { settings: HANDLING }));
    const end = await call.end();
    assert.deepEqual(call.heard(), ['sorry'], body);
    assert.match(
      call.of('error')[0]?.fault.message ?? '',
      /10000 actions, which is Architect's limit/,
    );
    assert.ok(end.actionCount >= 10_000 && end.actionCount < 10_010);
  }
});

test('error handling that loops as well gets a thousand actions and then silence', async () => {
  const settings = `
settingsErrorHandling:
  errorHandling: {task: {targetTaskRef: "/inboundCall/tasks/task[ring]"}}
  preHandlingAudio: {tts: sorry}`;
  const tasks = `- task: {name: Ring, refId: ring, actions: [{jumpToTask: {name: J, targetTaskRef: "/inboundCall/tasks/task[ring]"}}]}`;
  const call = playing(
    flowThat('- jumpToTask: {name: J, targetTaskRef: "/inboundCall/tasks/task[ring]"}', {
      settings,
      tasks,
    }),
  );
  const end = await call.end();
  assert.equal(end.actionCount, 11_000);
  assert.deepEqual(call.heard(), []);
  assert.equal(call.of('error').length, 2);
});

test('menus that lead to each other end by the limit as well', async () => {
  const menu = (name: string, next: string): string => `
- menu: {name: ${name}, refId: ${name}, audio: {tts: ${name}}, settingsMenu: {menuSelectionTimeout: {lit: {ms: 1}}}, choices: [{menuJumpToMenu: {name: J, dtmf: digit_1, targetMenuRef: "/inboundCall/menus/menu[${next}]"}}]}`;
  const call = playing(
    flowThat(say('unused'), {
      menus: `${menu('a', 'b')}${menu('b', 'a')}`,
      startUpRef: '/inboundCall/menus/menu[a]',
    }),
  );
  const pressing = setInterval(() => call.telephone.press('1'.repeat(500)), 0);
  const end = await call.end();
  clearInterval(pressing);
  assert.ok(end.actionCount <= 11_000);
});

test('a bug of ours is no error of the flow: it rejects, with the caller hung up', async () => {
  const call = playing(
    flowThat(`
- callData: {name: D, category: {T: {dataAction: {A: {inputs: {}, successOutputs: {}}}}}}`),
    {
      dataActions: new TestDataActions(() => {
        throw new TypeError('a bug');
      }),
    },
  );
  await assert.rejects(call.end(), /a bug/);
  assert.equal(call.telephone.endedBy, 'flow');
});
