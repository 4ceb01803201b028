import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** Where the plan of a system stands: what is to die where, and what a name is to answer. */
export const ARMED = 'armed';
export const FIRED = 'fired';
export const NAMES = 'names';
export const TAKEN = 'taken';

/**
 * What this process is to do when it comes to a point. The plan is files, so that it outlives the
 * process: a point is used up, and its use shown, by the renaming of a file before the process dies.
 */
export class Plan {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Dies here and now where the plan says so: nothing after it happens in this process. */
  reached(point: string): void {
    const armed = join(this.#directory, ARMED);
    if (!existsSync(armed) || readFileSync(armed, 'utf8') !== point) return;
    renameSync(armed, join(this.#directory, FIRED));
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way; nothing else is to happen.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }

  /** How a name is to be answered this time; `null` is as it is. */
  nameAnswer(host: string): 'nowhere' | 'unknown' | null {
    const names = join(this.#directory, NAMES);
    const [first] = readdirSync(names)
      .filter((name) => name.startsWith(`${host} `))
      .sort();
    if (first === undefined) return null;
    renameSync(join(names, first), join(this.#directory, TAKEN, first));
    return first.endsWith(' unknown') ? 'unknown' : 'nowhere';
  }
}
