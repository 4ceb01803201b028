import { Handset } from '../../src/line/handset.ts';
import { ManualClock } from '../clock.ts';
import { telephoneConformance } from '../conformance/telephone.ts';

const SOUND_MS = 2_000;

telephoneConformance('the handset of the terminal', () => {
  const clock = new ManualClock();
  const telephone = new Handset({
    clock,
    lengths: { durationMs: () => SOUND_MS },
    hear: () => undefined,
    secured: () => undefined,
    transferred: () => true,
  });
  return {
    telephone,
    press(keys) {
      for (const key of keys) telephone.press(key.charCodeAt(0));
    },
    say: (words) => void telephone.say(words),
    walkAway: () => telephone.walkAway(),
    pass: (durationMs) => clock.advance(durationMs),
    sound: { kind: 'speech', text: 'Hello', language: 'en-us' },
    soundMs: SOUND_MS,
  };
});
