import { ManualClock } from '../clock.ts';
import { telephoneConformance } from '../conformance/telephone.ts';
import { SOUND_MS, TestTelephone } from './test-telephone.ts';

telephoneConformance('the telephone of the tests', () => {
  const clock = new ManualClock();
  const telephone = new TestTelephone(clock);
  return {
    telephone,
    press: (keys) => telephone.press(keys),
    say: (words) => telephone.say(words),
    walkAway: () => telephone.walkAway(),
    pass: (durationMs) => clock.advance(durationMs),
    sound: { kind: 'speech', text: 'Hello', language: 'en-us' },
    soundMs: SOUND_MS,
  };
});
