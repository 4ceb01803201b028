import type { OperationRow, OperationsView } from '../../contract/console-operations.ts';
import { ask } from './ask.ts';
import { button, card, element, table, type Column } from './dom.ts';
import { filterForm, type Field } from './filter.ts';
import { OPERATION_COLUMNS } from './operation-columns.ts';
import { kindWord, stateWord, subscriptionLink } from './operation-words.ts';
import type { Page, PageParts } from './page.ts';
import { openStory } from './story-page.ts';

const DAY_MS = 86_400_000;

const WHERE: readonly Column<OperationRow>[] = [
  { title: 'Call', cell: (row) => row.interaction_id },
  { title: 'Subscription', cell: (row) => subscriptionLink(row.subscription_id) },
];

function fieldsOf(view: OperationsView): readonly Field[] {
  const words = (all: readonly string[], word: (value: string) => string) =>
    all.map((value) => ({ value, text: word(value) }));
  return [
    { name: 'id', title: 'Any id, also the gateway’s' },
    { name: 'kind', title: 'What', choices: words(view.kinds, kindWord) },
    { name: 'state', title: 'State', choices: words(view.states, stateWord) },
    {
      name: 'gateway',
      title: 'Gateway',
      choices: [
        { value: 'answered', text: 'answered' },
        { value: 'slow', text: 'answered above the line' },
        { value: 'failed', text: 'gave no good answer' },
        { value: 'not_asked', text: 'was not asked' },
      ],
    },
    { name: 'error', title: 'Why', choices: words(view.errors, (value) => value) },
    { name: 'from', title: 'From day', type: 'date' },
    { name: 'to', title: 'To day', type: 'date' },
  ];
}

/** The days of the address as moments of the reader's own days; the last day is meant whole. */
function askedOf(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams(query);
  const [from, to] = [query.get('from'), query.get('to')];
  const midnight = (day: string): number => new Date(`${day}T00:00:00`).getTime();
  if (from !== null) asked.set('from', new Date(midnight(from)).toISOString());
  if (to !== null) asked.set('to', new Date(midnight(to) + DAY_MS).toISOString());
  return asked;
}

function openList({ root, query, go }: PageParts): () => void {
  const problem = element('p', { class: 'problem', role: 'alert' });
  const form = element('div');
  const list = element('div');
  root.append(problem, card('Look for', [form]), card('Newest first', [list]));
  const rows: OperationRow[] = [];

  const show = (view: OperationsView): void => {
    rows.push(...view.rows);
    const older = button('Show older ones', 'secondary', () => more(rows.at(-1)?.operation_id));
    list.replaceChildren(
      table('Operations', [...OPERATION_COLUMNS, ...WHERE], rows, 'There is no such operation.'),
      ...(view.more ? [older] : []),
    );
    if (form.childElementCount > 0) return;
    const look = (wanted: URLSearchParams): void => go(`/console/operations?${wanted.toString()}`);
    form.append(filterForm(fieldsOf(view), query, look));
  };
  const more = (before?: string): void => {
    const asked = askedOf(query);
    if (before !== undefined) asked.set('before', before);
    ask<OperationsView>(`operations?${asked.toString()}`)
      .then(show)
      .catch((error: unknown) => {
        problem.textContent = error instanceof Error ? error.message : 'It did not work.';
      });
  };
  more();
  return () => {};
}

export const operationsPage: Page = {
  path: 'operations',
  title: 'Operations',
  right: 'watch',
  open: (parts) => (parts.rest === '' ? openList(parts) : openStory(parts)),
};
