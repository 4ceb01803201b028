import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { array, assert as holds, asyncProperty, constantFrom } from 'fast-check';
import { SecretBytes } from '../../src/card/secret.ts';
import { sleep } from '../../src/system/clock.ts';
import { faultOf, flowThat, playing, TestDataActions, type Playing } from './playing.ts';

const VARIABLES = `
- stringVariable: {name: Flow.Pan, initialValue: {noValue: true}, isSecure: true}
- stringVariable: {name: Flow.Expiry, initialValue: {noValue: true}, isSecure: true}
- stringVariable: {name: Flow.Token, initialValue: {noValue: true}}`;

const collect = (variable: string, digits: string): string => `
- collectInput:
    name: Collect
    inputData: {var: ${variable}}
    digits: ${digits}
    inputAudio: {tts: key it}
    verificationType: none
    outputs:
      success: {actions: [{playAudio: {name: S, audio: {tts: thank you}}}]}
      failure: {actions: [{playAudio: {name: F, audio: {tts: not understood}}}]}`;

const PAN = collect('Flow.Pan', "{range: {min: 12, max: 19, terminatingDtmf: 'digit_#'}}");
const EXPIRY = collect('Flow.Expiry', '{exact: 4}');

const tokenise = (inputs: string, type = 'callDataSecure'): string => `
- ${type}:
    name: Tokenise
    category:
      Tokenline:
        dataAction:
          Tokenise:
            inputs: ${inputs}
            successOutputs: {token_id: {var: Flow.Token}}
    outputs:
      success: {actions: [{setParticipantData: {name: T, attributes: [{attribute: {name: {lit: token}, value: {exp: Flow.Token}}}]}}]}
      failure: {actions: []}
      timeout: {actions: []}`;

const ALL =
  '{pan: {exp: Flow.Pan}, month: {exp: "Left(Flow.Expiry, 2)"}, year: {exp: "Right(Flow.Expiry, 2)"}, part: {exp: "Substring(flow.expiry, 1, 2)"}, who: {exp: Call.Ani}}';

function capture(actions: string, dataActions = approving(), more = {}): Playing {
  const flow = flowThat(actions, { type: 'secureCall', variables: VARIABLES, ...more });
  return playing(flow, { dataActions });
}

function approving(): TestDataActions {
  return new TestDataActions(() => ({ kind: 'success', outputs: { token_id: 'tok_a' } }));
}

/** Every secret that the line makes while `work` runs, with the memory that it lies in. */
async function secretsOf(
  work: (memoriesSoFar: readonly Uint8Array[]) => Promise<void>,
): Promise<Uint8Array[]> {
  const memories: Uint8Array[] = [];
  const before = Object.getOwnPropertyDescriptors(SecretBytes);
  const empty = SecretBytes.empty.bind(SecretBytes);
  const copyOf = SecretBytes.copyOf.bind(SecretBytes);
  const watched = (secret: SecretBytes): SecretBytes => {
    memories.push(new Uint8Array(secret.reveal().buffer));
    return secret;
  };
  SecretBytes.empty = () => watched(empty());
  SecretBytes.copyOf = (source) => watched(copyOf(source));
  try {
    await work(memories);
  } finally {
    Object.defineProperties(SecretBytes, { empty: before.empty, copyOf: before.copyOf });
  }
  return memories;
}

const isWiped = (memory: Uint8Array): boolean => memory.every((byte) => byte === 0);

test('what is keyed goes to the secure data action, whole or in parts, and comes back as a token', async () => {
  const actions = approving();
  const call = capture(`${PAN}${EXPIRY}${tokenise(ALL)}`, actions);
  await call.clock.advance(1100);
  call.telephone.press('4242424242424242#');
  await call.clock.advance(2100);
  call.telephone.press('1230');
  const end = await call.end();
  assert.deepEqual(actions.requests, [
    {
      action: 'Tokenise',
      inputs: {
        pan: '[4242424242424242]',
        month: '[12]',
        year: '[30]',
        part: '[23]',
        who: '+1 317 555 0100',
      },
    },
  ]);
  assert.equal(end.participantData['token'], 'tok_a');
});

test('an input that was never keyed is not set', async () => {
  const actions = approving();
  await capture(tokenise('{pan: {exp: Flow.Pan}}'), actions).end();
  assert.deepEqual(actions.requests[0]?.inputs, { pan: null });
});

test('every use of a secure variable but that one is an error that names the rule', async () => {
  const uses: Readonly<Record<string, string>> = {
    'a plain data action': tokenise('{pan: {exp: Flow.Pan}}', 'callData'),
    'a plain data action, in part': tokenise('{pan: {exp: "Right(Flow.Pan, 4)"}}', 'callData'),
    'another function': tokenise('{pan: {exp: "Append(Flow.Pan, 1)"}}'),
    'a part of a part': tokenise('{pan: {exp: "Left(Right(Flow.Pan, 4), 2)"}}'),
    'a part by a secret number': tokenise('{pan: {exp: "Left(Flow.Expiry, ToInt(Flow.Pan))"}}'),
    audio: "- playAudio: {name: P, audio: {exp: 'ToAudioTTS(Flow.Pan)'}}",
    'participant data':
      '- setParticipantData: {name: S, attributes: [{attribute: {name: {lit: a}, value: {exp: Flow.Pan}}}]}',
    'a name of participant data':
      '- setParticipantData: {name: S, attributes: [{attribute: {name: {exp: Flow.Pan}, value: {lit: a}}}]}',
    'another variable':
      '- updateData: {name: U, statements: [{string: {variable: Flow.Token, value: {exp: Flow.Pan}}}]}',
    'another secure variable':
      '- updateData: {name: U, statements: [{string: {variable: Flow.Expiry, value: {exp: Flow.Pan}}}]}',
    'a decision': '- decision: {name: D, condition: {exp: Length(Flow.Pan) > 3}, outputs: {}}',
    'a question whether it is set':
      '- decision: {name: D, condition: {exp: IsSet(Flow.Pan)}, outputs: {}}',
    'a queue': '- transferToAcd: {name: T, targetQueue: {exp: "FindFirstQueue(Flow.Pan)"}}',
    'a number': '- transferToNumber: {name: T, targetNumber: {exp: Flow.Pan}}',
    'a task input':
      '- callTask: {name: C, targetTaskRef: "/secureCall/tasks/task[start]", taskInputs: {Task.x: {exp: Flow.Pan}}}',
    'a screen pop':
      '- setScreenPop: {name: P, screenPopScript: {Script: {inputs: {card: {exp: Flow.Pan}}}}}',
    'a time': `- collectInput: {name: C, inputData: {var: Task.d}, digits: {exact: 1}, inputAudio: {tts: x}, noEntryTimeout: {exp: "MakeDuration(0, 0, 0, ToInt(Flow.Pan))"}}`,
    'a value of its own':
      '- updateData: {name: U, statements: [{string: {variable: Flow.Pan, value: {lit: "12"}}}]}',
    'participant data into it':
      '- getParticipantData: {name: G, attributes: [{attribute: {name: {lit: a}, variable: Flow.Pan}}]}',
    'an output into it': tokenise('{who: {exp: Call.Ani}}').replace(
      'Flow.Token}}\n',
      'Flow.Pan}}\n',
    ),
    'reading it back': PAN.replace('verificationType: none', 'verificationType: individualDigits'),
    'a lookup':
      '- findQueue: {name: Q, findName: {exp: Flow.Pan}, findResult: {noValue: true}, outputs: {}}',
    'another case': "- playAudio: {name: P, audio: {exp: 'ToAudioTTS(FLOW.pAN)'}}",
  };
  for (const [use, action] of Object.entries(uses)) {
    const actions = approving();
    const call = capture(`${PAN}${EXPIRY}\n${action.replace(/^\n/, '')}`, actions);
    await call.clock.advance(1100);
    call.telephone.press('4242424242424242#');
    await call.clock.advance(2100);
    call.telephone.press('1230');
    const end = await call.end();
    assert.match(faultOf(end), /secure-variable: (Flow|flow|FLOW)\.\w+ is secure/, use);
    const sent = actions.requests.filter(
      ({ inputs }) => use !== 'an output into it' && 'pan' in inputs,
    );
    assert.deepEqual(sent, [], use);
    assert.doesNotMatch(inspect([call.events, end], { depth: 9 }), /4242|1230/, use);
  }
});

test('a secure variable can be emptied by the flow', async () => {
  const empty =
    '- updateData: {name: U, statements: [{string: {variable: Flow.Pan, value: {noValue: true}}}]}';
  const actions = approving();
  const memories = await secretsOf(async () => {
    const call = capture(`${PAN}\n${empty}${tokenise('{pan: {exp: Flow.Pan}}')}`, actions);
    await call.clock.advance(1100);
    call.telephone.press('4242424242424242#');
    await call.clock.advance(0);
    assert.deepEqual(call.of('collected')[0]?.digitCount, 16);
    await call.end();
  });
  assert.deepEqual(actions.requests[0]?.inputs, { pan: null });
  assert.ok(memories.length > 0 && memories.every(isWiped));
});

const KEYS = array(constantFrom(...Array.from('0123456789*#')), { maxLength: 24 }).map((keys) =>
  keys.join(''),
);

test('whatever is keyed, no digit of it shows in an event, in the end, or in the state of the line', async () => {
  await holds(
    asyncProperty(KEYS, KEYS, async (first, second) => {
      const seen: string[] = [];
      const memories = await secretsOf(async () => {
        const actions = new TestDataActions(() => ({ kind: 'failure', reason: 'no' }));
        const call = capture(`${PAN}${EXPIRY}${tokenise(ALL)}`, actions);
        for (const keys of [first, second]) {
          await call.clock.advance(1100);
          call.telephone.press(keys);
          await call.clock.advance(10);
          seen.push(inspect(call, { depth: 12, showHidden: true }).replaceAll(/<ref|Ms: \d+/g, ''));
        }
        const end = await call.end();
        seen.push(inspect([call.events, end], { depth: 12 }));
      });
      for (const keys of [first, second]) {
        const run = /\d{4,}/.exec(keys)?.[0];
        if (run !== undefined) for (const text of seen) assert.ok(!text.includes(run));
      }
      assert.ok(memories.every(isWiped), `${first} ${second}`);
    }),
    { numRuns: 60 },
  );
});

test('secrets of a task are zeroed when it ends, also by an error or a jump', async () => {
  for (const after of [
    '{endTask: {name: E}}',
    '{previousMenu: {name: Error}}',
    '{jumpToTask: {name: J, targetTaskRef: "/secureCall/tasks/task[wait]"}}',
  ]) {
    const tasks = `
- task:
    name: Card
    refId: card
    variables: [{stringVariable: {name: Task.Pan, initialValue: {noValue: true}, isSecure: true}}]
    actions:
      - collectInput: {name: C, inputData: {var: Task.Pan}, digits: {exact: 12}, inputAudio: {tts: key it}, verificationType: none}
      - ${after}
- task:
    name: Wait
    refId: wait
    actions:
      - collectInput: {name: W, inputData: {var: Task.x}, digits: {exact: 1}, inputAudio: {tts: wait}}`;
    const settings = `
settingsErrorHandling:
  errorHandling: {task: {targetTaskRef: "/secureCall/tasks/task[wait]"}}`;
    let wiped = false;
    const memories = await secretsOf(async (memoriesSoFar) => {
      const call = capture(
        `
- callTask: {name: C, targetTaskRef: "/secureCall/tasks/task[card]"}
- jumpToTask: {name: J, targetTaskRef: "/secureCall/tasks/task[wait]"}`,
        approving(),
        { tasks, settings },
      );
      await call.clock.advance(1100);
      call.telephone.press('424242424242');
      await call.clock.advance(100);
      assert.deepEqual(call.heard(), ['key it', 'wait'], after);
      wiped = memoriesSoFar.every(isWiped);
      await call.end();
    });
    assert.ok(memories.length > 0 && memories.every(isWiped), after);
    assert.ok(wiped, `${after}: while the call goes on`);
  }
});

test('a hang-up zeroes what was keyed at once, in the middle of a number or after it', async () => {
  for (const [keys, waitMs] of [
    ['4242', 10],
    ['4242424242424242#', 10],
    ['4242424242424242#', 2500],
  ] as const) {
    let during: boolean | undefined;
    const memories = await secretsOf(async () => {
      const call = capture(`${PAN}${EXPIRY}`);
      await call.clock.advance(1100);
      call.telephone.press(keys);
      await call.clock.advance(waitMs);
      during = call.events.some(({ kind }) => kind === 'ended');
      call.telephone.walkAway();
      await call.clock.advance(0);
      assert.deepEqual((await call.call).how, { kind: 'hung_up' });
      assert.equal(call.telephone.isSecure, false);
    });
    assert.equal(during, false);
    assert.ok(memories.length > 0 && memories.every(isWiped), keys);
  }
});

test('a number that is keyed again takes the place of the first, which is zeroed', async () => {
  const actions = approving();
  const again = PAN + PAN + tokenise('{pan: {exp: Flow.Pan}}');
  const call = capture(again, actions);
  const memories = await secretsOf(async () => {
    await call.clock.advance(1100);
    call.telephone.press('4000056655665556#');
    await call.clock.advance(2100);
    assert.equal(call.of('collected').length, 1);
    call.telephone.press('4242424242424242#');
    await call.end();
  });
  assert.deepEqual(actions.requests[0]?.inputs, { pan: '[4242424242424242]' });
  assert.ok(memories.every(isWiped));
});

test('a data action that outlives its call keeps its secrets until it has ended, and not longer', async () => {
  let clock: Playing['clock'] | null = null;
  const actions = new TestDataActions(async () => {
    if (clock) await sleep(clock, 9000);
    return { kind: 'failure', reason: 'late' };
  });
  const call = capture(`${PAN}${tokenise('{pan: {exp: Flow.Pan}}')}`, actions);
  clock = call.clock;
  await call.clock.advance(1100);
  call.telephone.press('4242424242424242#');
  await call.clock.advance(3000);
  assert.equal(actions.secrets.length, 1);
  call.telephone.walkAway();
  await call.clock.advance(100);
  assert.deepEqual((await call.call).how, { kind: 'hung_up' });
  assert.equal(actions.secrets[0]?.length, 16);
  assert.equal(call.events.at(-1)?.kind, 'ended');
  await call.clock.advance(9000);
  assert.equal(actions.secrets[0]?.length, 0);
  assert.equal(call.events.at(-1)?.kind, 'ended');
});
