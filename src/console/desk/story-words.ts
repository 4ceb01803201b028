import type {
  StoryAct,
  StoryEvent,
  StoryOperation,
  StoryView,
} from '../../contract/console-operations.ts';
import type { Tone } from './dom.ts';
import { between, lengthOf } from './lengths.ts';
import { kindWord, stateWord, toneOf } from './operation-words.ts';
import type { Bar, TimeRow } from './time-line.ts';

export interface Quote {
  readonly who: string;
  readonly text: string;
}

/** One thing that happened: as it is drawn, and as it is read. */
export interface StoryStep {
  readonly at: string;
  readonly title: string;
  readonly state: string;
  readonly tone: Tone;
  /** Sentences. */
  readonly words: readonly string[];
  /** What somebody heard or wrote, word for word, and who. */
  readonly quotes: readonly Quote[];
  readonly row: TimeRow;
  /** Of an operation's own step. */
  readonly operation: StoryOperation | null;
}

const ms = (iso: string): number => Date.parse(iso);

/** Of more than this share of the line it is worth drawing how near it came. */
const NEAR_THE_LINE = 0.4;

function point(at: string, look: Bar['look']): readonly Bar[] {
  return [{ fromMs: ms(at), toMs: ms(at), look }];
}

function title({ kind, attempt }: StoryOperation): string {
  return attempt > 1 ? `${kindWord(kind)}, attempt ${attempt}` : kindWord(kind);
}

/** From when on nobody knew: the answer that said nothing, or the request that got none. */
function doubtFrom(operation: StoryOperation): string {
  return operation.answered_at === '' ? operation.began_at : operation.answered_at;
}

function waited(operation: StoryOperation): boolean {
  const { ended_by: by, state } = operation;
  return by === 'look_up' || by === 'hand' || state === 'in_doubt' || state === 'pending';
}

function barsOf(operation: StoryOperation, now: string): readonly Bar[] {
  const { asked_at: asked, answered_at: answered, latency_ms: latency, state } = operation;
  const end = operation.ended_at || now;
  const bars: Bar[] = [];
  if (answered !== '') {
    const look = operation.healthy ? 'good' : 'bad';
    bars.push({ fromMs: ms(operation.began_at), toMs: ms(answered), look: 'bridge' });
    const label = lengthOf(latency ?? 0);
    bars.push({ fromMs: ms(asked), toMs: ms(answered), look, label });
  }
  if (waited(operation)) {
    const from = doubtFrom(operation);
    const label = lengthOf(between(from, end));
    bars.push({ fromMs: ms(from), toMs: ms(end), look: 'wait', label });
  }
  if (operation.sent_again_at !== '') bars.push(...point(operation.sent_again_at, 'bad'));
  if (bars.length > 0) return bars;
  return point(operation.began_at, toneOf(state) === 'error' ? 'bad' : 'good');
}

function endWords(operation: StoryOperation): string[] {
  const { state, ended_by: by, error_code: code, gateway_code: raw } = operation;
  const why =
    code === '' ? '' : ` (${code}${raw === '' || raw === code ? '' : `; the gateway said ${raw}`})`;
  const lasted = lengthOf(between(doubtFrom(operation), operation.ended_at));
  switch (by) {
    case 'call':
      return code === '' ? [] : [`It ended as ${stateWord(state)}${why}.`];
    case 'look_up':
      return [
        `It was open for ${lasted}; looking it up at the gateway showed: ${stateWord(state)}${why}.`,
      ];
    case 'hand':
      return [`It was open for ${lasted}; two people ended it by hand: ${stateWord(state)}.`];
    case '':
      return [`Its end is not known: it is ${stateWord(state)}.`];
  }
}

function gatewayWords(operation: StoryOperation, limitMs: number): string[] {
  const { latency_ms: latency, answered_at: answered, gateway, healthy } = operation;
  if (answered === '') return [];
  const took = lengthOf(latency ?? 0);
  const said = healthy ? 'answered' : 'gave no good answer';
  const late = (latency ?? 0) > limitMs ? ` That is above the line of ${lengthOf(limitMs)}.` : '';
  const words = [`The gateway (${gateway}) ${said}, after ${took}.${late}`];
  if (operation.gateway_transaction_id !== '') {
    words.push(`Its id there: ${operation.gateway_transaction_id}.`);
  }
  return words;
}

function settleWords(operation: StoryOperation): string[] {
  const { settle, sent_again_at: again } = operation;
  const words: string[] = [];
  if (again !== '') words.push(`It was sent again under the same key at ${timeText(again)}.`);
  if (settle === null) return words;
  const times = settle.looks === 1 ? 'once' : `${settle.looks} times`;
  if (settle.looks === 0) words.push('It has not been looked up yet.');
  else {
    const answered = settle.unanswered ? ', and the gateway did not answer the last time' : '';
    words.push(`It was looked up ${times}, last at ${timeText(settle.last_at)}${answered}.`);
  }
  words.push(`The next look is at ${timeText(settle.next_at)}.`);
  return words;
}

function factWords(operation: StoryOperation): string[] {
  const { kind, card, key, plan_name: plan, amount_text: amount, queue, state } = operation;
  switch (kind) {
    case 'disclosure':
      return [`The terms${plan === '' ? '' : ` of ${plan}`} were put into words for the caller.`];
    case 'consent':
      return state === 'approved'
        ? [`The caller pressed ${key} and agreed.`]
        : ['The caller did not agree.'];
    case 'handoff':
      return [`The call was passed to a person, in ${queue}.`];
    case 'tokenise':
      return card === '' ? [] : [`A card was keyed: ${card}.`];
    default:
      return plan === '' ? [] : [`${plan}${amount === '' ? '' : `, ${amount}`}.`];
  }
}

function operationStep(operation: StoryOperation, view: StoryView): StoryStep {
  const { state, text, told, note, latency_ms: latency, asked_at: asked } = operation;
  const limitMs = view.latency_ms_max;
  const near = latency !== null && latency > limitMs * NEAR_THE_LINE;
  return {
    at: operation.began_at,
    title: title(operation),
    state,
    tone: toneOf(state),
    words: [
      ...factWords(operation),
      ...gatewayWords(operation, limitMs),
      ...endWords(operation),
      ...settleWords(operation),
    ],
    quotes: [
      { who: 'The caller hears', text: told },
      { who: 'The terms, word for word', text },
      { who: 'The person is told', text: note },
    ].filter((quote) => quote.text !== ''),
    row: {
      name: title(operation),
      bars: barsOf(operation, view.at),
      ...(near && { lineMs: ms(asked) + limitMs }),
      asked: operation.operation_id === view.operation_id && view.operations.length > 1,
    },
    operation,
  };
}

function eventStep(event: StoryEvent, view: StoryView): StoryStep {
  const { state, tries, last_answer: answer, made_at: made } = event;
  const end = state === 'waiting' ? view.at : event.at;
  const length = lengthOf(between(made, end));
  const said = answer === '' ? '' : ` Billing answered ${answer}.`;
  const words: Readonly<Record<StoryEvent['state'], string>> = {
    delivered: `Billing took it ${length} after it was made, at delivery ${tries}.`,
    dead: `Billing did not take it in ${tries} deliveries; nobody tries any more.${said}`,
    waiting: `It waits to be delivered; ${tries} deliveries so far.${said}`,
  };
  const look = state === 'delivered' ? 'billing' : 'wait';
  return {
    at: made,
    title: `Event ${event.type}`,
    state,
    tone: toneOf(state),
    words: [words[state]],
    quotes: [],
    row: {
      name: `Event ${event.type}`,
      bars: [{ fromMs: ms(made), toMs: ms(end), look, label: length }],
      asked: false,
    },
    operation: null,
  };
}

const ACTS: Readonly<Record<string, string>> = {
  made: 'proposed',
  confirmed: 'confirmed',
  refused: 'refused',
  withdrawn: 'took back',
};

function actStep(act: StoryAct): StoryStep {
  const did = ACTS[act.act] ?? act.act;
  return {
    at: act.at,
    title: `By hand: ${did}`,
    state: act.ending,
    tone: 'info',
    words: [`${act.by} ${did} that it ended as ${stateWord(act.ending)}.`],
    quotes: [{ who: 'Why', text: act.reason }],
    row: { name: `By hand: ${did}`, bars: point(act.at, 'bridge'), asked: false },
    operation: null,
  };
}

function beginning({ call_began_at: at }: StoryView): StoryStep {
  return {
    at,
    title: 'The call begins',
    state: '',
    tone: 'info',
    words: ['It was asked whether payments can be taken, or who calls.'],
    quotes: [],
    row: { name: 'The call begins', bars: point(at, 'good'), asked: false },
    operation: null,
  };
}

/** Everything of a story in the order in which it began. */
export function stepsOf(view: StoryView): readonly StoryStep[] {
  const steps = [
    ...(view.call_began_at === '' ? [] : [beginning(view)]),
    ...view.operations.map((operation) => operationStep(operation, view)),
    ...view.events.map((event) => eventStep(event, view)),
    ...view.acts.map(actStep),
  ];
  return steps.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** A time of day as the reader's clock has it. */
export function timeText(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { timeStyle: 'medium' });
}
