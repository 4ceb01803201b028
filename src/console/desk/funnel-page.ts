import type { Funnel, FunnelCount, FunnelStepName, FunnelView } from '../../contract/funnel.ts';
import { ask } from './ask.ts';
import { button, card, element, moment, table, type Column } from './dom.ts';
import { drawFunnel, share } from './funnel-picture.ts';
import type { Page } from './page.ts';
import { STEP_WORDS } from './step-words.ts';

/** Days by the merchant's clock, today included. */
const PERIODS = [
  { name: 'Today', days: 1 },
  { name: '7 days', days: 7 },
  { name: '30 days', days: 30 },
] as const;

const LANGUAGE_NAMES = new Intl.DisplayNames(['en'], { type: 'language' });

function languageName(tag: string): string {
  return tag === '' ? 'All' : (LANGUAGE_NAMES.of(tag) ?? tag);
}

function seconds(value: number | null): string {
  if (value === null) return '';
  return value < 90 ? `${value.toFixed(value < 10 ? 1 : 0)} s` : `${(value / 60).toFixed(1)} min`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${share(part, whole)} %`;
}

interface StepRow {
  readonly step: FunnelStepName;
  readonly name: string;
  readonly reached: number;
  readonly before: number;
  readonly left: number;
  readonly toAgent: number;
  readonly underWay: number;
  readonly median: number | null;
}

function rowsOf({ steps }: Funnel): StepRow[] {
  return steps.map((step, index) => ({
    step: step.step,
    name: STEP_WORDS[step.step],
    reached: step.reached,
    before: steps[index - 1]?.reached ?? step.reached,
    left: step.left,
    toAgent: step.to_agent,
    underWay: step.under_way,
    median: step.median_s,
  }));
}

function stepTable(funnel: Funnel): HTMLElement {
  const columns: Column<StepRow>[] = [
    { title: 'Step', cell: ({ name }) => name },
    { title: 'Calls', cell: ({ reached }) => String(reached), numeric: true },
    { title: 'Of all', cell: ({ reached }) => percent(reached, funnel.calls), numeric: true },
    { title: 'Of the step before', cell: (row) => percent(row.reached, row.before), numeric: true },
    { title: 'Left here', cell: ({ left }) => String(left), numeric: true },
    { title: 'To a person here', cell: ({ toAgent }) => String(toAgent), numeric: true },
    { title: 'Under way here', cell: ({ underWay }) => String(underWay), numeric: true },
    { title: 'Median time to get here', cell: ({ median }) => seconds(median), numeric: true },
  ];
  return table('Calls by step', columns, rowsOf(funnel), 'No calls.');
}

/** The languages side by side: how many of a hundred callers came to each step. */
function comparison(languages: readonly Funnel[]): HTMLElement {
  const steps = languages[0]?.steps ?? [];
  const columns: Column<{ step: FunnelStepName; at: number }>[] = [
    { title: 'Step', cell: ({ step }) => STEP_WORDS[step] },
    ...languages.map((funnel) => ({
      title: languageName(funnel.language),
      cell: ({ at }: { at: number }) => {
        const reached = funnel.steps[at]?.reached ?? 0;
        const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
        bar.style.setProperty('--share', `${share(reached, funnel.calls)}%`);
        return element('span', { class: 'compared' }, [
          bar,
          element('span', { class: 'number' }, [`${percent(reached, funnel.calls)} (${reached})`]),
        ]);
      },
    })),
  ];
  const rows = steps.map(({ step }, at) => ({ step, at }));
  return table('Steps by language', columns, rows, 'No calls.');
}

function counts(caption: string, rows: readonly FunnelCount[], empty: string): HTMLElement {
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  const columns: Column<FunnelCount>[] = [
    { title: 'What', cell: ({ what }) => what.replaceAll('_', ' ') },
    { title: 'Number', cell: ({ count }) => String(count), numeric: true },
    { title: 'Share', cell: ({ count }) => percent(count, all), numeric: true },
  ];
  return table(caption, columns, rows, empty);
}

function summary({ all, other_calls: other }: FunnelView): string {
  const enrolled = all.steps.at(-1)?.reached ?? 0;
  const left = all.steps.reduce((sum, step) => sum + step.left, 0);
  const agents = all.steps.reduce((sum, step) => sum + step.to_agent, 0);
  const worst = [...all.steps].sort((one, next) => next.left - one.left)[0];
  const where =
    worst === undefined || worst.left === 0
      ? ''
      : ` Most left at “${STEP_WORDS[worst.step]}”: ${worst.left}.`;
  return (
    `${all.calls} calls: ${enrolled} enrolled, ${left} left on the way, ${agents} went to a person.${where}` +
    ` ${other} more ${other === 1 ? 'was' : 'were'} about a subscription that there was already.`
  );
}

/** One language, or all of them: the picture, and the same as a table. */
function shownFunnel(funnel: Funnel): HTMLElement[] {
  const left = funnel.steps[1]?.left ?? 0;
  const refused =
    left === 0
      ? ''
      : `Of the ${left} who left once they had heard the terms, ${funnel.refused} said no; the others hung up.`;
  return [
    drawFunnel(funnel),
    stepTable(funnel),
    element('p', { class: 'quiet' }, [refused]),
    element('div', { class: 'two' }, [
      element('div', {}, [
        element('h3', {}, ['Cards that were tried']),
        counts('Cards by what came of them', funnel.cards, 'No card was keyed.'),
      ]),
      element('div', {}, [
        element('h3', {}, ['Why a person took over']),
        counts('Calls to a person by reason', funnel.agents, 'Nobody was passed on.'),
      ]),
    ]),
  ];
}

function show(root: HTMLElement, view: FunnelView): void {
  const part = element('div');
  const choice = element('select', { id: 'funnel-language' });
  const all = [view.all, ...view.languages];
  for (const [index, { language }] of all.entries()) {
    choice.append(element('option', { value: String(index) }, [languageName(language)]));
  }
  const choose = (): void => {
    part.replaceChildren(...shownFunnel(all[Number(choice.value)] ?? view.all));
  };
  choice.addEventListener('change', choose);
  choose();
  root.replaceChildren(
    element('p', { role: 'status' }, [summary(view)]),
    element('p', { class: 'quiet' }, [
      'Calls that began from ',
      moment(view.from),
      ' to ',
      moment(view.to),
      '.',
    ]),
    card('How far callers come', [
      element('label', { for: 'funnel-language', class: 'wide-label' }, ['Language']),
      choice,
      part,
    ]),
    card('The languages side by side', [comparison(view.languages)]),
  );
}

function dateField(id: string, text: string): { root: HTMLElement; input: HTMLInputElement } {
  const input = element('input', { id, type: 'datetime-local' });
  return { input, root: element('div', {}, [element('label', { for: id }, [text]), input]) };
}

export const funnelPage: Page = {
  path: 'funnel',
  title: 'Funnel',
  right: 'watch',
  open({ root }) {
    const problem = element('p', { class: 'problem', role: 'alert' });
    const found = element('div');

    const look = (question: Readonly<Record<string, string>>): void => {
      problem.textContent = '';
      const query = new URLSearchParams(question);
      ask<FunnelView>(`funnel?${query.toString()}`)
        .then((view) => show(found, view))
        .catch((error: unknown) => {
          problem.textContent = error instanceof Error ? error.message : 'It did not work.';
        });
    };

    const from = dateField('funnel-from', 'From');
    const to = dateField('funnel-to', 'To');
    const own = (): void => {
      if (from.input.value === '' || to.input.value === '') {
        problem.textContent = 'Give both times.';
        return;
      }
      look({
        from: new Date(from.input.value).toISOString(),
        to: new Date(to.input.value).toISOString(),
      });
    };
    root.append(
      element('div', { class: 'row periods', role: 'group', 'aria-label': 'Time' }, [
        ...PERIODS.map(({ name, days }) =>
          button(name, 'secondary', () => look({ days: String(days) })),
        ),
        from.root,
        to.root,
        button('Show this time', 'ghost', own),
      ]),
      problem,
      found,
    );
    look({ days: '1' });
    return () => {};
  },
};
