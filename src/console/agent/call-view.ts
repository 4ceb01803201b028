import type { AgentCall, Sentence, Tried } from '../../contract/agent.ts';
import type { CallStep } from '../../contract/console.ts';
import { badge, card, element, moment, type Tone } from '../desk/dom.ts';

/** What an agent reads in place of the step's name. */
const WHERE: Readonly<Record<CallStep, string>> = {
  greeting: 'At the beginning',
  terms: 'Heard the terms',
  consent: 'Agreed to the terms',
  card: 'Keyed a card',
  enrolment: 'Being enrolled',
  enrolled: 'Enrolled',
  agent: 'With you',
};

/** The same, while the caller is alone with the keypad. */
const AT_THE_KEYPAD: Readonly<Partial<Record<CallStep, string>>> = {
  greeting: 'On the secure line',
  terms: 'Hearing the terms',
  consent: 'Keying the card',
  card: 'Card keyed, being checked',
  enrolment: 'Card checked, being set up',
};

const KINDS: Readonly<Record<string, string>> = {
  tokenise: 'Card',
  link: 'Link to a card page',
  subscribe: 'Enrolment',
  change_card: 'Change of card',
  change_plan: 'Change of plan',
  cancel: 'Cancellation',
  pause: 'Pause',
  resume: 'Resuming',
  charge: 'Charge',
  disclosure: 'Terms said',
  consent: 'Agreed',
  handoff: 'Passed to a person',
};

const STATES: Readonly<Record<Tried['state'], readonly [string, Tone]>> = {
  started: ['under way', 'info'],
  pending: ['answer comes later', 'warning'],
  approved: ['done', 'success'],
  declined: ['declined', 'error'],
  failed: ['not done', 'error'],
  in_doubt: ['in doubt', 'warning'],
};

const LANGUAGES: Readonly<Record<string, string>> = { 'en-us': 'English', 'es-us': 'Spanish' };

export function kindOf(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll('_', ' ');
}

function headline(call: AgentCall): HTMLElement[] {
  const words = call.entry_under_way ? AT_THE_KEYPAD[call.step] : undefined;
  const parts = [element('h1', { class: 'where' }, [words ?? WHERE[call.step]])];
  if (call.entry_under_way) {
    parts.push(
      element('p', {}, [
        'Nobody hears the keys, and nothing is recorded. The caller comes back to you by themselves: stay on the call.',
      ]),
    );
  } else if (!call.known) {
    parts.push(element('p', {}, ['Tokenline has not heard of this call yet.']));
  } else if (call.last !== null) {
    const [text, tone] = STATES[call.last.state];
    parts.push(
      element('p', { class: 'row' }, [`Last: ${kindOf(call.last.kind)}`, badge(text, tone)]),
    );
  }
  return parts;
}

function why(call: AgentCall): HTMLElement | null {
  const { why: words, last, attempts_left: left, closed } = call;
  if (call.entry_under_way || (words === '' && closed === '')) return null;
  const tries = left === 1 ? '1 more card can be tried' : `${left} more cards can be tried`;
  return card('Why', [
    ...(words === '' ? [] : [element('p', {}, [words])]),
    element('p', { class: 'quiet' }, [
      ...(last === null || last.error_code === ''
        ? []
        : [element('code', {}, [last.error_code]), ' · ']),
      `${left === 0 ? 'no more cards can be tried' : tries} in this call`,
    ]),
  ]);
}

function sentence({ language, text }: Sentence): HTMLElement {
  const name = LANGUAGES[language] ?? language;
  return element('figure', { class: 'say' }, [
    element('blockquote', { lang: language }, [text]),
    element('figcaption', { class: 'quiet' }, [name]),
  ]);
}

function facts(rows: readonly (readonly [string, Node | string])[]): HTMLElement {
  const shown = rows.filter(([, value]) => value !== '');
  return element(
    'dl',
    { class: 'facts' },
    shown.flatMap(([name, value]) => [element('dt', {}, [name]), element('dd', {}, [value])]),
  );
}

function terms({ terms: heard }: AgentCall): HTMLElement | null {
  if (heard === null) return null;
  return card('Terms', [
    facts([
      ['Plan', heard.plan],
      ['Price', heard.amount],
      ['Agreed', heard.agreed_at === '' ? 'no' : moment(heard.agreed_at)],
    ]),
    element('details', {}, [
      element('summary', {}, ['Word for word']),
      element('p', {}, [heard.text]),
    ]),
  ]);
}

function subscription({ subscription: has, customer_id: customer }: AgentCall): HTMLElement | null {
  if (has === null && customer === '') return null;
  return card('Customer', [
    facts([
      ['Customer', customer],
      ...(has === null
        ? [['Subscription', 'none'] as const]
        : ([
            ['Plan', has.plan],
            ['Price', has.amount],
            ['Status', has.status_text],
            ['Next charge', has.next_charge],
            ['Card', `${has.card_brand || 'Card'} ending in ${has.card_last4}`],
            ['Confirmation', has.confirmation_code],
          ] as const)),
    ]),
  ]);
}

function story({ tried, note }: AgentCall): HTMLElement | null {
  if (tried.length === 0 && note === '') return null;
  const rows = tried.map((one) => {
    const [text] = STATES[one.state];
    const code = one.error_code === '' ? '' : ` (${one.error_code})`;
    return element('li', {}, [moment(one.at), ` ${kindOf(one.kind)}: ${text}${code}`]);
  });
  return card('What happened', [
    ...(note === '' ? [] : [element('p', {}, [note])]),
    element('details', {}, [
      element('summary', {}, ['Step by step']),
      element('ol', { class: 'story' }, rows),
    ]),
  ]);
}

/** A part of the page that is drawn anew only where it has changed: a reader's place is kept. */
interface Part {
  readonly root: HTMLElement;
  readonly draw: (call: AgentCall) => readonly (HTMLElement | null)[];
  readonly of: (call: AgentCall) => unknown;
  shown: string;
}

function part(of: Part['of'], draw: Part['draw'], attributes: Record<string, string> = {}): Part {
  return { root: element('div', attributes), draw, of, shown: '' };
}

/** What is known of the call, from what matters now to what is only looked up. */
export function callView(): {
  readonly top: HTMLElement;
  readonly below: HTMLElement;
  readonly show: (call: AgentCall) => void;
} {
  const above: Part[] = [
    part((call) => [call.step, call.entry_under_way, call.known, call.last], headline, {
      class: 'card',
      role: 'status',
    }),
    part(
      (call) => call.say,
      ({ say }) => (say.length === 0 ? [] : [card('Say', say.map(sentence))]),
    ),
    part(
      (call) => [call.why, call.attempts_left, call.closed, call.entry_under_way],
      (call) => [why(call)],
    ),
  ];
  const rest: Part[] = [
    part(
      (call) => call.terms,
      (call) => [terms(call)],
    ),
    part(
      (call) => [call.subscription, call.customer_id],
      (call) => [subscription(call)],
    ),
    part(
      (call) => [call.tried, call.note],
      (call) => [story(call)],
    ),
  ];
  return {
    top: element(
      'div',
      {},
      above.map(({ root }) => root),
    ),
    below: element(
      'div',
      {},
      rest.map(({ root }) => root),
    ),
    show(call) {
      for (const one of [...above, ...rest]) {
        const now = JSON.stringify(one.of(call));
        if (one.shown === now) continue;
        one.shown = now;
        one.root.replaceChildren(...one.draw(call).filter((drawn) => drawn !== null));
      }
    },
  };
}
