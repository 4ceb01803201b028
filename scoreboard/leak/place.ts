import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, systemRandomness } from '../../src/system/randomness.ts';
import { findPostgres, startCluster, type Cluster } from '../../test/cluster.ts';
import { LIMITS, until, type ScriptEntry } from '../../test/whole/system.ts';
import { FaultProxy } from '../process/fault-proxy.ts';
import { freePorts } from '../process/fleet.ts';
import { Unit } from '../process/unit.ts';
import { Answers } from './answers.ts';
import { Tap } from './tap.ts';

type RoleName = 'sandbox' | 'bridge' | 'tokenizer' | 'line';

/** As the sandbox's defaults have them (src/system/config-defaults.ts). */
const CLIENTS = {
  flows: 'tokenline-sandbox:not-a-secret-sandbox',
  operator: 'tokenline-operator:not-a-secret-operator',
} as const;
export type ClientName = keyof typeof CLIENTS;

/** How long a request may hang before the bridge's word; ten times shorter than the default. */
const DEADLINE_MS = 1_500;

/** One whole Tokenline, each process under a parent of its own, with an ear on every line. */
export class Place {
  readonly directory: string;
  readonly answers = new Answers();
  /** What each process has written to standard output and error. */
  readonly written = new Map<string, Buffer[]>();
  readonly units: Readonly<Record<RoleName, Unit>>;
  readonly ports: Readonly<Record<RoleName | 'internal', number>>;
  /** Lines on which no card may be. */
  readonly taps: Readonly<
    Record<'database' | 'gateway' | 'internal' | 'billing' | 'line' | 'webhook', Tap>
  >;
  /** The line from the tokenizer to the gateway: the only one that a card is on. */
  readonly cardLine: FaultProxy;
  readonly cluster: Cluster;
  readonly #tokens = new Map<ClientName, string>();

  private constructor(parts: Pick<Place, 'directory' | 'ports' | 'taps' | 'cardLine' | 'cluster'>) {
    const { directory, ports, taps, cardLine } = parts;
    this.directory = directory;
    this.ports = ports;
    this.taps = taps;
    this.cardLine = cardLine;
    this.cluster = parts.cluster;
    const keys = join(directory, 'keys');
    mkdirSync(keys, { mode: 0o700 });
    const credential = newId('credential', systemRandomness);
    const shared = {
      database_url: `postgresql://postgres@127.0.0.1:${taps.database.port}/postgres`,
      access: { key_file: join(keys, 'access.pem') },
      ledger: { key_file: join(keys, 'ledger.pem'), checkpoint_every_ms: 1_000 },
      limits: { ...LIMITS, deadline_ms: DEADLINE_MS },
    };
    const local = (port: number): string => `http://127.0.0.1:${port}`;
    const unit = (role: RoleName, config: object): Unit => {
      const heard: Buffer[] = [];
      this.written.set(role, heard);
      return new Unit({
        name: role,
        role,
        port: ports[role],
        directory,
        config: { ...shared, [role]: { port: ports[role] }, ...config },
        // Who has to do with cards refuses these flags (src/tokenizer/hardening.ts).
        nodeFlags: role === 'bridge' ? ['--report-on-signal', '--report-signal=SIGUSR2'] : [],
        hear: (chunk) => void heard.push(chunk),
      });
    };
    this.units = {
      sandbox: unit('sandbox', { bridge: { port: taps.webhook.port } }),
      bridge: unit('bridge', {
        sandbox: { port: ports.sandbox },
        internal: { url: local(ports.internal), credential },
        gateway: { url: local(taps.gateway.port), absence_is_proof_after_ms: 1_200 },
        billing: { url: `${local(taps.billing.port)}/billing/events`, timeout_ms: 1_000 },
      }),
      tokenizer: unit('tokenizer', {
        sandbox: { port: ports.sandbox },
        internal: { url: local(taps.internal.port), credential },
        gateway: { url: local(cardLine.port) },
      }),
      line: unit('line', {
        sandbox: { port: ports.sandbox },
        bridge: { port: taps.line.port },
        tokenizer: { port: ports.tokenizer },
      }),
    };
  }

  static async open(): Promise<Place> {
    const bin = findPostgres();
    if (bin === null) throw new Error('this board needs PostgreSQL (initdb, postgres, psql)');
    const directory = mkdtempSync(join(tmpdir(), 'tl-leak-'));
    const cluster = await startCluster(bin);
    const [sandbox = 0, bridge = 0, tokenizer = 0, line = 0, internal = 0] = await freePorts(5);
    const ports = { sandbox, bridge, tokenizer, line, internal };
    const socket = join(socketDirectory(cluster), '.s.PGSQL.5432');
    const to = (port: number) => ({ host: '127.0.0.1', port });
    const place = new Place({
      directory,
      ports,
      cluster,
      taps: {
        database: await Tap.open('bridge and database', { path: socket }),
        gateway: await Tap.open('bridge and gateway', to(sandbox)),
        internal: await Tap.open('tokenizer and bridge', to(internal)),
        billing: await Tap.open('bridge and billing', to(sandbox)),
        line: await Tap.open('telephone line and bridge', to(bridge)),
        webhook: await Tap.open('gateway and bridge', to(bridge)),
      },
      cardLine: await FaultProxy.start({ upstream: to(sandbox), protocol: 'http' }),
    });
    try {
      for (const unit of Object.values(place.units)) unit.start();
      await Promise.all(Object.values(place.units).map((unit) => unit.ready()));
      return place;
    } catch (error) {
      await place.abandon();
      throw error;
    }
  }

  /** The directory of PostgreSQL: its data, its socket and its log. */
  get databaseDirectory(): string {
    return socketDirectory(this.cluster);
  }

  async token(client: ClientName = 'flows'): Promise<string> {
    const known = this.#tokens.get(client);
    if (known !== undefined) return known;
    const answer = await this.answers.ask('bridge', this.ports.bridge, {
      method: 'POST',
      path: '/oauth/token',
      headers: {
        authorization: `Basic ${Buffer.from(CLIENTS[client]).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const token = answer?.body['access_token'];
    if (typeof token !== 'string')
      throw new Error(`no access token for ${client}: ${answer?.status}`);
    this.#tokens.set(client, token);
    return token;
  }

  async script(entries: readonly ScriptEntry[]): Promise<void> {
    await until('the script of the sandbox', async () => {
      const answer = await this.answers.ask('sandbox', this.ports.sandbox, {
        method: 'POST',
        path: '/__sandbox/script',
        body: JSON.stringify(entries),
      });
      return answer?.status === 200 ? true : null;
    });
  }

  async ready(): Promise<void> {
    await Promise.all([this.units.bridge.ready(), this.units.tokenizer.ready()]);
  }

  /** Ends everything in order. @returns what ended otherwise than it should. */
  async stop(): Promise<string[]> {
    const wrong: string[] = [];
    for (const role of ['line', 'tokenizer', 'bridge', 'sandbox'] as const) {
      const code = await this.units[role].terminate();
      if (code !== 0) wrong.push(`${role} ended with exit code ${code}`);
    }
    return wrong;
  }

  /** Kills what is left and removes its files. */
  async abandon(): Promise<void> {
    for (const unit of Object.values(this.units)) unit.abandon();
    for (const tap of Object.values(this.taps)) tap.close();
    this.cardLine.close();
    await this.cluster.stop();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function socketDirectory(cluster: Cluster): string {
  return new URL(cluster.url).searchParams.get('host') ?? '';
}
