import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHROMIUM_PATHS, findChromium } from './chromium.ts';
import { findPostgres, startCluster, type Cluster } from './cluster.ts';
import { fetchHelm, findHelm } from './helm.ts';

/**
 * `npm test`: format, lint, types, then every test file, with a PostgreSQL of its own.
 * `npm test -- test/store/lock.test.ts` runs the named files alone.
 */
const CHECKS = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'oxlint', ['--type-aware', '--quiet']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['types of the softphone', 'tsc', ['-p', 'src/console/phone/tsconfig.json', '--noEmit']],
  ['types of the console', 'tsc', ['-p', 'src/console/desk/tsconfig.json', '--noEmit']],
] as const;

const CONSOLE_TESTS = join('test', 'console');
const CHART_TESTS = join('test', 'deploy', 'chart');

/** A test that hangs is a failure with a name, not a run that never ends. */
const TEST_TIMEOUT_MS = 600_000;
/** One more than the cores of a small machine: telephone calls in real time mostly wait. */
const FILES_AT_ONCE = 3;

/** What has to be ended, however the run ends. */
const live: { child: ChildProcess | null; cluster: Cluster | null } = {
  child: null,
  cluster: null,
};

/** Runs a command to its end; the exit code, 1 when it was killed. */
function command(name: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, words, { stdio: 'inherit', env });
    live.child = child;
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Installs a Debian package where that can be done without asking. @returns whether it was done. */
function installed(debianPackage: string): boolean {
  if (process.getuid?.() !== 0 || !hasCommand('apt-get')) return false;
  console.log(`• installing the Debian package ${debianPackage}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const words = ['install', '-y', '-qq', '--no-install-recommends', debianPackage];
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
    execFileSync('apt-get', words, { stdio: 'inherit', env });
    return true;
  } catch {
    // What apt-get said stands above; what is missing is said by whoever needs it.
    return false;
  }
}

function postgresOrExit(): string {
  const found = findPostgres() ?? (installed('postgresql') ? findPostgres() : null);
  if (found !== null) return found;
  console.error(
    'The tests need PostgreSQL (initdb, postgres, psql): install it, for example with ' +
      '"apt-get install postgresql" or "brew install postgresql", or put its bin directory on PATH.',
  );
  process.exit(1);
}

/** Softphone and console are tried in a real browser. */
function chromiumOrExit(files: readonly string[]): void {
  if (!files.some((file) => file.startsWith(CONSOLE_TESTS))) return;
  if (findChromium() !== null || (installed('chromium') && findChromium() !== null)) return;
  console.error(
    `The tests of softphone and console need Chromium at one of ${CHROMIUM_PATHS.join(', ')}: install it, ` +
      'for example with "apt-get install chromium".',
  );
  process.exit(1);
}

/** The chart is rendered by the program that users render it with. */
function helmOrExit(files: readonly string[]): void {
  if (!files.some((file) => file.startsWith(CHART_TESTS))) return;
  if (findHelm() !== null || (fetchHelm() && findHelm() !== null)) return;
  console.error('The tests of the chart need Helm on PATH: https://helm.sh/docs/intro/install/');
  process.exit(1);
}

function hasCommand(name: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function testFiles(): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .sort();
}

async function checks(): Promise<boolean> {
  let clean = true;
  for (const [title, name, words] of CHECKS) {
    const startMs = performance.now();
    const code = await command(join('node_modules', '.bin', name), words, process.env);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✔' : '✖'} ${title} (${seconds} s)`);
    clean &&= code === 0;
  }
  return clean;
}

async function tests(files: readonly string[]): Promise<boolean> {
  chromiumOrExit(files);
  helmOrExit(files);
  const bin = postgresOrExit();
  const cluster = await startCluster(bin);
  live.cluster = cluster;
  console.log(`• PostgreSQL from ${bin}; ${files.length} test files`);
  const env = { ...process.env, TOKENLINE_TEST_DATABASE_URL: cluster.url };
  const words = [
    '--import',
    'tsx',
    '--test',
    `--test-concurrency=${FILES_AT_ONCE}`,
    '--test-reporter=spec',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    ...files,
  ];
  return (await command(process.execPath, words, env)) === 0;
}

async function stop(): Promise<void> {
  live.child?.kill('SIGTERM');
  await live.cluster?.stop();
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.once(signal, () => {
    void stop().finally(() => process.exit(128 + number));
  });
}

const named = process.argv.slice(2);
try {
  const clean = named.length > 0 || (await checks());
  const green = await tests(named.length > 0 ? named : testFiles());
  process.exitCode = clean && green ? 0 : 1;
} finally {
  await live.cluster?.stop();
}
