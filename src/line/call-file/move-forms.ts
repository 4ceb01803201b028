import { DURATION, durationMs, QUOTED, whole, type Form } from './form.ts';
import type { Move } from './step.ts';

const KEYS = '([0-9*# ]+)';

function keysOf(text: string): string {
  return text.replaceAll(' ', '');
}

/** Everything that the caller does, by its verb. */
export const MOVE_FORMS: Readonly<Record<string, readonly Form<Move>[]>> = {
  hears: [
    {
      form: '"WORDS"',
      does: 'What was played since the caller’s last move holds these words, in this order if there are several lines; case, spaces and punctuation do not count.',
      pattern: whole(QUOTED),
      read: ([, words = '']) => ({ kind: 'hears', words, wanted: true }),
    },
  ],
  'does not hear': [
    {
      form: '"WORDS"',
      does: 'What was played since the caller’s last move does not hold these words.',
      pattern: whole(QUOTED),
      read: ([, words = '']) => ({ kind: 'hears', words, wanted: false }),
    },
  ],
  dials: [
    {
      form: 'KEYS',
      does: 'Keys 0 to 9, * and #, as soon as the flow listens; 0.4 s a key. Spaces do not count.',
      pattern: whole(KEYS),
      read: ([, keys = '']) => ({ kind: 'dials', keys: keysOf(keys), interrupts: false }),
    },
  ],
  interrupts: [
    {
      form: 'with KEYS',
      does: 'The same one second into the next prompt: barge-in, or type-ahead where it is off.',
      pattern: whole(`with ${KEYS}`),
      read: ([, keys = '']) => ({ kind: 'dials', keys: keysOf(keys), interrupts: true }),
    },
  ],
  says: [
    {
      form: 'WORDS',
      does: 'Speech, where the flow listens to it; one second.',
      pattern: whole('"?([^"]+)"?'),
      read: ([, words = '']) => ({ kind: 'says', words }),
    },
  ],
  opens: [
    {
      form: 'the link and pays with PAN [MM/YY] [CVV]',
      does: 'On the page whose link the merchant has sent for this call, in no time; without them, 12/34 and 123. Spaces in the number do not count.',
      pattern: whole(
        String.raw`the link and pays with ((?:\d ?){12,19})(?: (\d\d/\d\d))?(?: (\d{3,4}))?`,
      ),
      read: ([, number = '', expiry = '12/34', cvv = '123']) => ({
        kind: 'opens_link',
        card: { number: number.replaceAll(' ', ''), expiry, cvv },
      }),
    },
  ],
  waits: [
    {
      form: 'N s',
      does: 'The caller does nothing for that time of the call.',
      pattern: whole(DURATION),
      read: ([, count, unit]) => ({ kind: 'waits', durationMs: durationMs(count, unit) }),
    },
    {
      form: '(alone)',
      does: 'The caller does nothing until the flow goes on by itself: one time that it listens.',
      pattern: whole(''),
      read: () => ({ kind: 'waits', durationMs: null }),
    },
  ],
  hangs: [
    {
      form: 'up',
      does: 'As soon as what was to be heard has been heard, in the middle of everything.',
      pattern: whole('up'),
      read: () => ({ kind: 'hangs_up', during: null }),
    },
    {
      form: 'up during "DATA ACTION"',
      does: 'When that action has been sent, and before the flow has its answer.',
      pattern: whole(`up during ${QUOTED}`),
      read: ([, during = '']) => ({ kind: 'hangs_up', during }),
    },
  ],
};
