import { isFinal, OPERATION_STATES } from '../../src/payment/operation.ts';
import type { Asked } from './books.ts';
import type { System } from './system.ts';

type Row = Readonly<Record<string, unknown>>;

const INTENT = `select id from ledger where operation_id = $1 and action like '%.intent'`;
const OPERATION = 'select state, kind, subscription_id, started_at from operation where id = $1';
const HOLDERS = 'select open_operation, charging_operation from subscription where id = $1';
const SWITCH = 'select state from switch';

/** Looks at our tables at the moment at which a request arrives at the gateway. */
export async function judgeArrival(system: System, { key, step }: Asked): Promise<void> {
  const { stage, store } = system;
  const what = `${step} ${key}`;
  const intents = await store.query(INTENT, [key]);
  stage.holds(intents.length === 1, 'I3', () => {
    return `${what} arrived at the gateway and has ${intents.length} intents in the ledger`;
  });
  const [operation] = await store.query(OPERATION, [key]);
  if (operation === undefined) return;
  const [lever] = await store.query(SWITCH);
  const began = Number(operation['started_at']);
  // The switch is for payments, and a cancellation is none.
  const isOff = lever?.['state'] === 'off' && operation['kind'] !== 'cancel';
  const late = isOff && began > system.switchedAtMs;
  stage.holds(!late, 'I12', () => `${what} was begun, and sent, with payments switched off`);
  await judgeHolder(system, what, key, operation);
}

/** A subscription is one operation's at a time, and is not charged while it is being changed. */
async function judgeHolder(
  { stage, store }: System,
  what: string,
  key: string,
  { state, kind, subscription_id: id, started_at: startedAt }: Row,
): Promise<void> {
  const known = OPERATION_STATES.find((one) => one === state);
  // What comes twice may come when its operation has ended.
  if (typeof id !== 'string' || known === undefined || isFinal(known)) return;
  const [row] = await store.query(HOLDERS, [id]);
  const { open_operation: open = null, charging_operation: charging = null } = row ?? {};
  const holder = kind === 'charge' ? charging : open;
  stage.holds(holder === key, 'I4', () => `${what} was sent and does not hold its subscription`);
  if (kind !== 'charge' || typeof open !== 'string') return;
  const [change] = await store.query(OPERATION, [open]);
  // A change waits for a charge that was there before it.
  const before = change !== undefined && Number(change['started_at']) < Number(startedAt);
  stage.holds(!before, 'I10', () => `${what} was sent while its subscription is being changed`);
}
