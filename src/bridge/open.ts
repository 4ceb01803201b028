import { dateIn } from '../payment/plan.ts';
import { ensureBreaker, readBreaker } from '../store/breaker.ts';
import { countJobs } from '../store/jobs.ts';
import { countOpen } from '../store/operations.ts';
import { countEvents } from '../store/outbox.ts';
import { readSwitch } from '../store/switch.ts';
import { audit, type CheckpointKeys } from './audit.ts';
import { availability } from './availability.ts';
import type { Bridge } from './bridge.ts';
import { changeSubscription } from './change.ts';
import { consent, disclose } from './consent.ts';
import { beginCard, finishCard } from './direct.ts';
import { gatewayEvent } from './gateway-event.ts';
import { handOff } from './hand-off.ts';
import { cancelLink, readLink } from './link-read.ts';
import { createLink } from './link.ts';
import { lookup, plans } from './lookup.ts';
import { readOperation, readSubscription } from './read.ts';
import { subscribe } from './subscribe.ts';
import { setSwitch, showSwitch } from './switch.ts';
import { beginTokenise, finishTokenise, type OpenTokenises } from './tokenise.ts';
import type { Verbs } from './verbs.ts';

/** Binds every verb to what it works with. */
export async function openBridge(bridge: Bridge, checkpointKeys: CheckpointKeys): Promise<Verbs> {
  await ensureBreaker(bridge.store, bridge.gateway.name, bridge.clock.now());
  const open: OpenTokenises = new Map();
  return {
    availability: (ask) => availability(bridge, ask),
    lookup: (ask) => lookup(bridge, ask),
    plans: (ask) => plans(bridge, ask),
    disclose: (ask) => disclose(bridge, ask),
    consent: (ask) => consent(bridge, ask),
    createLink: (ask) => createLink(bridge, ask),
    readLink: (id, ask) => readLink(bridge, id, ask),
    cancelLink: (id, ask) => cancelLink(bridge, id, ask),
    beginCard: (ask) => beginCard(bridge, ask),
    finishCard: (id, ask) => finishCard(bridge, id, ask),
    subscribe: (ask) => subscribe(bridge, ask),
    readSubscription: (_actor, id) => readSubscription(bridge, id),
    changeSubscription: (verb, id, ask) => changeSubscription(bridge, verb, id, ask),
    readOperation: (_actor, id) => readOperation(bridge, id),
    handOff: (ask) => handOff(bridge, ask),
    readSwitch: () => showSwitch(bridge),
    setSwitch: (ask) => setSwitch(bridge, ask),
    audit: (actor, query) => audit(bridge, checkpointKeys, actor, query),
    gatewayEvent: (gateway, headers, body) => gatewayEvent(bridge, gateway, headers, body),
    begin: (request) => beginTokenise(bridge, open, request),
    finish: (id, request) => finishTokenise(bridge, open, id, request),
    ready: () => answers(bridge),
    gauges: () => gauges(bridge),
  };
}

async function answers(bridge: Bridge): Promise<boolean> {
  try {
    await bridge.store.query('select 1');
    return true;
  } catch {
    return false;
  }
}

async function gauges(bridge: Bridge): ReturnType<Verbs['gauges']> {
  const { store, gateway, merchant } = bridge;
  const nowMs = bridge.clock.now();
  const [inDoubt, events, jobs, current, breaker, unsealed] = await Promise.all([
    countOpen(store),
    countEvents(store),
    countJobs(store, nowMs, dateIn(merchant.timeZone, nowMs)),
    readSwitch(store),
    readBreaker(store, gateway.name),
    store.query('select count(*)::int as n from ledger_unsealed'),
  ]);
  return {
    operations_in_doubt: inDoubt,
    operations_to_settle: jobs.settles,
    charges_due: jobs.chargesDue,
    charges_overdue: jobs.chargesOverdue,
    deliveries_waiting: events.waiting,
    deliveries_dead: events.dead,
    ledger_unsealed: Number(unsealed[0]?.['n'] ?? 0),
    breaker_open: breaker.state === 'open' ? 1 : 0,
    switch_on: current.state === 'on' ? 1 : 0,
  };
}
