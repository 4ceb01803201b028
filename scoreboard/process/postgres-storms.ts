import type { Client } from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import type { PostgresWorld } from './postgres-world.ts';

const TERMINATE_EVERY_MS = 40;
const TERMINATE = `select pg_terminate_backend(pid) as ended from pg_stat_activity
  where application_name = 'tokenline'`;
/** More than the server takes (test/cluster.ts). */
const CONNECTIONS = 110;

/** On a busy machine a storm may find nobody in its time; then it goes on until it does. */
const STRUCK_MS_MAX = 15_000;

/** Until a time is over, again and again. @param did how much was done so far. */
async function repeat(
  forMs: number,
  work: () => Promise<void>,
  did: () => number | Promise<number>,
): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    await work();
    const spentMs = performance.now() - startMs;
    if (spentMs >= STRUCK_MS_MAX || (spentMs >= forMs && (await did()) > 0)) return;
  }
}

/** Ends every connection of the bridges, again and again. @returns how many. */
export async function terminateConnections(world: PostgresWorld, forMs: number): Promise<number> {
  const session = await world.session();
  let ended = 0;
  try {
    const once = async (): Promise<void> => {
      ended += (await session.query(TERMINATE)).rows.length;
      await wait(TERMINATE_EVERY_MS);
    };
    await repeat(forMs, once, () => ended);
  } finally {
    await session.end();
  }
  return ended;
}

/** Takes every connection that the server has, those of the bridges first. @returns how many. */
export async function takeConnections(world: PostgresWorld, forMs: number): Promise<number> {
  const sessions: Client[] = [];
  const grab = async (): Promise<void> => {
    const more = Array.from({ length: CONNECTIONS - sessions.length }, async () => {
      sessions.push(await world.session());
    });
    await Promise.allSettled(more);
  };
  try {
    await grab();
    const once = async (): Promise<void> => {
      const held = sessions[0];
      if (held !== undefined) await held.query(TERMINATE);
      await grab();
      await wait(TERMINATE_EVERY_MS);
    };
    await repeat(forMs, once, () => sessions.length);
    return sessions.length;
  } finally {
    await Promise.allSettled(sessions.map((session) => session.end()));
  }
}

const RAISED = `
create sequence if not exists storm_count minvalue 0 start 0;
create or replace function storm() returns trigger language plpgsql as $$ begin
  if random() < 0.35 then
    -- A sequence is not rolled back.
    perform nextval('storm_count');
    raise exception 'storm' using errcode = case when random() < 0.5 then '40001' else '40P01' end;
  end if;
  return new;
end $$;
create trigger storm before insert or update on operation for each row execute function storm();
create trigger storm before insert or update on outbox for each row execute function storm();
create trigger storm before update on job for each row execute function storm();`;
const CALM = `
drop trigger if exists storm on operation;
drop trigger if exists storm on outbox;
drop trigger if exists storm on job;`;

/** The locks of a begin and of a finish, in the other order: one of two has to give way. */
const CROSSED = `begin; lock table job in share row exclusive mode; select pg_sleep(0.01);
  lock table operation in share row exclusive mode; commit`;

/**
 * Statements lose conflicts: about a third of them to a trigger that says so, and others to real
 * deadlocks. @returns how many statements were refused, and how often ours gave way.
 */
export async function makeConflicts(world: PostgresWorld, forMs: number): Promise<number> {
  await persist(() => world.query(RAISED));
  const session = await world.session();
  let gaveWay = 0;
  const raised = async (): Promise<number> => {
    const [row] = await world.query('select last_value::int as raised from storm_count');
    return Number(row?.['raised']) + gaveWay;
  };
  const once = async (): Promise<void> => {
    await session.query(CROSSED).catch(async () => {
      gaveWay += 1;
      await session.query('rollback');
    });
  };
  try {
    await repeat(forMs, once, raised);
  } finally {
    await session.end();
    await persist(() => world.query(CALM));
  }
  const all = await raised();
  await persist(() => world.query('drop sequence storm_count'));
  return all;
}

/** Changing a table meets the same conflicts. */
async function persist(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === 50) throw error;
      await wait(20);
    }
  }
}
