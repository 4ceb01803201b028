import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Sound } from '../../src/architect/expression/value.ts';
import type { Telephone } from '../../src/line/telephone.ts';

/** A telephone with a caller in hand, and time to move. */
export interface TelephoneRig {
  readonly telephone: Telephone;
  /** Presses keys: `123#`. */
  press(keys: string): void | Promise<void>;
  say(words: string): void | Promise<void>;
  /** The caller hangs up. */
  walkAway(): void | Promise<void>;
  /** Lets time pass, in which sounds are heard and waits end. */
  pass(durationMs: number): Promise<void>;
  /** Something that takes `soundMs` to be heard. */
  readonly sound: Sound;
  readonly soundMs: number;
  close?(): Promise<void>;
}

export interface ConformanceOptions {
  /** Names of tests that this telephone cannot pass, with the reason. */
  readonly skip?: Readonly<Record<string, string>>;
}

const NO_BARGE_IN = { bargeIn: false, listening: false };
const BARGE_IN = { bargeIn: true, listening: false };
const LISTENING = { bargeIn: true, listening: true };

/** What a promise has come to by now; `waiting` where it has not. */
async function stateOf<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  return Promise.race([promise, Promise.resolve('waiting' as const)]);
}

const codeOf = (key: string): { readonly kind: 'key'; readonly code: number } => ({
  kind: 'key',
  code: key.charCodeAt(0),
});

/** Everything that a flow relies on when it uses a telephone, by its sentence. */
const PROMISES: Readonly<Record<string, (rig: TelephoneRig) => Promise<void>>> = {
  async 'a sound is heard to its end and no sooner'(rig) {
    const { telephone, sound, soundMs } = rig;
    const playing = telephone.play([sound, sound], BARGE_IN);
    await rig.pass(soundMs * 1.5);
    assert.equal(await stateOf(playing), 'waiting');
    await rig.pass(soundMs);
    assert.equal(await playing, 'heard');
  },

  async 'nothing to play is heard at once'({ telephone }) {
    assert.equal(await telephone.play([], BARGE_IN), 'heard');
  },

  async 'a key interrupts a sound with barge-in, and is kept'(rig) {
    const { telephone, sound, soundMs } = rig;
    const playing = telephone.play([sound, sound, sound], BARGE_IN);
    await rig.pass(soundMs / 2);
    await rig.press('7');
    assert.equal(await playing, 'interrupted');
    assert.deepEqual(await telephone.next(0, false), codeOf('7'));
  },

  async 'a key does not interrupt a sound without barge-in, and is kept'(rig) {
    const { telephone, sound, soundMs } = rig;
    const playing = telephone.play([sound], NO_BARGE_IN);
    await rig.pass(soundMs / 2);
    await rig.press('7');
    await rig.pass(soundMs / 4);
    assert.equal(await stateOf(playing), 'waiting');
    await rig.pass(soundMs);
    assert.equal(await playing, 'heard');
    assert.deepEqual(await telephone.next(0, false), codeOf('7'));
  },

  async 'a key that was pressed ahead skips a sound with barge-in'(rig) {
    await rig.press('7');
    assert.equal(await rig.telephone.play([rig.sound], BARGE_IN), 'interrupted');
    assert.deepEqual(await rig.telephone.next(0, false), codeOf('7'));
  },

  async 'speech interrupts a sound while it is listened for'(rig) {
    const playing = rig.telephone.play([rig.sound], LISTENING);
    await rig.pass(rig.soundMs / 2);
    await rig.say('agent');
    assert.equal(await playing, 'interrupted');
    assert.deepEqual(await rig.telephone.next(0, true), { kind: 'speech', text: 'agent' });
  },

  async 'speech that nobody listens for is not heard'(rig) {
    const playing = rig.telephone.play([rig.sound], BARGE_IN);
    await rig.pass(rig.soundMs / 2);
    await rig.say('agent');
    await rig.pass(rig.soundMs);
    assert.equal(await playing, 'heard');
    const next = rig.telephone.next(1000, false);
    await rig.say('agent');
    await rig.pass(1500);
    assert.equal(await next, null);
    const later = rig.telephone.next(1000, true);
    await rig.pass(1500);
    assert.equal(await later, null);
  },

  async 'keys come one by one, in the order in which they were pressed'(rig) {
    await rig.press('12');
    const events = [await rig.telephone.next(0, false), await rig.telephone.next(0, false)];
    const waiting = rig.telephone.next(1000, false);
    await rig.press('#*');
    events.push(await waiting, await rig.telephone.next(0, false));
    assert.deepEqual(events, Array.from('12#*', codeOf));
  },

  async 'a wait for the caller ends when its time is over'(rig) {
    const next = rig.telephone.next(1000, true);
    await rig.pass(900);
    assert.equal(await stateOf(next), 'waiting');
    await rig.pass(200);
    assert.equal(await next, null);
  },

  async 'a key that comes too late is there for the next wait'(rig) {
    const next = rig.telephone.next(1000, false);
    await rig.pass(1100);
    assert.equal(await next, null);
    await rig.press('5');
    assert.deepEqual(await rig.telephone.next(0, false), codeOf('5'));
  },

  async 'flush forgets what was pressed ahead and nothing else'(rig) {
    await rig.press('123');
    rig.telephone.flush();
    const next = rig.telephone.next(1000, false);
    await rig.press('4');
    assert.deepEqual(await next, codeOf('4'));
  },

  async 'a hang-up ends a sound, barge-in or not'(rig) {
    const playing = rig.telephone.play([rig.sound], NO_BARGE_IN);
    await rig.pass(rig.soundMs / 2);
    await rig.walkAway();
    assert.equal(await playing, 'hung_up');
    assert.equal(rig.telephone.ended, true);
  },

  async 'a hang-up ends a wait, and every play and wait after it'(rig) {
    const next = rig.telephone.next(10_000, false);
    await rig.walkAway();
    assert.deepEqual(await next, { kind: 'hung_up' });
    assert.deepEqual(await rig.telephone.next(10_000, true), { kind: 'hung_up' });
    assert.equal(await rig.telephone.play([rig.sound], BARGE_IN), 'hung_up');
  },

  async 'a hang-up goes before what was pressed ahead'(rig) {
    await rig.press('123');
    await rig.walkAway();
    assert.deepEqual(await rig.telephone.next(0, false), { kind: 'hung_up' });
  },

  async 'a hang-up is told to whoever waits for something else'(rig) {
    assert.equal(await stateOf(rig.telephone.whenEnded.then(() => 'told')), 'waiting');
    assert.equal(rig.telephone.ended, false);
    await rig.walkAway();
    assert.equal(await rig.telephone.whenEnded.then(() => 'told'), 'told');
  },

  async 'the flow can hang up, also twice'({ telephone }) {
    await telephone.hangUp();
    await telephone.hangUp();
    await telephone.whenEnded;
    assert.equal(telephone.ended, true);
    assert.deepEqual(await telephone.next(10_000, false), { kind: 'hung_up' });
  },

  async 'keys come through while the line is secure as they do otherwise'(rig) {
    rig.telephone.secure(true);
    await rig.press('42');
    const events = [await rig.telephone.next(0, false), await rig.telephone.next(0, false)];
    rig.telephone.secure(false);
    assert.deepEqual(events, Array.from('42', codeOf));
  },

  async 'no key is kept that can be seen in the telephone while the line is secure'(rig) {
    const { inspect } = await import('node:util');
    rig.telephone.secure(true);
    await rig.press('4242');
    const shown = inspect(rig.telephone, { depth: 9, showHidden: true, getters: false });
    rig.telephone.flush();
    rig.telephone.secure(false);
    assert.doesNotMatch(shown, /4242|'4', '2'|52, 50|code: 5\d/);
  },
};

/** Runs every promise against telephones that `make` opens, one for each. */
export function telephoneConformance(
  name: string,
  make: () => TelephoneRig | Promise<TelephoneRig>,
  { skip = {} }: ConformanceOptions = {},
): void {
  describe(`${name} is a telephone`, () => {
    for (const [promise, check] of Object.entries(PROMISES)) {
      test(promise, { skip: skip[promise] ?? false }, async () => {
        const rig = await make();
        try {
          await check(rig);
        } finally {
          await rig.close?.();
        }
      });
    }
    test('no promise is skipped that is not there', () => {
      assert.deepEqual(
        Object.keys(skip).filter((promise) => !(promise in PROMISES)),
        [],
      );
    });
  });
}
