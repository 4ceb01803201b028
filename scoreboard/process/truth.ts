import { Client } from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import type { Violation } from '../board.ts';
import type { Fleet } from './fleet.ts';
import type { Told } from './load.ts';

/** Until nothing is under way any more; longer is a promise broken. */
const REST_MS_MAX = 60_000;

type Row = Readonly<Record<string, unknown>>;

/** Reads the database from outside. */
export async function rowsOf(databaseUrl: string, text: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

export interface Truth {
  readonly fleet: Fleet;
  readonly databaseUrl: string;
  readonly told: readonly Told[];
  /** Names the case. */
  readonly replay: string;
}

/** Collects what is wrong, under the name of the promise that it breaks. */
class Findings {
  readonly violations: Violation[] = [];
  readonly #replay: string;

  constructor(replay: string) {
    this.#replay = replay;
  }

  check(holds: boolean, promise: string, what: string): void {
    if (!holds) this.violations.push({ promise, what, replay: this.#replay });
  }
}

const OPEN = `select
  (select count(*)::int from operation where state in ('started', 'pending', 'in_doubt')) as operations,
  (select count(*)::int from job where kind in ('settle', 'deliver')) as jobs,
  (select count(*)::int from ledger_unsealed) as unsealed`;

/** Waits until every operation has ended, every event is delivered and every entry sealed. */
async function rest({ databaseUrl }: Truth, findings: Findings): Promise<void> {
  const endMs = performance.now() + REST_MS_MAX;
  for (let last = 'the database does not answer'; ;) {
    const [row] = await rowsOf(databaseUrl, OPEN).catch(() => []);
    if (row !== undefined) last = JSON.stringify(row);
    if (row !== undefined && Object.values(row).every((count) => count === 0)) return;
    if (performance.now() > endMs) {
      findings.check(
        false,
        'I4',
        `not at rest ${REST_MS_MAX / 1_000} s after the last fault: ${last}`,
      );
      return;
    }
    await wait(100);
  }
}

interface AtGateway {
  readonly [field: string]: unknown;
  readonly changes: readonly { readonly verb: string }[];
}

/** As `Map.groupBy`, which Node 20 does not have. */
function grouped<T>(list: readonly T[], keyOf: (item: T) => unknown): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = String(keyOf(item));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** I1, I2, I5 and I10: what each caller was told is what the gateway knows. */
function callers(
  findings: Findings,
  told: readonly Told[],
  subscriptions: Map<string, Row[]>,
  charges: Map<string, Row[]>,
): void {
  for (const { interactionId, enrolment, changes, wrong } of told) {
    const who = `call ${interactionId}`;
    findings.check(wrong === null, 'I5', `${who}: ${wrong}`);
    const ours = subscriptions.get(interactionId) ?? [];
    const charged = charges.get(interactionId)?.length ?? 0;
    findings.check(ours.length <= 1, 'I1', `${who}: ${ours.length} subscriptions at the gateway`);
    findings.check(charged === ours.length, 'I2', `${who}: charged ${charged} times`);
    if (wrong === null) {
      const holds = (enrolment === 'approved') === (ours.length === 1);
      findings.check(holds, 'I5', `${who}: told ${enrolment}, ${ours.length} at the gateway`);
    }
    const cancelled = changes.some(
      ({ verb, outcome }) => verb === 'cancel' && outcome === 'approved',
    );
    const status = ours[0]?.['status'];
    if (cancelled) {
      findings.check(
        status === 'cancelled',
        'I10',
        `${who}: told cancelled, it is ${String(status)}`,
      );
    }
  }
}

/** I4: our own rows say what the gateway says. */
function rows(
  findings: Findings,
  own: readonly Row[],
  gateway: ReadonlyMap<string, AtGateway>,
): void {
  for (const { id, status, gateway_reference: reference } of own) {
    const theirs = gateway.get(String(reference))?.['status'];
    findings.check(
      theirs === status,
      'I4',
      `subscription ${String(id)} is ${String(status)} here and ${String(theirs)} at the gateway`,
    );
  }
  findings.check(
    own.length === gateway.size,
    'I4',
    `${own.length} subscriptions here, ${gateway.size} at the gateway`,
  );
}

/** I3: nothing happened at the gateway whose intent was not committed before, and each ended once. */
function intents(findings: Findings, atGateway: readonly Row[], entries: readonly Row[]): void {
  const byOperation = grouped(entries, (entry) => entry['operation_id']);
  for (const { operation_id: operationId, kind, at } of atGateway) {
    const ours = byOperation.get(String(operationId)) ?? [];
    const what = `${String(kind)} ${String(operationId)} at the gateway`;
    const intent = ours.find(({ action }) => String(action).endsWith('.intent'));
    findings.check(intent !== undefined, 'I3', `${what} has no intent in the ledger`);
    if (intent === undefined) continue;
    const before = String(intent['at']) <= String(at);
    findings.check(
      before,
      'I3',
      `${what} was at ${String(at)}, its intent at ${String(intent['at'])}`,
    );
    const ends = ours.filter(({ action }) => FINAL.test(String(action)));
    findings.check(
      ends.length === 1,
      'I3',
      `${what} has ${ends.length} final outcomes in the ledger`,
    );
  }
}

/** An operation ends in one of these; `in_doubt` and `pending` are on the way. */
const FINAL =
  /^(?:tokenise|subscribe|cancel|pause|resume|change_\w+)\.(?:approved|declined|failed)$/;

/** I6: billing knows every event, once by its id, in the order of each subscription. */
function billing(
  findings: Findings,
  fleet: Fleet,
  outbox: readonly Row[],
  own: readonly Row[],
): void {
  const { heard } = fleet.billing;
  const known = fleet.billing.known();
  findings.check(fleet.billing.strays === 0, 'I6', `${fleet.billing.strays} events elsewhere`);
  const ids = new Set(known.map(({ id }) => id));
  for (const { id, type } of outbox) {
    findings.check(
      ids.has(String(id)),
      'I6',
      `billing never heard of ${String(type)} ${String(id)}`,
    );
  }
  findings.check(
    ids.size === outbox.length,
    'I6',
    `${ids.size} events heard, ${outbox.length} sent`,
  );
  for (const event of heard) {
    findings.check(event.verified, 'I6', `the signature of ${event.id} does not hold`);
    findings.check(
      event.atOnce === 1,
      'I6',
      `${event.id} was delivered ${event.atOnce} times at once`,
    );
  }
  for (const [id, events] of grouped(heard, (event) => event.id)) {
    const texts = new Set(events.map(({ text }) => text));
    findings.check(texts.size === 1, 'I6', `${id} came with ${texts.size} different bodies`);
  }
  const bySubscription = grouped(known, (event) => event.subscriptionId);
  for (const { id, status } of own) {
    const events = bySubscription.get(String(id)) ?? [];
    const order = events.map(({ sequence }) => sequence);
    const right = order.every((sequence, n) => sequence === n + 1);
    const said = `events of ${String(id)} were heard in the order ${order.join(', ')}`;
    findings.check(right, 'I6', said);
    const last = String(events.at(-1)?.data['status']);
    const what = `billing thinks ${String(id)} is ${last}, and it is ${String(status)}`;
    findings.check(last === status, 'I6', what);
  }
}

/**
 * Lets everything come to rest and compares the five sides: what callers were told, our rows, the
 * ledger, the gateway's own ledger, and what billing has heard.
 */
export async function violationsOf(truth: Truth): Promise<Violation[]> {
  const { fleet, databaseUrl, told } = truth;
  const findings = new Findings(truth.replay);
  await fleet.ready();
  await rest(truth, findings);
  const gateway = await fleet.ledger();
  const [own, entries, outbox] = await Promise.all([
    rowsOf(databaseUrl, 'select id, status, gateway_reference from subscription'),
    rowsOf(
      databaseUrl,
      'select operation_id, action, at from ledger where operation_id is not null',
    ),
    rowsOf(databaseUrl, 'select id, type from outbox'),
  ]);
  const byReference = new Map(
    gateway.subscriptions.map((row) => [String(row['subscription_id']), row]),
  );
  callers(
    findings,
    told,
    grouped(gateway.subscriptions, (row) => row['interaction_id']),
    grouped(gateway.charges, (row) => row['interaction_id']),
  );
  rows(findings, own, byReference);
  intents(findings, gateway.operations, entries);
  billing(findings, fleet, outbox, own);
  const { code, out, err } = await fleet.verify();
  findings.check(code === 0, 'I7', `tokenline audit verify: ${out}${err}`);
  for (const { name, bugs } of fleet.units) {
    findings.check(bugs.length === 0, 'bug', `${name}: ${bugs.slice(0, 2).join(' ')}`);
  }
  return findings.violations;
}
