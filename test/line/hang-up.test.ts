import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../../src/system/clock.ts';
import { flowThat, playing, say, TestDataActions, type Playing } from './playing.ts';

const FLOW = `
${say('welcome')}
- setParticipantData: {name: S, attributes: [{attribute: {name: {lit: step}, value: {lit: greeted}}}]}
- collectInput: {name: C, inputData: {var: Task.d}, digits: {exact: 2}, inputAudio: {tts: two digits}, outputs: {failure: {actions: [{playAudio: {name: F, audio: {tts: failed}}}]}}}
- callData: {name: D, category: {T: {dataAction: {A: {inputs: {}, successOutputs: {}}}}}}
- playAudio: {name: P, audio: {exp: 'AudioPlaybackOptions(ToAudioTTS("heard out"), false)'}}
- jumpToMenu: {name: J, targetMenuRef: "/inboundCall/menus/menu[m]"}`;

const MENUS = '- menu: {name: M, refId: m, audio: {tts: menu}, choices: []}';

/** Milliseconds of the call at which something different is under way. */
const MOMENTS: Readonly<Record<string, number>> = {
  'as it is answered': 0,
  'in a sound': 500,
  'between two sounds': 1000,
  'while a digit is waited for': 2600,
  'between two digits': 3100,
  'in a data action': 4000,
  'in a sound without barge-in': 9500,
  'in a menu': 10_500,
  'while a choice is waited for': 12_000,
};

test('a hang-up ends the flow at once, whatever is under way', async () => {
  for (const [moment, atMs] of Object.entries(MOMENTS)) {
    let clock: Playing['clock'] | null = null;
    const dataActions = new TestDataActions(async () => {
      if (clock) await sleep(clock, 5000);
      return { kind: 'success', outputs: {} };
    });
    const call = playing(flowThat(FLOW, { menus: MENUS }), { dataActions });
    clock = call.clock;
    await call.clock.advance(Math.min(atMs, 3000));
    if (atMs > 3000) {
      call.telephone.press(atMs > 3500 ? '12' : '1');
      await call.clock.advance(atMs - 3000);
    }
    assert.equal(call.of('ended').length, 0, moment);
    call.telephone.walkAway();
    await call.clock.advance(0);
    assert.equal(call.events.at(-1)?.kind, 'ended', moment);
    const end = await call.call;
    assert.deepEqual(end.how, { kind: 'hung_up' }, moment);
    assert.equal(end.durationMs, atMs, moment);
    assert.equal(call.telephone.targets.length, 0);
    const told = call.events.length;
    await call.end();
    assert.equal(call.events.length, told, `${moment}: nothing happens afterwards`);
    assert.equal(call.clock.timerCount, 0, moment);
  }
});

test('participant data that was set before a hang-up stays with the conversation', async () => {
  const call = playing(flowThat(FLOW, { menus: MENUS }));
  await call.clock.advance(500);
  call.telephone.walkAway();
  assert.deepEqual((await call.end()).participantData, { step: 'greeted' });
});

test('a caller who hangs up while a transfer rings is gone', async () => {
  const call = playing(flowThat('- transferToAcd: {name: T, targetQueue: {lit: {name: Q}}}'));
  call.telephone.transfer = () => new Promise(() => {});
  await call.clock.advance(100);
  call.telephone.walkAway();
  assert.deepEqual((await call.end()).how, { kind: 'hung_up' });
});
