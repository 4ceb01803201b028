import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ChildTask, Crew } from './crew.ts';

/** One role of a system: started again whenever it falls, as its supervisor does. */
export class Kept {
  readonly #crew: Crew;
  readonly #task: ChildTask;
  #child: ChildProcess | null = null;
  #port = 0;
  #stopping = false;
  #starting: Promise<void> = Promise.resolve();
  /** How often it was started again. */
  restarts = 0;
  /** How it ended where nobody had killed it: none of these should be. */
  readonly endedByItself: string[] = [];

  constructor(crew: Crew, task: ChildTask) {
    this.#crew = crew;
    this.#task = task;
    this.#starting = this.#start();
    this.#starting.catch(() => undefined);
  }

  /** Where it listens; while it is away, where it did. */
  get port(): number {
    return this.#port;
  }

  /** Resolves when it is there. */
  async ready(): Promise<void> {
    for (let waited: Promise<void> | null = null; waited !== this.#starting;) {
      waited = this.#starting;
      await waited;
    }
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Asks it to stop. @returns false where it had to be killed. */
  async stop(graceMs: number): Promise<boolean> {
    this.#stopping = true;
    await this.#starting.catch(() => undefined);
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return true;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(late);
    return child.signalCode === null;
  }

  async #start(): Promise<void> {
    const { child, ports } = await this.#crew.start(this.#task);
    this.#child = child;
    this.#port = ports[0] ?? 0;
    const fallen = (): void => {
      if (this.#stopping) return;
      if (child.signalCode !== 'SIGKILL') this.endedByItself.push(`exit code ${child.exitCode}`);
      this.restarts += 1;
      this.#starting = this.#start();
      this.#starting.catch(() => undefined);
    };
    if (child.exitCode !== null || child.signalCode !== null) fallen();
    else child.once('exit', fallen);
  }
}
