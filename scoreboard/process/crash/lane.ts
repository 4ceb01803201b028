import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'pg';
import type { Places } from '../../../src/cli/places.ts';
import { bridgeSettings, tokenizerSettings } from '../../../src/cli/settings.ts';
import { loadConfig } from '../../../src/system/config.ts';
import { systemRandomness } from '../../../src/system/randomness.ts';
import { admin, databaseUrl } from '../../../test/database.ts';
import { send, type Answer, type Outgoing } from '../../../test/whole/http.ts';
import { LIMITS as WHOLE_LIMITS } from '../../../test/whole/system.ts';
import { ARMED, FIRED, NAMES, TAKEN } from './child/plan.ts';
import { FaultProxy, type Turn } from '../fault-proxy.ts';
import { BILLING_HOST, GATEWAY_HOST, type House } from './house.ts';
import { Kept } from './kept.ts';
import { stepOf, type Step } from './steps.ts';

/** The defaults at a twentieth to a fiftieth of their length: a case is over in two seconds. */
export const SCALE = {
  deadlineMs: 1_200,
  /** After this, nothing that is delivered late is on its way any more. */
  absenceProofMs: 800,
  idleMs: 60,
} as const;

/** A scale of its own; what must not stop a test must not stop a case. */
const LIMITS = {
  ...WHOLE_LIMITS,
  deadline_ms: SCALE.deadlineMs,
  settle_delays_ms: [100, 200, 400],
  look_ms_max: 500,
  deliver_delays_ms: Array.from({ length: 100 }, () => 120),
  // A caller of a board waits until it knows.
  wait_ms_max: 60_000,
  retry: { retries_max: 2, first_delay_ms: 40, delay_ms_max: 120 },
};

const STOP_MS_MAX = 20_000;
const BILLING_TIMEOUT_MS = 500;
const CHECKPOINT_EVERY_MS = 200;

/** Where a process dies that cannot see it itself: told by the proxy between it and the gateway. */
export interface WireDeath {
  readonly step: Step;
  readonly at: 'request' | 'first_byte';
}

/** One whole system: bridge and tokenizer as processes, a database, and a network that can break. */
export class Lane {
  readonly bridge: Kept;
  readonly tokenizer: Kept;
  readonly gateway: FaultProxy;
  readonly billing: FaultProxy;
  readonly db: Pool;
  /** Of its processes: keys, socket, and the checkpoints that were shipped. */
  readonly data: string;
  readonly database: string;
  /** Told of every turn at the gateway, before anything is done with it. */
  onTurn: ((step: Step) => void) | null = null;
  readonly #sandboxPort: number;
  readonly #plan: string;
  #wireDeath: WireDeath | null = null;
  #wireFired = false;
  #token: string | null = null;
  #named = 0;

  private constructor(parts: {
    house: House;
    index: number;
    database: string;
    gateway: FaultProxy;
    billing: FaultProxy;
  }) {
    const { house, index, database } = parts;
    this.gateway = parts.gateway;
    this.billing = parts.billing;
    this.database = database;
    this.#sandboxPort = house.sandboxPorts[index] ?? 0;
    const data = join(house.directory, `lane-${index}`);
    this.data = data;
    this.#plan = join(data, 'plan');
    for (const directory of ['run', 'keys', 'plan', join('plan', NAMES), join('plan', TAKEN)]) {
      mkdirSync(join(data, directory), { recursive: true, mode: 0o700 });
    }
    const settings = this.#settings(house, data);
    const common = { plan: this.#plan, log: logFile(data), idleMs: SCALE.idleMs };
    this.bridge = new Kept(house.crew, { role: 'bridge', settings: settings.bridge, ...common });
    this.tokenizer = new Kept(house.crew, {
      role: 'tokenizer',
      settings: settings.tokenizer,
      ...common,
    });
    this.db = new Pool({ connectionString: databaseUrl(database), max: 2 });
    this.db.on('error', () => undefined);
    this.gateway.observer = {
      request: (turn) => this.#seen(turn),
      splits: ({ line }) =>
        this.#wireDeath?.at === 'first_byte' && this.#wireDeath.step === stepOf(line),
      firstByte: (turn) => this.#dieAt('first_byte', turn),
    };
  }

  /** @param index which of the house's make-believe gateways is its own. */
  static async open(house: House, index: number): Promise<Lane> {
    const upstream = { port: house.sandboxPorts[index] ?? 0, host: '127.0.0.1' };
    const options = { upstream, protocol: 'http', secure: house.certificates } as const;
    const database = await house.database();
    const gateway = await FaultProxy.start(options);
    const billing = await FaultProxy.start(options);
    const lane = new Lane({ house, index, database, gateway, billing });
    await Promise.all([lane.bridge.ready(), lane.tokenizer.ready()]);
    return lane;
  }

  #settings(house: House, data: string) {
    const file = join(data, 'tokenline.yaml');
    const written = {
      data,
      database_url: databaseUrl(this.database),
      gateway: {
        url: `https://${GATEWAY_HOST}:${this.gateway.port}`,
        ca_file: house.caFile,
        absence_is_proof_after_ms: SCALE.absenceProofMs,
      },
      billing: {
        url: `https://${BILLING_HOST}:${this.billing.port}/billing/events`,
        timeout_ms: BILLING_TIMEOUT_MS,
      },
      limits: LIMITS,
    };
    // YAML 1.2 takes JSON as it is.
    writeFileSync(file, JSON.stringify(written));
    const config = loadConfig(file, {});
    const places: Places = {
      bridgePort: 0,
      tokenizerPort: 0,
      sandboxPort: this.#sandboxPort,
      linePort: 0,
      credential: Buffer.from(systemRandomness.bytes(32)).toString('base64url'),
      version: '0.0.0',
    };
    const bridge = bridgeSettings(config, places, house.prompts);
    // Beyond what the configuration allows: every case is to have a checkpoint, and a machine that is
    // busy with other things must not use up a caller's attempts.
    const limits = { ...bridge.limits, cardTriesPerCall: 10_000 };
    const ledger = { ...bridge.ledger, checkpointEveryMs: CHECKPOINT_EVERY_MS };
    return {
      bridge: { ...bridge, limits, ledger },
      tokenizer: tokenizerSettings(config, places, house.prompts),
    };
  }

  // -- what is to die, and where

  /** Arms a point that the processes see themselves. */
  arm(point: string): void {
    writeFileSync(join(this.#plan, ARMED), point);
  }

  /** Arms a point that only the wire shows. */
  armWire(death: WireDeath): void {
    this.#wireDeath = death;
  }

  /** True once a process has died at what was armed last. */
  fired(): boolean {
    return this.#wireFired || existsSync(join(this.#plan, FIRED));
  }

  disarm(): void {
    this.#wireDeath = null;
    this.#wireFired = false;
    for (const file of [ARMED, FIRED]) rmSync(join(this.#plan, file), { force: true });
  }

  async #seen(turn: Turn): Promise<void> {
    this.onTurn?.(stepOf(turn.line));
    await this.#dieAt('request', turn);
  }

  async #dieAt(at: WireDeath['at'], turn: Turn): Promise<void> {
    const death = this.#wireDeath;
    if (death?.at !== at || death.step !== stepOf(turn.line)) return;
    this.#wireDeath = null;
    await (death.step === 'tokenise' ? this.tokenizer : this.bridge).kill();
    this.#wireFired = true;
  }

  // -- what its names answer

  /** The next look-up of a name ends so. */
  name(host: string, answer: 'nowhere' | 'unknown'): void {
    this.#named += 1;
    writeFileSync(
      join(this.#plan, NAMES, `${host} ${String(this.#named).padStart(6, '0')} ${answer}`),
      '',
    );
  }

  namesLeft(): number {
    return readdirSync(join(this.#plan, NAMES)).length;
  }

  clearNames(): void {
    for (const place of [NAMES, TAKEN]) {
      for (const file of readdirSync(join(this.#plan, place))) {
        rmSync(join(this.#plan, place, file), { force: true });
      }
    }
  }

  // -- what callers ask

  async ask(
    role: 'bridge' | 'tokenizer',
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const process = role === 'bridge' ? this.bridge : this.tokenizer;
    await process.ready();
    const text = body === undefined ? null : JSON.stringify(body);
    const asked = async (): Promise<Answer> => {
      const headers = {
        authorization: `Bearer ${await this.#bearer()}`,
        ...(text === null ? {} : { 'content-type': 'application/json' }),
      };
      return send(process.port, { method, path, headers, body: text });
    };
    const answer = await asked();
    if (answer.status !== 401) return answer;
    // A board runs longer than a token lives.
    this.#token = null;
    return asked();
  }

  async #bearer(): Promise<string> {
    if (this.#token !== null) return this.#token;
    const basic = Buffer.from('tokenline-sandbox:not-a-secret-sandbox').toString('base64');
    const answer = await send(this.bridge.port, {
      method: 'POST',
      path: '/oauth/token',
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    if (answer.status !== 200) throw new Error(`no bearer: ${answer.status} ${answer.text}`);
    this.#token = String(answer.body['access_token']);
    return this.#token;
  }

  /** The make-believe gateway itself, past every fault. */
  async sandbox(outgoing: Outgoing): Promise<Answer> {
    const answer = await send(this.#sandboxPort, outgoing);
    if (answer.status !== 200) throw new Error(`sandbox: ${answer.status} ${answer.text}`);
    return answer;
  }

  /** Asks its processes to stop, and waits for them. */
  async stop(): Promise<void> {
    await this.tokenizer.stop(STOP_MS_MAX);
    await this.bridge.stop(STOP_MS_MAX);
  }

  async close(): Promise<void> {
    await this.stop();
    this.gateway.close();
    this.billing.close();
    await this.db.end();
    await admin(`drop database ${this.database} with (force)`);
  }
}

/** Kept for whoever looks into a case that failed. */
function logFile(data: string): string | null {
  const wanted = process.env['TOKENLINE_BOARD_LOG'];
  return wanted === undefined ? null : `${wanted}-${data.split('-').at(-1) ?? ''}.log`;
}
