import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPostgres, startCluster } from '../test/cluster.ts';

/**
 * `npm run bench`: the whole tokenise request, from the socket of the tokenizer to the answer, against
 * its own floor (the same two commits and the same call to the gateway by bare `node:http`), on the
 * same machine in the same run, the two taking turns. On PostgreSQL and on PGlite.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    callers: { type: 'string', default: '16' },
    rate: { type: 'string', default: '100' },
    json: { type: 'string' },
  },
});
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
const LATENCY_SECONDS = 20;
const WARM_SECONDS = 4;

interface Load {
  readonly answered: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly problems: Readonly<Record<string, number>>;
}

interface Target {
  readonly name: string;
  readonly url: string;
  /** A fresh access token, or none for the floor. */
  readonly token: () => Promise<string>;
}

const started: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), 'tokenline-bench-'));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function start(words: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
  started.push(child);
  return child;
}

function portFrom(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString().trim())));
    child.once('exit', (code) => reject(new Error(`a process ended at start (${String(code)})`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

async function load(
  mode: 'open' | 'closed',
  count: number,
  seconds: number,
  target: Target,
): Promise<Load> {
  const words = ['--import', 'tsx', 'bench/load.ts', mode, String(count), String(seconds)];
  const child = start([...words, target.url, await target.token()]);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  const result = JSON.parse(text) as Load;
  if (Object.keys(result.problems).length > 0) {
    throw new Error(`${target.name} gave wrong answers: ${JSON.stringify(result.problems)}`);
  }
  return result;
}

function config(engine: string, databaseUrl: string | null, upstreamPort: number): string {
  const file = join(directory, `${engine}.yaml`);
  const lines = [
    'mode: sandbox',
    `data: ${join(directory, engine)}`,
    ...(databaseUrl === null ? [] : [`database_url: ${JSON.stringify(databaseUrl)}`]),
    'bridge: { port: 0 }',
    'tokenizer: { port: 0 }',
    'sandbox: { port: 0 }',
    'line: { port: 0 }',
    `gateway: { url: 'http://127.0.0.1:${upstreamPort}', verification: false }`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

async function whole(
  engine: string,
  databaseUrl: string | null,
  upstreamPort: number,
): Promise<[ChildProcess, Target]> {
  const file = config(engine, databaseUrl, upstreamPort);
  const child = start(['dist/cli/main.js', 'serve', '--config', file]);
  child.stdout?.resume();
  const ports = join(directory, engine, 'run', 'ports.json');
  for (let tries = 0; ; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    try {
      const found = JSON.parse(readFileSync(ports, 'utf8')) as {
        bridge: number;
        tokenizer: number;
      };
      const authorization = `Basic ${Buffer.from('tokenline-sandbox:not-a-secret-sandbox').toString('base64')}`;
      const token = async (): Promise<string> => {
        const answer = await fetch(`http://127.0.0.1:${found.bridge}/oauth/token`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: '{"grant_type":"client_credentials"}',
        });
        return ((await answer.json()) as { access_token: string }).access_token;
      };
      await token();
      const url = `http://127.0.0.1:${found.tokenizer}/v1/tokens`;
      return [child, { name: 'whole', url, token }];
    } catch (error) {
      if (tries > 120) throw new Error('the system did not start', { cause: error });
    }
  }
}

async function floor(
  engine: string,
  databaseUrl: string | null,
  upstreamPort: number,
): Promise<[ChildProcess, Target]> {
  const dataDirectory = join(directory, `${engine}-floor`);
  mkdirSync(dataDirectory, { mode: 0o700 });
  const settings = JSON.stringify({ databaseUrl, dataDirectory, upstreamPort });
  const child = start(['--import', 'tsx', 'bench/floor.ts', settings]);
  const port = await portFrom(child);
  return [child, { name: 'floor', url: `http://127.0.0.1:${port}/`, token: async () => '' }];
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

async function measure(engine: string, targets: readonly [Target, Target]): Promise<object> {
  const [full, base] = targets;
  const callers = Number(options.callers);
  for (const target of targets) await load('closed', callers, WARM_SECONDS, target);
  const rounds: { full: Load; base: Load }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const pair = {
      full: await load('closed', callers, SECONDS, full),
      base: await load('closed', callers, SECONDS, base),
    };
    rounds.push(pair);
    say(
      `  round ${round}/${ROUNDS}: ${pair.full.perSecond.toFixed(0)}/s against ` +
        `${pair.base.perSecond.toFixed(0)}/s, ratio ${(pair.full.perSecond / pair.base.perSecond).toFixed(2)}`,
    );
  }
  const rate = Number(options.rate);
  const fullLatency = await load('open', rate, LATENCY_SECONDS, full);
  const baseLatency = await load('open', rate, LATENCY_SECONDS, base);
  const ratio = median(rounds.map((pair) => pair.full.perSecond / pair.base.perSecond));
  const result = {
    engine,
    callers,
    perSecond: rounded(median(rounds.map((pair) => pair.full.perSecond)), 0),
    floorPerSecond: rounded(median(rounds.map((pair) => pair.base.perSecond)), 0),
    ratio: rounded(ratio),
    rate,
    p50Ms: rounded(fullLatency.p50Ms),
    p99Ms: rounded(fullLatency.p99Ms),
    floorP50Ms: rounded(baseLatency.p50Ms),
    floorP99Ms: rounded(baseLatency.p99Ms),
  };
  say(
    `  ${engine}: ${result.perSecond}/s, floor ${result.floorPerSecond}/s, ratio ${result.ratio}` +
      ` (median of ${ROUNDS}); at ${rate}/s p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms` +
      ` (floor ${result.floorP50Ms} and ${result.floorP99Ms})`,
  );
  return result;
}

async function engineRun(
  engine: string,
  urls: readonly [string | null, string | null],
): Promise<object> {
  say(`\n${engine}`);
  const upstream = start(['--import', 'tsx', 'bench/upstream.ts']);
  const upstreamPort = await portFrom(upstream);
  const [fullChild, full] = await whole(engine, urls[0], upstreamPort);
  const [floorChild, base] = await floor(engine, urls[1], upstreamPort);
  try {
    return await measure(engine, [full, base]);
  } finally {
    for (const child of [fullChild, floorChild, upstream]) await stop(child);
  }
}

const bin = findPostgres();
const results: object[] = [];
say(`${cpus().length} cores, Node ${process.version}; gateway on loopback, answers at once`);
try {
  if (bin === null) say('PostgreSQL is not here ("npm test" installs it): measuring PGlite alone');
  else {
    const cluster = await startCluster(bin);
    try {
      const urls = ['whole', 'floor'].map((name) => {
        const host = new URL(cluster.url).searchParams.get('host') ?? '';
        execFileSync(join(bin, 'psql'), [
          '-h',
          host,
          '-U',
          'postgres',
          '-qc',
          `create database ${name}`,
        ]);
        return cluster.url.replace('/postgres?', `/${name}?`);
      });
      results.push(await engineRun('postgres', [urls[0] ?? null, urls[1] ?? null]));
    } finally {
      await cluster.stop();
    }
  }
  results.push(await engineRun('pglite', [null, null]));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
} finally {
  for (const child of started) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
}
