import { BRANDS } from '../../../src/card/brand.ts';
import type { GatewayReply, TokenGrant } from '../../../src/gateway/gateway.ts';
import type { TokeniseOrder } from '../../../src/gateway/tokenize.ts';
import { Deadline } from '../../../src/resilience/deadline.ts';
import { BodySlab } from '../../../src/tokenizer/body.ts';
import { MacKeys } from '../../../src/tokenizer/mac-keys.ts';
import { tokenise, type TokeniseDeps } from '../../../src/tokenizer/tokenise.ts';
import type { Behaviour } from '../../../test/bridge/scripted-gateway.ts';
import { keyed, LIMITS, MERCHANT, World } from '../../../test/bridge/world.ts';
import type { MadeUpCard } from '../../simulation/card.ts';
import { openMemoryStore } from '../../simulation/memory-store/store.ts';

/** What a caller hears of one card: the fields that a flow branches on. */
export interface Heard {
  readonly outcome: string;
  readonly route: string;
  readonly errorCode: string;
  /** As the gateway's own books have it. */
  readonly atGateway: boolean;
  /** Under which key the range was counted. */
  readonly macKey: string;
}

/** Longer than any limit on declines looks back, so that one that looks back too far is seen. */
const KEPT_MS = 4 * 3_600_000;

/** How many operations pile up before those that nothing looks at any more are taken away. */
const TRIM_EVERY = 40;

const DECLINES: Behaviour = { does: 'decline', code: 'card_declined' };

/** The card process and the bridge as they are, over one gateway, in one process and moved time. */
export class PaymentLine {
  readonly world: World;
  readonly #deps: TokeniseDeps;
  #cards = 0;

  private constructor(world: World) {
    this.world = world;
    this.#deps = depsOf(world);
  }

  static async open(seed: number): Promise<PaymentLine> {
    return new PaymentLine(await World.open(openMemoryStore(), { seed }));
  }

  /** Milliseconds since the beginning. */
  get nowMs(): number {
    return this.world.clock.monotonicMs();
  }

  async waitUntil(ms: number): Promise<void> {
    const leftMs = ms - this.nowMs;
    if (leftMs > 0) await this.world.clock.advance(leftMs);
  }

  /** A call comes in. @returns the reason that availability gives. */
  async call(interactionId: string, ani: string): Promise<string> {
    const ask = keyed({ interaction_id: interactionId, ani, language: 'en-us' });
    return String(fieldsOf(await this.world.verbs.availability(ask))['reason']);
  }

  /** A card is keyed; the gateway will decline it, or not. */
  async card(
    call: { readonly interactionId: string; readonly customerId: string; readonly attempt: number },
    card: MadeUpCard,
    declined: boolean,
  ): Promise<Heard> {
    const { gateway } = this.world;
    const before = gateway.asked('tokenise').length;
    if (declined) gateway.will('tokenise', DECLINES);
    const slab = new BodySlab();
    slab.add(card.body(call));
    const macKey = this.#deps.macKeys.current().name;
    const reply = await tokenise(this.#deps, {
      request: slab.read(),
      clientId: 'flows',
      origin: 'tokenizer 192.0.2.8',
      key: null,
      deadline: new Deadline(this.world.clock, LIMITS.deadlineMs),
    });
    gateway.recovers('tokenise');
    await this.#trim();
    const fields = fieldsOf(Buffer.from(reply.body).toString('utf8'));
    return {
      outcome: String(fields['outcome']),
      route: String(fields['route']),
      errorCode: String(fields['error_code']),
      atGateway: gateway.asked('tokenise').length > before,
      macKey,
    };
  }

  /**
   * The store in memory has no index to walk: it reads every operation where PostgreSQL reads a few.
   * What was never sent, and what is hours old, is looked at by no limit.
   */
  async #trim(): Promise<void> {
    this.#cards += 1;
    if (this.#cards % TRIM_EVERY !== 0) return;
    const since = new Date(this.world.clock.now() - KEPT_MS).toISOString();
    await this.world.store.query(
      'delete from operation where called_at is null or called_at < $1::timestamptz',
      [since],
    );
  }
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
}

/** Cards come one after the other, so that one order at a time is on its way. */
function depsOf(world: World): TokeniseDeps {
  const { clock, gateway, bridge } = world;
  let order: TokeniseOrder | null = null;
  let reply: GatewayReply<TokenGrant> | null = null;
  return {
    clock,
    randomness: bridge.randomness,
    gateway: {
      name: gateway.name,
      origin: 'http://gateway.test',
      request(_card, asked) {
        order = asked;
        return { method: 'POST', path: '/tokens', headers: {}, body: Buffer.alloc(128) };
      },
      read() {
        if (reply === null) throw new Error('the gateway has not been asked');
        return reply;
      },
      renewCredential: () => Promise.resolve(false),
    },
    http: {
      async exchange(_request, signal) {
        if (order === null) throw new Error('there is no order');
        reply = await gateway.tokenise(order, signal);
        const response = { status: 200, headers: {}, body: Buffer.alloc(0) };
        return { kind: 'answered', response, latencyMs: 0 };
      },
      close: () => Promise.resolve(),
    },
    retry: LIMITS.retry,
    log: bridge.log,
    metrics: { gatewayCall: () => undefined },
    macKeys: new MacKeys(clock, bridge.randomness),
    brands: BRANDS,
    mode: 'live',
    timeZone: MERCHANT.timeZone,
    inDoubtTexts: { 'en-us': '', 'es-us': '' },
    line: {
      begin: async (request) => ({ kind: 'ok', value: await world.verbs.begin(request) }),
      finish: async (id, request) => ({
        kind: 'ok',
        value: { answer: await world.verbs.finish(id, request) },
      }),
      keys: () => Promise.resolve({ kind: 'silent', reason: 'no_answer' }),
    },
  };
}
