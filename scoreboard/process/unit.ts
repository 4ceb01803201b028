import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { send, type Answer, type Outgoing } from '../../test/whole/http.ts';
import { childOf, ROOT, until, type Role } from '../../test/whole/system.ts';

const MAIN = join(ROOT, 'dist', 'cli', 'main.js');
const KEPT_LOG = 8_000;
const LAST_WORDS = 16;
/** systemd's default for `RestartSec`: 100 ms. */
const RESTART_MS = 100;
const READY_MS_MAX = 90_000;

export type Victim = 'child' | 'parent' | 'both';

export interface UnitOptions {
  readonly name: string;
  readonly role: Role | 'line';
  readonly port: number;
  readonly directory: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Flags of Node, for the process and its child. */
  readonly nodeFlags?: readonly string[];
  /** Told of everything that it writes. */
  readonly hear?: (chunk: Buffer) => void;
}

/** One `tokenline serve --role …` under a supervisor that starts it again whenever it ends. */
export class Unit {
  readonly name: string;
  readonly role: Role | 'line';
  readonly port: number;
  readonly data: string;
  /** Events of the log that tell of a bug: there must be none. */
  readonly bugs: string[] = [];
  /** What its parent has said of children that ended by themselves. */
  readonly falls: string[] = [];
  readonly #configFile: string;
  readonly #directory: string;
  readonly #nodeFlags: readonly string[];
  readonly #hear: (chunk: Buffer) => void;
  #parent: ChildProcess | null = null;
  #wanted = false;
  #log = '';
  #ended: Promise<unknown> = Promise.resolve();
  /** Of a child whose parent was killed before it. */
  #orphan: number | null = null;

  constructor(options: UnitOptions) {
    this.name = options.name;
    this.role = options.role;
    this.port = options.port;
    this.#directory = join(options.directory, options.name);
    this.data = join(this.#directory, 'data');
    this.#nodeFlags = options.nodeFlags ?? [];
    this.#hear = options.hear ?? (() => undefined);
    mkdirSync(this.#directory);
    this.#configFile = join(this.#directory, 'tokenline.yaml');
    // YAML 1.2 takes JSON as it is.
    writeFileSync(this.#configFile, JSON.stringify({ data: this.data, ...options.config }));
  }

  start(): void {
    this.#wanted = true;
    this.#spawn();
  }

  /** Until it says that it can work. */
  async ready(patienceMs = READY_MS_MAX): Promise<void> {
    await until(
      `readiness of ${this.name}\n${this.#log.slice(-2_000)}`,
      async () => ((await this.isReady()) ? true : null),
      patienceMs,
    );
  }

  async isReady(): Promise<boolean> {
    return (await this.readiness()) === 200;
  }

  /** The status of its readiness; 0 where nobody answers. */
  async readiness(): Promise<number> {
    // The telephone line has nothing to wait for once it answers.
    const path = this.role === 'line' ? '/healthz' : '/readyz';
    const answer = await this.send({ path }).catch(() => null);
    return answer?.status ?? 0;
  }

  send(outgoing: Outgoing): Promise<Answer> {
    return send(this.port, outgoing);
  }

  /** @returns false where there was nothing to kill: it is being started. */
  kill9(victim: Victim): boolean {
    const parent = this.#parent?.pid ?? null;
    const child = parent === null ? null : childOf(parent, this.role);
    const pids = { child: [child], parent: [parent], both: [parent, child] }[victim];
    if (victim === 'parent') this.#orphan = child;
    return pids.map(killed).some(Boolean);
  }

  /** Parent and child, as far as they run. */
  pids(): number[] {
    const parent = this.#parent?.pid ?? null;
    const child = parent === null ? null : childOf(parent, this.role);
    return [parent, child].filter((pid) => pid !== null);
  }

  /** Asks it to end, as a supervisor does, and waits for it. @returns its exit code. */
  async terminate(): Promise<number | null> {
    this.#wanted = false;
    const parent = this.#parent;
    parent?.kill('SIGTERM');
    await this.#ended;
    return parent?.exitCode ?? null;
  }

  /** Kills what is left. */
  abandon(): void {
    this.#wanted = false;
    this.kill9('both');
    killed(this.#orphan);
  }

  written(): string {
    return this.#log;
  }

  #spawn(): void {
    const words = [
      ...this.#nodeFlags,
      MAIN,
      'serve',
      '--role',
      this.role,
      '--config',
      this.#configFile,
    ];
    const parent = spawn(process.execPath, words, {
      cwd: this.#directory,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#parent = parent;
    parent.stdout.on('data', (chunk: Buffer) => this.#note(chunk));
    parent.stderr.on('data', (chunk: Buffer) => this.#note(chunk));
    this.#ended = new Promise((done) => parent.once('exit', done)).then(async () => {
      if (!this.#wanted) return;
      await wait(RESTART_MS);
      if (this.#wanted) this.#spawn();
    });
  }

  #note(chunk: Buffer): void {
    this.#hear(chunk);
    const text = chunk.toString('utf8');
    this.#log = (this.#log + text).slice(-KEPT_LOG);
    for (const line of text.split('\n')) {
      if (BUG.test(line)) this.bugs.push(line.slice(0, 300));
      if (line.includes('ended by itself')) this.falls.push(`${line}\n${this.#lastWords()}`);
    }
  }

  /** What is no line of the log: the sentence or the stack with which a process ended. */
  #lastWords(): string {
    const lines = this.#log.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    return lines.slice(-LAST_WORDS).join('\n');
  }
}

/** Assertions, and the last words of the card process; what the world does to us is no bug. */
const BUG = /http\.internal_error|stopped by a bug|UnhandledPromiseRejection/;

function killed(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
