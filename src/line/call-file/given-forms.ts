import { nearest } from '../../architect/reading.ts';
import { QUOTED, whole, type Form } from './form.ts';
import { GATEWAY_OPERATIONS, GATEWAY_WORDS, scriptOf } from './gateway-words.ts';
import type { Fate, Given } from './step.ts';

const ANSWERS_MAX = 100;

/** `cvv_mismatch, then status 503 3 times, then approved`, as entries of the script. */
function readAnswers(text: string): string[] | string {
  const answers: string[] = [];
  for (const part of text.split(/,\s*(?:then\s+)?/)) {
    const [, words = part, times = '1'] = /^(.*?) (\d+) times$/.exec(part) ?? [];
    const script = scriptOf(words.trim());
    if (script === null) {
      const known = GATEWAY_WORDS.flatMap(({ form }) => form.split(' · '));
      const near = nearest(words, known);
      return near === null
        ? `a gateway does not answer '${words}'; it answers ${known.join(', ')}`
        : `a gateway does not answer '${words}'; did you mean '${near}'?`;
    }
    answers.push(...Array.from({ length: Number(times) }, () => script));
  }
  return answers.length <= ANSWERS_MAX ? answers : `write at most ${ANSWERS_MAX} answers`;
}

/** The time that is given is the wall clock's in UTC; a call file has no other. */
function readTime(text: string): number | string {
  const atMs = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(atMs) ? `'${text}' is no time; write 2026-11-25 14:30, in UTC` : atMs;
}

const FATE: Readonly<Record<string, Fate>> = {
  succeeds: 'succeeds',
  fails: 'fails',
  'times out': 'times out',
};

function readFates(text: string): Fate[] | string {
  const fates: Fate[] = [];
  for (const word of text.split(/,\s*(?:then\s+)?/)) {
    const fate = FATE[word.trim()];
    if (fate === undefined) return `'${word}' is none of succeeds, fails, times out`;
    fates.push(fate);
  }
  return fates;
}

const operations = Object.keys(GATEWAY_OPERATIONS).join('|');

/** Everything that may stand behind `given`. */
export const GIVEN_FORMS: readonly Form<Given>[] = [
  {
    form: 'gateway answers ANSWER, then ANSWER, … [to OPERATION]',
    does: `What the gateway does with the requests of this call, one answer each; then it approves. Without an operation: to tokenise. Operations: ${Object.keys(GATEWAY_OPERATIONS).join(', ')}.`,
    pattern: whole(`(?:the )?gateway answers (.+?)(?: to (${operations}))?`),
    read([, text = '', operation = 'tokenise']) {
      const answers = readAnswers(text);
      if (typeof answers === 'string') return answers;
      return { kind: 'gateway', operation: GATEWAY_OPERATIONS[operation] ?? '*', answers };
    },
  },
  {
    form: 'billing is down',
    does: 'Billing takes no event during the call.',
    pattern: whole('billing is down'),
    read: () => ({ kind: 'away', who: 'billing' }),
  },
  {
    form: 'the directory is down',
    does: 'The merchant’s CRM answers with an error.',
    pattern: whole('(?:the )?directory is down'),
    read: () => ({ kind: 'away', who: 'directory' }),
  },
  {
    form: 'the bridge is down · the tokenizer is down',
    does: 'Nothing listens at its address.',
    pattern: whole('(?:the )?(bridge|tokenizer) is down'),
    read: ([, who]) => ({ kind: 'away', who: who === 'bridge' ? 'bridge' : 'tokenizer' }),
  },
  {
    form: 'the switch is off, "REASON"',
    does: 'An operator has switched automated payments off.',
    pattern: whole(`(?:the )?switch is off, ${QUOTED}`),
    read: ([, reason = '']) => ({ kind: 'switched_off', reason }),
  },
  {
    form: 'the breaker is open',
    does: 'Three calls before this one have met a gateway that took 16 s.',
    pattern: whole('(?:the )?breaker is open'),
    read: () => ({ kind: 'breaker_open' }),
  },
  {
    form: 'the caller is subscribed [to PLAN]',
    does: 'The caller has enrolled on an earlier call, with a card that ends in 4242. Without a plan: the first of the catalogue.',
    pattern: whole(String.raw`(?:the )?caller is subscribed(?: to (\S+))?`),
    read: ([, planId]) => ({ kind: 'subscribed', planId: planId ?? null }),
  },
  {
    form: 'the subscription is paused · the subscription is cancelled',
    does: 'Done on an earlier call; needs the caller to be subscribed.',
    pattern: whole('(?:the )?subscription is (paused|cancelled)'),
    read: ([, state]) => ({ kind: 'changed', verb: state === 'paused' ? 'pause' : 'cancel' }),
  },
  {
    form: 'N cards were declined before',
    does: 'On earlier calls of the same number: what velocity limits count.',
    pattern: whole(String.raw`(\d{1,2}) cards? (?:was|were) declined before`),
    read: ([, count]) => ({ kind: 'cards_tried', count: Number(count) }),
  },
  {
    form: 'cards are taken by link · cards may be given by link',
    does: 'The system is configured so (`capture: link`, or `pay_link.beside_keypad`).',
    pattern: whole('cards (are taken|may be given) by link'),
    read: ([, how]) => ({ kind: 'pay_link', use: how === 'are taken' ? 'only' : 'choice' }),
  },
  {
    form: 'the time is DATE TIME',
    does: 'In UTC, such as 2026-11-25 14:30. Without it, every call is at 2026-11-25 15:00.',
    pattern: whole(String.raw`(?:the )?time is (\d{4}-\d\d-\d\d \d\d:\d\d)`),
    read([, text = '']) {
      const atMs = readTime(text);
      return typeof atMs === 'string' ? atMs : { kind: 'time', atMs };
    },
  },
  {
    form: 'the flow is NAME',
    does: 'The flow that answers, by its name or by its file’s. Without it, recurring-payments.',
    pattern: whole('(?:the )?flow is (.+)'),
    read: ([, name = '']) => ({ kind: 'flow', name }),
  },
  {
    form: 'the invocation data is TEXT',
    does: 'What an agent’s script gives to a secure flow.',
    pattern: whole('(?:the )?invocation data is (.+)'),
    read: ([, text = '']) => ({ kind: 'invocation_data', text }),
  },
  {
    form: 'participant attribute NAME is VALUE',
    does: 'What the conversation knows before the flow begins.',
    pattern: whole(String.raw`participant attribute (\S+) is (.+)`),
    read: ([, name = '', value = '']) => ({ kind: 'attribute', name, value }),
  },
  {
    form: 'the transfer fails',
    does: 'No transfer is taken.',
    pattern: whole('(?:the )?transfer fails'),
    read: () => ({ kind: 'transfer_fails' }),
  },
  {
    form: 'data action "NAME" fails, then succeeds, …',
    does: 'How the action goes, time by time, whatever stands behind it; then it is left alone. A flow learns no more of an action than succeeds, fails or times out.',
    pattern: whole(`data action ${QUOTED} (.+)`),
    read([, action = '', text = '']) {
      const fates = readFates(text);
      return typeof fates === 'string' ? fates : { kind: 'data_action', action, fates };
    },
  },
];
