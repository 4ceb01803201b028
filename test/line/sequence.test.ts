import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, flowThat, playing, say } from './playing.ts';

const DISCONNECT = '- disconnect: {name: Goodbye}';

test('actions are played in order, and what has no end of its own is disconnected', async () => {
  const call = playing(flowThat([say('one'), say('two')].join('\n')));
  const end = await call.end();
  assert.deepEqual(call.heard(), ['one', 'two']);
  assert.match(faultOf(end), /Front came to the end of its actions/);
  assert.equal(call.telephone.endedBy, 'flow');
});

test('an initial greeting is heard before everything else', async () => {
  const settings = 'initialGreeting: {tts: Welcome}';
  const call = playing(flowThat([say('one'), DISCONNECT].join('\n'), { settings }));
  const end = await call.end();
  assert.deepEqual(call.heard(), ['Welcome', 'one']);
  assert.deepEqual(end.how, { kind: 'disconnected', fault: null });
});

test('a branch that does not end the call rejoins at the next action', async () => {
  for (const [condition, branch] of [
    ['1 < 2', 'yes'],
    ['1 > 2', 'no'],
  ]) {
    const call = playing(
      flowThat(`
- decision:
    name: Which
    condition: {exp: ${condition ?? ''}}
    outputs:
      yes: {actions: [{playAudio: {name: Y, audio: {tts: yes}}}]}
      no: {actions: [{playAudio: {name: N, audio: {tts: no}}}]}
${say('after')}`),
    );
    await call.end();
    assert.deepEqual(call.heard(), [branch, 'after']);
  }
});

test('a path that the flow leaves out falls through', async () => {
  const call = playing(
    flowThat(`
- decision: {name: Which, condition: {lit: false}, outputs: {yes: {actions: [{disconnect: {name: D}}]}}}
${say('after')}`),
  );
  await call.end();
  assert.deepEqual(call.heard(), ['after']);
});

test('a branch inside a branch inside a loop that disconnects ends all of them', async () => {
  const call = playing(
    flowThat(`
- loop:
    name: L
    loopCount: {lit: 5}
    outputs:
      loop:
        actions:
          - decision:
              name: Which
              condition: {lit: true}
              outputs: {yes: {actions: [{playAudio: {name: Y, audio: {tts: once}}}, {disconnect: {name: D}}]}}
${say('after')}`),
  );
  const end = await call.end();
  assert.deepEqual(call.heard(), ['once']);
  assert.deepEqual(end.how, { kind: 'disconnected', fault: null });
});

const chosen = (first: string, second: string): string => `
- switch:
    name: S
    evaluate:
      firstTrue:
        default: {actions: [{playAudio: {name: O, audio: {tts: otherwise}}}]}
        cases:
          - case: {value: {exp: ${first}}, actions: [{playAudio: {name: A, audio: {tts: first}}}]}
          - case: {value: {exp: ${second}}, actions: [{playAudio: {name: B, audio: {tts: second}}}]}
${say('after')}`;

test('a switch takes the first case that is true, or its default', async () => {
  for (const [first, second, taken] of [
    ['true', 'true', 'first'],
    ['1 == 2', 'true', 'second'],
    ['1 == 2', '2 == 3', 'otherwise'],
  ] as const) {
    const call = playing(flowThat(chosen(first, second)));
    await call.end();
    assert.deepEqual(call.heard(), [taken, 'after']);
  }
});

test('a loop counts from 0, goes on early and is left early', async () => {
  const call = playing(
    flowThat(`
- loop:
    name: L
    currentIndex: {var: Task.i}
    loopCount: {lit: 5}
    outputs:
      loop:
        actions:
          - decision:
              name: Second
              condition: {exp: Task.i == 1}
              outputs: {yes: {actions: [{loopNext: {name: Next}}]}}
          - decision:
              name: Fourth
              condition: {exp: Task.i == 3}
              outputs: {yes: {actions: [{loopExit: {name: Exit}}]}}
          - playAudio: {name: P, audio: {exp: ToAudioTTS(ToString(Task.i))}}
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(Append("left at ", ToString(Task.i)))'}}`),
  );
  await call.end();
  assert.deepEqual(call.heard(), ['0', '2', 'left at 3']);
});

test('a loop inside a loop is left alone by the one outside', async () => {
  const call = playing(
    flowThat(`
- loop:
    name: Outer
    loopCount: {lit: 2}
    outputs:
      loop:
        actions:
          - loop:
              name: Inner
              loopCount: {lit: 3}
              outputs: {loop: {actions: [{loopExit: {name: Exit}}]}}
          - playAudio: {name: P, audio: {tts: turn}}`),
  );
  await call.end();
  assert.deepEqual(call.heard(), ['turn', 'turn']);
});

test('audio waits until the flow wants something of somebody, as in Genesys', async () => {
  const call = playing(
    flowThat(`
${say('heard before nothing')}
- setParticipantData: {name: Note, attributes: [{attribute: {name: {lit: done}, value: {lit: early}}}]}
- disconnect: {name: D}`),
  );
  await call.clock.advance(0);
  assert.deepEqual(
    call.events.map(({ kind }) => kind).filter((kind) => /playing|participant/.test(kind)),
    ['participant_data_set', 'playing'],
  );
  assert.equal(call.of('playing')[0]?.action?.name, 'Say');
});

test('barge-in skips all audio that waits, and keeps the key', async () => {
  const call = playing(
    flowThat(`
${say('one')}
${say('two')}
- collectInput:
    name: C
    inputData: {var: Task.d}
    digits: {exact: 1}
    inputAudio: {tts: Key one digit}
    outputs: {success: {actions: [{playAudio: {name: P, audio: {exp: ToAudioTTS(Task.d)}}}]}}`),
  );
  await call.clock.advance(500);
  call.telephone.press('7');
  await call.end();
  assert.deepEqual(call.heard(), ['one', '7']);
});

test('barge-in skips audio that waits also where that has none', async () => {
  const call = playing(
    flowThat(`
${say('one')}
- playAudio: {name: Law, audio: {exp: 'AudioPlaybackOptions(ToAudioTTS("the law"), false)'}}
- disconnect: {name: D}`),
  );
  await call.clock.advance(500);
  call.telephone.press('7');
  await call.end();
  assert.deepEqual(call.heard(), ['one']);
});

test('audio without barge-in is heard out, and keys that are pressed over it do not count', async () => {
  const call = playing(
    flowThat(`
- playAudio: {name: Law, audio: {exp: 'AudioPlaybackOptions(ToAudioTTS("the law"), false)'}}
- collectInput:
    name: C
    inputData: {var: Task.d}
    digits: {exact: 1}
    inputAudio: {tts: Press one}
    outputs:
      success: {actions: [{playAudio: {name: S, audio: {tts: consent}}}]}
      failure: {actions: [{playAudio: {name: F, audio: {tts: silence}}}]}`),
  );
  await call.clock.advance(500);
  call.telephone.press('1');
  await call.end();
  assert.deepEqual(call.heard(), ['the law', 'Press one', 'silence']);
});

test('what is played is in the language of the call', async () => {
  const call = playing(
    flowThat(`
- playAudio: {name: P, audio: {prompt: Prompt.tokenline_greeting}}
- setLanguage: {name: Spanish, language: {lit: es-us}}
- playAudio: {name: P, audio: {prompt: Prompt.tokenline_greeting}}
- playAudio: {name: P, audio: {exp: 'Append(ToAudioBlank(200), Prompt.tokenline_greeting)'}}`),
  );
  await call.end();
  assert.deepEqual(call.telephone.heard, [
    { kind: 'prompt', name: 'tokenline_greeting', language: 'en-us' },
    { kind: 'prompt', name: 'tokenline_greeting', language: 'es-us' },
    { kind: 'silence', durationMs: 200 },
    { kind: 'prompt', name: 'tokenline_greeting', language: 'es-us' },
  ]);
  assert.deepEqual(
    call.of('language_set').map(({ language }) => language),
    ['es-us'],
  );
});

test('the events tell every action with its place in the file', async () => {
  const call = playing(flowThat([say('one'), DISCONNECT].join('\n')));
  await call.end();
  const entered = call.of('action_entered').map(({ action }) => action);
  assert.deepEqual(
    entered.map(({ name, type, part }) => [name, type, part]),
    [
      ['Say', 'playAudio', 'Start'],
      ['Goodbye', 'disconnect', 'Start'],
    ],
  );
  for (const { position } of entered) {
    assert.equal(position.file, 'flow.yaml');
    assert.ok(position.line > 1);
  }
});

test('a call counts its actions and tells how long it was', async () => {
  const call = playing(flowThat([say('one'), say('two'), DISCONNECT].join('\n')));
  const end = await call.end();
  assert.equal(end.actionCount, 3);
  assert.equal(end.durationMs, 2000);
  assert.equal(call.events.at(0)?.kind, 'answered');
  assert.deepEqual(
    call.of('ended').map((event) => event.end),
    [end],
  );
  assert.equal(call.events.at(-1)?.kind, 'ended');
});
