import { byId, element } from './dom.ts';
import type { Start } from './line.ts';
import type { Setup } from './messages.ts';

/** Beyond the customers: somebody whom the directory does not know, and a withheld number. */
const OTHERS = [
  { ani: '+13175550177', name: 'Somebody new', says: 'not a customer yet', language: 'en-us' },
  { ani: '', name: 'Number withheld', says: 'no ANI', language: 'en-us' },
];

/** Who calls, how the gateway behaves, and the cards to try. */
export class Choices {
  readonly #callers = byId('callers', HTMLFieldSetElement);
  readonly #scenario = byId('scenario', HTMLSelectElement);
  readonly #agents = byId('agents', HTMLInputElement);
  readonly #desktop = byId('desktop', HTMLInputElement);
  readonly #folded = byId('this-call', HTMLDetailsElement);
  readonly #summary = byId('this-call-is', HTMLElement);

  /** @param keyIn is called with what is to be keyed for a card. */
  constructor(setup: Setup, keyIn: (keys: string) => void) {
    const customers = setup.customers.map(({ ani, name, language }) => ({
      ani,
      name,
      language,
      says: language.startsWith('es') ? 'customer · Español' : 'customer · English',
    }));
    for (const [index, caller] of [...customers, ...OTHERS].entries()) {
      this.#callers.append(callerChoice(caller, index === 0));
    }
    const effect = byId('effect', HTMLElement);
    for (const { key, title } of setup.scenarios) this.#scenario.append(new Option(title, key));
    const showEffect = (): void => {
      const chosen = setup.scenarios.find(({ key }) => key === this.#scenario.value);
      effect.textContent = chosen?.effect ?? '';
    };
    this.#scenario.addEventListener('change', showEffect);
    showEffect();
    const list = byId('card-list', HTMLUListElement);
    for (const { brand, digits, effect: comes } of setup.cards) {
      const item = element('li', 'card');
      const words = element('span', 'card-words');
      words.append(
        element('span', 'card-digits', digits),
        element('span', 'card-says', `${brand}: ${comes}`),
      );
      const button = element('button', 'small', 'Key it in');
      button.type = 'button';
      button.setAttribute('aria-label', `Key it in: ${brand}, ${comes}`);
      button.addEventListener('click', () => keyIn(`${digits.replaceAll(' ', '')}#`));
      item.append(words, button);
      list.append(item);
    }
  }

  chosen(): Start {
    const caller = this.#callers.querySelector<HTMLInputElement>('input:checked');
    return {
      ani: caller?.value ?? '',
      scenario: this.#scenario.value,
      agents: this.#agents.checked,
      desktop: this.#desktop.checked,
    };
  }

  /** While a call is on they say what it is. */
  lock(on: boolean): void {
    if (on) this.#folded.open = false;
    const caller = this.#callers.querySelector('input:checked + .caller-words > .caller-name');
    const chosen = this.#scenario.selectedOptions[0]?.textContent ?? '';
    this.#summary.textContent = `${caller?.textContent ?? ''} · ${chosen}`;
    this.#callers.disabled = on;
    this.#scenario.disabled = on;
    this.#agents.disabled = on;
    this.#desktop.disabled = on;
  }
}

function callerChoice(
  { ani, name, says }: { readonly ani: string; readonly name: string; readonly says: string },
  checked: boolean,
): HTMLLabelElement {
  const label = element('label', 'caller');
  const input = element('input');
  input.type = 'radio';
  input.name = 'caller';
  input.value = ani;
  input.checked = checked;
  const words = element('span', 'caller-words');
  words.append(element('span', 'caller-name', name), element('span', 'caller-says', says));
  label.append(input, words, element('span', 'caller-ani', ani === '' ? '—' : ani));
  return label;
}
