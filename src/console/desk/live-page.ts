import type { LiveView, OpenOperation } from '../../contract/console.ts';
import { badge, card, element, moment, table, type Tone } from './dom.ts';
import { latencyChart } from './latency-chart.ts';
import { kindWord, stateWord, storyLink } from './operation-words.ts';
import type { Page } from './page.ts';
import { STEP_WORDS } from './step-words.ts';
import { listen } from './stream.ts';

/** One figure with its words and, where it needs a look, a badge. */
function figure(
  title: string,
  value: string,
  state: { readonly text: string; readonly tone: Tone },
): HTMLElement {
  return element('div', { class: 'card figure' }, [
    element('h2', {}, [title]),
    element('p', { class: 'figure-value' }, [value]),
    badge(state.text, state.tone),
  ]);
}

function figures(view: LiveView): HTMLElement[] {
  const { deliveries, breaker, switch: current } = view;
  const open = breaker.state === 'open';
  const waits = deliveries.waiting === 0 ? 'nothing waits' : `oldest ${deliveries.oldest_s} s`;
  return [
    figure('Automated payments', current.state === 'on' ? 'On' : 'Off', {
      text: current.state === 'on' ? 'calls are taken' : 'calls go to people',
      tone: current.state === 'on' ? 'success' : 'warning',
    }),
    figure(`Breaker, ${view.gateway}`, open ? 'Open' : 'Closed', {
      text: open ? 'calls go to people' : 'the gateway answers',
      tone: open ? 'error' : 'success',
    }),
    figure('In doubt', String(view.in_doubt_count), {
      text: view.in_doubt_count === 0 ? 'nothing' : 'being settled',
      tone: view.in_doubt_count === 0 ? 'success' : 'warning',
    }),
    figure('Deliveries waiting', String(deliveries.waiting), {
      text: waits,
      tone: deliveries.oldest_s > 300 ? 'warning' : 'success',
    }),
    figure('Dead letters', String(deliveries.dead), {
      text: deliveries.dead === 0 ? 'none' : 'somebody has to look',
      tone: deliveries.dead === 0 ? 'success' : 'error',
    }),
  ];
}

/** Bars of equal scale: how many calls stand where. */
function steps(view: LiveView): HTMLElement {
  const most = Math.max(1, ...view.calls.map(({ count }) => count));
  const rows = view.calls.map(({ step, count }) => {
    const bar = element('span', { class: 'bar' });
    bar.style.setProperty('--share', `${(100 * count) / most}%`);
    return element('li', {}, [
      element('span', { class: 'bar-name' }, [STEP_WORDS[step]]),
      bar,
      element('span', { class: 'number' }, [String(count)]),
    ]);
  });
  return element('ol', { class: 'bars' }, rows);
}

function inDoubt(rows: readonly OpenOperation[]): HTMLElement {
  const columns = [
    {
      title: 'Operation',
      cell: (row: OpenOperation) => storyLink(row.operation_id),
    },
    { title: 'What', cell: (row: OpenOperation) => kindWord(row.kind) },
    { title: 'State', cell: (row: OpenOperation) => stateWord(row.state) },
    { title: 'Since', cell: (row: OpenOperation) => moment(row.since) },
    {
      title: 'By hand',
      cell: (row: OpenOperation) =>
        row.proposed === '' ? '' : badge(`${row.proposed}: wants a second person`, 'warning'),
    },
  ];
  return table('Operations in doubt', columns, rows, 'Every operation has ended.');
}

export const livePage: Page = {
  path: 'live',
  title: 'Live',
  right: 'watch',
  open({ root }) {
    const heard = element('p', { class: 'quiet', role: 'status' }, ['Listening …']);
    const top = element('div', { class: 'figures' });
    const callList = element('div');
    const doubtList = element('div');
    const chart = latencyChart();
    root.append(
      heard,
      top,
      element('div', { class: 'two' }, [
        card('Calls of the last 15 minutes, by how far they came', [callList]),
        card('The gateway’s answers in the last hour', [chart.root]),
      ]),
      card('In doubt', [doubtList]),
    );
    const end = listen<LiveView>('live/events', {
      picture(view) {
        top.replaceChildren(...figures(view));
        callList.replaceChildren(steps(view));
        doubtList.replaceChildren(inDoubt(view.in_doubt));
        chart.show(view.gateway_calls, view.latency_ms_max);
      },
      state(on) {
        const text = on ? 'Live' : 'The bridge is not heard; trying again …';
        if (heard.textContent !== text) heard.textContent = text;
      },
    });
    return () => {
      end();
      chart.close();
    };
  },
};
