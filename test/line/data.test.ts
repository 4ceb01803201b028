import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../src/architect/expression/value.ts';
import type { DataActionResult } from '../../src/line/call.ts';
import { sleep } from '../../src/system/clock.ts';
import { faultOf, flowThat, playing, say, TestDataActions, type Playing } from './playing.ts';

test('Update Data sets variables one after the other, by their types', async () => {
  const call = playing(
    flowThat(`
- updateData:
    name: U
    statements:
      - integer: {variable: Task.n, value: {lit: 2}}
      - integer: {variable: Task.m, value: {exp: Task.n * 21}}
      - string: {variable: Task.s, value: {lit: 12}}
      - boolean: {variable: Task.b, value: {lit: true}}
      - duration: {variable: Task.w, value: {lit: {ms: 250}}}
      - stringCollection: {variable: Task.l, value: {exp: 'MakeList("a", "b")'}}
      - string: {variable: Task.none, value: {noValue: true}}
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(Append(ToString(Task.m), " ", Task.s, " ", ToString(Task.b), " ", GetAt(Task.l, 1)))'}}
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(If(IsNotSetOrEmpty(Task.none), "none", "some"))'}}`),
  );
  const end = await call.end();
  assert.match(call.heard()[0] ?? faultOf(end), /^42 12 true b$/i);
  assert.equal(call.heard()[1], 'none');
});

test('a variable keeps the type that it was declared with', async () => {
  const call = playing(
    flowThat(
      '- updateData: {name: U, statements: [{string: {variable: Flow.n, value: {lit: x}}}]}',
      {
        variables: '- integerVariable: {name: Flow.n, initialValue: {lit: 1}}',
      },
    ),
  );
  assert.match(
    faultOf(await call.end()),
    /updateData "U": Flow.n is a integer and cannot take a string/,
  );
});

test('names are found without regard to case', async () => {
  const call = playing(
    flowThat(
      `
- updateData: {name: U, statements: [{string: {variable: flow.NAME, value: {lit: Ada}}}]}
- playAudio: {name: P, audio: {exp: ToAudioTTS(Flow.Name)}}`,
      { variables: '- stringVariable: {name: Flow.Name, initialValue: {noValue: true}}' },
    ),
  );
  await call.end();
  assert.deepEqual(call.heard(), ['Ada']);
});

test('built-in variables tell of the call, and cannot be written', async () => {
  const call = playing(
    flowThat(`
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(Append(Call.Ani, " ", Call.ConversationId, " ", call.calledAddress, " ", Call.Language))'}}`),
    { ani: '+1 a', dnis: '+1 b', conversationId: 'c' },
  );
  await call.end();
  assert.deepEqual(call.heard(), ['+1 a c +1 b en-us']);
  const writes = playing(
    flowThat(
      '- getParticipantData: {name: G, attributes: [{attribute: {name: {lit: a}, variable: Call.Ani}}]}',
    ),
  );
  assert.match(faultOf(await writes.end()), /Call.Ani cannot be written by a flow/);
});

test('participant data is set, read, told and kept to the end', async () => {
  const call = playing(
    flowThat(`
- setParticipantData:
    name: S
    attributes:
      - attribute: {name: {lit: outcome}, value: {exp: 'Append("en", "rolled")'}}
      - attribute: {name: {exp: 'Append("a", "b")'}, value: {noValue: true}}
- getParticipantData:
    name: G
    attributes:
      - attribute: {name: {lit: outcome}, variable: Task.o}
      - attribute: {name: {lit: before}, variable: Task.b}
      - attribute: {name: {lit: never}, variable: Task.n}
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(Append(Task.o, " ", Task.b, " ", If(IsSet(Task.n), "set", "not set")))'}}`),
    { participantData: { before: 'from the agent' } },
  );
  const end = await call.end();
  assert.deepEqual(call.heard(), ['enrolled from the agent not set']);
  assert.deepEqual(end.participantData, { before: 'from the agent', outcome: 'enrolled', ab: '' });
  assert.deepEqual(
    call.of('participant_data_set').map(({ name, value }) => [name, value]),
    [
      ['outcome', 'enrolled'],
      ['ab', ''],
    ],
  );
});

test('a language that the flow does not have is an error', async () => {
  const call = playing(flowThat('- setLanguage: {name: L, language: {lit: fr-fr}}'));
  assert.match(
    faultOf(await call.end()),
    /fr-fr is not one of the flow's languages \(en-us, es-us\)/,
  );
});

const CALL_DATA = `
- callData:
    name: D
    processingPrompt: {noValue: true}
    timeout: {lit: {seconds: 17}}
    category:
      Tokenline:
        dataAction:
          Look Up:
            inputs: {ani: {exp: Call.Ani}, tries: {lit: 2}, maybe: {noValue: true}}
            successOutputs: {name: {var: Flow.Name}, count: {var: Flow.Count}, items: {var: Flow.Items}, gone: {noValue: true}}
    outputs:
      success: {actions: [{playAudio: {name: S, audio: {tts: success}}}]}
      failure: {actions: [{playAudio: {name: F, audio: {tts: failure}}}]}
      timeout: {actions: [{playAudio: {name: T, audio: {tts: timeout}}}]}
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(If(IsSet(Flow.Name), Append(Flow.Name, " ", ToString(Flow.Count), " ", GetAt(Flow.Items, 0)), "nothing"))'}}`;

const VARIABLES = `
- stringVariable: {name: Flow.Name, initialValue: {noValue: true}}
- integerVariable: {name: Flow.Count, initialValue: {noValue: true}}
- stringCollectionVariable: {name: Flow.Items, initialValue: {noValue: true}}`;

function asking(result: DataActionResult): { call: Playing; actions: TestDataActions } {
  const actions = new TestDataActions(() => result);
  const call = playing(flowThat(CALL_DATA, { variables: VARIABLES }), { dataActions: actions });
  return { call, actions };
}

test('a data action gets its inputs and gives its outputs by type', async () => {
  const outputs: Record<string, JsonValue> = {
    name: 'Ada',
    count: 3,
    items: ['x', 'y'],
    gone: 'z',
  };
  const { call, actions } = asking({ kind: 'success', outputs });
  await call.end();
  assert.deepEqual(actions.requests, [
    { action: 'Look Up', inputs: { ani: '+1 317 555 0100', tries: 2, maybe: null } },
  ]);
  assert.deepEqual(actions.timeouts, [17_000]);
  assert.deepEqual(call.heard(), ['success', 'Ada 3 x']);
  assert.deepEqual(call.of('data_action_started')[0]?.inputs, ['ani', 'tries', 'maybe']);
  assert.deepEqual(call.of('data_action_ended')[0]?.result, { kind: 'success', outputs });
});

test('a missing output leaves its variable not set', async () => {
  const { call } = asking({ kind: 'success', outputs: { count: 1 } });
  await call.end();
  assert.deepEqual(call.heard(), ['success', 'nothing']);
});

test('failure and timeout have branches of their own and no detail', async () => {
  for (const result of [{ kind: 'failure', reason: 'why' }, { kind: 'timeout' }] as const) {
    const { call } = asking(result);
    await call.end();
    assert.deepEqual(call.heard(), [result.kind, 'nothing']);
  }
});

test('an output of another type than its variable is an error', async () => {
  const { call } = asking({ kind: 'success', outputs: { name: 'Ada', count: 'three' } });
  assert.match(faultOf(await call.end()), /callData "D": Flow.Count is a integer/);
});

test('audio that waits is heard before a data action is asked', async () => {
  const actions = new TestDataActions(() => ({ kind: 'timeout' }));
  const call = playing(flowThat(`${say('one moment')}\n${CALL_DATA}`, { variables: VARIABLES }), {
    dataActions: actions,
  });
  await call.clock.advance(900);
  assert.equal(actions.requests.length, 0);
  await call.clock.advance(200);
  assert.equal(actions.requests.length, 1);
  await call.end();
});

test('the time that a data action takes is told', async () => {
  let clock: Playing['clock'] | null = null;
  const actions = new TestDataActions(async () => {
    if (clock) await sleep(clock, 4200);
    return { kind: 'timeout' };
  });
  const call = playing(flowThat(CALL_DATA, { variables: VARIABLES }), { dataActions: actions });
  clock = call.clock;
  await call.end();
  assert.equal(call.of('data_action_ended')[0]?.latencyMs, 4200);
});

test('a lookup takes what the organisation says, or a default that says nobody was asked', async () => {
  const actions = `
- findQueue:
    name: Q
    findName: {lit: Payments}
    findResult: {var: Task.q}
    outputs:
      found: {actions: [{transferToAcd: {name: T, targetQueue: {exp: Task.q}}}]}
      notFound: {actions: [{playAudio: {name: N, audio: {tts: no such queue}}}]}`;
  const alone = playing(flowThat(actions));
  const end = await alone.end();
  assert.deepEqual(end.how, {
    kind: 'transferred',
    target: { kind: 'queue', queue: 'Payments', skills: [], priority: 0 },
  });
  assert.equal(alone.of('looked_up')[0]?.asked, false);
  const asked = playing(flowThat(actions), {
    organisation: { lookUp: () => Promise.resolve({ path: 'notFound', outputs: {} }) },
  });
  await asked.end();
  assert.deepEqual(asked.heard(), ['no such queue']);
  assert.equal(asked.of('looked_up')[0]?.asked, true);
});

test('a data table on a laptop has no rows, and a schedule group is open', async () => {
  const call = playing(
    flowThat(`
- dataTableLookup:
    name: T
    lookupValue: {lit: k}
    dataTable: {IVR: {foundOutputs: {Col: {var: Task.c}}}}
    outputs: {found: {actions: [{playAudio: {name: F, audio: {tts: found}}}]}, notFound: {actions: [{playAudio: {name: N, audio: {tts: no row}}}]}}
- evaluateScheduleGroup:
    name: S
    scheduleGroup: {lit: {name: Hours}}
    outputs: {open: {actions: [{playAudio: {name: O, audio: {tts: open}}}]}, closed: {actions: []}}`),
  );
  const end = await call.end();
  assert.deepEqual(call.heard(), ['no row', 'open'], faultOf(end));
});
