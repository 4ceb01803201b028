import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransferTarget } from '../../src/line/telephone.ts';
import { faultOf, flowThat, playing, say } from './playing.ts';

const FAILED = `
    failureOutputs: {errorType: {var: Task.type}, errorMessage: {var: Task.message}}
    failureTransferAudio: {tts: nobody is there}
    outputs:
      failure:
        actions: [{playAudio: {name: F, audio: {exp: ToAudioTTS(Task.message)}}}]`;

const TRANSFERS: readonly (readonly [string, TransferTarget])[] = [
  [
    `transferToAcd:
    name: T
    targetQueue: {lit: {name: Payment_Support_Group}}
    priority: {lit: 5}
    acdSkills: [{acdSkill: {lit: {name: Card payments}}}]
    preTransferAudio: {tts: one moment}`,
    {
      kind: 'queue',
      queue: 'Payment_Support_Group',
      skills: ['Card payments'],
      priority: 5,
    },
  ],
  [
    `transferToNumber:
    name: T
    targetNumber: {exp: '"+1 555"'}
    preTransferAudio: {tts: one moment}`,
    { kind: 'number', number: '+1 555' },
  ],
  [
    `transferToUser:
    name: T
    targetUser: {lit: {name: Ada}}
    preTransferAudio: {tts: one moment}`,
    { kind: 'other', name: 'Ada' },
  ],
  [
    `transferToGroup:
    name: T
    targetGroup: {lit: {name: Desk}}
    preTransferAudio: {tts: one moment}`,
    { kind: 'other', name: 'Desk' },
  ],
];

test('a transfer plays its audio, gives the call away and ends the flow', async () => {
  for (const [action, target] of TRANSFERS) {
    const call = playing(flowThat(`- ${action}\n${say('never')}`));
    const end = await call.end();
    assert.deepEqual(end.how, { kind: 'transferred', target }, faultOf(end));
    assert.deepEqual(call.heard(), ['one moment']);
    assert.deepEqual(call.telephone.targets, [target]);
    assert.equal(call.of('transferred')[0]?.accepted, true);
    assert.equal(call.telephone.ended, false);
  }
});

test('a transfer that fails goes on with its failure branch and says why', async () => {
  for (const [action, target] of TRANSFERS) {
    const call = playing(flowThat(`- ${action}${FAILED}\n${say('after')}`));
    call.telephone.busy.add(target.kind);
    await call.end();
    assert.deepEqual(call.heard(), [
      'one moment',
      'nobody is there',
      'the target did not take the call',
      'after',
    ]);
  }
});

test('an expression may name a queue', async () => {
  const call = playing(
    flowThat(`
- updateData: {name: U, statements: [{queue: {variable: Task.q, value: {lit: {name: Billing}}}}]}
- transferToAcd: {name: T, targetQueue: {exp: Task.q}}`),
  );
  const end = await call.end();
  assert.equal(
    end.how.kind === 'transferred' && end.how.target.kind === 'queue' && end.how.target.queue,
    'Billing',
  );
});

test('a queue that is not set is an error', async () => {
  const call = playing(flowThat('- transferToAcd: {name: T, targetQueue: {exp: Task.q}}'));
  assert.match(faultOf(await call.end()), /transferToAcd "T"/);
});

const SECURE = (actions: string) =>
  flowThat(actions, { type: 'secureCall', name: 'Capture', languages: ['en-us'] });

const TO_SECURE = `
- setParticipantData: {name: S, attributes: [{attribute: {name: {lit: step}, value: {lit: card}}}]}
- transferToFlowSecure:
    name: T
    targetFlow: {name: Capture}
    invocationData: {exp: 'Append("session ", Call.ConversationId)'}
    connectTimeout: {noValue: true}${FAILED}`;

test('a secure flow is alone with the caller, and has invocation and participant data', async () => {
  const secure = SECURE(`
- getParticipantData: {name: G, attributes: [{attribute: {name: {lit: step}, variable: Task.step}}]}
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(Append(Flow.InvocationData, " ", Task.step))'}}
- transferToAcd: {name: A, targetQueue: {lit: {name: Q}}}`);
  const call = playing([flowThat(TO_SECURE), secure]);
  await call.clock.advance(500);
  assert.equal(call.telephone.isSecure, true);
  const end = await call.end();
  assert.equal(call.telephone.isSecure, false);
  assert.deepEqual(call.heard(), ['session conversation_a card']);
  assert.equal(end.how.kind, 'transferred');
  assert.deepEqual(
    call.events.flatMap((event): (string | boolean)[] => {
      if (event.kind === 'flow_entered') return [event.flow];
      if (event.kind === 'secure') return [event.on];
      return event.kind === 'transferred' ? ['queue'] : [];
    }),
    ['Front', true, 'Capture', 'queue', false],
  );
});

test('a secure flow that is not there, or is no secure flow, is a failure', async () => {
  for (const flows of [[], [flowThat(say('x'), { name: 'Capture' })]]) {
    const call = playing([flowThat(TO_SECURE), ...flows]);
    await call.end();
    assert.equal(call.heard()[0], 'nobody is there');
    assert.deepEqual(call.of('secure'), []);
  }
});

test('a secure flow is not entered by a plain transfer to a flow', async () => {
  const call = playing([
    flowThat(`- transferToFlow: {name: T, targetFlow: {name: Capture}}\n${say('after')}`),
    SECURE(say('secret')),
  ]);
  await call.end();
  assert.deepEqual(call.heard(), ['after']);
});

test('a transfer that fails in a secure flow disconnects, whatever its failure branch says', async () => {
  const call = playing([flowThat(TO_SECURE), SECURE(`- ${TRANSFERS[0]?.[0] ?? ''}${FAILED}`)]);
  call.telephone.busy.add('queue');
  const end = await call.end();
  assert.deepEqual(call.heard(), ['one moment']);
  assert.match(faultOf(end), /transferToAcd "T" to Payment_Support_Group failed in a secure flow/);
  assert.equal(call.telephone.endedBy, 'flow');
});

test('a secure flow may go on in a flow that others may listen to', async () => {
  const call = playing([
    flowThat(TO_SECURE),
    SECURE('- transferToFlow: {name: B, targetFlow: {name: Back}}'),
    flowThat(`${say('open again')}\n- disconnect: {name: D}`, { name: 'Back' }),
  ]);
  const end = await call.end();
  assert.deepEqual(call.heard(), ['open again']);
  assert.deepEqual(end.how, { kind: 'disconnected', fault: null });
  assert.equal(call.telephone.isSecure, false);
});

const collectTo = (variable: string, digits: number): string => `
- collectInput:
    name: Collect
    inputData: {var: ${variable}}
    digits: {exact: ${digits}}
    inputAudio: {tts: key it}
    verificationType: none
    outputs:
      success: {actions: [{playAudio: {name: S, audio: {tts: taken}}}]}
      failure: {actions: [{playAudio: {name: F, audio: {tts: nothing came}}}]}`;

test('keys that a secure flow did not take reach no other flow', async () => {
  const call = playing([
    flowThat(TO_SECURE),
    SECURE(`${collectTo('Flow.Pan', 4)}\n- transferToFlow: {name: B, targetFlow: {name: Back}}`),
    flowThat(`${collectTo('Flow.Key', 1)}\n- disconnect: {name: D}`, { name: 'Back' }),
  ]);
  call.telephone.press('424242');
  await call.end();
  // The fifth key skips the thanks of the secure flow; it is no answer to the other flow's question.
  assert.deepEqual(call.heard(), ['key it', 'nothing came']);
});

test('Return to Agent is for secure flows that an agent has started', async () => {
  const secure = SECURE(`${say('thank you')}\n- returnToAgent: {name: R}`);
  const byAgent = playing(secure, { invocationData: 'from the script' });
  assert.deepEqual((await byAgent.end()).how, { kind: 'returned_to_agent' });
  assert.deepEqual(byAgent.heard(), ['thank you']);
  assert.deepEqual(byAgent.telephone.targets, [{ kind: 'agent' }]);
  const byFlow = playing([flowThat(TO_SECURE), secure]);
  assert.match(faultOf(await byFlow.end()), /returnToAgent "R": no agent has sent the caller here/);
});

test('an agent who is gone takes the caller with them', async () => {
  const call = playing(SECURE('- returnToAgent: {name: R}'));
  call.telephone.busy.add('agent');
  assert.match(faultOf(await call.end()), /the agent is gone/);
});

test('a language is kept by the next flow where it has it', async () => {
  const say_ = '- playAudio: {name: P, audio: {exp: ToAudioTTS(Call.Language)}}';
  for (const [languages, kept] of [
    [['en-us', 'es-us'], 'es-us'],
    [['en-us'], 'en-us'],
  ] as const) {
    const call = playing([
      flowThat(
        `- setLanguage: {name: L, language: {lit: es-us}}\n- transferToFlow: {name: T, targetFlow: {name: Next}}`,
      ),
      flowThat(say_, { name: 'Next', languages }),
    ]);
    await call.end();
    assert.deepEqual(call.heard(), [kept]);
  }
});

test('two flows that transfer to each other end', async () => {
  const to = (name: string, target: string) =>
    flowThat(`- transferToFlow: {name: T, targetFlow: {name: ${target}}}`, { name });
  const call = playing([to('A', 'B'), to('B', 'A')]);
  assert.match(faultOf(await call.end()), /went through 100 flows/);
});

test('a flow that is not there cannot answer', async () => {
  const call = playing(flowThat(say('x')), { startFlow: 'Nobody' });
  await assert.rejects(call.call, /there is no flow Nobody/);
});
