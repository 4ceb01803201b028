import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, flowThat, playing, say } from './playing.ts';

const GREET = `
- task:
    name: Greet
    refId: greet
    variables:
      - stringVariable: {name: Task.Name, initialValue: {lit: nobody}, isInput: true}
      - stringVariable: {name: Task.Said, initialValue: {noValue: true}, isOutput: true}
    outputPaths: [Well, Badly]
    actions:
      - updateData: {name: U, statements: [{string: {variable: Task.Said, value: {exp: 'Append("Hello ", Task.Name)'}}}]}
      - decision:
          name: Well
          condition: {exp: Task.Name != "Eve"}
          outputs:
            yes: {actions: [{endTask: {name: E, outputPath: {name: Well}}}]}
            no: {actions: [{endTask: {name: E, outputPath: {name: Badly}}}]}`;

const callGreet = (name: string): string => `
- callTask:
    name: Call
    targetTaskRef: /inboundCall/tasks/task[greet]
    taskInputs: {Task.Name: ${name}}
    taskOutputs: {Task.Said: {var: Task.Heard}}
    outputs:
      paths:
        - path: {name: Well, actions: [{playAudio: {name: W, audio: {exp: ToAudioTTS(Task.Heard)}}}]}
        - path: {name: Badly, actions: [{playAudio: {name: B, audio: {tts: badly}}}]}
${say('after')}`;

test('a task takes inputs, gives outputs, and comes back by its output path', async () => {
  for (const [input, heard] of [
    ['{lit: Ada}', ['Hello Ada', 'after']],
    ['{lit: Eve}', ['badly', 'after']],
  ] as const) {
    const call = playing(flowThat(callGreet(input), { tasks: GREET }));
    await call.end();
    assert.deepEqual(call.heard(), heard);
  }
});

test('an input that is not given has its initial value', async () => {
  const actions = callGreet('{lit: x}').replace('{Task.Name: {lit: x}}', '{}');
  const call = playing(flowThat(actions, { tasks: GREET }));
  await call.end();
  assert.deepEqual(call.heard(), ['Hello nobody', 'after']);
});

test('variables of a task are its own in each invocation, those of the flow are shared', async () => {
  const tasks = `
- task:
    name: Inner
    refId: inner
    variables: [{integerVariable: {name: Task.n, initialValue: {lit: 0}}}]
    actions:
      - updateData:
          name: U
          statements:
            - integer: {variable: Task.n, value: {exp: Task.n + 1}}
            - integer: {variable: Flow.n, value: {exp: Flow.n + 1}}
      - playAudio: {name: P, audio: {exp: 'ToAudioTTS(Append(ToString(Task.n), " of ", ToString(Flow.n)))'}}
      - endTask: {name: E}`;
  const twice = '- callTask: {name: C, targetTaskRef: "/inboundCall/tasks/task[inner]"}\n'.repeat(
    2,
  );
  const call = playing(
    flowThat(
      `
- updateData: {name: U, statements: [{integer: {variable: Task.n, value: {lit: 7}}}]}
${twice}
- playAudio: {name: P, audio: {exp: ToAudioTTS(ToString(Task.n))}}`,
      {
        variables: '- integerVariable: {name: Flow.n, initialValue: {lit: 0}}',
        tasks,
      },
    ),
  );
  await call.end();
  assert.deepEqual(call.heard(), ['1 of 1', '1 of 2', '7']);
  assert.deepEqual(
    call.of('task_entered').map(({ task }) => task),
    ['Start', 'Inner', 'Inner'],
  );
  assert.equal(call.of('task_left').length, 3);
});

test('a task that comes to its end goes back to its caller', async () => {
  const tasks = `
- task: {name: Inner, refId: inner, actions: [{playAudio: {name: P, audio: {tts: inner}}}]}`;
  const call = playing(
    flowThat(
      `- callTask: {name: C, targetTaskRef: "/inboundCall/tasks/task[inner]", outputs: {default: {actions: [{playAudio: {name: P, audio: {tts: default}}}]}}}
${say('after')}`,
      { tasks },
    ),
  );
  await call.end();
  assert.deepEqual(call.heard(), ['inner', 'default', 'after']);
});

test('a jump does not come back', async () => {
  const tasks = `
- task:
    name: Away
    refId: away
    variables: [{stringVariable: {name: Task.Why, initialValue: {noValue: true}, isInput: true}}]
    actions: [{playAudio: {name: P, audio: {exp: ToAudioTTS(Task.Why)}}}, {disconnect: {name: D}}]`;
  const call = playing(
    flowThat(
      `
- jumpToTask: {name: J, targetTaskRef: "/inboundCall/tasks/task[away]", taskInputs: {Task.Why: {lit: away}}}
${say('never')}`,
      { tasks },
    ),
  );
  await call.end();
  assert.deepEqual(call.heard(), ['away']);
});

test('an outputless end of the start task disconnects', async () => {
  const call = playing(flowThat(`${say('one')}\n- endTask: {name: E}\n${say('never')}`));
  const end = await call.end();
  assert.deepEqual(call.heard(), ['one']);
  assert.match(faultOf(end), /came to the end/);
});

test('a task called inside a loop cannot go on with the loop of its caller', async () => {
  const tasks = '- task: {name: Inner, refId: inner, actions: [{loopExit: {name: X}}]}';
  const call = playing(
    flowThat(
      `
- loop:
    name: L
    loopCount: {lit: 2}
    outputs: {loop: {actions: [{callTask: {name: C, targetTaskRef: "/inboundCall/tasks/task[inner]"}}]}}`,
      { tasks },
    ),
  );
  assert.match(faultOf(await call.end()), /loop_exit of Inner stands outside of a loop/);
});

test('tasks that call each other in a ring end by the limit of actions, and not by the stack', async () => {
  const ring = (name: string, next: string): string => `
- task: {name: ${name}, refId: ${name}, actions: [{callTask: {name: C, targetTaskRef: "/inboundCall/tasks/task[${next}]"}}]}`;
  const call = playing(
    flowThat('- jumpToTask: {name: J, targetTaskRef: "/inboundCall/tasks/task[a]"}', {
      tasks: `${ring('a', 'b')}${ring('b', 'a')}`,
    }),
  );
  const end = await call.end();
  assert.match(faultOf(end), /10000 actions/);
  assert.ok(end.actionCount >= 10_000 && end.actionCount <= 11_000);
});
