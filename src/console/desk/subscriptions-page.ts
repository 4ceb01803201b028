import type {
  SubscriptionCount,
  SubscriptionRow,
  SubscriptionsView,
} from '../../contract/console-subscriptions.ts';
import { ask } from './ask.ts';
import { button, card, element, moment, table, type Column } from './dom.ts';
import { dayText } from './facts.ts';
import { filterForm } from './filter.ts';
import { stateBadge, stateWord, subscriptionLink } from './operation-words.ts';
import type { Page, PageParts } from './page.ts';
import { openSubscription } from './subscription-page.ts';

const COLUMNS: readonly Column<SubscriptionRow>[] = [
  { title: 'Subscription', cell: (row) => subscriptionLink(row.subscription_id) },
  { title: 'Customer', cell: (row) => row.customer_id },
  { title: 'Plan', cell: (row) => row.plan_name },
  { title: 'Status', cell: (row) => stateBadge(row.status) },
  { title: 'Price', cell: (row) => `${row.amount_text} ${row.interval_text}` },
  { title: 'Next charge', cell: (row) => dayText(row.next_charge_date) },
  { title: 'Card', cell: (row) => row.card },
  { title: 'Made', cell: (row) => moment(row.created_at) },
];

interface Plan {
  readonly id: string;
  readonly name: string;
  readonly counts: readonly SubscriptionCount[];
}

function plansOf(counts: readonly SubscriptionCount[]): readonly Plan[] {
  const ids = [...new Set(counts.map(({ plan_id: id }) => id))];
  return ids.map((id) => {
    const own = counts.filter(({ plan_id: plan }) => plan === id);
    return { id, name: own[0]?.plan_name ?? id, counts: own };
  });
}

function total(counts: readonly SubscriptionCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/** One bar a plan, of one scale, in the parts of its statuses; the numbers stand beside it. */
function bars({ counts, statuses }: SubscriptionsView): HTMLElement {
  if (counts.length === 0) return element('p', { class: 'quiet' }, ['Nobody has enrolled yet.']);
  const plans = plansOf(counts);
  const most = Math.max(...plans.map((plan) => total(plan.counts)));
  const rows = plans.map((plan) => {
    const parts = statuses.flatMap((status) => {
      const count = total(plan.counts.filter((one) => one.status === status));
      if (count === 0) return [];
      const part = element('span', { class: `part ${status}` });
      part.style.setProperty('--share', `${(100 * count) / most}%`);
      return [{ part, text: `${count} ${stateWord(status)}` }];
    });
    return element('li', {}, [
      element('span', { class: 'bar-name' }, [plan.name]),
      element(
        'span',
        { class: 'parts', 'aria-hidden': 'true' },
        parts.map(({ part }) => part),
      ),
      element('span', {}, [parts.map(({ text }) => text).join(', ')]),
    ]);
  });
  return element('ol', { class: 'bars wide' }, rows);
}

function figures({ counts, statuses }: SubscriptionsView): HTMLElement[] {
  return statuses.map((status) =>
    element('div', { class: 'card figure' }, [
      element('h2', {}, [stateWord(status)]),
      element('p', { class: 'figure-value' }, [
        String(total(counts.filter((one) => one.status === status))),
      ]),
    ]),
  );
}

function openList({ root, query, go }: PageParts): () => void {
  const problem = element('p', { class: 'problem', role: 'alert' });
  const top = element('div', { class: 'figures' });
  const plans = element('div');
  const form = element('div');
  const list = element('div');
  root.append(
    problem,
    top,
    card('By plan', [plans]),
    card('Look for', [form]),
    card('Newest first', [list]),
  );
  const rows: SubscriptionRow[] = [];

  const show = (view: SubscriptionsView): void => {
    rows.push(...view.rows);
    const older = button('Show older ones', 'secondary', () => more(rows.at(-1)?.subscription_id));
    list.replaceChildren(
      table('Subscriptions', COLUMNS, rows, 'There is no such subscription.'),
      ...(view.more ? [older] : []),
    );
    top.replaceChildren(...figures(view));
    plans.replaceChildren(bars(view));
    if (form.childElementCount > 0) return;
    const statuses = view.statuses.map((value) => ({ value, text: stateWord(value) }));
    const names = plansOf(view.counts).map(({ id, name }) => ({ value: id, text: name }));
    const fields = [
      { name: 'customer', title: 'Customer' },
      { name: 'status', title: 'Status', choices: statuses },
      { name: 'plan', title: 'Plan', choices: names },
    ];
    const look = (wanted: URLSearchParams): void =>
      go(`/console/subscriptions?${wanted.toString()}`);
    form.append(filterForm(fields, query, look));
  };
  const more = (before?: string): void => {
    const asked = new URLSearchParams(query);
    if (before !== undefined) asked.set('before', before);
    ask<SubscriptionsView>(`subscriptions?${asked.toString()}`)
      .then(show)
      .catch((error: unknown) => {
        problem.textContent = error instanceof Error ? error.message : 'It did not work.';
      });
  };
  more();
  return () => {};
}

export const subscriptionsPage: Page = {
  path: 'subscriptions',
  title: 'Subscriptions',
  right: 'watch',
  open: (parts) => (parts.rest === '' ? openList(parts) : openSubscription(parts)),
};
