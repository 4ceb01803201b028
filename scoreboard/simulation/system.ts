import { generateKeyPairSync, sign } from 'node:crypto';
import { dateIn } from '../../src/payment/plan.ts';
import type { Checkpoint } from '../../src/payment/ledger.ts';
import type { LedgerKey } from '../../src/payment/ledger-check.ts';
import type { Store } from '../../src/store/store.ts';
import type { Timer } from '../../src/system/clock.ts';
import { Billing } from './billing.ts';
import { Gateway } from './gateway-link.ts';
import { orDead } from './internal-line.ts';
import { openMemoryStore } from './memory-store/store.ts';
import type { Stage } from './stage.ts';
import { BridgeUnit, CONFIG, TokenizerUnit, WORKS, type Ground, type Work } from './units.ts';

/** As often as the loops of a bridge look where there is nothing to do. */
const IDLE_MS = 200;
const AWAY_MS_MAX = 20_000;
/** Two processes may take up the same work at the same moment. */
const BOTH = 0.2;
const SEALS = 0.15;

const OPERATOR = { clientId: 'operator', origin: 'api 192.0.2.10' };

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const KEY_ID = 'ledger-key';
export const LEDGER_KEYS: readonly LedgerKey[] = [
  { keyId: KEY_ID, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
];

/** One Tokenline of several processes, with the gateway and the billing system around it. */
export class System {
  readonly stage: Stage;
  readonly store: Store = openMemoryStore(false);
  readonly gateway: Gateway;
  readonly billing: Billing;
  readonly shipped: Checkpoint[] = [];
  readonly recurring: 'gateway' | 'tokenline';
  /** When the switch was last thrown in the tables: who threw it may have stood still before. */
  switchedAtMs = 0;
  readonly #ground: Ground;
  readonly #bridges: BridgeUnit[] = [];
  readonly #tokenizers: TokenizerUnit[] = [];
  readonly #restarts: boolean;
  readonly #running = new Map<Work, number>();
  #looking = false;
  #stopped = false;
  #wake: Timer | null = null;
  #units = 0;

  constructor(stage: Stage, options: { bridges: number; recurring: 'gateway' | 'tokenline' }) {
    this.stage = stage;
    this.recurring = options.recurring;
    this.gateway = new Gateway(stage, () => dateIn(CONFIG.merchant.timeZone, stage.clock.now()));
    this.billing = new Billing(stage);
    this.#restarts = !stage.chance(0.1);
    this.#ground = {
      stage,
      store: this.store,
      gateway: this.gateway,
      billing: this.billing,
      recurring: options.recurring,
      sealing: {
        keyId: KEY_ID,
        sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64url'),
        ship: (checkpoint) => Promise.resolve(void this.shipped.push(checkpoint)),
        checkpointEveryMs: CONFIG.ledger.checkpointEveryMs,
      },
      changed: (statement) => {
        if (statement === 'switch') this.switchedAtMs = stage.clock.now();
        this.#lookSoon();
      },
    };
    for (let n = 0; n < options.bridges; n += 1) this.#startBridge();
    this.#startTokenizer();
  }

  /** Any bridge that is there, as a balancer picks it. */
  bridge(): BridgeUnit | null {
    const open = this.#bridges.filter(({ alive, verbs }) => alive && verbs !== null);
    return open.length === 0 ? null : this.stage.pick(open);
  }

  tokenizer(): TokenizerUnit | null {
    const open = this.#tokenizers.filter(({ alive }) => alive);
    return open.length === 0 ? null : this.stage.pick(open);
  }

  async opened(): Promise<void> {
    while (this.bridge() === null) await this.stage.pass(1);
  }

  /** Nothing goes wrong from here on, and whoever is dead comes back. */
  heal(): void {
    const { stage } = this;
    stage.faults.on = false;
    stage.tell('world', 'heals');
    this.gateway.awayUntilMs = 0;
    if (!this.#bridges.some(({ alive }) => alive)) this.#startBridge();
    if (!this.#tokenizers.some(({ alive }) => alive)) this.#startTokenizer();
    this.#lookSoon();
  }

  /** An operator switches automated payments off or on. */
  async switchTo(state: 'on' | 'off'): Promise<void> {
    const unit = this.bridge();
    if (unit === null) return;
    const request = { automated_payments: state, reason: 'an operator' };
    const ask = { actor: OPERATOR, key: null, bodyHash: state, request };
    await orDead(
      unit,
      unit.serve((verbs) => verbs.setSwitch(ask)),
    );
    this.stage.tell('operator', `switches ${state}`);
  }

  #startBridge(): void {
    const { stage } = this;
    this.#units += 1;
    const unit = new BridgeUnit(
      `bridge ${this.#units}`,
      this.#ground,
      stage.between(0, 2 ** 31 - 1),
    );
    unit.whenItDies(() => this.#comesBack(() => this.#startBridge()));
    this.#bridges.push(unit);
    void unit.open().then(() => this.#lookSoon());
  }

  #startTokenizer(): void {
    const { stage } = this;
    this.#units += 1;
    const unit = new TokenizerUnit(
      `tokenizer ${this.#units}`,
      this.#ground,
      () => this.bridge(),
      stage.between(0, 2 ** 31 - 1),
    );
    unit.whenItDies(() => this.#comesBack(() => this.#startTokenizer()));
    this.#tokenizers.push(unit);
  }

  #comesBack(start: () => void): void {
    if (!this.#restarts || this.#stopped) return;
    this.stage.clock.after(this.stage.between(1, AWAY_MS_MAX), start);
  }

  /** The loops of the bridges, which look whether there is something to do; here they know when. */
  #lookSoon(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.stage.clock.after(IDLE_MS, () => {
      this.#looking = false;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const { stage } = this;
    const nowMs = stage.clock.now();
    let nextMs = Infinity;
    for (const row of await this.store.query(DUE)) {
      const dueMs = Number(row['due'] ?? Infinity);
      if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs);
      else this.#begin(WORKS.find((work) => work === row['kind']) ?? 'settle');
    }
    if (stage.chance(SEALS)) this.#begin('seal');
    this.#wake?.cancel();
    if (nextMs === Infinity) return;
    this.#wake = stage.clock.after(nextMs - nowMs, () => this.#lookSoon());
  }

  #begin(work: Work): void {
    const times = this.stage.chance(BOTH) ? 2 : 1;
    for (let n = 0; n < times; n += 1) {
      const unit = this.bridge();
      const running = this.#running.get(work) ?? 0;
      // Whoever opens, and whoever has ended, looks again.
      if (unit === null || running > 3) return;
      this.#running.set(work, running + 1);
      void orDead(unit, unit.round(work)).then(() => this.#ended(work));
    }
  }

  #ended(work: Work): void {
    this.#running.set(work, (this.#running.get(work) ?? 1) - 1);
    if (work !== 'seal') this.#lookSoon();
  }

  /** Everybody stops where they are; what is left is sealed by a process to which nothing happens. */
  async sealAll(): Promise<void> {
    this.#stopped = true;
    for (const unit of [...this.#bridges, ...this.#tokenizers]) unit.die('when the run is over');
    const unit = new BridgeUnit('auditor', { ...this.#ground, changed: () => undefined }, 1);
    await this.stage.until(unit.round('seal'), 600_000);
  }
}

/** When there is something to do; an event that has to wait for an earlier one is not due. */
const DUE = `select kind, min(greatest(due_at, coalesce(lease_until, due_at))) as due
  from job where kind <> 'deliver' group by kind
  union all
  select 'deliver', min(greatest(j.due_at, coalesce(j.lease_until, j.due_at)))
  from job j join outbox o on o.id = j.subject
  where j.kind = 'deliver' and not exists (
    select 1 from outbox earlier where earlier.subscription_id = o.subscription_id
      and earlier.sequence < o.sequence
      and earlier.delivered_at is null and earlier.dead_at is null)`;
