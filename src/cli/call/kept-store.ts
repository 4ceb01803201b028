import { migrate } from '../../store/migrate.ts';
import { openPglite } from '../../store/pglite.ts';
import type { Store } from '../../store/store.ts';
import { systemClock } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { systemRandomness } from '../../system/randomness.ts';

/** Everything of ours is in the schema that PostgreSQL gives to all. */
const EMPTY = 'drop schema public cascade; create schema public';

const TABLES = `
  select table_name as name from information_schema.tables
  where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;

/**
 * An embedded database in memory that is kept from one call file to the next and emptied in between:
 * its start takes a second, and making the tables anew a few hundredths.
 */
export class KeptStore {
  readonly store: Store;

  private constructor(store: Store) {
    this.store = store;
  }

  static async open(log: Log): Promise<KeptStore> {
    const ports = { clock: systemClock, randomness: systemRandomness, log };
    return new KeptStore(await openPglite(null, ports));
  }

  /** As new. */
  async empty(): Promise<void> {
    await this.store.query(EMPTY);
    await migrate(this.store, { clock: systemClock, randomness: systemRandomness });
  }

  /** Every row of every table as JSON, by table. */
  async texts(): Promise<Record<string, string>> {
    const texts: Record<string, string> = {};
    for (const row of await this.store.query(TABLES)) {
      const name = String(row['name']);
      const quoted = `"${name.replaceAll('"', '""')}"`;
      const [dump] = await this.store.query(
        `select coalesce(json_agg(row_to_json(t))::text, '[]') as rows from ${quoted} t`,
        [],
      );
      texts[`table ${name}`] = JSON.stringify(dump?.['rows']);
    }
    return texts;
  }
}
