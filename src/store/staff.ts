import type { LedgerEntry } from '../payment/ledger.ts';
import { appendEntries } from './ledger.ts';
import { firstRow, type Row } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import type { Sql } from './store.ts';

/** Somebody who is signed in to the console. */
export interface StaffSession {
  /** SHA-256 of what their browser holds. */
  readonly idHash: string;
  /** Who they are at the identity provider (`sub`). */
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly startedAtMs: number;
  /** Their last request. */
  readonly seenAtMs: number;
  readonly endsAtMs: number;
}

function sessionOf(row: Row): StaffSession {
  const roles = row.json('roles');
  return {
    idHash: row.text('id_hash'),
    subject: row.text('subject'),
    name: row.text('name'),
    roles: Array.isArray(roles) ? roles.map(String) : [],
    startedAtMs: row.number('started_at'),
    seenAtMs: row.number('seen_at'),
    endsAtMs: row.number('ends_at'),
  };
}

/** Signs somebody in: the session and its entry in the ledger, in one statement. */
export async function addStaffSession(
  store: Sql,
  session: StaffSession,
  entry: LedgerEntry,
): Promise<void> {
  const { text, values } = rendered(sql`with op as (
      insert into staff_session (id_hash, subject, name, roles, started_at, seen_at, ends_at)
      values (${session.idHash}, ${session.subject}, ${session.name},
        ${JSON.stringify(session.roles)}::json, ${moment(session.startedAtMs)}::timestamptz,
        ${moment(session.seenAtMs)}::timestamptz, ${moment(session.endsAtMs)}::timestamptz)
      returning id_hash as id
    ), ${appendEntries([entry], 'op')} select id from op`);
  await store.query(text, values);
}

export async function findStaffSession(store: Sql, idHash: string): Promise<StaffSession | null> {
  const rows = await store.query('select * from staff_session where id_hash = $1', [idHash]);
  const row = firstRow(rows);
  return row === null ? null : sessionOf(row);
}

/** Notes that somebody is still there. */
export async function touchStaffSession(store: Sql, idHash: string, nowMs: number): Promise<void> {
  await store.query('update staff_session set seen_at = $2::timestamptz where id_hash = $1', [
    idHash,
    moment(nowMs),
  ]);
}

/** Signs somebody out. @returns false where they were not signed in any more. */
export async function dropStaffSession(
  store: Sql,
  idHash: string,
  entry: LedgerEntry,
): Promise<boolean> {
  const { text, values } = rendered(sql`with op as (
      delete from staff_session where id_hash = ${idHash} returning id_hash as id
    ), ${appendEntries([entry], 'op')} select id from op`);
  return (await store.query(text, values)).length === 1;
}

/** Deletes what nobody can use any more. */
export async function purgeStaffSessions(
  store: Sql,
  nowMs: number,
  idleSinceMs: number,
): Promise<void> {
  await store.query(
    'delete from staff_session where ends_at <= $1::timestamptz or seen_at <= $2::timestamptz',
    [moment(nowMs), moment(idleSinceMs)],
  );
}
