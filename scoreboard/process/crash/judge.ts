import type { Call, Heard } from './call.ts';
import type { Lane } from './lane.ts';
import type { Verb } from './points.ts';

/** A promise that was broken in a case, and how. */
export interface Breach {
  readonly promise: string;
  readonly what: string;
}

type Record_ = Readonly<Record<string, unknown>>;

/** What the outside knows: the only side that can be believed. */
export interface Truth {
  readonly tokens: readonly Record_[];
  readonly subscriptions: readonly (Record_ & { changes: readonly Record_[] })[];
  readonly charges: readonly Record_[];
  readonly operations: readonly Record_[];
  readonly events: readonly {
    readonly 'webhook-id': string;
    readonly type: string;
    readonly verified: boolean;
    readonly body: { readonly data: Record_ };
  }[];
}

export async function truthOf(lane: Lane): Promise<Truth> {
  const ledger = await lane.sandbox({ path: '/__sandbox/ledger' });
  const billing = await lane.sandbox({ path: '/__sandbox/billing' });
  const { events } = billing.body as Pick<Truth, 'events'>;
  return { ...(ledger.body as Omit<Truth, 'events'>), events };
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
}

interface LedgerRow {
  readonly operation_id: string;
  readonly action: string;
  readonly at: string;
  readonly looked_up: boolean;
}

/** What Tokenline has of a caller. */
interface Kept {
  readonly operations: readonly Row[];
  readonly ledger: readonly LedgerRow[];
  readonly subscriptions: readonly Record_[];
  readonly outbox: readonly Record_[];
}

async function keptOf(lane: Lane, call: Call): Promise<Kept> {
  const rows = async <T>(text: string, value: unknown): Promise<T[]> =>
    (await lane.db.query(text, [value])).rows as T[];
  const operations = await rows<Row>(
    `select id, kind, state from operation where interaction_id = any($1)
       and kind in ('tokenise','subscribe','cancel','change_card')`,
    call.interactionIds,
  );
  const ledger = await rows<LedgerRow>(
    `select operation_id, action, at, detail->>'gateway_ms' is null as looked_up
     from ledger where operation_id = any($1)`,
    operations.map(({ id }) => id),
  );
  const subscriptions = await rows<Record_>(
    `select s.*, t.reference from subscription s join card_token t on t.id = s.token_id
     where s.customer_id = $1`,
    call.customerId,
  );
  const outbox = await rows<Record_>(
    `select o.id, o.type, o.body from outbox o join subscription s on s.id = o.subscription_id
     where s.customer_id = $1 order by o.sequence`,
    call.customerId,
  );
  return { operations, ledger, subscriptions, outbox };
}

const ENDS = ['approved', 'declined', 'failed'];

/** What the gateway did for an operation, as its own ledger has it. */
function effects(truth: Truth, { id, kind }: Row): number {
  const ours = (record: Record_): boolean => record['operation_id'] === id;
  switch (kind) {
    case 'tokenise':
      return truth.tokens.filter(ours).length;
    case 'subscribe':
      return truth.subscriptions.filter(ours).length;
    default:
      return truth.subscriptions.flatMap(({ changes }) => changes).filter(ours).length;
  }
}

class Judge {
  readonly breaches: Breach[] = [];
  readonly #call: Call;
  readonly #verb: Verb;
  readonly #kept: Kept;
  readonly #truth: Truth;

  constructor(call: Call, verb: Verb, kept: Kept, truth: Truth) {
    this.#call = call;
    this.#verb = verb;
    this.#kept = kept;
    this.#truth = truth;
  }

  #expect(promise: string, holds: boolean, what: string): void {
    if (!holds) this.breaches.push({ promise, what });
  }

  /** I1, I2: never twice. */
  once(): void {
    const { subscriptions, charges } = this.#truth;
    const own = subscriptions.filter((one) => one['customer_id'] === this.#call.customerId);
    this.#expect('I1', own.length === 1, `${own.length} subscriptions for one enrolment`);
    const ids = new Set(own.map((one) => one['subscription_id']));
    const paid = charges.filter((one) => ids.has(one['subscription_id'])).length;
    this.#expect('I2', paid === own.length, `${paid} charges for ${own.length} subscriptions`);
  }

  /** I3: an intent before, an outcome after, and one of each. */
  written(): void {
    const { operations, ledger } = this.#kept;
    for (const { id, kind } of operations) {
      const own = ledger.filter((row) => row.operation_id === id);
      const intents = own.filter(({ action }) => action === `${kind}.intent`);
      const ends = own.filter(({ action }) => ENDS.some((end) => action === `${kind}.${end}`));
      this.#expect('I3', intents.length === 1, `${kind}: ${intents.length} intents`);
      this.#expect('I3', ends.length === 1, `${kind}: ${ends.length} outcomes`);
      const asked = this.#truth.operations.filter((one) => one['operation_id'] === id);
      const early = asked.some(({ at }) => String(at) < (intents[0]?.at ?? '9'));
      this.#expect('I3', !early, `${kind}: at the gateway before its intent`);
    }
    const known = new Set(operations.map(({ id }) => id));
    const strangers = this.#truth.operations.filter(
      (one) =>
        this.#call.interactionIds.includes(String(one['interaction_id'])) &&
        !known.has(String(one['operation_id'])),
    );
    this.#expect('I3', strangers.length === 0, `${strangers.length} requests without an operation`);
  }

  /** I4: what is kept is what is true. */
  agreed(): void {
    for (const row of this.#kept.operations) {
      const done = effects(this.#truth, row);
      const said = `${row.kind} ${row.state}, ${done} effects at the gateway`;
      this.#expect('I4', ENDS.includes(row.state), said);
      this.#expect('I4', done === (row.state === 'approved' ? 1 : 0), said);
    }
    for (const kept of this.#kept.subscriptions) {
      const true_ = this.#truth.subscriptions.find(
        (one) => one['subscription_id'] === kept['gateway_reference'],
      );
      for (const [ours, theirs] of [
        ['status', 'status'],
        ['reference', 'token_id'],
      ] as const) {
        const said = `${ours} is ${String(kept[ours])}, and ${String(true_?.[theirs])} there`;
        this.#expect('I4', kept[ours] === true_?.[theirs], said);
      }
    }
  }

  /** I5: nobody was told what is not so. */
  toldTrue(): void {
    const states = new Map(this.#kept.operations.map((row) => [row.id, row]));
    for (const { operationId, kind, outcome } of this.#call.heard satisfies readonly Heard[]) {
      const row = states.get(operationId);
      const done = row === undefined ? 0 : effects(this.#truth, row);
      this.#expect(
        'I5',
        row?.state === outcome && done === (outcome === 'approved' ? 1 : 0),
        `${kind}: heard ${outcome}, kept ${row?.state ?? 'nothing'}, ${done} effects`,
      );
    }
  }

  /** I6: billing has everything, in its order, signed, under ids that stay. */
  billed(): void {
    const own = this.#truth.events.filter(
      ({ body }) => body.data['customer_id'] === this.#call.customerId,
    );
    const changed = { enrol: [], 'change-card': ['card_changed'], cancel: ['cancelled'] } as const;
    const due = ['created', ...changed[this.#verb]].map((word) => `subscription.${word}`);
    const came = own.map(({ type }) => type);
    this.#expect(
      'I6',
      came.join() === due.join(),
      `billing heard ${came.join()}, not ${due.join()}`,
    );
    this.#expect(
      'I6',
      own.every(({ verified }) => verified),
      'a signature did not hold',
    );
    const sent = this.#kept.outbox.map(({ id }) => String(id)).join();
    const ids = own.map((event) => event['webhook-id']).join();
    this.#expect('I6', ids === sent, `billing has the events ${ids}, the outbox ${sent}`);
    const bodies = own.map(({ body }) => JSON.stringify(body));
    const same = this.#kept.outbox.every(
      ({ body }, at) => JSON.stringify(JSON.parse(String(body))) === bodies[at],
    );
    this.#expect('I6', same, 'an event came with another body than it was kept with');
  }

  /** I10: what was cancelled is cancelled. */
  ended(): void {
    if (this.#verb !== 'cancel') return;
    const states = [
      ...this.#kept.subscriptions.map(({ status }) => status),
      ...this.#truth.subscriptions
        .filter((one) => one['customer_id'] === this.#call.customerId)
        .map(({ status }) => status),
    ];
    const gone = states.every((status) => status === 'cancelled');
    this.#expect('I10', gone && states.length === 2, `cancelled, and is ${states.join()}`);
  }
}

/** Everything that was promised to a caller whose case is over. */
export async function judge(
  lane: Lane,
  call: Call,
  verb: Verb,
  truth: Truth,
): Promise<{ breaches: readonly Breach[]; settled: number }> {
  const kept = await keptOf(lane, call);
  const judged = new Judge(call, verb, kept, truth);
  judged.once();
  judged.written();
  judged.agreed();
  judged.toldTrue();
  judged.billed();
  judged.ended();
  const settled = kept.ledger.filter(
    ({ action, looked_up }) => looked_up && ENDS.some((end) => action.endsWith(`.${end}`)),
  ).length;
  return { breaches: judged.breaches, settled };
}
