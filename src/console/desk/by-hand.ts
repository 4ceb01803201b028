import type {
  ProposalOrder,
  ProposalView,
  StoryOperation,
  StoryView,
} from '../../contract/console-operations.ts';
import type { Me } from '../../contract/staff.ts';
import { tell } from './ask.ts';
import { badge, button, card, element, moment } from './dom.ts';
import { kindWord, stateWord } from './operation-words.ts';

/** As the bridge asks for them (`api/console/operation-routes.ts`). */
const REASON_LENGTH_MIN = 3;
const EVIDENCE_LENGTH_MIN = 10;

/** What the gateway's own id names, by what was asked of it. */
const REFERENCE_OF: Readonly<Record<string, string>> = {
  tokenise: 'The gateway’s id of the stored card',
  subscribe: 'The gateway’s id of the subscription',
  charge: 'The gateway’s id of the charge',
};

export interface ByHand {
  readonly root: HTMLElement;
  readonly show: (view: StoryView) => void;
}

/** What goes on between the buttons and the bridge. */
interface Parts {
  readonly me: Me;
  /** When the story was read. */
  readonly at: string;
  readonly send: (path: string, order: object) => void;
  readonly complain: (text: string) => void;
}

function written(id: string, title: string, lines = 1): [HTMLElement, () => string] {
  const input =
    lines === 1
      ? element('input', { id, type: 'text', maxlength: '200' })
      : element('textarea', { id, rows: String(lines), maxlength: '1000' });
  const label = element('label', { for: id }, [title]);
  return [element('div', {}, [label, input]), () => input.value.trim()];
}

function choice(of: string, value: string, text: string, pick: () => void): HTMLElement {
  const id = `${value}-${of}`;
  const input = element('input', { type: 'radio', name: `ending-${of}`, value, id });
  input.addEventListener('change', pick);
  return element('div', { class: 'choice' }, [input, element('label', { for: id }, [text])]);
}

/** The form by which somebody proposes how it has ended. */
function proposeForm(operation: StoryOperation, { at, send, complain }: Parts): HTMLElement {
  const chosen: { ending: ProposalOrder['ending'] | null } = { ending: null };
  // A call may have more than one of these.
  const of = operation.operation_id;
  const name = REFERENCE_OF[operation.kind] ?? 'The gateway’s id of the change';
  const [referenceField, reference] = written(`reference-${of}`, name);
  const [reasonField, reason] = written(`reason-${of}`, 'Why it has to be done by hand');
  const [evidenceField, evidence] = written(
    `evidence-${of}`,
    'What you looked at, and what it showed',
    3,
  );
  referenceField.hidden = true;
  const pick = (ending: ProposalOrder['ending']) => (): void => {
    chosen.ending = ending;
    referenceField.hidden = ending === 'failed';
  };
  const propose = (): void => {
    const { ending } = chosen;
    if (ending === null) return complain('Say how it has ended.');
    if (ending === 'approved' && reference() === '')
      return complain('Say by which id the gateway knows it.');
    if (reason().length < REASON_LENGTH_MIN) return complain('Say why, in a few words.');
    if (evidence().length < EVIDENCE_LENGTH_MIN) {
      return complain('Say what you looked at: it is the proof, and stands in the ledger.');
    }
    send('propose', {
      operation_id: operation.operation_id,
      ending,
      ...(ending === 'approved' && { gateway_reference: reference() }),
      reason: reason(),
      evidence: evidence(),
    } satisfies ProposalOrder);
  };
  const early = operation.proved_at > at;
  const failed = early ? [' (from ', moment(operation.proved_at), ' on)'] : [];
  const nothing = choice(of, 'failed', 'Nothing happened', pick('failed'));
  nothing.lastElementChild?.append(...failed);
  return element('div', {}, [
    element('fieldset', {}, [
      element('legend', {}, ['How it has ended at the gateway']),
      choice(of, 'approved', 'It happened', pick('approved')),
      nothing,
    ]),
    referenceField,
    reasonField,
    evidenceField,
    button('Propose it to a second person', 'primary', propose),
  ]);
}

const STATES: Readonly<Record<ProposalView['state'], string>> = {
  open: 'waits for a second person',
  stale: 'is no proof any more',
  lapsed: 'has fallen away',
  confirmed: 'was confirmed',
  refused: 'was refused',
  withdrawn: 'was taken back',
};

function proposalWords(proposal: ProposalView): HTMLElement[] {
  const what =
    proposal.ending === 'approved'
      ? `it happened, as ${proposal.gateway_reference}`
      : 'nothing happened';
  const answered =
    proposal.answered_by === ''
      ? []
      : [` by ${proposal.answered_by}, `, moment(proposal.answered_at)];
  return [
    element('p', {}, [
      element('strong', {}, [`${proposal.proposed_by} says: ${what}. `]),
      moment(proposal.proposed_at),
    ]),
    element('p', {}, [`Why: ${proposal.reason}`]),
    element('p', {}, [`Looked at: ${proposal.evidence}`]),
    element('p', {}, [
      badge(STATES[proposal.state], proposal.state === 'confirmed' ? 'success' : 'warning'),
      ...answered,
    ]),
    ...(proposal.fallen === '' ? [] : [element('p', {}, [proposal.fallen])]),
  ];
}

/** Confirm and refuse for another person; take back for whoever has proposed it. */
function answerForm(
  operation: StoryOperation,
  proposal: ProposalView,
  { me, send, complain }: Parts,
): HTMLElement[] {
  const own = proposal.proposed_by === me.actor;
  const order = { operation_id: operation.operation_id, proposal_id: proposal.proposal_id };
  const [field, reason] = written(
    `why-not-${operation.operation_id}`,
    own ? 'Why you take it back' : 'Why, if you refuse it',
  );
  const refuse = (): void => {
    if (reason().length < REASON_LENGTH_MIN) return complain('Say why, in a few words.');
    send('refuse', { ...order, reason: reason() });
  };
  const until = element('p', { class: 'quiet' }, [
    'It can be confirmed until ',
    moment(proposal.expires_at),
    '.',
  ]);
  if (own) {
    const wait = element('p', {}, ['You have proposed it: another person has to confirm it.']);
    return [wait, until, field, button('Take it back', 'secondary', refuse)];
  }
  const confirm = button('Confirm: end it so', 'primary', () => send('confirm', order));
  const buttons = [
    ...(proposal.state === 'open' ? [confirm] : []),
    button('Refuse it', 'danger', refuse),
  ];
  const look = element('p', {}, [
    'Look at the gateway yourself before you confirm. It cannot be taken back, and your name stands in the ledger beside theirs.',
  ]);
  return [look, until, field, element('div', { class: 'row' }, buttons)];
}

function oneByHand(operation: StoryOperation, parts: Parts): HTMLElement {
  const { proposal, unresolvable, settle } = operation;
  const operates = parts.me.rights.includes('operate');
  const content: (Node | string)[] = [];
  const waits = proposal?.state === 'open' || proposal?.state === 'stale';
  if (proposal !== null) content.push(...proposalWords(proposal));
  if (proposal !== null && waits && operates)
    content.push(...answerForm(operation, proposal, parts));
  if (!waits && unresolvable === '') {
    const looks =
      settle === null
        ? ''
        : ' It is looked up at the gateway all the time, and mostly ends by itself.';
    content.push(
      element('p', {}, [
        `Its end is not known.${looks} What no look can tell, two people can: one says what the gateway’s own pages show, another one confirms it.`,
      ]),
      operates
        ? proposeForm(operation, parts)
        : element('p', { class: 'quiet' }, ['An operator can do that.']),
    );
  }
  const title = `${kindWord(operation.kind)} ${stateWord(operation.state)}: by hand`;
  return card(title, [element('div', { class: 'form' }, content)]);
}

/** What can be changed here; while it is the same, what somebody is writing stays. */
function keyOf({
  operation_id: id,
  proposal,
  unresolvable,
  proved_at: proved,
}: StoryOperation): string {
  return JSON.stringify([id, proposal, unresolvable, proved]);
}

/** Resolving by hand: for every operation of a story of which somebody may say how it has ended. */
export function byHand(me: Me, changed: (view: StoryView) => void): ByHand {
  const root = element('div');
  const problem = element('p', { class: 'problem', role: 'alert' });
  const shown = { key: '' };
  const complain = (text: string): void => {
    problem.textContent = text;
  };
  const send = (path: string, order: object): void => {
    complain('');
    tell<StoryView>(`operations/${path}`, order)
      .then(changed)
      .catch((error: unknown) =>
        complain(error instanceof Error ? error.message : 'It did not work.'),
      );
  };
  return {
    root,
    show(view) {
      const wanted = view.operations.filter(
        (one) => one.unresolvable === '' || one.proposal !== null,
      );
      const key = JSON.stringify(wanted.map(keyOf));
      if (key === shown.key) return;
      shown.key = key;
      root.replaceChildren(
        problem,
        ...wanted.map((operation) => oneByHand(operation, { me, at: view.at, send, complain })),
      );
    },
  };
}
