import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { admin, databaseUrl, type EngineName } from '../database.ts';
import { newId, systemRandomness } from '../../src/system/randomness.ts';
import { send, type Answer, type Outgoing } from './http.ts';
import { findLeaks } from './leaks.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

export type Role = 'bridge' | 'tokenizer' | 'sandbox';
export const ROLES: readonly Role[] = ['tokenizer', 'bridge', 'sandbox'];

/** Generous: other tests run beside this one. */
const PATIENCE_MS = 60_000;

/** The defaults at about a fifteenth of their length; nothing here stops a test by its number of tries. */
export const LIMITS = {
  deadline_ms: 1_500,
  settle_delays_ms: [150, 400, 1_000],
  look_ms_max: 1_000,
  deliver_delays_ms: Array.from({ length: 60 }, () => 250),
  wait_ms_max: 4_000,
  card_tries_per_call: 10,
  card_tries_per_ani_hour: 1_000,
  card_tries_per_ani_day: 1_000,
  card_tries_per_customer_day: 1_000,
  card_tries_per_card_day: 1_000,
  card_testing: {
    bin_window: 20,
    bin_decline_rate_max: 1,
    all_window: 100,
    all_decline_rate_max: 1,
  },
  retry: { retries_max: 2, first_delay_ms: 60, delay_ms_max: 250 },
  // Never opens: `breaker.test.ts` sets its own.
  breaker: {
    latency_ms_max: 60_000,
    slow_calls: 1_000,
    error_rate_max: 1,
    window: 20,
    open_ms: 1_000,
    probe_ms: 1_000,
  },
};

export interface SystemOptions {
  readonly engine: EngineName;
  /** On top of the scaled ones; `null` runs with the defaults of the product. */
  readonly limits?: Readonly<Record<string, unknown>> | null;
  readonly gateway?: Readonly<Record<string, unknown>>;
  /** Whole sections of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface LedgerOfGateway {
  readonly tokens: readonly Record<string, unknown>[];
  readonly subscriptions: readonly (Record<string, unknown> & {
    changes: readonly { verb: string }[];
  })[];
  readonly charges: readonly Record<string, unknown>[];
  readonly operations: readonly Record<string, unknown>[];
}

export interface BillingEvent {
  readonly 'webhook-id': string;
  readonly type: string;
  readonly verified: boolean;
  readonly deliveries: number;
  readonly body: { readonly data: Readonly<Record<string, unknown>> };
}

export interface ScriptEntry {
  readonly operation: string;
  readonly behave: string;
  readonly interaction_id?: string;
}

const CLIENTS = {
  flows: ['tokenline-sandbox', 'not-a-secret-sandbox'],
  operator: ['tokenline-operator', 'not-a-secret-operator'],
} as const;
export type ClientName = keyof typeof CLIENTS;

/** Looks again and again until there is something. */
export async function until<T>(
  what: string,
  look: () => T | null | Promise<T | null>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    assert.ok(performance.now() < endMs, `${what} did not happen within ${patienceMs} ms`);
    await wait(25);
  }
}

const running = new Set<System>();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    for (const system of running) system.abandon();
    process.exit(1);
  });
}

/** A whole Tokenline, as its user starts it: real processes, ports and files, and nothing shared. */
export class System {
  readonly engine: EngineName;
  readonly directory = mkdtempSync(join(tmpdir(), 'tl-whole-'));
  readonly data = join(this.directory, 'data');
  readonly configFile = join(this.directory, 'tokenline.yaml');
  readonly databaseName: string | null;
  /** Card numbers that a test has sent: none of them may be found anywhere afterwards. */
  readonly pans = new Set<string>();
  ports: Readonly<Record<Role | 'line', number>> = { bridge: 0, tokenizer: 0, sandbox: 0, line: 0 };
  /** Until it was ready, milliseconds. */
  startedInMs = 0;
  #parent: ChildProcess | null = null;
  #ended: Promise<number | null> = Promise.resolve(null);
  #log = '';
  #tokens = new Map<ClientName, string>();

  private constructor(options: SystemOptions) {
    this.engine = options.engine;
    this.databaseName = options.engine === 'postgres' ? newId('whole', systemRandomness) : null;
    const { limits = {}, gateway = {}, config = {} } = options;
    const written = {
      data: this.data,
      database_url: this.databaseName === null ? null : databaseUrl(this.databaseName),
      bridge: { port: 0 },
      tokenizer: { port: 0 },
      sandbox: { port: 0 },
      line: { port: 0 },
      billing: { timeout_ms: 1_000 },
      ledger: { checkpoint_every_ms: 1_000 },
      gateway: limits === null ? gateway : { absence_is_proof_after_ms: 1_200, ...gateway },
      ...(limits === null ? {} : { limits: { ...LIMITS, ...limits } }),
      ...config,
    };
    // YAML 1.2 takes JSON as it is.
    writeFileSync(this.configFile, JSON.stringify(written));
  }

  static async start(options: SystemOptions): Promise<System> {
    const system = new System(options);
    running.add(system);
    if (system.databaseName !== null) await admin(`create database ${system.databaseName}`);
    try {
      await system.start();
      return system;
    } catch (error) {
      system.abandon();
      throw error;
    }
  }

  /** Starts it on the same data as before. */
  async start(): Promise<void> {
    const startMs = performance.now();
    const parent = spawn(process.execPath, [MAIN, 'serve', '--config', this.configFile], {
      cwd: this.directory,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#parent = parent;
    const from = this.#log.length;
    parent.stdout.on('data', (chunk: Buffer) => (this.#log += chunk.toString('utf8')));
    parent.stderr.on('data', (chunk: Buffer) => (this.#log += chunk.toString('utf8')));
    this.#ended = new Promise((done) => parent.once('close', (code) => done(code)));
    await until('readiness', () => {
      assert.equal(parent.exitCode, null, `it ended:\n${this.#log}`);
      return this.#log.slice(from).includes('Stop with') ? true : null;
    });
    const file = join(this.data, 'run', 'ports.json');
    this.ports = JSON.parse(readFileSync(file, 'utf8')) as Record<Role | 'line', number>;
    this.startedInMs = performance.now() - startMs;
  }

  /** Everything that its processes have written. */
  written(): string {
    return this.#log;
  }

  parentPid(): number {
    return this.#parent?.pid ?? 0;
  }

  /** The process of a role as it is now; `null` while it is away. */
  pidOf(role: Role): number | null {
    return childOf(this.parentPid(), role);
  }

  async kill9(role: Role): Promise<void> {
    const pid = await until(`a process ${role}`, () => this.pidOf(role));
    process.kill(pid, 'SIGKILL');
    await until(`the end of ${role}`, () => (this.pidOf(role) === pid ? null : true));
  }

  /** Until every process answers, also to the others. */
  async ready(): Promise<void> {
    for (const role of ROLES) {
      await until(`readiness of ${role}`, async () => {
        const answer = await this.send(role, { path: '/readyz' }).catch(() => null);
        return answer?.status === 200 ? true : null;
      });
    }
  }

  send(role: Role, outgoing: Outgoing): Promise<Answer> {
    return send(this.ports[role], outgoing);
  }

  async token(client: ClientName = 'flows'): Promise<string> {
    const known = this.#tokens.get(client);
    if (known !== undefined) return known;
    const basic = Buffer.from(CLIENTS[client].join(':')).toString('base64');
    const answer = await this.send('bridge', {
      method: 'POST',
      path: '/oauth/token',
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    assert.equal(answer.status, 200, answer.text);
    const token = String(answer.body['access_token']);
    this.#tokens.set(client, token);
    return token;
  }

  /** A request with a token and, where there is one, a JSON body. */
  async ask(
    role: 'bridge' | 'tokenizer',
    method: string,
    path: string,
    body?: unknown,
    client: ClientName = 'flows',
  ): Promise<Answer> {
    return this.send(role, {
      method,
      path,
      headers: {
        authorization: `Bearer ${await this.token(client)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
  }

  /** Waits while it is being started again. */
  #sandbox(outgoing: Outgoing): Promise<Answer> {
    return until('an answer of the sandbox', () =>
      this.send('sandbox', outgoing).catch(() => null),
    );
  }

  async script(entries: readonly ScriptEntry[]): Promise<void> {
    const body = JSON.stringify(entries);
    const outgoing = { method: 'POST', path: '/__sandbox/script', body };
    const answer = await this.#sandbox(outgoing);
    assert.equal(answer.status, 200, answer.text);
  }

  async ledger(): Promise<LedgerOfGateway> {
    const answer = await this.#sandbox({ path: '/__sandbox/ledger' });
    return JSON.parse(answer.text) as LedgerOfGateway;
  }

  async billing(): Promise<readonly BillingEvent[]> {
    const answer = await this.#sandbox({ path: '/__sandbox/billing' });
    return (JSON.parse(answer.text) as { events: BillingEvent[] }).events;
  }

  async gauge(name: string): Promise<number> {
    const { text } = await this.send('bridge', { path: '/metrics' });
    const found = new RegExp(`^tokenline_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1];
    assert.notEqual(found, undefined, `there is no metric tokenline_${name}`);
    return Number(found);
  }

  /** Asks it to stop, as a supervisor does. @returns its exit code. */
  async terminate(): Promise<number | null> {
    this.#parent?.kill('SIGTERM');
    return this.#ended;
  }

  /**
   * Ends it, looks for card numbers in everything that it has written, answered or kept, and takes
   * everything away.
   */
  async stop(): Promise<void> {
    try {
      const shown = this.#parent?.exitCode === null ? await this.#shown() : {};
      assert.equal(await this.terminate(), 0, this.#log.slice(-2_000));
      const leaks = await findLeaks({
        data: this.data,
        pans: this.pans,
        databaseName: this.databaseName,
        log: this.#log,
        shown,
      });
      assert.deepEqual(leaks, []);
    } finally {
      this.abandon();
      if (this.databaseName !== null)
        await admin(`drop database ${this.databaseName} with (force)`);
    }
  }

  /** What it says of itself to operators and auditors. */
  async #shown(): Promise<Record<string, string>> {
    const shown: Record<string, string> = {};
    for (const role of ['bridge', 'tokenizer'] as const) {
      shown[`metrics of ${role}`] = (await this.send(role, { path: '/metrics' })).text;
    }
    for (let after = 0, more = true; more;) {
      const path = `/v1/audit?limit=1000&after_seq=${after}`;
      const { text, body } = await this.ask('bridge', 'GET', path, undefined, 'operator');
      const entries = body['entries'] as { seq: number }[];
      shown[`audit after ${after}`] = text;
      more = entries.length > 0;
      after = entries.at(-1)?.seq ?? after;
    }
    return shown;
  }

  /** Kills what is left and removes its files; for ends that nothing can be expected of. */
  abandon(): void {
    running.delete(this);
    const pids = ROLES.map((role) => this.pidOf(role));
    this.#parent?.kill('SIGKILL');
    for (const pid of pids) if (pid !== null && existsSync(`/proc/${pid}`)) killed(pid);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The child that runs a role for a parent; `null` while there is none. */
export function childOf(parentPid: number, role: Role | 'line'): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = textOf(`/proc/${name}/cmdline`);
    const [, parent] = /^\d+ \(.*\) \S (\d+) /s.exec(textOf(`/proc/${name}/stat`)) ?? [];
    if (Number(parent) === parentPid && command.includes(`${role}-process.js`)) {
      return Number(name);
    }
  }
  return null;
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime.
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
