import type { Lane } from './lane.ts';
import type { Step } from './steps.ts';

/** What the caller of a case has come for. */
export const VERBS = ['enrol', 'change-card', 'cancel'] as const;
export type Verb = (typeof VERBS)[number];

/** The request that makes it happen. */
export const STEP_OF_VERB = {
  enrol: 'subscribe',
  'change-card': 'change_card',
  cancel: 'cancel',
} as const satisfies Record<Verb, Step>;

/** Which conversation a point lies in, and so which one the fault of a case breaks. */
export type Leg = 'card' | 'verb' | 'billing' | 'look_up';

/** A place at which a process dies. */
export interface Point {
  readonly id: string;
  readonly leg: Leg;
  readonly arm: (lane: Lane, verb: Verb) => void;
}

const seen =
  (text: (step: string) => string) =>
  (lane: Lane, verb: Verb): void =>
    lane.arm(text(STEP_OF_VERB[verb]));

const verbPoint = (id: string, text: (step: string) => string): Point => ({
  id: `verb.${id}`,
  leg: 'verb',
  arm: seen(text),
});

const cardPoint = (id: string, text: string): Point => ({
  id: `card.${id}`,
  leg: 'card',
  arm: (lane) => lane.arm(text),
});

/**
 * Twenty-four. "Claim the key" and "intent row" are one statement here, and so are "outcome row" and
 * "outbox row": dying between the two is not possible, and dying on either side of it is tried.
 */
export const POINTS: readonly Point[] = [
  cardPoint('begin.before', 'begin tokenise before'),
  cardPoint('begin.after', 'begin tokenise after'),
  cardPoint('send.before', 'send tokenise before'),
  {
    id: 'card.send.after',
    leg: 'card',
    arm: (lane) => lane.armWire({ step: 'tokenise', at: 'request' }),
  },
  {
    id: 'card.answer.first',
    leg: 'card',
    arm: (lane) => lane.armWire({ step: 'tokenise', at: 'first_byte' }),
  },
  cardPoint('answer.last', 'answer tokenise last'),
  cardPoint('outcome.before', 'finish tokenise before'),
  cardPoint('outcome.after', 'finish tokenise after'),
  cardPoint('reply.before', 'reply tokenise before'),
  verbPoint('begin.before', (step) => `begin ${step} before`),
  verbPoint('begin.after', (step) => `begin ${step} after`),
  verbPoint('send.before', (step) => `send ${step} before`),
  {
    id: 'verb.send.after',
    leg: 'verb',
    arm: (lane, verb) => lane.armWire({ step: STEP_OF_VERB[verb], at: 'request' }),
  },
  {
    id: 'verb.answer.first',
    leg: 'verb',
    arm: (lane, verb) => lane.armWire({ step: STEP_OF_VERB[verb], at: 'first_byte' }),
  },
  verbPoint('answer.last', (step) => `answer ${step} last`),
  verbPoint('outcome.before', (step) => `finish ${step} before`),
  verbPoint('outcome.after', (step) => `finish ${step} after`),
  verbPoint('reply.before', (step) => `reply ${step} before`),
  verbPoint('reply.after', (step) => `reply ${step} after`),
  { id: 'outbox.send', leg: 'billing', arm: (lane) => lane.arm('send deliver before') },
  { id: 'outbox.ack', leg: 'billing', arm: (lane) => lane.arm('ack deliver before') },
  { id: 'settle.read', leg: 'look_up', arm: (lane) => lane.arm('answer look_up last') },
  { id: 'settle.write', leg: 'look_up', arm: (lane) => lane.arm('settle write') },
  { id: 'checkpoint', leg: 'verb', arm: (lane) => lane.arm('checkpoint after') },
];

/** The caller who cancels keys no card: there the fault always breaks the cancellation. */
export function legOf(point: Point, verb: Verb): Leg {
  return point.leg === 'card' && verb === 'cancel' ? 'verb' : point.leg;
}
