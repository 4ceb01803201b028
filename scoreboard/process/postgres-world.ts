import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { findPostgres, startCluster, type Cluster } from '../../test/cluster.ts';

const DATABASE = 'tokenline';
/** Real deadlocks are found after this time and not after a second, so that there are many. */
const DEADLOCK_TIMEOUT_MS = 20;

/** A PostgreSQL server of its own that faults can be done to. */
export class PostgresWorld {
  readonly cluster: Cluster;
  readonly url: string;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
    const url = new URL(cluster.url);
    url.pathname = `/${DATABASE}`;
    this.url = url.href;
  }

  static async open(): Promise<PostgresWorld> {
    const bin = findPostgres();
    if (bin === null) throw new Error('PostgreSQL is not there: "npm test" installs it');
    const world = new PostgresWorld(await startCluster(bin));
    await query(world.cluster.url, `create database ${DATABASE}`);
    const set = `alter database ${DATABASE} set deadlock_timeout = ${DEADLOCK_TIMEOUT_MS}`;
    await query(world.cluster.url, set);
    return world;
  }

  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return query(this.url, text);
  }

  /** A session that is kept; it is closed by whoever opened it. */
  async session(): Promise<Client> {
    const client = new Client({ connectionString: this.url });
    // It is ended by faults, as everybody else's is.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Its shell does not look after it before it is told to, so a server that has ended is a zombie. */
  alive(): boolean {
    try {
      const stat = readFileSync(`/proc/${this.cluster.pid}/stat`, 'utf8');
      return !/^\d+ \(.*\) [ZX] /s.test(stat);
    } catch {
      return false;
    }
  }

  /** `pg_ctl -m immediate`: no checkpoint, so that the next start recovers from the log. */
  async crash(): Promise<void> {
    process.kill(this.cluster.pid, 'SIGQUIT');
    while (this.alive()) await wait(5);
  }

  async close(): Promise<void> {
    await this.cluster.stop();
  }
}

async function query(
  url: string,
  text: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
