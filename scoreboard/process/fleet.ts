import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, systemRandomness, type Randomness } from '../../src/system/randomness.ts';
import { tokenline, type Ended } from '../../test/whole/command.ts';
import type { CallPlace } from '../../test/whole/caller.ts';
import type { Answer, Outgoing } from '../../test/whole/http.ts';
import {
  LIMITS,
  until,
  type LedgerOfGateway,
  type Role,
  type ScriptEntry,
} from '../../test/whole/system.ts';
import { Balancer } from './balancer.ts';
import { Billing } from './billing.ts';
import { Unit } from './unit.ts';

export interface FleetOptions {
  readonly bridges: number;
  readonly tokenizers: number;
  readonly databaseUrl: string;
  readonly randomness: Randomness;
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** As the sandbox's defaults have it (src/system/config-defaults.ts). */
const BILLING_SECRET = 'whsec_bm90LWEtc2VjcmV0LWJpbGxpbmctd2ViaG9vaw==';
/** The one that `tokenline audit` takes where no other is named. */
const OPERATOR = {
  id: 'tokenline-operator',
  secret: 'not-a-secret-operator',
  scopes: ['operator', 'auditor'],
};
/**
 * One client is let through 100 times a second and one address 200 times (src/api/settings.ts); a
 * load comes from more, as that of several organisations does.
 */
const CLIENTS = Array.from({ length: 8 }, (_, n) => ({
  id: `flows-${'abcdefgh'[n]}`,
  secret: `not-a-secret-flows-${'abcdefgh'[n]}`,
  scopes: ['calls', 'cards'],
}));
/** Below the ports that systems give to outgoing connections (Linux: 32768 and up). */
const PORT_MIN = 20_000;
const PORT_COUNT = 12_000;

/** How requests ended, from the callers' side. */
export interface AskCounts {
  asked: number;
  /** No answer, by the error: the connection was refused or broke. */
  readonly unanswered: Map<string, number>;
  /** Answers that are not 200, by status and code. */
  readonly faults: Map<string, number>;
}

/** Bridges and tokenizers as an operator runs them: apart, several of each, on one database. */
export class Fleet {
  readonly directory = mkdtempSync(join(tmpdir(), 'tl-fleet-'));
  readonly units: Unit[] = [];
  readonly counts: AskCounts = { asked: 0, unanswered: new Map(), faults: new Map() };
  readonly billing: Billing;
  readonly pans = new Set<string>();
  readonly #randomness: Randomness;
  readonly #balancer: Balancer;
  readonly #tokens = new Map<string, Promise<string>>();

  private constructor(randomness: Randomness, billing: Billing, balancer: Balancer) {
    this.#randomness = randomness;
    this.billing = billing;
    this.#balancer = balancer;
  }

  /** Starts all processes at once on an empty database, and waits until each is ready. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { bridges, tokenizers, randomness } = options;
    const [sandbox = 0, ...ports] = await freePorts(1 + bridges * 2 + tokenizers);
    const bridgePorts = ports.splice(0, bridges);
    const internalPorts = ports.splice(0, bridges);
    const balancer = await Balancer.open(internalPorts);
    const billing = await Billing.open(BILLING_SECRET);
    const fleet = new Fleet(randomness, billing, balancer);
    const shared = fleet.#shared(options);
    const add = (name: string, role: Role, port: number, more: object): void => {
      const config = { ...shared, sandbox: { port: sandbox }, [role]: { port }, ...more };
      fleet.units.push(new Unit({ name, role, port, directory: fleet.directory, config }));
    };
    // Events of the gateway go to the first bridge.
    add('sandbox', 'sandbox', sandbox, { bridge: { port: bridgePorts[0] } });
    const credential = shared.internal.credential;
    bridgePorts.forEach((port, n) => {
      const url = `http://127.0.0.1:${internalPorts[n]}`;
      add(`bridge-${n + 1}`, 'bridge', port, { internal: { url, credential } });
    });
    ports.forEach((port, n) => {
      const url = `http://127.0.0.1:${balancer.port}`;
      add(`tokenizer-${n + 1}`, 'tokenizer', port, { internal: { url, credential } });
    });
    try {
      for (const unit of fleet.units) unit.start();
      await fleet.ready();
      return fleet;
    } catch (error) {
      await fleet.abandon();
      throw error;
    }
  }

  of(role: Role): Unit[] {
    return this.units.filter((unit) => unit.role === role);
  }

  async ready(): Promise<void> {
    await Promise.all(this.units.map((unit) => unit.ready()));
  }

  /** Where calls come from: each place has a client and an address of its own. */
  place(n: number): CallPlace {
    const client = CLIENTS[n % CLIENTS.length] ?? OPERATOR;
    const localAddress = `127.0.0.${2 + (n % CLIENTS.length)}`;
    return {
      pans: this.pans,
      script: (entries) => this.script(entries),
      ask: async (role, method, path, body) => {
        const units = this.of(role);
        const unit = units[Math.floor(this.#randomness.fraction() * units.length)];
        if (unit === undefined) throw new Error(`there is no ${role}`);
        return this.askOf(unit, { method, path, localAddress }, body, client);
      },
    };
  }

  /** Asks one replica. */
  async askOf(
    unit: Unit,
    outgoing: Outgoing,
    body?: unknown,
    client = CLIENTS[0] ?? OPERATOR,
  ): Promise<Answer> {
    const token = await this.#token(client);
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    this.counts.asked += 1;
    try {
      const answer = await unit.send({
        ...outgoing,
        headers: { authorization: `Bearer ${token}`, ...json },
        body: body === undefined ? null : JSON.stringify(body),
      });
      if (answer.status !== 200) this.#countFault(answer);
      return answer;
    } catch (error) {
      const named = error instanceof Error && 'code' in error ? String(error.code) : 'time-out';
      more(this.counts.unanswered, named);
      throw error;
    }
  }

  operator(unit: Unit, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.askOf(unit, { method, path }, body, OPERATOR);
  }

  async script(entries: readonly ScriptEntry[]): Promise<void> {
    const body = JSON.stringify(entries);
    await this.#sandbox({ method: 'POST', path: '/__sandbox/script', body });
  }

  /** The gateway's ledger: the only side that knows. */
  async ledger(): Promise<LedgerOfGateway> {
    const { text } = await this.#sandbox({ path: '/__sandbox/ledger' });
    return JSON.parse(text) as LedgerOfGateway;
  }

  /** `tokenline audit verify`, with the checkpoints that all bridges have shipped. */
  verify(): Promise<Ended> {
    const bridges = this.of('bridge');
    const files = bridges
      .map((bridge) => join(bridge.data, 'checkpoints.jsonl'))
      .filter(existsSync);
    const gathered = join(this.directory, 'checkpoints.jsonl');
    writeFileSync(gathered, files.map((file) => readFileSync(file, 'utf8')).join(''));
    const words = ['--url', `http://127.0.0.1:${bridges[0]?.port}`, '--checkpoints', gathered];
    return tokenline(['audit', 'verify', ...words], { TOKENLINE_DATA: bridges[0]?.data ?? '' });
  }

  /** Ends everything in order. @returns what ended in another way than it should. */
  async stop(): Promise<string[]> {
    const wrong: string[] = [];
    try {
      for (const role of ['tokenizer', 'bridge', 'sandbox'] as const) {
        const codes = await Promise.all(this.of(role).map((unit) => unit.terminate()));
        this.of(role).forEach((unit, n) => {
          if (codes[n] !== 0) wrong.push(`${unit.name} ended with exit code ${codes[n]}`);
        });
      }
    } finally {
      await this.abandon();
    }
    return wrong;
  }

  /** Kills what is left and removes its files. */
  async abandon(): Promise<void> {
    for (const unit of this.units) unit.abandon();
    await this.#balancer.close();
    await this.billing.close();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** What every replica has to be told alike. */
  #shared(options: FleetOptions) {
    const keys = join(this.directory, 'keys');
    mkdirSync(keys, { mode: 0o700 });
    return {
      database_url: options.databaseUrl,
      line: { port: 0 },
      internal: { credential: newId('credential', systemRandomness) },
      access: { key_file: join(keys, 'access.pem') },
      ledger: { key_file: join(keys, 'ledger.pem'), checkpoint_every_ms: 1_000 },
      billing: { url: this.billing.url, secret: BILLING_SECRET, timeout_ms: 1_000 },
      gateway: { absence_is_proof_after_ms: 1_200 },
      clients: [...CLIENTS, OPERATOR],
      limits: { ...LIMITS, ...options.limits },
    };
  }

  #sandbox(outgoing: Outgoing): Promise<Answer> {
    const [sandbox] = this.of('sandbox');
    return until('an answer of the sandbox', async () => {
      const answer = await sandbox?.send(outgoing).catch(() => null);
      return answer?.status === 200 ? answer : null;
    });
  }

  #countFault({ status, body }: Answer): void {
    const { code } = body;
    const name = typeof code === 'string' ? `${status} ${code}` : String(status);
    more(this.counts.faults, name);
  }

  /** Of any bridge: replicas share the key that signs them. */
  #token({ id, secret }: { readonly id: string; readonly secret: string }): Promise<string> {
    const known = this.#tokens.get(id);
    if (known !== undefined) return known;
    const outgoing = {
      method: 'POST',
      path: '/oauth/token',
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    };
    const bridges = this.of('bridge');
    let turn = 0;
    const token = until(`a token for ${id}`, async () => {
      const bridge = bridges[turn++ % bridges.length];
      const answer = await bridge?.send(outgoing).catch(() => null);
      return answer?.status === 200 ? String(answer.body['access_token']) : null;
    });
    this.#tokens.set(id, token);
    return token;
  }
}

function more(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = PORT_MIN + Math.floor(systemRandomness.fraction() * PORT_COUNT);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((told) => {
    const server = createServer();
    server.once('error', () => told(false));
    server.listen(port, '127.0.0.1', () => server.close(() => told(true)));
  });
}
