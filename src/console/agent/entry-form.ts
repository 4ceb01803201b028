import type { AgentCall, EntryAnswer, EntryOrder } from '../../contract/agent.ts';
import { button, card, element } from '../desk/dom.ts';
import { tell } from './ask.ts';

/** As the bridge takes a customer's id (`contract/fields.ts`). */
const CUSTOMER = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$/;

function option(value: string, text: string): HTMLOptionElement {
  return element('option', { value }, [text]);
}

/** What can be asked for: one line for each plan, and one for a new card. */
function choicesOf({ plans, subscription }: AgentCall): HTMLOptionElement[] {
  const change =
    subscription === null || subscription.status === 'cancelled'
      ? []
      : [option(`change_card ${subscription.id}`, `A new card for ${subscription.plan}`)];
  return [...change, ...plans.map(({ id, text }) => option(`subscribe ${id}`, text))];
}

/** Has the caller key a card, unheard. */
export function entryForm(): {
  readonly root: HTMLElement;
  readonly show: (call: AgentCall) => void;
} {
  const what = element('select', { id: 'what' });
  const customer = element('input', { id: 'customer', type: 'text', autocomplete: 'off' });
  const whoIsIt = element('div', {}, [
    element('label', { for: 'customer' }, ['Customer number']),
    customer,
  ]);
  const problem = element('p', { class: 'problem', role: 'alert' });
  const start = element('div', { class: 'row' });
  const root = card('Take a card', [
    element('label', { for: 'what' }, ['What for']),
    what,
    whoIsIt,
    start,
    problem,
    element('p', { class: 'quiet' }, [
      'The caller keys the card on the secure line. You hear nothing, and they come back to you. Never ask for the number yourself.',
    ]),
  ]);
  const shown = { choices: '', call: null as AgentCall | null, busy: false };

  const begin = (): void => {
    const { call } = shown;
    if (call === null || shown.busy) return;
    const id = call.customer_id === '' ? customer.value.trim() : call.customer_id;
    if (!CUSTOMER.test(id)) {
      problem.textContent = 'Ask for the customer number, and write it here.';
      customer.focus();
      return;
    }
    const [purpose, of = ''] = what.value.split(' ', 2);
    const order: EntryOrder =
      purpose === 'change_card'
        ? { purpose, customer_id: id, subscription_id: of }
        : { purpose: 'subscribe', customer_id: id, plan_id: of };
    problem.textContent = '';
    shown.busy = true;
    tell<EntryAnswer>('call/entry', { order })
      .then((answer) => {
        problem.textContent = answer.outcome === 'approved' ? '' : answer.why;
      })
      .catch((error: unknown) => {
        problem.textContent = error instanceof Error ? error.message : 'It did not work.';
      })
      .finally(() => {
        shown.busy = false;
      });
  };
  start.append(button('Start secure card entry', 'primary', begin));

  return {
    root,
    show(call) {
      shown.call = call;
      root.hidden = call.entry_under_way || call.closed !== '';
      whoIsIt.hidden = call.customer_id !== '';
      const choices = choicesOf(call);
      const now = choices.map(({ value, text }) => `${value} ${text}`).join('\n');
      if (now === shown.choices) return;
      shown.choices = now;
      const chosen = what.value === '' ? `subscribe ${call.terms?.plan_id ?? ''}` : what.value;
      what.replaceChildren(...choices);
      if (choices.some(({ value }) => value === chosen)) what.value = chosen;
    },
  };
}
