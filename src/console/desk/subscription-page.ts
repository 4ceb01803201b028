import type {
  AgreedTo,
  PeriodRow,
  SubscriptionEventRow,
  SubscriptionView,
} from '../../contract/console-subscriptions.ts';
import { ask } from './ask.ts';
import { card, element, link, moment, table, type Column } from './dom.ts';
import { dayText, facts } from './facts.ts';
import { OPERATION_COLUMNS } from './operation-columns.ts';
import { stateBadge, storyAddress, storyLink } from './operation-words.ts';
import type { PageParts } from './page.ts';

const PERIODS: readonly Column<PeriodRow>[] = [
  { title: 'Due', cell: (row) => dayText(row.due_date) },
  { title: 'Amount', cell: (row) => row.amount_text },
  { title: 'State', cell: (row) => stateBadge(row.state) },
  { title: 'Tries', cell: (row) => String(row.tries), numeric: true },
  { title: 'Story', cell: (row) => storyLink(row.operation_id) },
];

const EVENTS: readonly Column<SubscriptionEventRow>[] = [
  { title: 'No.', cell: (row) => String(row.sequence), numeric: true },
  { title: 'Event', cell: (row) => row.type },
  { title: 'Made', cell: (row) => moment(row.made_at) },
  { title: 'State', cell: (row) => stateBadge(row.state) },
  { title: 'Since', cell: (row) => (row.at === '' ? '' : moment(row.at)) },
  {
    title: 'Story',
    cell: (row) => link('how it came about', storyAddress(row.operation_id)),
  },
];

function headOf(view: SubscriptionView): HTMLElement {
  const { open_operation: open } = view;
  return facts([
    ['Status', stateBadge(view.status)],
    ['Plan', view.plan_name],
    ['Price', `${view.amount_text} ${view.interval_text}`],
    ['Next charge', view.next_charge_date === '' ? 'none' : dayText(view.next_charge_date)],
    ['Customer', view.customer_id],
    ['Card', view.card],
    ['Charged by', view.charged_by === 'gateway' ? `the gateway (${view.gateway})` : 'Tokenline'],
    ['At the gateway', view.gateway_subscription],
    ['Confirmation code', view.confirmation_code],
    ['Made', moment(view.created_at)],
    ['Being changed by', storyLink(open)],
  ]);
}

function agreedTo(agreed: AgreedTo | null): HTMLElement[] {
  if (agreed === null) return [element('p', { class: 'quiet' }, ['It is not known any more.'])];
  return [
    element('blockquote', { lang: agreed.language }, [agreed.text]),
    element('p', {}, [
      `The caller pressed ${agreed.key}. `,
      moment(agreed.at),
      `, in the call ${agreed.interaction_id}.`,
    ]),
    element('p', { class: 'quiet' }, [
      `Sentences of version ${agreed.version}; fingerprint of the text: `,
      element('span', { class: 'hash' }, [agreed.text_fingerprint]),
    ]),
  ];
}

function charges(view: SubscriptionView): HTMLElement {
  if (view.charged_by === 'tokenline') {
    return table('Charges', PERIODS, view.periods, 'No period has come due yet.');
  }
  return element('p', { class: 'quiet' }, [
    `The gateway makes the charges by itself, and keeps them under ${view.gateway_subscription}. What it tells of them stands among the events.`,
  ]);
}

/** One subscription: what was agreed to, what is charged, and everything that was done with it. */
export function openSubscription({ root, rest }: PageParts): () => void {
  const problem = element('p', { class: 'problem', role: 'alert' });
  const body = element('div');
  root.querySelector('h1')?.replaceChildren(`Subscription ${rest}`);
  const back = link('All subscriptions', '/console/subscriptions');
  root.append(element('p', {}, [back]), problem, body);
  const show = (view: SubscriptionView): void => {
    const operations = table('Operations', OPERATION_COLUMNS, view.operations, 'There is none.');
    const events = table('Events', EVENTS, view.events, 'Billing was told nothing yet.');
    body.replaceChildren(
      card('As it stands', [headOf(view)]),
      card('What was agreed to', agreedTo(view.agreed)),
      card('Charges', [charges(view)]),
      card('Operations', [operations]),
      card('Events for billing', [events]),
    );
  };
  ask<SubscriptionView>(`subscriptions/one?id=${encodeURIComponent(rest)}`)
    .then(show)
    .catch((error: unknown) => {
      problem.textContent = error instanceof Error ? error.message : 'It did not work.';
    });
  return () => {};
}
