import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, startCluster, type Cluster } from '../test/cluster.ts';

/** What every measurement stands on: a directory, PostgreSQL where it is here, and child processes. */
export class Ground {
  readonly directory = mkdtempSync(join(tmpdir(), 'tokenline-bench-'));
  readonly bin = findPostgres();
  readonly #children = new Set<ChildProcess>();
  #cluster: Cluster | null = null;
  #names = 0;

  get hasPostgres(): boolean {
    return this.bin !== null;
  }

  /** Such as `PostgreSQL 15.14`. */
  get postgresVersion(): string | null {
    if (this.bin === null) return null;
    const text = execFileSync(join(this.bin, 'postgres'), ['--version'], { encoding: 'utf8' });
    return text.replace(/^postgres \(PostgreSQL\) ([\d.]+).*/s, 'PostgreSQL $1');
  }

  /** A name that nothing else on this ground has. */
  name(prefix: string): string {
    this.#names += 1;
    return `${prefix}_${this.#names}`;
  }

  /** The server, which is started when it is first asked for; fsync is on. */
  async cluster(): Promise<Cluster> {
    if (this.bin === null) throw new Error('PostgreSQL (initdb, postgres, psql) is not here');
    this.#cluster ??= await startCluster(this.bin);
    return this.#cluster;
  }

  /** An empty database. @returns its URL. */
  async database(): Promise<string> {
    const { url } = await this.cluster();
    const name = this.name('bench');
    this.psql(url, `create database ${name}`);
    return url.replace('/postgres?', `/${name}?`);
  }

  /** The columns of what a query answers, as text. */
  psql(url: string, text: string): string {
    const at = new URL(url);
    const host = at.searchParams.get('host') ?? '';
    const words = ['-h', host, '-U', 'postgres', '-d', at.pathname.slice(1), '-Atqc', text];
    return execFileSync(join(this.bin ?? '', 'psql'), words, { encoding: 'utf8' }).trim();
  }

  /** A directory that is nobody else's. */
  folder(prefix: string): string {
    const folder = join(this.directory, this.name(prefix));
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  }

  /** A Node process, whose output can be read. */
  start(words: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    return this.#kept(child);
  }

  /** A Node process that writes to a file, as under a supervisor: nobody has to wake up for a line. */
  startLogged(words: readonly string[], logFile: string): ChildProcess {
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(process.execPath, words, { stdio: ['ignore', log, log] });
    closeSync(log);
    return this.#kept(child);
  }

  #kept(child: ChildProcess): ChildProcess {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children].map(stop));
    await this.#cluster?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** For a run that is broken off; PostgreSQL ends with this process. */
  abandon(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Asks a process to end, and waits until it has. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** The first line that a process writes: its port. */
export function portFrom(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString().trim())));
    child.once('exit', (code) => reject(new Error(`a process ended at start (${String(code)})`)));
  });
}

export const seconds = (count: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, count * 1000));
