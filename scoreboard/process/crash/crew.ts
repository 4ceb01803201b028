import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { newId, systemRandomness } from '../../../src/system/randomness.ts';

/** What a process is told on its standard input. */
export type ChildTask =
  | {
      readonly role: 'bridge' | 'tokenizer';
      readonly settings: unknown;
      /** Directory of its plan. */
      readonly plan: string;
      /** File for its log; `null` is none. */
      readonly log: string | null;
      /** Between two rounds of the bridge's work that found nothing. */
      readonly idleMs: number;
    }
  | { readonly role: 'sandboxes'; readonly settings: readonly unknown[] };

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** CommonJS packages in a bundle of modules ask for Node's own parts by `require`. */
const BANNER = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;

/**
 * The program of every process of a board, in one file: the product's sources as they are, and the
 * ports around them. Loading one file takes a third of the time that the files apart take, and a
 * board starts more than a thousand processes.
 */
async function bundle(file: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, 'scoreboard', 'process', 'crash', 'child', 'main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['pg-native'],
    banner: { js: BANNER },
    logLevel: 'error',
  });
}

/** A process that has loaded its program and has not been told anything. */
interface Spare {
  readonly child: ChildProcess;
  readonly loaded: Promise<void>;
}

/** Processes that wait for another one to fall: as many as fall at once. */
const SPARES = 3;

/** Starts processes, and keeps some ready. */
export class Crew {
  readonly #file = join(tmpdir(), `${newId('board', systemRandomness)}.mjs`);
  readonly #env: Readonly<Record<string, string>>;
  readonly #spares: Spare[] = [];
  readonly #all = new Set<ChildProcess>();
  #closed = false;

  private constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** @param env on top of a plain environment. */
  static async open(env: Readonly<Record<string, string>>): Promise<Crew> {
    const crew = new Crew(env);
    await bundle(crew.#file);
    for (let n = 0; n < SPARES; n += 1) crew.#spares.push(crew.#spawn());
    return crew;
  }

  /** @returns the process and the ports that it listens on. */
  async start(task: ChildTask): Promise<{ child: ChildProcess; ports: readonly number[] }> {
    const { child, loaded } = this.#spares.shift() ?? this.#spawn();
    if (!this.#closed) this.#spares.push(this.#spawn());
    await loaded;
    const ports = new Promise<readonly number[]>((resolve, reject) => {
      child.on('message', (message: { ports?: readonly number[] }) => {
        if (message.ports !== undefined) resolve(message.ports);
      });
      child.once('exit', (code, signal) => reject(new Error(`it ended: ${signal ?? code}`)));
    });
    child.stdin?.end(JSON.stringify(task));
    return { child, ports: await ports };
  }

  close(): void {
    this.#closed = true;
    for (const child of this.#all) child.kill('SIGKILL');
    rmSync(this.#file, { force: true });
  }

  #spawn(): Spare {
    const child = spawn(process.execPath, [this.#file], {
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LANG: 'C.UTF-8', ...this.#env },
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    });
    this.#all.add(child);
    child.once('exit', () => this.#all.delete(child));
    // It may be killed before it has read its task; its exit says so.
    child.stdin?.on('error', () => undefined);
    const loaded = new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', () => reject(new Error('a process ended before it was told anything')));
    });
    loaded.catch(() => undefined);
    return { child, loaded };
  }
}
