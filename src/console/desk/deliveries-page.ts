import type { DeliveriesView, DeliveryRow } from '../../contract/console.ts';
import { ask, tell } from './ask.ts';
import { button, card, element, link, moment, table, type Column } from './dom.ts';
import { storyAddress, subscriptionLink } from './operation-words.ts';
import type { Page } from './page.ts';

/** Before the first delivery there is no answer. */
function answerOf(row: DeliveryRow): string {
  return row.last_answer === '' ? 'none yet' : row.last_answer;
}

function columnsOf(last: string): Column<DeliveryRow>[] {
  return [
    { title: 'Event', cell: (row) => row.type },
    { title: 'Subscription', cell: (row) => subscriptionLink(row.subscription_id) },
    { title: 'Story', cell: (row) => link('how it came about', storyAddress(row.operation_id)) },
    { title: 'Made', cell: (row) => moment(row.created_at) },
    { title: 'Tries', cell: (row) => String(row.tries), numeric: true },
    { title: 'Last answer', cell: answerOf },
    { title: last, cell: (row) => moment(row.at) },
  ];
}

function counted(shown: number, all: number): string {
  return shown === all ? '' : `${shown} of ${all} are shown.`;
}

export const deliveriesPage: Page = {
  path: 'deliveries',
  title: 'Deliveries',
  right: 'watch',
  open({ root, me }) {
    const problem = element('p', { class: 'problem', role: 'alert' });
    const said = element('p', { class: 'quiet', role: 'status' });
    const dead = element('div');
    const waiting = element('div');

    const refuse = (error: unknown): void => {
      problem.textContent = error instanceof Error ? error.message : 'It did not work.';
    };

    const sendAgain = (row: DeliveryRow): void => {
      problem.textContent = '';
      tell<DeliveriesView>('deliveries/replay', { event_id: row.event_id })
        .then((view) => {
          said.textContent = `${row.type} is being sent again.`;
          show(view);
        })
        .catch(refuse);
    };

    const again: Column<DeliveryRow> = {
      title: 'Again',
      cell: (row) => button('Send again', 'secondary', () => sendAgain(row)),
    };

    const show = (view: DeliveriesView): void => {
      const operator = me.rights.includes('operate');
      const columns = [...columnsOf('Given up'), ...(operator ? [again] : [])];
      dead.replaceChildren(
        table('Dead letters', columns, view.dead, 'Billing has taken everything that was due.'),
        element('p', { class: 'quiet' }, [counted(view.dead.length, view.dead_count)]),
      );
      waiting.replaceChildren(
        table('Waiting', columnsOf('Next try'), view.waiting, 'Nothing waits.'),
        element('p', { class: 'quiet' }, [counted(view.waiting.length, view.waiting_count)]),
      );
    };

    root.append(
      problem,
      said,
      card('Dead letters', [
        element('p', {}, [
          'Events that billing did not take in three days. Each is sent again under its own id, so ' +
            'that billing can tell whether it has it already.',
        ]),
        dead,
      ]),
      card('Waiting', [waiting]),
    );
    ask<DeliveriesView>('deliveries').then(show).catch(refuse);
    return () => {};
  },
};
