import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portFrom, seconds, type Ground } from './ground.ts';

/** Where a request goes, and which processes serve it. */
export interface Target {
  readonly name: string;
  readonly process: ChildProcess;
  readonly url: string;
  /** A fresh access token, or none for the floor. */
  readonly token: () => Promise<string>;
}

export interface WholeOptions {
  /** `null` is the embedded database. */
  readonly databaseUrl: string | null;
  /** Of the gateway that answers at once. */
  readonly gatewayPort: number;
  /** `database_prepared_statements`. */
  readonly keepStatements?: boolean;
  /** An earlier directory, or a new one. */
  readonly data?: string;
  /** Shared by the replicas of one ledger. */
  readonly ledgerKeyFile?: string;
}

export interface Whole extends Target {
  readonly data: string;
  readonly bridgeUrl: string;
  /** From the start of the process until everything was ready. */
  readonly startedInMs: number;
}

const START_TRIES = 3000;
const LOOK_EVERY_S = 0.02;
/** Those of the sandbox, which everybody knows. */
const CLIENT = 'tokenline-sandbox:not-a-secret-sandbox';

function configure(ground: Ground, data: string, options: WholeOptions): string {
  const file = join(ground.directory, `${ground.name('whole')}.yaml`);
  const { databaseUrl, gatewayPort, ledgerKeyFile, keepStatements = false } = options;
  // YAML 1.2 takes JSON as it is.
  const config = {
    mode: 'sandbox',
    data,
    ...(databaseUrl === null ? {} : { database_url: databaseUrl }),
    database_prepared_statements: keepStatements,
    bridge: { port: 0 },
    tokenizer: { port: 0 },
    sandbox: { port: 0 },
    line: { port: 0 },
    gateway: { url: `http://127.0.0.1:${gatewayPort}`, verification: false },
    ...(ledgerKeyFile === undefined ? {} : { ledger: { key_file: ledgerKeyFile } }),
  };
  writeFileSync(file, `${JSON.stringify(config)}\n`);
  return file;
}

async function tokenOf(bridgeUrl: string): Promise<string> {
  const answer = await fetch(`${bridgeUrl}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(CLIENT).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: '{"grant_type":"client_credentials"}',
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Starts the whole of Tokenline as its user does, and waits until it is ready. */
export async function startWhole(ground: Ground, options: WholeOptions): Promise<Whole> {
  const data = options.data ?? ground.folder('data');
  const file = configure(ground, data, options);
  const log = join(ground.directory, `${ground.name('log')}.txt`);
  const startedMs = performance.now();
  const child = ground.startLogged(['dist/cli/main.js', 'serve', '--config', file], log);
  const portsFile = join(data, 'run', 'ports.json');
  for (let tries = 0; !existsSync(portsFile); tries += 1) {
    if (child.exitCode !== null || tries === START_TRIES) {
      throw new Error(`the system did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
    }
    await seconds(LOOK_EVERY_S);
  }
  const ports = JSON.parse(readFileSync(portsFile, 'utf8')) as {
    bridge: number;
    tokenizer: number;
  };
  const tokenizerUrl = `http://127.0.0.1:${ports.tokenizer}`;
  const bridgeUrl = `http://127.0.0.1:${ports.bridge}`;
  const ready = await fetch(`${tokenizerUrl}/readyz`);
  if (ready.status !== 200) throw new Error(`the tokenizer is not ready: ${ready.status}`);
  return {
    name: 'whole',
    process: child,
    url: `${tokenizerUrl}/v1/tokens`,
    token: () => tokenOf(bridgeUrl),
    data,
    bridgeUrl,
    startedInMs: performance.now() - startedMs,
  };
}

/** Starts what the whole is compared with: see `floor.ts`. */
export async function startFloor(
  ground: Ground,
  { databaseUrl, gatewayPort, keepStatements = false }: WholeOptions,
): Promise<Target> {
  const dataDirectory = ground.folder('floor');
  const settings = { databaseUrl, dataDirectory, upstreamPort: gatewayPort, keepStatements };
  const words = ['--import', 'tsx', 'bench/floor.ts', JSON.stringify(settings)];
  const child = ground.start(words);
  const url = `http://127.0.0.1:${await portFrom(child)}/`;
  return { name: 'floor', process: child, url, token: async () => '' };
}

/** Starts the gateway that answers at once. */
export async function startGateway(
  ground: Ground,
): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const child = ground.start(['--import', 'tsx', 'bench/upstream.ts']);
  return { process: child, port: await portFrom(child) };
}

export interface Load {
  readonly answered: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly problems: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  /** `closed`: so many callers. `open`: so many requests a second. See `load.ts`. */
  readonly mode: 'open' | 'closed';
  readonly count: number;
  readonly seconds: number;
}

/** Puts load on a target from a process of its own. @throws where an answer was wrong. */
export async function load(ground: Ground, target: Target, options: LoadOptions): Promise<Load> {
  const { mode, count, seconds: long } = options;
  const words = ['--import', 'tsx', 'bench/load.ts', mode, String(count), String(long)];
  const child = ground.start([...words, target.url, await target.token()]);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  const result = JSON.parse(text) as Load;
  if (Object.keys(result.problems).length > 0) {
    throw new Error(`${target.name} gave wrong answers: ${JSON.stringify(result.problems)}`);
  }
  return result;
}
