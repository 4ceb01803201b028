import type { DataActions } from '../../line/call.ts';
import type { EnteredCard, GatewayRecord } from '../../line/call-file/step.ts';
import {
  NotHere,
  type CallPlace,
  type CallWorld,
  type Facts,
  type GatewayFact,
  type SystemGiven,
} from '../../line/call-file/world.ts';
import { sleep, type Clock } from '../../system/clock.ts';
import type { Randomness } from '../../system/randomness.ts';
import { EarlierCalls } from './earlier-calls.ts';
import { textIn, type SystemClient } from './system-client.ts';

type Json = Readonly<Record<string, unknown>>;

/** Requests of one call that meet an outage: more than any call makes. */
const OUTAGE_REQUESTS = 60;
/** What the gateway is asked without being told for which call. */
const OF_NO_CALL: ReadonlySet<string> = new Set(['lookup', 'read-page', 'close-page']);
/** Looks between two of which nothing was left to do end the waiting. */
const LOOK_MS = 1_000;
/** What has not settled by then will not: settle looks after 2, 5, 15 and 60 s. */
const SETTLE_MS_MAX = 180_000;

/** What the merchant's system gets, and what a page answers that does not take a card. */
const LINK_SENT = 'payment_link.created';
const DECLINED = 422;

/** What has to be nothing before a call is judged. */
const OPEN_WORK = [
  'operations_in_doubt',
  'operations_to_settle',
  'deliveries_waiting',
  'ledger_unsealed',
];

export interface HttpWorldParts {
  readonly system: SystemClient;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Data actions with the addresses of the bridge and of the tokenizer, or of nobody. */
  readonly openDataActions: (away: ReadonlySet<'bridge' | 'tokenizer'>) => DataActions;
  /** Waits for data actions that outlived their call. */
  readonly actionsSettled: () => Promise<void>;
  /** Other calls are made to it too: what they would meet as well cannot be given. */
  readonly isShared: boolean;
  /** What only the system's own process can show: logs, files, tables. */
  readonly insideTraces: () => Promise<Readonly<Record<string, string>>>;
}

/** A system as the runner sees it: over HTTP, at the addresses that Genesys and an operator use. */
export class HttpWorld implements CallWorld {
  readonly clock: Clock;
  readonly #parts: HttpWorldParts;
  readonly #earlier: EarlierCalls;
  readonly #away = new Set<'bridge' | 'tokenizer'>();
  #dataActions: DataActions | null = null;
  #billedBefore = 0;
  #billingIsAway = false;

  constructor(parts: HttpWorldParts) {
    this.clock = parts.clock;
    this.#parts = parts;
    this.#earlier = new EarlierCalls(parts.system, parts.randomness, () => this.dataActions);
  }

  get dataActions(): DataActions {
    this.#dataActions ??= this.#parts.openDataActions(this.#away);
    return this.#dataActions;
  }

  async prepare(givens: readonly SystemGiven[], place: CallPlace): Promise<void> {
    for (const given of givens) await this.#prepareOne(given, place);
    if (this.#parts.system.origins.sandbox === null) return;
    this.#billedBefore = (await this.#billed()).length;
  }

  async #prepareOne(given: SystemGiven, place: CallPlace): Promise<void> {
    if (this.#parts.isShared && forEverybody(given)) {
      throw new NotHere(
        'this would happen to every call of a running system; play the file without --url',
      );
    }
    const { system } = this.#parts;
    switch (given.kind) {
      case 'gateway':
        return this.#script(
          given.answers.map((behave) => ({
            operation: given.operation,
            behave,
            ...(OF_NO_CALL.has(given.operation) ? {} : { interaction_id: place.interactionId }),
          })),
        );
      case 'away':
        return this.#takeAway(given.who);
      case 'switched_off': {
        const body = { automated_payments: 'off', reason: given.reason };
        await system.done('bridge', 'PUT', '/v1/switch', body, 'operator');
        return;
      }
      case 'breaker_open':
        this.#needSandbox();
        return this.#earlier.openBreaker();
      case 'subscribed':
        await this.#earlier.enrol(place, given.planId);
        return this.#rest();
      case 'changed':
        await this.#earlier.change(place, given.verb);
        return this.#rest();
      case 'cards_tried':
        return this.#earlier.decline(place, given.count);
      case 'pay_link':
        // The system was started so.
        return;
    }
  }

  async #takeAway(who: 'billing' | 'directory' | 'bridge' | 'tokenizer'): Promise<void> {
    if (who === 'bridge' || who === 'tokenizer') {
      this.#away.add(who);
      return;
    }
    if (who === 'billing') this.#billingIsAway = true;
    const entry = { operation: who, behave: 'status:503' };
    await this.#script(Array.from({ length: OUTAGE_REQUESTS }, () => entry));
  }

  #needSandbox(): void {
    if (this.#parts.system.origins.sandbox !== null) return;
    throw new NotHere('this needs the sandbox; name its address with --sandbox-url');
  }

  async #script(entries: readonly Json[]): Promise<void> {
    this.#needSandbox();
    const answer = await this.#parts.system.sandbox('POST', '/__sandbox/script', entries);
    if (answer.status !== 200) throw new NotHere(`the sandbox refuses its script: ${answer.text}`);
  }

  /** Until nothing is left to settle, deliver or seal. */
  async #rest(): Promise<void> {
    const endMs = this.clock.monotonicMs() + SETTLE_MS_MAX;
    while ((await this.#openWork()) > 0 && this.clock.monotonicMs() < endMs) {
      await sleep(this.clock, LOOK_MS);
    }
  }

  async #openWork(): Promise<number> {
    const text = await this.#parts.system.open('bridge', '/metrics');
    const names = OPEN_WORK.filter((name) => !(this.#billingIsAway && name.startsWith('deliver')));
    return names.reduce((sum, name) => {
      const [, value] =
        new RegExp(`^tokenline_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text) ?? [];
      return sum + Number(value ?? 0);
    }, 0);
  }

  async openLink({ interactionId }: CallPlace, card: EnteredCard): Promise<string | null> {
    const { body } = await this.#parts.system.sandbox('GET', '/__sandbox/billing');
    const urls = listOf(body['events']).flatMap((event) => {
      const [data] = listOf([membersIn(event['body'])['data']]);
      const isIt = event['type'] === LINK_SENT && data?.['interaction_id'] === interactionId;
      return isIt && event['verified'] === true ? [textIn(data, 'url')] : [];
    });
    const url = urls.at(-1);
    if (url === undefined) return 'the merchant was told of no link to send';
    const status = await this.#parts.system.form(url, { ...card });
    return status < 400 || status === DECLINED ? null : `the page answered HTTP ${status}`;
  }

  async facts({ interactionId }: CallPlace): Promise<Facts> {
    const { system, actionsSettled } = this.#parts;
    await actionsSettled();
    await this.#rest();
    const path = `/v1/audit?limit=1000&interaction_id=${encodeURIComponent(interactionId)}`;
    const audited = await system.done('bridge', 'GET', path, null, 'operator');
    const ledger = listOf(audited['entries']).map((entry) => textIn(entry, 'action'));
    if (system.origins.sandbox === null) {
      const gateway = { tokens: [], subscriptions: [], charges: [] };
      return { gateway, billed: [], ledger, unanswered: [] };
    }
    const script = await system.sandbox('GET', '/__sandbox/script');
    const unanswered = listOf(script.body['left'])
      .filter((entry) => entry['interaction_id'] === interactionId && entry['behave'] !== 'approve')
      .map((entry) => ({
        operation: textIn(entry, 'operation'),
        answer: textIn(entry, 'behave'),
      }));
    const billed = (await this.#billed()).slice(this.#billedBefore);
    return { gateway: await this.#gateway(), billed, ledger, unanswered };
  }

  /** Types of the signed events, in the order of their first arrival. */
  async #billed(): Promise<string[]> {
    const { body } = await this.#parts.system.sandbox('GET', '/__sandbox/billing');
    return listOf(body['events'])
      .filter((event) => event['verified'] === true)
      .map((event) => textIn(event, 'type'));
  }

  async #gateway(): Promise<Readonly<Record<GatewayRecord, readonly GatewayFact[]>>> {
    const { body } = await this.#parts.system.sandbox('GET', '/__sandbox/ledger');
    const last4 = new Map(
      listOf(body['tokens']).map((token) => [token['token_id'], textIn(token, 'card_last4')]),
    );
    const factOf = (record: Json): GatewayFact => ({
      interactionId: textIn(record, 'interaction_id'),
      status: textIn(record, 'status'),
      planId: textIn(record, 'plan_id'),
      cardLast4: last4.get(record['token_id']) ?? '',
    });
    return {
      tokens: listOf(body['tokens']).map(factOf),
      subscriptions: listOf(body['subscriptions']).map(factOf),
      charges: listOf(body['charges']).map(factOf),
    };
  }

  async traces({ interactionId }: CallPlace): Promise<Readonly<Record<string, string>>> {
    const { system, insideTraces } = this.#parts;
    const path = `/v1/audit?limit=1000&interaction_id=${encodeURIComponent(interactionId)}`;
    const audited = await system.ask('bridge', 'GET', path, null, 'operator');
    const shown: Record<string, string> = {
      audit: audited.text,
      'metrics of the bridge': await system.open('bridge', '/metrics'),
    };
    if (system.origins.tokenizer !== null) {
      shown['metrics of the tokenizer'] = await system.open('tokenizer', '/metrics');
    }
    if (system.origins.sandbox !== null) {
      shown['gateway'] = (await system.sandbox('GET', '/__sandbox/ledger')).text;
      shown['billing'] = (await system.sandbox('GET', '/__sandbox/billing')).text;
    }
    return { ...shown, ...(await insideTraces()) };
  }
}

/** Whether others than this call would meet what is given. */
function forEverybody(given: SystemGiven): boolean {
  if (given.kind === 'pay_link') return true;
  if (given.kind === 'away') return given.who === 'billing' || given.who === 'directory';
  return given.kind === 'switched_off' || given.kind === 'breaker_open';
}

function membersIn(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly Json[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is Json => typeof entry === 'object' && entry !== null);
}
