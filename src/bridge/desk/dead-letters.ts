import type { DeliveriesView, DeliveryRow } from '../../contract/console.ts';
import { Fault } from '../../payment/fault.ts';
import { countEvents, readDead, readWaiting, type UntakenEvent } from '../../store/outbox.ts';
import type { Actor, Bridge } from '../bridge.ts';
import { replayDeadLetter } from '../deliver.ts';

/** As many as somebody reads. */
const SHOWN_MAX = 100;

function shown(event: UntakenEvent, state: DeliveryRow['state']): DeliveryRow {
  return {
    event_id: event.id,
    type: event.type,
    subscription_id: event.subscriptionId ?? '',
    operation_id: event.operationId,
    interaction_id: event.interactionId,
    created_at: new Date(event.createdAtMs).toISOString(),
    state,
    tries: event.tries,
    last_answer: event.lastAnswer ?? '',
    at: new Date(event.atMs).toISOString(),
  };
}

/** Events that billing has not taken. */
export async function deliveries({ store }: Bridge): Promise<DeliveriesView> {
  const [dead, waiting, counts] = await Promise.all([
    readDead(store, SHOWN_MAX),
    readWaiting(store, SHOWN_MAX),
    countEvents(store),
  ]);
  return {
    dead: dead.map((event) => shown(event, 'dead')),
    waiting: waiting.map((event) => shown(event, 'waiting')),
    dead_count: counts.dead,
    waiting_count: counts.waiting,
  };
}

/** Sends a dead letter again. @throws {Fault} where there is no such dead letter. */
export async function replay(
  bridge: Bridge,
  actor: Actor,
  eventId: string,
): Promise<DeliveriesView> {
  if (!(await replayDeadLetter(bridge, actor, eventId))) {
    throw new Fault('unknown_resource', 'There is no such dead letter; somebody may have sent it.');
  }
  return deliveries(bridge);
}
