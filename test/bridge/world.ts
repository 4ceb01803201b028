import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { Bridge, BridgeLimits, Keyed } from '../../src/bridge/bridge.ts';
import { chargeDue } from '../../src/bridge/charge.ts';
import { deliverDue, type Delivery } from '../../src/bridge/deliver.ts';
import type { Customer } from '../../src/bridge/directory.ts';
import { openBridge } from '../../src/bridge/open.ts';
import { sealDue, type Sealing } from '../../src/bridge/seal.ts';
import { settleDue } from '../../src/bridge/settle.ts';
import type { Verbs } from '../../src/bridge/verbs.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from '../../src/cli/prompts.ts';
import type { Checkpoint } from '../../src/payment/ledger.ts';
import type { LedgerKey } from '../../src/payment/ledger-check.ts';
import type { LinkPolicy } from '../../src/payment/link.ts';
import type { Plan } from '../../src/payment/plan.ts';
import type { Store } from '../../src/store/store.ts';
import { loadConfig } from '../../src/system/config.ts';
import { openLog } from '../../src/system/log.ts';
import { seededRandomness } from '../randomness.ts';
import { Receiver } from './receiver.ts';
import { ScriptedGateway } from './scripted-gateway.ts';
import { ScriptedPages } from './scripted-pages.ts';
import { WatchedStore, wipe } from './watched-store.ts';
import { WorldClock } from './world-clock.ts';

export const { limits: LIMITS, plans: PLANS, merchant: MERCHANT } = loadConfig(null, {});
const PROMPTS = loadPrompts(BUILT_IN_PROMPTS);

export const CLIENT = { clientId: 'flows', origin: 'api 192.0.2.7' };
export const AUDITOR = { clientId: 'auditor', origin: 'api 192.0.2.9' };

/** Who the merchant's directory knows, by number. */
export const CUSTOMERS: Readonly<Record<string, Customer>> = {
  '+13175550100': { customerId: 'ada', language: 'en-us', spokenName: 'Ada' },
  '+13175550111': { customerId: 'luz', language: 'es-us', spokenName: 'Luz' },
};

export interface WorldOptions {
  readonly seed?: number;
  readonly limits?: Partial<BridgeLimits>;
  readonly verification?: boolean;
  /** False for a gateway that has none, so that Tokenline charges. */
  readonly subscriptions?: boolean;
  /** Pay-by-link, with pages at the gateway. */
  readonly links?: LinkPolicy;
  /** How it proves a card that a flow has sent to it. */
  readonly direct?: 'by_key' | 'by_token';
}

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

export function keyed<T>(request: T, key: string | null = null, actor = CLIENT): Keyed<T> {
  const bodyHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  return { actor, key, bodyHash, request };
}

/** A whole bridge in one process: its time stands still until a test moves it. */
export class World {
  readonly clock = new WorldClock();
  readonly store: WatchedStore;
  readonly gateway = new ScriptedGateway(this.clock);
  /** The gateway’s pages, where the options have links. */
  readonly pages = new ScriptedPages(this.clock);
  readonly billing = new Receiver(this.clock);
  readonly lines: string[] = [];
  readonly counted: string[] = [];
  readonly shipped: Checkpoint[] = [];
  readonly plans: Plan[] = PLANS.map((plan) => ({ ...plan }));
  readonly bridge: Bridge;
  readonly delivery: Delivery;
  readonly sealing: Sealing;
  readonly keys: readonly LedgerKey[];
  readonly secretText = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  verbs: Verbs;
  #names = 0;

  private constructor(store: Store, options: WorldOptions) {
    const { clock, gateway, lines } = this;
    this.store = new WatchedStore(store);
    if (options.links) gateway.pages = this.pages;
    const verification = options.verification ?? false;
    const subscriptions = options.subscriptions ?? true;
    const { direct = null } = options;
    gateway.capabilities = { ...gateway.capabilities, verification, subscriptions, direct };
    this.bridge = {
      store: this.store,
      clock,
      randomness: seededRandomness(options.seed ?? 1),
      gateway,
      directory: {
        byAni: (ani) => Promise.resolve(CUSTOMERS[ani] ?? null),
        byCustomerId: (id) =>
          Promise.resolve(
            Object.values(CUSTOMERS).find((customer) => customer.customerId === id) ?? null,
          ),
      },
      plans: this.plans,
      prompts: PROMPTS,
      merchant: MERCHANT,
      brands: MERCHANT.brands,
      limits: { ...LIMITS, ...options.limits },
      ...(options.links && { links: options.links }),
      metrics: this.#metrics(),
      log: openLog('bridge', (line) => void lines.push(line), clock),
    };
    const secret = Buffer.alloc(32, 7);
    const target = { url: 'http://billing.test/hooks?from=ivr', secret, timeoutMs: 15_000 };
    this.delivery = { target, http: this.billing };
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    this.keys = [{ keyId: 'ledger-key', pem }];
    this.sealing = {
      keyId: 'ledger-key',
      sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64url'),
      ship: (checkpoint) => Promise.resolve(void this.shipped.push(checkpoint)),
      checkpointEveryMs: 60_000,
    };
    this.verbs = UNOPENED;
  }

  /** Empties the database and opens a bridge over it. */
  static async open(store: Store, options: WorldOptions = {}): Promise<World> {
    await wipe(store);
    const world = new World(store, options);
    await world.restart();
    return world;
  }

  /** Another process over the same database: what was only in memory is gone. */
  async restart(): Promise<void> {
    const checkpointKeys = this.keys.map(({ keyId, pem }) => ({ key_id: keyId, pem }));
    this.verbs = await openBridge(this.bridge, checkpointKeys);
  }

  /** A name that no other call of this world has. */
  name(prefix: string): string {
    this.#names += 1;
    return `${prefix}-${this.#names}`;
  }

  /** Lets time pass until the work has ended: from timer to timer, as fast as the database allows. */
  async run<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = (): void => void (ended = true);
    work.then(end, end);
    for (let idle = 0; ; idle++) {
      await this.#quiet();
      if (ended) return work;
      assert.ok(idle < 10_000, 'it waits for something that never comes');
      const nextMs = this.clock.nextInMs();
      if (nextMs !== null) await this.clock.advance(nextMs);
    }
  }

  /** Until nothing is left to be done without time passing. */
  async #quiet(): Promise<void> {
    for (let turns = 0; turns < 3; turns++) {
      await new Promise(setImmediate);
      if (this.store.busy > 0) turns = -1;
    }
  }

  /** Work that goes on by itself while the test does something else; `end` waits for it. */
  async begun<T>(work: Promise<T>): Promise<{ end: () => Promise<T> }> {
    work.catch(() => {});
    await this.#quiet();
    return { end: () => this.run(work) };
  }

  /** Moves the clock and lets everything settle down. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.#quiet();
  }

  /** Settles everything that is due now; returns how many operations were looked at. */
  settle(): Promise<number> {
    return this.run(settleDue(this.bridge));
  }

  /** Lets `ms` pass with the settling loop running: from one due look to the next. */
  async settleFor(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    for (;;) {
      await this.settle();
      const leftMs = endMs - this.clock.monotonicMs();
      if (leftMs <= 0) return;
      await this.clock.advance(Math.min(leftMs, await this.#nextLookMs()));
    }
  }

  async #nextLookMs(): Promise<number> {
    const [row] = await this.rows(
      `select min(greatest(due_at, lease_until)) as due from job where kind = 'settle'`,
    );
    const due = row?.['due'];
    return typeof due === 'number' ? Math.max(1, due - this.clock.now()) : Infinity;
  }

  /** Makes the charges that are due now; returns how many subscriptions were looked at. */
  charge(): Promise<number> {
    return this.run(chargeDue(this.bridge));
  }

  deliver(): Promise<number> {
    return this.run(deliverDue(this.bridge, this.delivery));
  }

  async seal(): Promise<number> {
    const state = { checkpointedSeq: null, checkpointedAtMs: 0 };
    return this.run(sealDue(this.bridge, this.sealing, state));
  }

  /** Rows of a query, for looking behind the scenes. */
  rows(text: string, ...values: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    return this.store.peek(text, values);
  }

  async count(from: string, ...values: readonly string[]): Promise<number> {
    const rows = await this.rows(`select count(*)::int as n from ${from}`, ...values);
    return Number(rows[0]?.['n']);
  }

  async states(kind: string): Promise<string[]> {
    const text = 'select state from operation where kind = $1 order by started_at, id';
    return (await this.rows(text, kind)).map((row) => String(row['state']));
  }

  alarms(): string[] {
    return this.lines
      .map((line) => Object(JSON.parse(line)) as LogLine)
      .filter((line) => line['level'] === 'alarm')
      .map((line) => String(line['event']));
  }

  #metrics(): Bridge['metrics'] {
    const { counted } = this;
    return {
      gatewayCall: (kind, outcome) => void counted.push(`call ${kind} ${outcome}`),
      answered: (kind, outcome) => void counted.push(`answered ${kind} ${outcome}`),
      delivered: (result) => void counted.push(`delivered ${result}`),
      settled: (outcome) => void counted.push(`settled ${outcome}`),
      breakerOpen: (open) => void counted.push(`breaker ${open ? 'open' : 'closed'}`),
      cardTestingSuspected: (of) => void counted.push(`card testing ${of}`),
    };
  }
}

const UNOPENED: Verbs = new Proxy({} as Verbs, {
  get: () => () => assert.fail('the bridge is not open yet'),
});
