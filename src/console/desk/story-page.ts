import type { StoryView } from '../../contract/console-operations.ts';
import { ask } from './ask.ts';
import { byHand } from './by-hand.ts';
import { badge, card, element, link } from './dom.ts';
import { facts } from './facts.ts';
import { stateBadge, stateWord, storyLink, subscriptionLink } from './operation-words.ts';
import type { PageParts } from './page.ts';
import { listen } from './stream.ts';
import { stepsOf, timeText, type StoryStep } from './story-words.ts';
import { timeLine } from './time-line.ts';

function stepItem(step: StoryStep, view: StoryView): HTMLElement {
  const { operation } = step;
  const others = view.operations.length > 1;
  const asked = others && operation !== null && operation.operation_id === view.operation_id;
  return element('li', { class: asked ? 'step asked' : 'step' }, [
    element('p', { class: 'step-head' }, [
      element('time', { datetime: step.at, title: step.at }, [timeText(step.at)]),
      element('strong', {}, [step.title]),
      ...(step.state === '' ? [] : [badge(stateWord(step.state), step.tone)]),
      ...(operation === null
        ? []
        : [asked ? operation.operation_id : storyLink(operation.operation_id)]),
    ]),
    ...step.words.map((words) => element('p', {}, [words])),
    ...step.quotes.flatMap(({ who, text }) => [
      element('p', { class: 'said' }, [`${who}:`]),
      element('blockquote', {}, [text]),
    ]),
  ]);
}

function headOf(view: StoryView, auditor: boolean): HTMLElement {
  const asked = view.operations.find(({ operation_id: id }) => id === view.operation_id);
  const subscriptions = view.operations.map(({ subscription_id: id }) => id);
  const subscription = subscriptions.find((id) => id !== '') ?? '';
  const customer = view.operations.map(({ customer_id: id }) => id).find((id) => id !== '') ?? '';
  const id = view.interaction_id === '' ? view.operation_id : view.interaction_id;
  return facts([
    ['Call', view.interaction_id === '' ? 'none: nobody called' : view.interaction_id],
    ['Customer', customer],
    ['Language', view.language],
    ['Subscription', subscriptionLink(subscription)],
    ['Operation', view.operation_id],
    ['State', stateBadge(asked?.state ?? '')],
    [
      'Ledger',
      auditor ? link('its entries, with proof', `/console/audit?id=${encodeURIComponent(id)}`) : '',
    ],
  ]);
}

/** All that is shown in words; without the moment at which it was looked at. */
function wordsKey(view: StoryView): string {
  return JSON.stringify({ ...view, at: '' });
}

/** One call's whole story, drawn and in words; it goes on while something of it is open. */
export function openStory({ root, me, rest }: PageParts): () => void {
  const problem = element('p', { class: 'problem', role: 'alert' });
  const heard = element('p', { class: 'quiet', role: 'status' }, ['Reading …']);
  const head = element('div');
  const drawing = element('div', { class: 'drawing' });
  const words = element('ol', { class: 'steps' });
  const hand = byHand(me, (view) => show(view));
  const heading = root.querySelector('h1');
  root.append(
    element('p', {}, [link('All operations', '/console/operations')]),
    problem,
    heard,
    head,
    card('At a glance', [
      drawing,
      element('p', { class: 'quiet key', 'aria-hidden': 'true' }, KEY.map(keyItem)),
    ]),
    hand.root,
    card('In words', [words]),
  );
  const shown = { key: '', open: false, closed: false, end: (): void => {} };

  const show = (view: StoryView): void => {
    if (shown.closed) return;
    const steps = stepsOf(view);
    drawing.replaceChildren(timeLine(steps.map(({ row }) => row)));
    const key = wordsKey(view);
    if (key !== shown.key) {
      shown.key = key;
      const what = view.interaction_id === '' ? 'an operation' : 'a call';
      heading?.replaceChildren(`The story of ${what}`);
      head.replaceChildren(headOf(view, me.rights.includes('audit')));
      words.replaceChildren(...steps.map((step) => stepItem(step, view)));
      hand.show(view);
    }
    if (view.open !== shown.open) follow(view.open);
    if (!view.open) heard.replaceChildren('It has ended; nothing of it is open.');
  };
  const follow = (open: boolean): void => {
    shown.end();
    shown.open = open;
    shown.end = open
      ? listen<StoryView>(`operations/story/events?id=${rest}`, {
          picture: show,
          state(on) {
            const text = on ? 'Live: something of it is still open' : 'The bridge is not heard …';
            if (shown.open && heard.textContent !== text) heard.textContent = text;
          },
        })
      : (): void => {};
  };
  ask<StoryView>(`operations/story?id=${encodeURIComponent(rest)}`)
    .then(show)
    .catch((error: unknown) => {
      heard.replaceChildren();
      problem.textContent = error instanceof Error ? error.message : 'It did not work.';
    });
  return () => {
    shown.closed = true;
    shown.end();
  };
}

const KEY = [
  ['bridge', 'ours, before and after'],
  ['good', 'the gateway'],
  ['bad', 'no good answer'],
  ['wait', 'nobody knew, or it waits'],
  ['billing', 'on its way to billing'],
  ['limit', 'the breaker’s line'],
] as const;

function keyItem([look, text]: (typeof KEY)[number]): HTMLElement {
  const sample = element('span', { class: look === 'limit' ? 'sample limit' : `sample ${look}` });
  return element('span', { class: 'key-item' }, [sample, text]);
}
