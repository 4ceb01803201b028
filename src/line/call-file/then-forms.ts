import { DURATION, durationMs, QUOTED, whole, type Form } from './form.ts';
import { END_WORDS, type EndWord, type Expectation, type GatewayRecord } from './step.ts';

const RECORD: Readonly<Record<string, GatewayRecord>> = {
  token: 'tokens',
  subscription: 'subscriptions',
  charge: 'charges',
};

const FIELD = { '': 'status', plan: 'plan', card: 'card' } as const;

function isEndWord(text: string): text is EndWord {
  return Object.hasOwn(END_WORDS, text);
}

/** Everything that may stand behind `then`. */
export const THEN_FORMS: readonly Form<Expectation>[] = [
  {
    form: 'outcome is WORD',
    does: 'The participant attribute payment_outcome; where the flow set none, how the call ended: hung_up, disconnected, transferred, returned_to_agent.',
    pattern: whole(String.raw`(?:the )?outcome is (\S+)`),
    read: ([, outcome = '']) => ({ kind: 'outcome', outcome }),
  },
  {
    form: 'participant attribute NAME is VALUE · … contains "WORDS" · … is not set',
    does: 'As the agent or a report will find it.',
    pattern: whole(
      String.raw`participant attribute (\S+) (is not set|is|contains)(?: "?([^"]*)"?)?`,
    ),
    read([, name = '', how = '', value]) {
      if (how === 'is not set' || (how === 'is' && value === 'not set')) {
        return { kind: 'attribute', name, how: 'is not set', value: '' };
      }
      if (value === undefined) return `write what ${name} ${how}`;
      return { kind: 'attribute', name, how: how === 'is' ? 'is' : 'contains', value };
    },
  },
  {
    form: 'billing received N EVENT · billing received nothing',
    does: 'Signed events of that type, each counted once; those of earlier calls do not count.',
    pattern: whole(String.raw`billing received (?:(\d+) (\S+)|nothing)`),
    read: ([, count = '0', type]) => ({
      kind: 'billing',
      count: Number(count),
      type: type ?? null,
    }),
  },
  {
    form: 'the gateway has N [new] tokens · subscriptions · charges',
    does: 'The gateway’s own ledger; new ones are those of this call.',
    pattern: whole(String.raw`(?:the )?gateway has (\d+|no) (new )?(token|subscription|charge)s?`),
    read: ([, count = '', isNew, type = '']) => ({
      kind: 'gateway',
      count: count === 'no' ? 0 : Number(count),
      isNew: isNew !== undefined,
      type: RECORD[type] ?? 'tokens',
    }),
  },
  {
    form: 'the subscription is STATUS · the subscription plan is PLAN · the subscription card is LAST4',
    does: 'The caller’s newest subscription, as the gateway has it.',
    pattern: whole(String.raw`(?:the )?subscription(?: (plan|card))? is (\S+)`),
    read: ([, field = '', value = '']) => ({
      kind: 'subscription',
      field: field === 'plan' || field === 'card' ? field : FIELD[''],
      value,
    }),
  },
  {
    form: 'transferred to QUEUE [with skill SKILL] [with priority N]',
    does: 'Where the call went.',
    pattern: whole(
      String.raw`transferred to (\S+)(?: with skill (\S+))?(?: (?:with|and) priority (\d+))?`,
    ),
    read: ([, queue = '', skill, priority]) => ({
      kind: 'transferred',
      queue,
      skill: skill ?? null,
      priority: priority === undefined ? null : Number(priority),
    }),
  },
  {
    form: 'not transferred',
    does: 'No transfer was taken.',
    pattern: whole('not transferred'),
    read: () => ({ kind: 'not_transferred' }),
  },
  {
    form: Object.keys(END_WORDS).join(' · '),
    does: 'How the flow let the caller go. The call ended is any way but a transfer; the flow failed is a fault that the line disconnects for, such as a failed transfer out of a secure flow, and fails every call that does not expect it.',
    pattern: whole(`(${Object.keys(END_WORDS).join('|')})`),
    read: ([, how = '']) => (isEndWord(how) ? { kind: 'ended', how } : `'${how}' is no end`),
  },
  {
    form: 'the agent note contains "WORDS" · … does not contain "WORDS"',
    does: 'What the hand-off tells the agent.',
    pattern: whole(`(?:the )?agent note (contains|does not contain) ${QUOTED}`),
    read: ([, how, words = '']) => ({ kind: 'note', words, wanted: how === 'contains' }),
  },
  {
    form: 'the ledger has "ACTION" · the ledger has no "ACTION"',
    does: 'An entry of this call, such as subscribe.approved.',
    pattern: whole(`(?:the )?ledger has (no )?${QUOTED}`),
    read: ([, no, action = '']) => ({ kind: 'ledger', action, wanted: no === undefined }),
  },
  {
    form: 'data action "NAME" ran N times',
    does: 'How often the flow called it.',
    pattern: whole(String.raw`data action ${QUOTED} ran (\d+) times?`),
    read: ([, action = '', count]) => ({ kind: 'ran', action, count: Number(count) }),
  },
  {
    form: 'the line took at most N seconds',
    does: 'From answer to end: prompts at their length, 0.4 s a key, and what the system took.',
    pattern: whole(`(?:the )?line took at most ${DURATION}`),
    read: ([, count, unit]) => ({ kind: 'line_time', atMostMs: durationMs(count, unit) }),
  },
];
