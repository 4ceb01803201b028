import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A PostgreSQL server of its own, on a Unix socket in a temporary directory. */
export interface Cluster {
  readonly url: string;
  readonly pid: number;
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
 * Makes a cluster and starts it, with fsync as in production. It ends with this process, also when
 * that is killed: the shell that holds it waits for the end of its standard input.
 */
export async function startCluster(bin: string): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-pg-'));
  const data = join(directory, 'data');
  const as = owner();
  if (as !== null) chownSync(directory, as.uid, as.gid);
  const options = { ...as, cwd: directory };
  const words = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C'];
  await run(join(bin, 'initdb'), words, options);
  const script = `
    "$0" -D data -c listen_addresses= -c unix_socket_directories="$PWD" -c max_connections=100 \\
      -c shared_buffers=64MB >postgres.log 2>&1 </dev/null & pid=$!
    echo $pid
    cat >/dev/null
    kill -INT $pid 2>/dev/null; wait $pid
    rm -rf "$PWD"/*`;
  const shell = spawn('/bin/sh', ['-c', script, join(bin, 'postgres')], {
    ...options,
    // A group of its own: Ctrl-C at the terminal is for the test run, which then ends this.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pid = Number(await firstLine(shell));
  await ready(join(bin, 'psql'), directory);
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`,
    pid,
    stop: async () => {
      const ended = new Promise((resolve) => shell.once('exit', resolve));
      shell.stdin?.end();
      if (shell.exitCode === null && shell.signalCode === null) await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
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
