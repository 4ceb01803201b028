import { moment } from './sql.ts';
import type { Sql } from './store.ts';

/** Notes how many cards a page has declined; it only goes up. */
export async function notePageDeclines(store: Sql, id: string, declines: number): Promise<void> {
  await store.query(
    `update operation set page_declines = $2::int
     where id = $1 and kind = 'link' and coalesce(page_declines, 0) < $2::int`,
    [id, declines],
  );
}

/**
 * Notes, before it is done, that a page is being closed: a card that comes all the same is kept, and
 * nothing is begun with it. The first time stays.
 */
export async function notePageClosed(store: Sql, id: string, nowMs: number): Promise<void> {
  await store.query(
    `update operation set page_closed_at = $2::timestamptz
     where id = $1 and kind = 'link' and page_closed_at is null`,
    [id, moment(nowMs)],
  );
}
