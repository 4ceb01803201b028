import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handset, type HandsetSetup } from '../../src/line/handset.ts';
import { sleep } from '../../src/system/clock.ts';
import { ManualClock } from '../clock.ts';
import { telephoneConformance } from '../conformance/telephone.ts';

const SOUND_MS = 2_000;
const SOUND = { kind: 'speech', text: 'Hello', language: 'en-us' } as const;

/** What is the same for every handset here. */
const SETUP = {
  lengths: { durationMs: () => SOUND_MS },
  hear: () => undefined,
  secured: () => undefined,
  transferred: () => true,
};

function conforms(name: string, more: (clock: ManualClock) => Partial<HandsetSetup>): void {
  telephoneConformance(name, () => {
    const clock = new ManualClock();
    const telephone = new Handset({ clock, ...SETUP, ...more(clock) });
    return {
      telephone,
      press(keys) {
        for (const key of keys) telephone.press(key.charCodeAt(0));
      },
      say: (words) => void telephone.say(words),
      walkAway: () => telephone.walkAway(),
      pass: (durationMs) => clock.advance(durationMs),
      sound: SOUND,
      soundMs: SOUND_MS,
    };
  });
}

conforms('the handset of the terminal', () => ({}));
conforms('the handset of the terminal that speaks', (clock) => ({
  // What is said aloud decides, and not what it was thought to take.
  lengths: { durationMs: () => 1 },
  aloud: (sounds, cut) => sleep(clock, SOUND_MS * sounds.length, cut),
}));

test('what a key interrupts is said no further', async () => {
  const clock = new ManualClock();
  const cuts: AbortSignal[] = [];
  const telephone = new Handset({
    clock,
    ...SETUP,
    aloud(_sounds, cut) {
      cuts.push(cut);
      return sleep(clock, SOUND_MS, cut);
    },
  });
  const playing = telephone.play([SOUND], { bargeIn: true, listening: false });
  assert.equal(cuts[0]?.aborted, false);
  telephone.press('1'.charCodeAt(0));
  assert.equal(await playing, 'interrupted');
  assert.equal(cuts[0]?.aborted, true);
});
