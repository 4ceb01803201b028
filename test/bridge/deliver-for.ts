import type { World } from './world.ts';

/** Delivers for a time: from one due job to the next. */
export async function deliverFor(world: World, ms: number): Promise<void> {
  const endMs = world.clock.monotonicMs() + ms;
  for (;;) {
    while ((await world.deliver()) > 0);
    const [row] = await world.rows(
      `select min(greatest(due_at, lease_until)) as due from job
       where kind = 'deliver' and greatest(due_at, lease_until) > $1::timestamptz`,
      new Date(world.clock.now()).toISOString(),
    );
    const due = row?.['due'];
    const leftMs = endMs - world.clock.monotonicMs();
    if (leftMs <= 0) return;
    const nextMs = typeof due === 'number' ? Math.max(1, due - world.clock.now()) : Infinity;
    await world.clock.advance(Math.min(leftMs, nextMs));
  }
}
