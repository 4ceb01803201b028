import type { System } from './system.ts';

interface Heard {
  readonly id: string;
  readonly sequence: number;
  readonly status: string;
}

/** I6: billing hears of every change, in order, under one name; in the end it knows what we know. */
export async function judgeEvents(system: System, rested: boolean): Promise<void> {
  const { stage, store, billing } = system;
  const outbox = await store.query('select * from outbox');
  const byId = new Map(outbox.map((row) => [String(row['id']), row]));
  const texts = new Map<string, string>();
  const kept = new Map<string, Heard[]>();
  const answered = new Set<string>();
  for (const { id, text, kept: isKept, acknowledged } of billing.deliveries) {
    const row = byId.get(id);
    stage.holds(row !== undefined, 'I6', () => `billing heard of ${id}, which was never told`);
    if (row === undefined) continue;
    stage.holds((texts.get(id) ?? text) === text, 'I6', () => `${id} came with two texts`);
    texts.set(id, text);
    const subscription = String(row['subscription_id']);
    const sequence = Number(row['sequence']);
    const earlier = outbox.filter(
      (other) => other['subscription_id'] === subscription && Number(other['sequence']) < sequence,
    );
    const waits = earlier.find(
      (other) => !answered.has(String(other['id'])) && other['dead_at'] === null,
    );
    stage.holds(waits === undefined, 'I6', () => {
      return `${id} came before ${String(waits?.['id'])}, which comes before it`;
    });
    if (acknowledged) answered.add(id);
    if (!isKept) continue;
    const status = statusIn(text);
    kept.set(subscription, [...(kept.get(subscription) ?? []), { id, sequence, status }]);
  }
  for (const row of outbox) {
    const id = String(row['id']);
    const delivered = row['delivered_at'] !== null;
    stage.holds(!delivered || answered.has(id), 'I6', () => {
      return `${id} counts as delivered, and billing never said so`;
    });
    stage.holds(!rested || delivered || row['dead_at'] !== null, 'I6', () => {
      return `${id} has not been delivered, long after everything healed`;
    });
  }
  if (!rested) return;
  for (const row of await store.query('select id, status from subscription')) {
    const events = outbox.filter((event) => event['subscription_id'] === row['id']);
    const dead = events.some((event) => event['dead_at'] !== null);
    const last = (kept.get(String(row['id'])) ?? []).reduce<Heard | null>(
      (newest, one) => (newest === null || one.sequence > newest.sequence ? one : newest),
      null,
    );
    stage.holds(dead || last?.status === row['status'], 'I6', () => {
      return `billing thinks ${String(row['id'])} is ${last?.status}, and it is ${String(row['status'])}`;
    });
  }
}

function statusIn(text: string): string {
  const { data } = JSON.parse(text) as { data: Readonly<Record<string, unknown>> };
  return String(data['status']);
}
