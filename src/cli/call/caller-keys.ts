import type { ReadStream } from 'node:tty';
import { systemClock } from '../../system/clock.ts';
import type { Handset } from '../../line/handset.ts';

const KEYS = /^[0-9*#]$/;

/** Ctrl-C and Ctrl-D, which a raw terminal hands on. */
const LEAVING = new Set(['\u0003', '\u0004', 'h']);

export interface KeysOptions {
  readonly handset: Handset;
  /** Whether digits are to be shown as dots. */
  readonly isSecure: () => boolean;
  readonly echo: (text: string) => void;
  readonly note: (text: string) => void;
}

/** Says words where somebody listens to them, and says so where nobody does. */
function say({ handset, note }: KeysOptions, words: string): void {
  if (words !== '' && !handset.say(words)) note('nobody listens to words now');
}

/**
 * Keys of a terminal, each as it is pressed: `0` to `9`, `*` and `#` are the telephone's, `:` begins
 * words that Enter says, `h` hangs up.
 *
 * @returns what gives the terminal back.
 */
export function keysOfTerminal(stdin: ReadStream, options: KeysOptions): () => void {
  const { handset, isSecure, echo } = options;
  let words: string | null = null;
  const type = (character: string): void => {
    if (words !== null) {
      if (character === '\r' || character === '\n') {
        echo('\n');
        say(options, words.trim());
        words = null;
      } else if (character !== '\u0003') {
        words += character;
        echo(character);
      } else handset.walkAway();
    } else if (LEAVING.has(character)) handset.walkAway();
    else if (character === ':') {
      words = '';
      echo('\nyou say: ');
    } else if (KEYS.test(character)) {
      echo(isSecure() && /\d/.test(character) ? '•' : character);
      handset.press(character.charCodeAt(0));
    }
  };
  const hear = (chunk: Buffer): void => {
    for (const character of chunk.toString('utf8')) type(character);
    // It may have been a card number.
    chunk.fill(0);
  };
  stdin.setRawMode(true);
  stdin.on('data', hear);
  stdin.resume();
  return () => {
    stdin.off('data', hear);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

/**
 * Lines of a file or a pipe, one each time the flow listens: keys, or words behind `:`. The caller
 * hangs up at `h`, and where there are no more lines.
 */
export class LinesOfInput {
  readonly #options: KeysOptions;
  readonly #lines: string[] = [];
  #rest = '';
  #over = false;
  #wanted = false;

  constructor(stdin: NodeJS.ReadStream, options: KeysOptions) {
    this.#options = options;
    stdin.setEncoding('utf8');
    stdin.on('data', (text: string) => {
      const lines = `${this.#rest}${text}`.split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      this.#next();
    });
    stdin.once('end', () => {
      if (this.#rest !== '') this.#lines.push(this.#rest);
      this.#over = true;
      this.#next();
    });
  }

  /** The flow listens: the next line is for it. */
  listening(): void {
    // The flow says that it listens a moment before it does.
    systemClock.after(0, () => {
      this.#wanted = true;
      this.#next();
    });
  }

  #next(): void {
    if (!this.#wanted) return;
    const line = this.#lines.shift();
    const { handset, echo, isSecure } = this.#options;
    if (line === undefined) {
      if (this.#over) handset.walkAway();
      return;
    }
    this.#wanted = false;
    const text = line.trim();
    if (text === 'h') return handset.walkAway();
    if (text.startsWith(':')) {
      echo(`you say: ${text.slice(1).trim()}\n`);
      return say(this.#options, text.slice(1).trim());
    }
    const keys = text.replaceAll(/[^0-9*#]/g, '');
    echo(`you dial: ${isSecure() ? keys.replaceAll(/[0-9]/g, '•') : keys}\n`);
    for (const key of keys) handset.press(key.charCodeAt(0));
  }
}
