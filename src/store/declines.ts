import { moment, sql, type Piece } from './sql.ts';

/** How many of the newest cards were declined. */
export interface Declines {
  /** Cards that the gateway has answered for: a full window, or all that there were. */
  readonly answered: number;
  readonly declined: number;
}

/** Which cards are looked at: the newest `window` of the hour before `nowMs`. */
export interface DeclinesAsked {
  readonly window: number;
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;

/** Of one range, where it is given. A few rows of a partial index are read. */
function newest(asked: DeclinesAsked, ofRange: Piece): Piece {
  return sql`(select json_build_array(count(*), count(*) filter (where r.state = 'declined'))
    from (
      select o.state from operation o
      where o.kind = 'tokenise' and o.state in ('approved','declined') and o.called_at is not null
        and o.called_at > ${moment(asked.nowMs - HOUR_MS)}::timestamptz${ofRange}
      order by o.called_at desc limit ${asked.window}::int) r)`;
}

/**
 * What became of the newest cards, as JSON. Like the samples of the breaker it is read from the
 * operations themselves, so that no attempt waits for a row that all of them write.
 */
export function declinesOfAll(asked: DeclinesAsked): Piece {
  return newest(asked, sql``);
}

/** The same of one range of cards, by its keyed hash. */
export function declinesOfBin(asked: DeclinesAsked, binMac: string): Piece {
  return newest(asked, sql` and o.bin_mac = ${binMac}`);
}

export function declinesOf(json: unknown): Declines {
  const [answered, declined] = Array.isArray(json) ? json.map(Number) : [];
  return { answered: answered ?? 0, declined: declined ?? 0 };
}
