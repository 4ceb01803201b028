import type { Position } from '../../architect/position.ts';
import { nearest } from '../../architect/reading.ts';
import type { Form } from './form.ts';
import { GIVEN_FORMS } from './given-forms.ts';
import { MOVE_FORMS } from './move-forms.ts';
import type { CallFile, Step } from './step.ts';
import { THEN_FORMS } from './then-forms.ts';

/** A line that cannot be read, and what may stand there. */
export interface CallFileProblem {
  readonly position: Position;
  /** One sentence: what is wrong and what to do. */
  readonly message: string;
}

export interface ReadCallFile {
  /** `null` where there are problems. */
  readonly callFile: CallFile | null;
  readonly problems: readonly CallFileProblem[];
}

/** E.164: a plus and at most fifteen digits. */
const ANI = /^\+\d{7,15}$/;
const MOVE_VERBS = Object.keys(MOVE_FORMS).map((verb) => (verb === 'hangs' ? 'hangs up' : verb));

/** In the order in which they stand in a file. */
export const VERBS: readonly string[] = ['given', 'ANI', ...MOVE_VERBS, 'then'];

/** `file:line: message`. */
export function callProblemLine({ position, message }: CallFileProblem): string {
  return `${position.file}:${position.line}: ${message}`;
}

/** Reads a call file. Never throws for what is in it. */
export function readCallFile(source: string, file: string): ReadCallFile {
  return new Reader(file, source).read();
}

class Reader {
  readonly #file: string;
  readonly #source: string;
  readonly #problems: CallFileProblem[] = [];
  readonly #steps: Step[] = [];
  #title: string | null = null;

  constructor(file: string, source: string) {
    this.#file = file;
    this.#source = source;
  }

  read(): ReadCallFile {
    for (const [index, line] of this.#source.split(/\r?\n/).entries()) {
      this.#line(line, { file: this.#file, line: index + 1, column: 1 });
    }
    this.#whole();
    const problems = this.#problems;
    return { callFile: problems.length === 0 ? this.#callFile() : null, problems };
  }

  #line(line: string, position: Position): void {
    const text = withoutRemark(line).trim();
    if (text === '') return;
    if (this.#title === null) {
      this.#title = text;
      const first = verbOf(text);
      if (first === null || /[.?!]$/.test(text)) return;
      this.#refuse(
        position,
        `the first line is the title, a sentence; '${first.verb}' is a verb. Write what happens in this call above it`,
      );
      return;
    }
    const read = this.#step(text, position);
    if (typeof read === 'string') this.#refuse(position, read);
    else this.#add(read, position);
  }

  #step(text: string, position: Position): Step | string {
    const found = verbOf(text);
    if (found === null) return unknownVerb(text);
    const { verb, rest } = found;
    const at = { position, text };
    if (verb === 'ANI') {
      if (rest === 'withheld') return { ...at, verb: 'ani', ani: '' };
      if (!ANI.test(rest)) return `an ANI is written +13175550100, or 'withheld'; not '${rest}'`;
      return { ...at, verb: 'ani', ani: rest };
    }
    if (verb === 'given') {
      const given = readForm(GIVEN_FORMS, verb, rest);
      return typeof given === 'string' ? given : { ...at, verb, given };
    }
    if (verb === 'then') {
      const expectation = readForm(THEN_FORMS, verb, rest);
      return typeof expectation === 'string' ? expectation : { ...at, verb, expectation };
    }
    const move = readForm(MOVE_FORMS[verb] ?? [], verb, rest);
    return typeof move === 'string' ? move : { ...at, verb: 'move', move };
  }

  /** Givens, then the number, then the call, then what came of it. */
  #add(step: Step, position: Position): void {
    const order = ['given', 'ani', 'move', 'then'];
    const last = this.#steps.at(-1);
    if (last !== undefined && order.indexOf(step.verb) < order.indexOf(last.verb)) {
      const outOfPlace =
        step.verb === 'move' && last.verb === 'then'
          ? 'the call is over at the first then; put this line above it'
          : `'${step.verb === 'ani' ? 'ANI' : step.verb}' stands above what the caller does`;
      // A given may stand on either side of the number.
      if (step.verb !== 'given' || last.verb !== 'ani') return this.#refuse(position, outOfPlace);
    }
    if (step.verb === 'ani' && this.#steps.some(({ verb }) => verb === 'ani')) {
      return this.#refuse(position, 'a call has one ANI');
    }
    this.#steps.push(step);
  }

  #whole(): void {
    const start = { file: this.#file, line: 1, column: 1 };
    if (this.#title === null) {
      return this.#refuse(start, 'the file is empty; its first line is the title');
    }
    if (this.#problems.length > 0) return;
    const last = { ...start, line: this.#source.trimEnd().split('\n').length };
    if (!this.#steps.some(({ verb }) => verb === 'move')) {
      this.#refuse(last, `nothing happens in this call; write ${MOVE_VERBS.join(', ')}`);
    } else if (!this.#steps.some(({ verb }) => verb === 'then')) {
      this.#refuse(last, "the file ends without 'then'; write what has to be true after the call");
    }
  }

  #refuse(position: Position, message: string): void {
    this.#problems.push({ position, message });
  }

  #callFile(): CallFile {
    const steps = this.#steps;
    return {
      file: this.#file,
      title: this.#title ?? '',
      givens: steps.filter((step) => step.verb === 'given'),
      ani: steps.find((step) => step.verb === 'ani')?.ani ?? '',
      moves: steps.filter((step) => step.verb === 'move'),
      expectations: steps.filter((step) => step.verb === 'then'),
      source: this.#source,
    };
  }
}

/** A remark begins with `--` behind a space or at the start, outside quotes. */
function withoutRemark(line: string): string {
  for (const match of line.matchAll(/(?:^|\s)--(?=\s|$)/g)) {
    const before = line.slice(0, match.index);
    if (before.split('"').length % 2 === 1) return before;
  }
  return line;
}

/** The verb that a line begins with, and what stands behind it. */
function verbOf(text: string): { verb: string; rest: string } | null {
  for (const verb of ['given', 'ANI', ...Object.keys(MOVE_FORMS), 'then']) {
    if (text === verb) return { verb, rest: '' };
    if (/\s/.test(text.charAt(verb.length)) && text.startsWith(verb)) {
      return { verb, rest: text.slice(verb.length).trim().replaceAll(/\s+/g, ' ') };
    }
  }
  return null;
}

function unknownVerb(text: string): string {
  const [word = ''] = text.split(/\s/);
  const near = nearest(word, ['given', 'ANI', ...Object.keys(MOVE_FORMS), 'then']);
  const advice = near === null ? `the verbs are ${VERBS.join(', ')}` : `did you mean '${near}'?`;
  return `'${word}' is not a verb; ${advice}`;
}

function readForm<T>(forms: readonly Form<T>[], verb: string, rest: string): T | string {
  for (const { pattern, read } of forms) {
    const match = pattern.exec(rest);
    if (match !== null) return read(match);
  }
  const known = forms.map(({ form }) => `${verb} ${form}`).join('\n    ');
  return `'${verb} ${rest}' is not understood; write\n    ${known}`;
}
