import { byId, durationWords, element, followEnd } from './dom.ts';
import type { CallEvent } from './messages.ts';

/** Data actions as they happen, and the participant attributes that a call has by now. */
export class Panels {
  readonly #actions = byId('actions', HTMLOListElement);
  readonly #attributes = byId('attributes', HTMLElement);
  readonly #values = new Map<string, HTMLElement>();
  #running: HTMLLIElement | null = null;

  clear(): void {
    this.#actions.replaceChildren();
    this.#attributes.replaceChildren();
    this.#values.clear();
    this.#running = null;
  }

  take(event: CallEvent): void {
    if (event.kind === 'data_action_started') this.#started(event.action, event.secure);
    if (event.kind === 'data_action_ended') this.#ended(event);
    if (event.kind === 'participant_data_set') this.#attribute(event.name, event.value);
  }

  #started(action: string, secure: boolean): void {
    const item = element('li', 'ran');
    item.dataset['result'] = 'running';
    const name = element('span', 'ran-name', action.replace(/^Tokenline /, ''));
    if (secure) name.append(element('span', 'badge', 'secure'));
    item.append(name, element('span', 'ran-time', '…'), element('span', 'ran-detail'));
    this.#running = item;
    this.#actions.append(item);
    followEnd(this.#actions);
  }

  #ended({
    result,
    detail,
    latencyMs,
  }: Extract<CallEvent, { readonly kind: 'data_action_ended' }>): void {
    const item = this.#running;
    if (item === null) return;
    item.dataset['result'] = result;
    const [, time, says] = item.children;
    if (time) time.textContent = durationWords(latencyMs);
    if (says) says.textContent = result === 'success' ? detail : `${result}: ${detail}`;
    this.#running = null;
    followEnd(this.#actions);
  }

  #attribute(name: string, value: string): void {
    const known = this.#values.get(name);
    if (known !== undefined) {
      known.textContent = value;
      return;
    }
    const shown = element('dd', '', value);
    this.#values.set(name, shown);
    this.#attributes.append(element('dt', '', name), shown);
    followEnd(this.#attributes);
  }
}
