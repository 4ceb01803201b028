import { NOT_SET, type ArchitectType, type Value } from '../architect/expression/value.ts';
import type { SecretBytes } from '../card/secret.ts';
import { ActionError } from './step.ts';
import { assigned, inferredType } from './values.ts';

/** What a variable holds. Only a secure one holds a secret, and it never holds anything else. */
type Cell =
  | { readonly kind: 'plain'; readonly type: ArchitectType | null; readonly value: Value }
  | { readonly kind: 'secure'; readonly secret: SecretBytes | null };

/** Names are found without regard to case. */
type Frame = Map<string, Cell>;

/** What the YAML says of a variable, as far as its value is concerned. */
interface Declared {
  readonly name: string;
  readonly type: ArchitectType;
  readonly isSecure: boolean;
}

/** Scopes whose variables a flow may write. */
const WRITTEN_SCOPES: ReadonlySet<string> = new Set(['flow', 'state', 'common', 'task']);

function isWritten(name: string): boolean {
  return WRITTEN_SCOPES.has(name.slice(0, name.indexOf('.')).toLowerCase());
}

function wipe(frame: Frame): void {
  for (const cell of frame.values()) if (cell.kind === 'secure') cell.secret?.zero();
  frame.clear();
}

/**
 * The variables of one run of a flow. `Flow`, `State` and `Common` live as long as the run; `Task`
 * is one frame for each invocation of a task. A secure variable holds {@link SecretBytes}, which are
 * zeroed when they are replaced and when their frame goes.
 */
export class Variables {
  readonly #flow: Frame = new Map();
  readonly #tasks: Frame[] = [];
  readonly #builtIn: (scope: string, name: string) => Value | undefined;

  /** @param builtIn reads what no flow writes, such as `Call.Ani`. */
  constructor(builtIn: (scope: string, name: string) => Value | undefined) {
    this.#builtIn = builtIn;
  }

  openTask(): void {
    this.#tasks.push(new Map());
  }

  /** Zeroes the secrets of the innermost task and forgets its variables. */
  closeTask(): void {
    const frame = this.#tasks.pop();
    if (frame) wipe(frame);
  }

  get taskDepth(): number {
    return this.#tasks.length;
  }

  wipe(): void {
    while (this.#tasks.length > 0) this.closeTask();
    wipe(this.#flow);
  }

  declare({ name, type, isSecure }: Declared): void {
    const { frame, key } = this.#place(name);
    this.#put(
      frame,
      key,
      isSecure ? { kind: 'secure', secret: null } : { kind: 'plain', type, value: NOT_SET },
    );
  }

  /**
   * What an expression reads. A variable that a flow may write and has not written is NOT_SET.
   *
   * @throws ActionError for a secure variable: an expression never sees one.
   */
  read(scope: string, name: string): Value | undefined {
    const whole = `${scope}.${name}`;
    if (!isWritten(whole)) return this.#builtIn(scope, name);
    const { frame, key } = this.#place(whole);
    const cell = frame.get(key);
    if (cell === undefined) return this.#builtIn(scope, name) ?? NOT_SET;
    if (cell.kind === 'secure') throw secureUse(whole);
    return cell.value;
  }

  /** @throws ActionError where the type does not fit, or the variable is secure. */
  write(name: string, value: Value): void {
    const { frame, key } = this.#place(name);
    const cell = frame.get(key);
    if (cell?.kind === 'secure') {
      // Emptying it is the one thing that a flow may do to it with a value.
      const empty = value.type === 'not_set' || (value.type === 'string' && value.value === '');
      if (!empty) throw secureUse(name);
      return this.#put(frame, key, { kind: 'secure', secret: null });
    }
    const type = cell?.type ?? inferredType(value);
    const taken = type === null ? NOT_SET : assigned(value, type, name);
    this.#put(frame, key, { kind: 'plain', type, value: taken });
  }

  /** Takes a secret over: from here on the variable zeroes it. */
  keepSecret(name: string, secret: SecretBytes): void {
    const { frame, key } = this.#place(name);
    this.#put(frame, key, { kind: 'secure', secret });
  }

  isSecure(name: string): boolean {
    if (!isWritten(name)) return false;
    return this.#cell(name)?.kind === 'secure';
  }

  /** The secret of a secure variable, still the variable's own; `null` where nothing was keyed. */
  secretOf(name: string): SecretBytes | null {
    const cell = this.#cell(name);
    return cell?.kind === 'secure' ? cell.secret : null;
  }

  /** `null` for a variable that is neither declared nor written. */
  typeOf(name: string): ArchitectType | null {
    if (!isWritten(name)) return null;
    const cell = this.#cell(name);
    return cell?.kind === 'plain' ? cell.type : null;
  }

  #cell(name: string): Cell | undefined {
    const { frame, key } = this.#place(name);
    return frame.get(key);
  }

  #place(name: string): { readonly frame: Frame; readonly key: string } {
    const key = name.toLowerCase();
    if (!isWritten(name)) throw new ActionError(`${name} cannot be written by a flow`);
    const frame = key.startsWith('task.') ? this.#tasks.at(-1) : this.#flow;
    if (frame === undefined) throw new ActionError(`${name} stands outside of a task`);
    return { frame, key };
  }

  /** Whatever the variable held before is zeroed. */
  #put(frame: Frame, key: string, cell: Cell): void {
    const before = frame.get(key);
    if (before?.kind === 'secure') before.secret?.zero();
    frame.set(key, cell);
  }
}

/** Architect: "Secure variables cannot be used here." */
export function secureUse(name: string): ActionError {
  return new ActionError(
    `secure-variable: ${name} is secure and cannot be used here; bind it to an input of Call Secure Data Action`,
  );
}
