import { byId, durationWords, element } from './dom.ts';
import type { CallEvent } from './messages.ts';

/** The places on a digit's way, and the one that it never comes to. */
const STATIONS = [
  { key: 'keypad', title: 'Keypad', says: 'your finger' },
  { key: 'line', title: 'Secure flow', says: 'bytes, one by one' },
  { key: 'tokenizer', title: 'Tokenizer', says: 'opened for one request' },
  { key: 'gateway', title: 'Gateway', says: 'makes a token of it' },
  { key: 'rest', title: 'Everything else', says: 'flow data, bridge, ledger, agent' },
] as const;

type Station = (typeof STATIONS)[number]['key'];

/** The data action that sends a card to the gateway itself (`capture: direct`). */
const SEND_CARD = 'Tokenline Send Card';

/** Shows where card digits are at this moment, from the events of the call alone. */
export class Journey {
  readonly #list = byId('journey', HTMLOListElement);
  readonly #says = byId('journey-says', HTMLElement);
  readonly #items = new Map<Station, HTMLLIElement>();
  #keys = 0;

  constructor() {
    for (const { key, title, says } of STATIONS) {
      const item = element('li', 'station');
      item.dataset['station'] = key;
      const mark = element('span', 'station-mark');
      mark.ariaHidden = 'true';
      const words = element('span', 'station-words');
      words.append(element('span', 'station-title', title), element('span', 'station-says', says));
      item.append(mark, words);
      this.#items.set(key, item);
      this.#list.append(item);
    }
    this.clear();
  }

  clear(): void {
    this.#keys = 0;
    for (const { key, says } of STATIONS) {
      const shown = this.#items.get(key)?.querySelector('.station-says');
      if (shown) shown.textContent = says;
    }
    this.#show([], 'Nowhere: no card has been asked for.');
  }

  /** A key was pressed while the line is private. */
  keyed(): void {
    this.#keys += 1;
    this.#show(['keypad', 'line'], `${this.#keys} keyed. Dots everywhere but in the secure flow.`);
  }

  take(event: CallEvent): void {
    if (event.kind === 'collected') this.#keys = 0;
    if (event.kind === 'collected' && event.secure && event.path === 'success') {
      this.#show(['line'], 'Kept as bytes in a secure variable. The flow cannot read them.');
    }
    if (event.kind === 'data_action_started' && event.secure) {
      if (event.action === SEND_CARD)
        this.#show(['gateway'], 'On their way to the gateway itself.');
      else
        this.#show(['tokenizer', 'gateway'], 'In the tokenizer, for as long as one request takes.');
    }
    if (event.kind === 'data_action_ended' && event.action === SEND_CARD) {
      this.#show([], 'Gone. What is left, if the card was taken, is a token.');
    }
    if (event.kind === 'data_action_ended' && event.action.includes('Tokenise')) {
      const says = this.#items.get('tokenizer')?.querySelector('.station-says');
      if (says) says.textContent = `held them for ${durationWords(event.latencyMs)}`;
      this.#show([], 'Gone. What is left, if the card was taken, is a token.');
    }
    if (event.kind === 'secure' && !event.on) this.#show([], 'Nowhere.');
  }

  #show(stations: readonly Station[], sentence: string): void {
    for (const [key, item] of this.#items) {
      item.dataset['here'] = String(stations.includes(key));
    }
    if (this.#says.textContent !== sentence) this.#says.textContent = sentence;
  }
}
