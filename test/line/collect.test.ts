import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowThat, playing, type Playing } from './playing.ts';

/** Collects by rules, and says what came of it. */
function collecting(rules: string, settings?: string): Playing {
  const actions = `
- collectInput:
    name: C
    inputData: {var: Task.d}
    inputAudio: {tts: Digits}
    ${rules}
    outputs:
      success: {actions: [{playAudio: {name: S, audio: {exp: 'ToAudioTTS(Append("got ", Task.d))'}}}]}
      failure: {actions: [{playAudio: {name: F, audio: {tts: failed}}}]}
- playAudio: {name: After, audio: {exp: 'ToAudioTTS(If(IsNotSetOrEmpty(Task.d), "nothing", "something"))'}}`;
  return playing(flowThat(actions, settings === undefined ? {} : { settings }));
}

/** What is heard after the question when `keys` are pressed, each run of them a second apart. */
async function answer(rules: string, ...keys: string[]): Promise<string> {
  const call = collecting(rules);
  await call.clock.advance(1100);
  for (const run of keys) {
    call.telephone.press(run);
    await call.clock.advance(1000);
  }
  await call.end();
  return call.heard()[1] ?? '';
}

const RANGE = "digits: {range: {min: 3, max: 5, terminatingDtmf: 'digit_#'}}";

test('an exact number of digits is taken at the last of them', async () => {
  assert.equal(await answer('digits: {exact: 3}', '123'), 'got 123');
  assert.equal(await answer('digits: {exact: 3}', '1', '2', '3'), 'got 123');
  assert.equal(await answer('digits: {exact: 3}', '12'), 'failed');
});

test('a range of digits is taken by its terminator, by silence, or at its longest', async () => {
  assert.equal(await answer(RANGE, '123#'), 'got 123');
  assert.equal(await answer(RANGE, '1234'), 'got 1234');
  assert.equal(await answer(RANGE, '12345'), 'got 12345');
});

test('fewer digits than there have to be fail, by terminator and by silence', async () => {
  assert.equal(await answer(RANGE, '12#'), 'failed');
  assert.equal(await answer(RANGE, '12'), 'failed');
  assert.equal(await answer(RANGE), 'failed');
});

test('the other one of star and pound takes the failure path at once', async () => {
  assert.equal(await answer(RANGE, '123*'), 'failed');
  assert.equal(await answer(RANGE.replace('#', '*'), '123#'), 'failed');
  assert.equal(await answer(RANGE.replace('#', '*'), '123*'), 'got 123');
  assert.equal(await answer('digits: {exact: 3}', '1*'), 'failed');
  assert.equal(await answer('digits: {exact: 3}', '*'), 'failed');
  assert.equal(await answer(RANGE, '#'), 'failed');
});

test('star or pound alone is taken where the action says so, and only alone', async () => {
  const star = 'digits: {exact: 1}\n    acceptJustStar: {lit: true}';
  const pound = 'digits: {exact: 2}\n    acceptJustPound: {lit: true}';
  assert.equal(await answer(star, '*'), 'got *');
  assert.equal(await answer(star, '#'), 'failed');
  assert.equal(await answer(pound, '#'), 'got #');
  assert.equal(await answer(pound, '1#'), 'failed');
  assert.equal(await answer(`${RANGE}\n    acceptJustPound: {lit: true}`, '#'), 'got #');
});

test('the terminator is kept where the action says so', async () => {
  const kept = `${RANGE}\n    includeTerminatingDtmfInResultData: true`;
  assert.equal(await answer(kept, '123#'), 'got 123#');
  assert.equal(await answer(kept, '123'), 'got 123');
});

test('five seconds may pass before the first digit and three between two', async () => {
  const late = collecting(RANGE);
  await late.clock.advance(1000 + 4900);
  late.telephone.press('1');
  await late.clock.advance(2900);
  late.telephone.press('2');
  await late.clock.advance(2900);
  late.telephone.press('3#');
  await late.end();
  assert.equal(late.heard()[1], 'got 123');
  for (const [first, second] of [
    [5100, 0],
    [100, 3100],
  ] as const) {
    const tooLate = collecting(RANGE);
    await tooLate.clock.advance(1000 + first);
    tooLate.telephone.press('1');
    await tooLate.clock.advance(second);
    tooLate.telephone.press('23#');
    await tooLate.clock.advance(10);
    assert.equal(tooLate.of('collected')[0]?.path, 'failure', `${first} ${second}`);
  }
});

test('times come from the action before the flow', async () => {
  const settings = `
settingsActionDefaults:
  collectInput: {noEntryTimeout: {lit: {seconds: 8}}, interDigitTimeout: {lit: {seconds: 1}}}`;
  const call = collecting('digits: {exact: 3}', settings);
  await call.clock.advance(1000 + 7900);
  call.telephone.press('1');
  await call.clock.advance(1100);
  assert.equal(call.of('collected')[0]?.path, 'failure');
  const own = collecting('digits: {exact: 3}\n    noEntryTimeout: {lit: {seconds: 2}}', settings);
  await own.clock.advance(1000 + 2100);
  assert.equal(own.of('collected')[0]?.path, 'failure');
});

test('digits over the number go to the next action', async () => {
  const call = playing(
    flowThat(`
- collectInput: {name: A, inputData: {var: Task.a}, digits: {exact: 2}, inputAudio: {tts: A}}
- collectInput: {name: B, inputData: {var: Task.b}, digits: {exact: 2}, inputAudio: {tts: B}}
- playAudio: {name: P, audio: {exp: 'ToAudioTTS(Append(Task.a, " ", Task.b))'}}`),
  );
  await call.clock.advance(1100);
  call.telephone.press('1234');
  await call.end();
  assert.deepEqual(call.heard(), ['A', '12 34']);
});

test('a failure leaves the variable without a value', async () => {
  const call = collecting('digits: {exact: 3}');
  await call.end();
  assert.deepEqual(call.heard(), ['Digits', 'failed', 'nothing']);
});

test('speech means nothing to it', async () => {
  const call = collecting('digits: {exact: 1}');
  await call.clock.advance(1500);
  call.telephone.say('one');
  await call.end();
  assert.equal(call.heard()[1], 'failed');
});

test('what is verified is read back, keyed again on 2, and taken on 1 or silence', async () => {
  for (const [how, spoken] of [
    ['individualDigits', 'You entered 1 2 3'],
    ['numeric', 'You entered 123'],
  ] as const) {
    const call = collecting(`digits: {exact: 3}\n    verificationType: ${how}`);
    await call.clock.advance(1100);
    call.telephone.press('999');
    await call.clock.advance(1100);
    call.telephone.press('2');
    await call.clock.advance(1100);
    call.telephone.press('123');
    await call.clock.advance(1100);
    call.telephone.press('1');
    await call.end();
    assert.equal(call.heard().filter((words) => words === 'Digits').length, 2);
    assert.ok(call.heard().some((words) => words.startsWith(spoken)));
    assert.equal(call.heard().at(-2), 'got 123');
  }
});

test('the events tell how many digits came and never which', async () => {
  const call = collecting('digits: {exact: 3}');
  await call.clock.advance(1100);
  call.telephone.press('427');
  await call.clock.advance(0);
  const told = call.events.filter(({ kind }) => kind === 'listening' || kind === 'collected');
  assert.deepEqual(
    told.map((event) => ({ ...event, atMs: 0 })),
    [
      { kind: 'listening', to: 'digits', secure: false, atMs: 0 },
      {
        kind: 'collected',
        variable: 'Task.d',
        secure: false,
        digitCount: 3,
        path: 'success',
        atMs: 0,
      },
    ],
  );
});
