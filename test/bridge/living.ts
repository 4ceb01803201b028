import { momentIn } from '../../src/payment/local-time.ts';
import { MERCHANT, type World } from './world.ts';

export const DAY_MS = 24 * 3_600_000;

/** Nine o'clock of a day where the merchant is: when charges are made. */
export const nine = (date: string): number => momentIn(MERCHANT.timeZone, date, 9);

/** Lets time pass with the loops of charging and settling: from one due piece of work to the next. */
export async function live(world: World, untilMs: number): Promise<void> {
  for (;;) {
    const nowMs = world.clock.now();
    const rows = await world.rows(
      `select kind, min(greatest(due_at, coalesce(lease_until, due_at))) as due from job
       where kind in ('charge', 'settle') group by kind`,
    );
    const due = new Map(rows.map((row) => [String(row['kind']), Number(row['due'])]));
    const isDue = (kind: string): boolean => (due.get(kind) ?? Infinity) <= nowMs;
    if (isDue('charge')) await world.charge();
    if (isDue('settle')) await world.settle();
    if (isDue('charge') || isDue('settle')) continue;
    if (nowMs >= untilMs) return;
    await world.clock.advance(Math.min(untilMs, ...due.values()) - nowMs);
  }
}
