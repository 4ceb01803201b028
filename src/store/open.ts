import { join } from 'node:path';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import type { Randomness } from '../system/randomness.ts';
import { StartRefused } from '../system/start-refused.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import type { Store } from './store.ts';

export interface StoreSettings {
  /** `postgresql://…`; `null` is the embedded database. */
  readonly databaseUrl: string | null;
  /** The embedded database is the folder `database` in it. */
  readonly dataDirectory: string;
  /** Connections of this process to PostgreSQL, 1 or more. */
  readonly poolMax?: number;
  /** Whether PostgreSQL keeps statements prepared that are asked often. */
  readonly keepStatements?: boolean;
}

/**
 * Opens the store that the settings name and brings its schema up to date.
 *
 * @throws {StartRefused} when it must not be used. @throws {StoreUnavailable} when it is not there.
 */
export async function openStore(
  settings: StoreSettings,
  clock: Clock,
  randomness: Randomness,
  log: Log,
): Promise<Store> {
  const ports = { clock, randomness, log };
  const { databaseUrl, dataDirectory, poolMax, keepStatements = false } = settings;
  const store =
    databaseUrl === null
      ? await openPglite(join(dataDirectory, 'database'), ports)
      : await openPostgres(databaseUrl, {
          ...ports,
          keepStatements,
          ...(poolMax === undefined ? {} : { poolMax }),
        });
  try {
    await migrate(store, ports);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Money must not move on a record that a power cut can take back: the key of an operation would be
 * gone, and the same card charged again under a new one.
 *
 * @throws {StartRefused}
 */
export function assertDurableForLive(store: Store): void {
  if (store.durable) return;
  throw new StartRefused(
    store.engine === 'postgres'
      ? 'PostgreSQL answers a commit before it is on the disk, which is not allowed with a live ' +
          'gateway: set fsync = on and synchronous_commit = on, for this user too.'
      : 'this database is not on a disk that is synced, which is not allowed with a live gateway: ' +
          'name a PostgreSQL server with TOKENLINE_DATABASE_URL.',
  );
}
