import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A PostgreSQL server of its own, on a Unix socket in a temporary directory. */
export interface Cluster {
  readonly url: string;
  /** Of the server itself, for a test that ends it. */
  readonly pid: number;
  /** Stops it if it runs, and starts it again in the same place. */
  restart(): Promise<void>;
  /** Stops it and removes what it has written. */
  stop(): Promise<void>;
}

/** The directory of `initdb` and `postgres`, the newest version first; `null` when there is none. */
export function findPostgres(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const candidates = [
    ...versions.sort((a, b) => b - a).map((version) => join(debian, String(version), 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const hasBoth = (bin: string): boolean =>
    ['initdb', 'postgres'].every((name) => existsSync(join(bin, name)));
  return candidates.find(hasBoth) ?? null;
}

/** PostgreSQL refuses to run as root; then it runs as `postgres`, or as `nobody`. */
function owner(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((user) => user.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('root cannot run PostgreSQL, and there is neither a user postgres nor nobody');
}

/**
 * Makes a cluster and starts it, with fsync as in production. The server ends with this process, also
 * when that is killed: the shell that holds it waits for the end of its standard input.
 */
export async function startCluster(bin: string): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-pg-'));
  const as = owner();
  if (as !== null) chownSync(directory, as.uid, as.gid);
  const options = { ...as, cwd: directory };
  const words = ['-D', 'data', '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C'];
  await run(join(bin, 'initdb'), words, options);
  let server = await startServer(bin, options);
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`,
    get pid() {
      return server.pid;
    },
    restart: async () => {
      await ended(server.shell, 'restart');
      server = await startServer(bin, options);
    },
    stop: async () => {
      await ended(server.shell);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Server {
  readonly shell: ChildProcess;
  readonly pid: number;
}

async function startServer(bin: string, options: { cwd: string }): Promise<Server> {
  const script = `
    "$0" -D data -c listen_addresses= -c unix_socket_directories="$PWD" -c max_connections=100 \
      -c shared_buffers=64MB >>postgres.log 2>&1 </dev/null & pid=$!
    echo $pid
    then=$(cat)
    kill -INT $pid 2>/dev/null; wait $pid
    [ "$then" = restart ] || rm -rf data postgres.log`;
  const shell = spawn('/bin/sh', ['-c', script, join(bin, 'postgres')], {
    ...options,
    // A group of its own: Ctrl-C at the terminal is for the test run, which then ends this.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pid = Number(await firstLine(shell));
  await ready(join(bin, 'psql'), options.cwd);
  return { shell, pid };
}

/** The shell gets the end of its input from the system, too, when this process is killed. */
async function ended(shell: ChildProcess, then = ''): Promise<void> {
  const exit = new Promise((resolve) => shell.once('exit', resolve));
  shell.stdin?.end(then);
  if (shell.exitCode === null && shell.signalCode === null) await exit;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
}

async function ready(psql: string, host: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await run(psql, ['-h', host, '-U', 'postgres', '-c', 'select 1', 'postgres']);
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
