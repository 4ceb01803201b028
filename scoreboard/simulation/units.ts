import { seededRandomness } from '../../test/randomness.ts';
import { faultOf } from '../../src/api/problem.ts';
import type { Bridge } from '../../src/bridge/bridge.ts';
import { chargeDue } from '../../src/bridge/charge.ts';
import { deliverDue, type Delivery } from '../../src/bridge/deliver.ts';
import { emptyDirectory } from '../../src/bridge/http-directory.ts';
import { openBridge } from '../../src/bridge/open.ts';
import { sealDue, type Sealing, type SealState } from '../../src/bridge/seal.ts';
import { settleDue } from '../../src/bridge/settle.ts';
import type { Verbs } from '../../src/bridge/verbs.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from '../../src/cli/prompts.ts';
import { openSandboxAdapter } from '../../src/gateway/sandbox/adapter.ts';
import { openSandboxTokenizer } from '../../src/gateway/sandbox/tokenize.ts';
import { Fault } from '../../src/payment/fault.ts';
import { Deadline } from '../../src/resilience/deadline.ts';
import type { Store } from '../../src/store/store.ts';
import { sleep } from '../../src/system/clock.ts';
import { loadConfig } from '../../src/system/config.ts';
import type { Log } from '../../src/system/log.ts';
import { BodySlab } from '../../src/tokenizer/body.ts';
import { MacKeys } from '../../src/tokenizer/mac-keys.ts';
import { tokenise, type TokeniseDeps } from '../../src/tokenizer/tokenise.ts';
import { BillingLink, type Billing } from './billing.ts';
import { GatewayLink, type Gateway } from './gateway-link.ts';
import { InternalLine } from './internal-line.ts';
import { Mortal, type Stage } from './stage.ts';
import { StoreLink } from './store-link.ts';

/** Everything with the values that the product has where nobody says otherwise. */
export const CONFIG = loadConfig(null, {});
const PROMPTS = loadPrompts(BUILT_IN_PROMPTS);

const GATEWAY = {
  clientId: 'tokenline',
  clientSecret: 'not-a-secret',
  apiKey: 'not-a-secret',
  webhookSecret: `whsec_${Buffer.alloc(32, 9).toString('base64')}`,
};

const CANNOT_OPEN_MS = 2_000;

/** What the processes of one run share. */
export interface Ground {
  readonly stage: Stage;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly billing: Billing;
  readonly recurring: 'gateway' | 'tokenline';
  readonly sealing: Sealing;
  /** Called after statements that may have made work. */
  readonly changed: (statement: string) => void;
}

/** What HTTP would carry back. */
export interface Response {
  readonly status: number;
  readonly text: string;
}

/** What no HTTP caller may ever see: a bug. */
export function responseOf(stage: Stage, error: unknown): Response {
  const fault = faultOf(error);
  if (fault !== null) return { status: fault.status, text: JSON.stringify(fault.problem()) };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stage.breaks('bug', text.split('\n').slice(0, 4).join(' '));
  return { status: 500, text: '{}' };
}

function logOf(unit: Mortal): Log {
  return {
    info: () => undefined,
    alarm(event, fields) {
      if (unit.stage.story !== null)
        unit.stage.tell(unit.name, `alarm ${event} ${JSON.stringify(fields)}`);
    },
  };
}

const QUIET: Bridge['metrics'] = {
  gatewayCall: () => undefined,
  answered: () => undefined,
  delivered: () => undefined,
  settled: () => undefined,
  breakerOpen: () => undefined,
  cardTestingSuspected: () => undefined,
};

/** What nobody asks for, and a bridge does by itself. */
export const WORKS = ['settle', 'charge', 'deliver', 'seal'] as const;
export type Work = (typeof WORKS)[number];

/** One bridge process, from its start to its death. */
export class BridgeUnit extends Mortal {
  readonly bridge: Bridge;
  /** `null` until it has opened. */
  verbs: Verbs | null = null;
  readonly #delivery: Delivery;
  readonly #sealing: Sealing;
  readonly #sealState: SealState = { checkpointedSeq: null, checkpointedAtMs: 0 };

  constructor(name: string, ground: Ground, seed: number) {
    const { stage, store, gateway, billing, recurring, sealing, changed } = ground;
    super(name, stage);
    const http = new GatewayLink(this, gateway);
    const settings = { ...GATEWAY, verification: false, recurring };
    this.bridge = {
      store: new StoreLink(this, store, changed),
      clock: this.clock,
      randomness: seededRandomness(seed),
      gateway: openSandboxAdapter(settings, http, this.clock),
      directory: emptyDirectory,
      plans: CONFIG.plans,
      prompts: PROMPTS,
      merchant: CONFIG.merchant,
      brands: CONFIG.merchant.brands,
      limits: CONFIG.limits,
      metrics: QUIET,
      log: logOf(this),
    };
    const target = { url: 'http://billing.test/hooks', secret: billing.secret, timeoutMs: 15_000 };
    this.#delivery = { target, http: new BillingLink(this, billing) };
    this.#sealing = sealing;
  }

  /** Opens as its process does: it tries until the database is there. */
  async open(): Promise<void> {
    for (;;) {
      try {
        this.verbs = await openBridge(this.bridge, []);
        return;
      } catch (error) {
        responseOf(this.stage, error);
        await sleep(this.clock, CANNOT_OPEN_MS);
      }
    }
  }

  /** One round of one loop; what fails is tried again later, as `startWork` does it. */
  async round(work: Work): Promise<void> {
    try {
      switch (work) {
        case 'settle':
          return void (await settleDue(this.bridge));
        case 'charge':
          return void (await chargeDue(this.bridge));
        case 'deliver':
          return void (await deliverDue(this.bridge, this.#delivery));
        case 'seal':
          return void (await sealDue(this.bridge, this.#sealing, this.#sealState));
      }
    } catch (error) {
      responseOf(this.stage, error);
    }
  }

  /** One request: the answer's text, or the problem that the error stands for. */
  async serve(ask: (verbs: Verbs) => Promise<string>): Promise<Response> {
    try {
      if (this.verbs === null) throw new Fault('shutting_down', 'It has not opened yet.');
      return { status: 200, text: await ask(this.verbs) };
    } catch (error) {
      return responseOf(this.stage, error);
    }
  }
}

/** One card process, from its start to its death. */
export class TokenizerUnit extends Mortal {
  readonly #deps: TokeniseDeps;

  constructor(name: string, ground: Ground, bridges: () => BridgeUnit | null, seed: number) {
    super(name, ground.stage);
    const randomness = seededRandomness(seed);
    const http = new GatewayLink(this, ground.gateway);
    this.#deps = {
      clock: this.clock,
      randomness,
      gateway: openSandboxTokenizer('http://gateway.test', GATEWAY, http, this.clock),
      http,
      retry: CONFIG.limits.retry,
      log: logOf(this),
      line: new InternalLine(this, bridges),
      macKeys: new MacKeys(this.clock, randomness),
      metrics: { gatewayCall: () => undefined },
      brands: CONFIG.merchant.brands,
      mode: 'test',
      timeZone: CONFIG.merchant.timeZone,
      inDoubtTexts: { 'en-us': 'One moment.', 'es-us': 'Un momento.' },
    };
  }

  /** @param body the guide's payload as bytes; it is wiped. */
  async take(body: Uint8Array, key: string | null): Promise<Response> {
    const { clock } = this;
    const deadline = new Deadline(clock, CONFIG.limits.deadlineMs);
    const slab = new BodySlab();
    slab.add(body);
    try {
      const request = slab.read();
      const ask = { request, clientId: 'flows', origin: 'tokenizer 192.0.2.8', key, deadline };
      const reply = await tokenise(this.#deps, ask);
      return { status: reply.status, text: Buffer.from(reply.body).toString('utf8') };
    } catch (error) {
      return responseOf(this.stage, error);
    } finally {
      this.stage.holds(slab.empty, 'I8', () => 'a body was left in the card process');
    }
  }
}
