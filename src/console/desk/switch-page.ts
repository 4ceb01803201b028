import type { SwitchOrder, SwitchState, SwitchView } from '../../contract/console.ts';
import { ask, tell } from './ask.ts';
import { badge, button, card, element, moment, table } from './dom.ts';
import type { Page } from './page.ts';

/** As the bridge asks for it (`api/console/routes.ts`). */
const REASON_LENGTH_MIN = 3;

function historyOf(rows: readonly SwitchState[]): HTMLElement {
  const columns = [
    { title: 'When', cell: (row: SwitchState) => moment(row.since) },
    { title: 'To', cell: (row: SwitchState) => row.state },
    { title: 'Who', cell: (row: SwitchState) => row.changed_by },
    { title: 'Why', cell: (row: SwitchState) => row.reason },
  ];
  return table('What was done with the switch', columns, rows, 'It has not been touched.');
}

export const switchPage: Page = {
  path: 'switch',
  title: 'Switch',
  right: 'watch',
  open({ root, me }) {
    const now = element('div', { role: 'status' });
    const past = element('div');
    const problem = element('p', { class: 'problem', role: 'alert' });
    const reason = element('input', { id: 'reason', type: 'text', maxlength: '200' });
    const act = element('div', { class: 'row' });

    const throwIt = (state: SwitchOrder['state']): void => {
      if (reason.value.trim().length < REASON_LENGTH_MIN) {
        problem.textContent = 'Say why, in a few words: whoever takes over reads it.';
        reason.focus();
        return;
      }
      problem.textContent = '';
      tell<SwitchView>('switch', { state, reason: reason.value.trim() })
        .then((view) => {
          reason.value = '';
          show(view);
        })
        .catch((error: unknown) => {
          problem.textContent = error instanceof Error ? error.message : 'It did not work.';
        });
    };

    const show = (view: SwitchView): void => {
      const on = view.now.state === 'on';
      now.replaceChildren(
        element('p', { class: 'figure-value' }, [on ? 'On' : 'Off']),
        badge(on ? 'calls are taken' : 'calls go to people', on ? 'success' : 'warning'),
        element('p', {}, [`${view.now.changed_by}: ${view.now.reason}`]),
      );
      act.replaceChildren(
        on
          ? button('Switch automated payments off', 'danger', () => throwIt('off'))
          : button('Switch automated payments on', 'primary', () => throwIt('on')),
      );
      past.replaceChildren(historyOf(view.history));
    };

    const operate = [
      element('label', { for: 'reason' }, ['Why']),
      reason,
      act,
      problem,
      element('p', { class: 'quiet' }, [
        'The very next call hears it; calls that are keying a card are not cut off.',
      ]),
    ];
    root.append(
      card('Automated payments', [now, ...(me.rights.includes('operate') ? operate : [])]),
      card('Before', [past]),
    );
    ask<SwitchView>('switch')
      .then(show)
      .catch((error: unknown) => {
        now.textContent = error instanceof Error ? error.message : 'The bridge gave no answer.';
      });
    return () => {};
  },
};
