import { byId, element, followEnd } from './dom.ts';
import type { CallEvent } from './messages.ts';

/** What was heard and what was done, as it happened. */
export class Transcript {
  readonly #list = byId('transcript', HTMLElement);
  #heard: HTMLElement | null = null;
  #keyed: HTMLElement | null = null;

  clear(): void {
    this.#list.lang = '';
    this.#list.replaceChildren();
    this.#heard = null;
    this.#keyed = null;
  }

  /** A sentence begins to be heard; sentences of one prompt stand together. */
  heard(words: string): void {
    if (words === '') return;
    this.#keyed = null;
    if (this.#heard === null) {
      this.#heard = this.#line('heard', 'Tokenline', words);
      return;
    }
    this.#heard.lastElementChild?.append(` ${words}`);
    followEnd(this.#list);
  }

  /** The next sentence is of another prompt. */
  pause(): void {
    this.#heard = null;
  }

  /** @param secure shows a dot, from the first key on. */
  keyed(key: string, secure: boolean): void {
    this.#heard = null;
    const shown = secure ? '•' : key;
    if (this.#keyed === null) {
      this.#keyed = this.#line(secure ? 'keyed dots' : 'keyed', 'You, keys', shown);
      return;
    }
    this.#keyed.lastElementChild?.append(shown);
  }

  said(text: string): void {
    this.pause();
    this.#keyed = null;
    this.#line('keyed said', 'You', text);
  }

  remark(text: string, kind = ''): void {
    this.pause();
    this.#keyed = null;
    const line = element('p', `remark ${kind}`, text);
    this.#list.append(line);
    followEnd(this.#list);
  }

  take(event: CallEvent): void {
    if (event.kind === 'secure') {
      const on = 'Private from here: nobody hears or sees your keys';
      this.remark(event.on ? on : 'No longer private', 'lock');
    }
    if (event.kind === 'language_set' && event.language !== this.#list.lang) {
      this.remark(event.language.startsWith('es') ? 'Español' : 'English');
      this.#list.lang = event.language;
    }
    if (event.kind === 'transferred') {
      this.remark(transferWords(event), event.accepted ? 'agent' : 'trouble');
    }
    if (event.kind === 'error') {
      this.remark(`The flow ran into an error: ${event.fault.message}`, 'trouble');
    }
  }

  #line(kind: string, who: string, words: string): HTMLElement {
    const line = element('div', `said ${kind}`);
    line.append(element('p', 'who', who), element('p', 'words', words));
    this.#list.append(line);
    followEnd(this.#list);
    return line;
  }
}

function transferWords({
  target,
  accepted,
}: Extract<CallEvent, { readonly kind: 'transferred' }>): string {
  const where = target.queue ?? target.kind;
  return accepted ? `${where} takes the call` : `Nobody at ${where} takes the call`;
}
