import type { Consent, Disclosure } from '../payment/consent.ts';
import { LANGUAGES, type Language } from '../payment/language.ts';
import type { Interval } from '../payment/plan.ts';
import { firstRow, type Row } from './row.ts';
import { moment, sql, type Piece } from './sql.ts';
import type { Sql } from './store.ts';

/** The CTE that keeps a disclosure in the statement of its operation `op`. */
export function saveDisclosure(d: Disclosure, interval: Interval, nowMs: number): Piece {
  return sql`saved as (
    insert into disclosure (id, interaction_id, customer_id, plan_id, amount_minor, currency,
      interval_count, interval_unit, first_charge_date, language, version, text, text_hash, created_at)
    select ${d.id}, ${d.interactionId}, ${d.customerId}, ${d.planId},
      ${d.price.amountMinor}::bigint, ${d.price.currency}, ${interval.count}::int, ${interval.unit},
      ${d.firstChargeDate}, ${d.language}, ${d.version}, ${d.text}, ${d.textHash},
      ${moment(nowMs)}::timestamptz from op
  )`;
}

/** The CTE that keeps a consent with the numbers of its call in the statement of `op`. */
export function saveConsent(c: Consent, nowMs: number): Piece {
  return sql`saved as (
    insert into consent (id, disclosure_id, interaction_id, customer_id, plan_id, key_pressed, ani,
      dnis, created_at)
    select ${c.id}, ${c.disclosureId}, ${c.interactionId}, ${c.customerId}, ${c.planId},
      ${c.keyPressed}, i.ani, i.dnis, ${moment(nowMs)}::timestamptz
    from op left join interaction i on i.id = ${c.interactionId}
  )`;
}

function disclosureOf(row: Row): Disclosure {
  return {
    id: row.text('id'),
    interactionId: row.text('interaction_id'),
    customerId: row.text('customer_id'),
    planId: row.text('plan_id'),
    price: { amountMinor: row.number('amount_minor'), currency: row.text('currency') },
    language: row.word('language', LANGUAGES),
    version: row.text('version'),
    text: row.text('text'),
    textHash: row.text('text_hash'),
    firstChargeDate: row.text('first_charge_date'),
  };
}

export async function findDisclosure(store: Sql, id: string): Promise<Disclosure | null> {
  const row = firstRow(await store.query('select * from disclosure where id = $1', [id]));
  return row && disclosureOf(row);
}

/** A consent with the price and the first charge that were disclosed. */
export interface GivenConsent extends Consent {
  readonly firstChargeDate: string;
  readonly textHash: string;
  /** The language in which it was disclosed. */
  readonly language: Language;
  /** The operation that uses it. */
  readonly usedBy: string | null;
}

/**
 * The consent with this id, or the last one that was given in the call to the plan where the
 * request names none.
 */
export async function findConsent(
  store: Sql,
  wanted: { readonly id: string | null; readonly interactionId: string; readonly planId: string },
): Promise<GivenConsent | null> {
  const rows = await store.query(
    `select c.*, d.amount_minor, d.currency, d.first_charge_date, d.text_hash, d.language
     from consent c join disclosure d on d.id = c.disclosure_id
     where ($1::text is not null and c.id = $1)
        or ($1::text is null and c.interaction_id = $2 and c.plan_id = $3)
     order by c.created_at desc limit 1`,
    [wanted.id, wanted.interactionId, wanted.planId],
  );
  const row = firstRow(rows);
  if (!row) return null;
  return {
    id: row.text('id'),
    disclosureId: row.text('disclosure_id'),
    interactionId: row.text('interaction_id'),
    customerId: row.text('customer_id'),
    planId: row.text('plan_id'),
    price: { amountMinor: row.number('amount_minor'), currency: row.text('currency') },
    keyPressed: row.text('key_pressed'),
    firstChargeDate: row.text('first_charge_date'),
    textHash: row.text('text_hash'),
    language: row.word('language', LANGUAGES),
    usedBy: row.textOrNull('used_by'),
  };
}

/** What was said last in a call, and whether it was agreed to. */
export interface HeardTerms {
  readonly disclosure: Disclosure;
  /** `null` where the caller has not agreed. */
  readonly agreedAtMs: number | null;
}

/** The newest disclosure of a call, or `null`. */
export async function newestTerms(store: Sql, interactionId: string): Promise<HeardTerms | null> {
  const rows = await store.query(
    `select d.*, c.created_at as agreed_at
     from disclosure d left join consent c on c.disclosure_id = d.id
     where d.interaction_id = $1 order by d.created_at desc limit 1`,
    [interactionId],
  );
  const row = firstRow(rows);
  return row && { disclosure: disclosureOf(row), agreedAtMs: row.numberOrNull('agreed_at') };
}
