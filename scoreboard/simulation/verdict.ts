import { ChainCheck, type LedgerLine } from '../../src/payment/ledger-check.ts';
import { isFinal, OPERATION_STATES } from '../../src/payment/operation.ts';
import { readLedger } from '../../src/store/ledger.ts';
import { EVERY_SEALED_ENTRY } from '../../test/every-entry.ts';
import type { GatewaySubscription } from './books.ts';
import { asksGateway, type Judge } from './judge.ts';
import { LEDGER_KEYS, type System } from './system.ts';
import { CONFIG } from './units.ts';
import { judgeEvents } from './verdict-events.ts';

type Row = Readonly<Record<string, unknown>>;

/** Refused before anything was sent; the gateway must never have heard of them. */
const REFUSED = new Set(['switched_off', 'breaker_open', 'too_many_attempts', 'not_allowed']);

const ENDS = /\.(?:approved|declined|failed)$/;

function stateOf(row: Row): { readonly final: boolean; readonly state: string } {
  const state = OPERATION_STATES.find((known) => known === row['state']);
  if (state === undefined) throw new Error(`no operation is ${String(row['state'])}`);
  return { final: isFinal(state), state };
}

/** What a run came to, for the figures. */
export interface Ended {
  readonly operations: number;
  readonly states: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
}

/**
 * Compares the accounts when a run is over: what callers were told, our tables, the ledger, the
 * gateway's books, and what billing has kept.
 *
 * @param rested true where everything has healed and had its time: then nothing may be open.
 */
export async function judgeRun(system: System, judge: Judge, rested: boolean): Promise<Ended> {
  const { store } = system;
  const operations = await store.query('select * from operation');
  const byId = new Map(operations.map((row) => [String(row['id']), row]));
  const lines = await judgeLedger(system);
  judgeOperations(system, operations, lines, rested);
  const gone = await store.query(`select id from subscription where status = 'cancelled'`);
  const cancelled = new Set(gone.map((row) => String(row['id'])));
  judgeTold(system, judge, byId, rested ? cancelled : null);
  await judgeSubscriptions(system, rested);
  judgeDoubles(system);
  judgeLimits(system, operations);
  await judgeTokens(system, byId);
  await judgeEvents(system, rested);
  const states: Record<string, number> = {};
  const kinds: Record<string, number> = {};
  for (const row of operations.filter(asksGateway)) {
    const { state } = stateOf(row);
    states[state] = (states[state] ?? 0) + 1;
    kinds[String(row['kind'])] = (kinds[String(row['kind'])] ?? 0) + 1;
  }
  const count = Object.values(states).reduce((sum, n) => sum + n, 0);
  return { operations: count, states, kinds };
}

/** I7: the chain is whole, as an auditor checks it who has the shipped checkpoints. */
async function judgeLedger(system: System): Promise<readonly LedgerLine[]> {
  const { stage, store, shipped } = system;
  await system.sealAll();
  const rows = await readLedger(store, EVERY_SEALED_ENTRY);
  const check = new ChainCheck(LEDGER_KEYS);
  for (const checkpoint of shipped) check.expect(checkpoint);
  const lines = rows.map(({ chainHash, ...line }) => ({ ...line, chainHash: chainHash ?? '' }));
  for (const line of lines) check.add(line);
  const report = check.end();
  for (const { kind, sentence } of report.findings) stage.breaks('I7', `${kind}: ${sentence}`);
  const [count] = await store.query('select count(*)::int as n from ledger');
  stage.holds(count?.['n'] === lines.length, 'I7', () => {
    return `${String(count?.['n'])} entries were written and ${lines.length} have a place`;
  });
  stage.holds(shipped.length > 0 || lines.length === 0, 'I7', () => 'no checkpoint was shipped');
  return lines;
}

/** I3, I4 and I12, operation by operation. */
function judgeOperations(
  system: System,
  operations: readonly Row[],
  lines: readonly LedgerLine[],
  rested: boolean,
): void {
  const { stage, gateway } = system;
  const ends = new Map<string, number>();
  for (const { entry } of lines) {
    if (entry.operationId === null || !ENDS.test(entry.action)) continue;
    ends.set(entry.operationId, (ends.get(entry.operationId) ?? 0) + 1);
  }
  const arrived = new Set(gateway.arrivals.map(({ key }) => key));
  const known = new Set(operations.map(({ id }) => String(id)));
  for (const key of gateway.books.kept.keys()) {
    stage.holds(known.has(key), 'I4', () => `the gateway has ${key}, and we have not`);
  }
  for (const row of operations.filter(asksGateway)) {
    const id = String(row['id']);
    const { final, state } = stateOf(row);
    const what = `${String(row['kind'])} ${id}`;
    const done = gateway.books.hasEffect(id);
    stage.holds(final || !rested, 'I4', () => `${what} is ${state}, long after everything healed`);
    if (!final) continue;
    const agrees = (state === 'approved') === done;
    stage.holds(agrees, 'I4', () => {
      return `${what} is ${state}, and the gateway has ${done ? '' : 'not '}done it`;
    });
    const count = ends.get(id) ?? 0;
    stage.holds(count === 1, 'I3', () => `${what} has ${count} ends in the ledger`);
    stage.holds(!wasRefused(row) || !arrived.has(id), 'I12', () => {
      return `${what} was refused (${String(row['error_code'])}), and the gateway heard of it`;
    });
  }
}

/** Refused by the bridge itself; that the gateway never heard of it is I12. */
function wasRefused(row: Row): boolean {
  return REFUSED.has(String(row['error_code'])) && row['status_code'] === null;
}

/**
 * I5 in hindsight, I9 and I10: what callers were told, now that all is known.
 *
 * @param cancelled the subscriptions that are; `null` where not everything has come to rest.
 */
function judgeTold(
  system: System,
  judge: Judge,
  byId: ReadonlyMap<string, Row>,
  cancelled: ReadonlySet<string> | null,
): void {
  const { stage, gateway } = system;
  for (const { step, answer } of judge.told) {
    const { operation_id: id = '', outcome, error_code: code } = answer;
    if (id === '') continue;
    const row = byId.get(id);
    const what = `${step} ${id}`;
    stage.holds(row !== undefined, 'I5', () => `${what} was told ${outcome} and is nowhere`);
    if (row === undefined) continue;
    const same = step === 'poll' || row['kind'] === step;
    stage.holds(same, 'I9', () => `${what} was answered with a ${String(row['kind'])}`);
    if (outcome === 'failed' || outcome === 'declined') {
      stage.holds(!gateway.books.hasEffect(id), 'I5', () => {
        return `${what} was told ${outcome} ${code ?? ''}, and the gateway has done it since`;
      });
    }
    if (cancelled === null || row['kind'] !== 'cancel' || outcome !== 'in_doubt') continue;
    // Something else held the subscription: it was never taken on, and whoever asks is told so.
    if (wasRefused(row)) continue;
    const ended = row['state'] === 'approved' || row['state'] === 'declined';
    // What was asked for is so where another cancellation was quicker.
    stage.holds(ended || cancelled.has(String(row['subscription_id'])), 'I10', () => {
      return `${what} was taken on and ended ${String(row['state'])}`;
    });
  }
}

/** I4 and I10: our subscriptions are the gateway's, and the cancelled stay cancelled. */
async function judgeSubscriptions(system: System, rested: boolean): Promise<void> {
  const { stage, store, gateway, recurring } = system;
  const rows = await store.query('select * from subscription');
  for (const row of rows) {
    const what = `subscription ${String(row['id'])}`;
    const theirs = gateway.books.subscriptions.get(String(row['gateway_reference']));
    if (recurring === 'tokenline') {
      const lastMs = row['status'] === 'cancelled' ? Number(row['updated_at']) : Infinity;
      const late = gateway.books.charges.find(
        ({ subscription, atMs }) => subscription === row['id'] && atMs > lastMs,
      );
      stage.holds(late === undefined, 'I10', () => `${what} was charged after it was cancelled`);
      continue;
    }
    stage.holds(theirs !== undefined, 'I4', () => `${what} is not at the gateway`);
    if (row['open_operation'] !== null && !rested) continue;
    stage.holds(row['open_operation'] === null, 'I4', () => `${what} is still held`);
    stage.holds(theirs?.status === row['status'] && theirs?.planId === row['plan_id'], 'I4', () => {
      return `${what} is ${String(row['status'])} on ${String(row['plan_id'])} here, ${theirs?.status} on ${theirs?.planId} at the gateway`;
    });
  }
}

/** A consent is good for one operation, and a call for so many cards. */
function judgeLimits({ stage, gateway }: System, operations: readonly Row[]): void {
  const used = new Map<string, string>();
  const arrived = new Set(gateway.arrivals.map(({ key }) => key));
  const cards = new Map<string, number>();
  for (const row of operations) {
    const id = String(row['id']);
    const consent = row['consent_id'];
    const isGiven = row['kind'] === 'subscribe' || row['kind'] === 'change_plan';
    if (isGiven && row['state'] === 'approved' && typeof consent === 'string') {
      const before = used.get(consent);
      stage.holds(before === undefined, 'I1', () => {
        return `${consent} was used by ${before} and by ${id}`;
      });
      used.set(consent, id);
    }
    if (row['kind'] !== 'tokenise' || !arrived.has(id)) continue;
    const call = String(row['interaction_id']);
    cards.set(call, (cards.get(call) ?? 0) + 1);
  }
  for (const [call, count] of cards) {
    stage.holds(count <= CONFIG.limits.cardTriesPerCall, 'I12', () => {
      return `${count} cards of ${call} were sent to the gateway`;
    });
  }
}

/** I1 and I2: nobody has two, and nobody pays twice. */
function judgeDoubles({ stage, gateway }: System): void {
  const { subscriptions, charges } = gateway.books;
  const live = new Map<string, GatewaySubscription[]>();
  for (const one of subscriptions.values()) {
    const who = `${one.customerId} ${one.planAtFirst}`;
    live.set(who, [...(live.get(who) ?? []), one]);
  }
  for (const [who, all] of live) {
    const inOrder = all.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
    for (const [n, later] of inOrder.entries()) {
      const before = inOrder[n - 1];
      if (before === undefined) continue;
      const ended = before.cancelledAtMs !== null && before.cancelledAtMs <= later.createdAtMs;
      const left = before.planId !== before.planAtFirst;
      stage.holds(ended || left, 'I1', () => `${who} has two live subscriptions at the gateway`);
    }
  }
  const periods = new Map<string, number>();
  for (const { subscription, dueDate } of charges) {
    const period = `${subscription} ${dueDate}`;
    periods.set(period, (periods.get(period) ?? 0) + 1);
  }
  for (const [period, count] of periods) {
    stage.holds(count === 1, 'I2', () => `${period} was charged ${count} times`);
  }
}

/** I11: whatever card the gateway keeps is one that we know of, or are asking about. */
async function judgeTokens(system: System, byId: ReadonlyMap<string, Row>): Promise<void> {
  const { stage, store, gateway } = system;
  const rows = await store.query('select reference from card_token');
  const ours = new Set(rows.map((row) => String(row['reference'])));
  for (const [reference, { key }] of gateway.books.tokens) {
    const operation = byId.get(key);
    const open = operation !== undefined && !stateOf(operation).final;
    stage.holds(ours.has(reference) || open, 'I11', () => {
      return `the gateway keeps the card of ${key}, and nobody here knows it`;
    });
  }
}
