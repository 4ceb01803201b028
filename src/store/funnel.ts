import { firstRow, Row } from './row.ts';
import { moment } from './sql.ts';
import type { Sql, SqlRow } from './store.ts';

/** So many calls of a language ended, or stand, in one way at one step. */
export interface FurthestCount {
  readonly language: string;
  /** How far they came: 0 for the greeting, 5 for enrolled. */
  readonly furthest: number;
  readonly how: 'left' | 'to_agent' | 'under_way';
  readonly count: number;
  /** Of those: how many said no to the terms. */
  readonly refused: number;
}

/** Median seconds from one step to the next; `language` is `null` for all of them together. */
export interface StepMedians {
  readonly language: string | null;
  /** To terms, consent, card, enrolment, enrolled; `null` where no call came so far. */
  readonly medians: readonly (number | null)[];
}

export interface WhatCount {
  readonly language: string;
  readonly what: string;
  readonly count: number;
}

export interface StoredFunnel {
  readonly furthest: readonly FurthestCount[];
  readonly medians: readonly StepMedians[];
  readonly cards: readonly WhatCount[];
  readonly agents: readonly WhatCount[];
  readonly otherCalls: number;
}

/**
 * Calls that began in a time, each with the moment at which it came to each step. The dialogue keeps an
 * order (disclosure, consent, card, enrolment), so the last of them says how far it came. A call about
 * a subscription that there was already has none of our steps: it changes one, or keys a card that
 * nobody consented to charge for anything new.
 */
const CALLS = `
  with calls as not materialized (
    select id, language, created_at, seen_at from interaction
    where created_at >= $1::timestamptz and created_at < $2::timestamptz
  ), acts as (
    select o.interaction_id as id,
      min(o.started_at) filter (where o.kind = 'disclosure' and o.state = 'approved') as terms_at,
      min(o.started_at) filter (where o.kind = 'consent' and o.state = 'approved') as consent_at,
      -- On the telephone, or on a page that the caller was sent.
      min(o.started_at) filter (where o.kind in ('tokenise','link')) as card_at,
      min(o.started_at) filter (where o.kind = 'subscribe') as enrolment_at,
      min(o.finished_at) filter (where o.kind = 'subscribe' and o.state = 'approved') as enrolled_at,
      min(o.started_at) filter (where o.kind = 'handoff') as agent_at,
      bool_or(o.kind = 'consent' and o.state = 'declined') as refused,
      bool_or(o.kind in ('cancel','pause','resume','change_plan','change_card')) as manages,
      array_agg(case when o.state = 'approved' then 'approved' else coalesce(o.error_code, o.state) end)
        filter (where o.kind = 'tokenise' or (o.kind = 'link' and o.state = 'approved')) as cards
    from operation o join calls c on c.id = o.interaction_id group by o.interaction_id
  ), told as materialized (
    select c.id, c.language, a.terms_at, a.consent_at, a.card_at, a.enrolment_at, a.enrolled_at,
      -- A client that asks for nothing before the card makes the call known with the card only.
      least(c.created_at, a.terms_at, a.consent_at, a.card_at) as greeting_at, a.refused, a.cards,
      a.enrolment_at is null and (coalesce(a.manages, false)
        or (a.card_at is not null and a.consent_at is null)) as other,
      case when a.enrolled_at is not null then 5 when a.enrolment_at is not null then 4
        when a.card_at is not null then 3 when a.consent_at is not null then 2
        when a.terms_at is not null then 1 else 0 end as furthest,
      case when a.agent_at is not null then 'to_agent'
        when c.seen_at >= $3::timestamptz then 'under_way' else 'left' end as how
    from calls c left join acts a on a.id = c.id
  ), enrolling as not materialized (select * from told where not other)`;

const MEDIAN = (to: string, from: string): string =>
  `percentile_cont(0.5) within group (order by extract(epoch from ${to} - ${from}))`;

const PICTURE = `${CALLS}
  select
    (select count(*)::int from told where other) as other_calls,
    (select coalesce(json_agg(json_build_object('language', f.language, 'furthest', f.furthest,
        'how', f.how, 'count', f.n, 'refused', f.refused)), '[]'::json)
      from (select language, furthest, how, count(*)::int as n,
          (count(*) filter (where refused))::int as refused
        from enrolling group by language, furthest, how) f) as furthest,
    (select coalesce(json_agg(json_build_object('language', m.language, 'medians', m.medians)),
        '[]'::json)
      from (select language, json_build_array(
          ${MEDIAN('terms_at', 'greeting_at')}, ${MEDIAN('consent_at', 'terms_at')},
          ${MEDIAN('card_at', 'consent_at')}, ${MEDIAN('enrolment_at', 'card_at')},
          ${MEDIAN('enrolled_at', 'enrolment_at')}) as medians
        from enrolling group by grouping sets ((language), ())) m) as medians,
    (select coalesce(json_agg(json_build_object('language', k.language, 'what', k.what,
        'count', k.n)), '[]'::json)
      from (select e.language, card.what, count(*)::int as n
        from enrolling e cross join lateral unnest(e.cards) as card (what)
        group by 1, 2) k) as cards,
    (select coalesce(json_agg(json_build_object('language', w.language, 'what', coalesce(w.what, ''),
        'count', w.n)), '[]'::json)
      from (select e.language, e.what, count(*)::int as n
        from (select c.language, (select l.detail->>'reason' from ledger l
              where l.interaction_id = c.id and l.action = 'call.handed_off'
              order by l.at limit 1) as what
            from enrolling c where c.how = 'to_agent') e
        group by 1, 2) w) as agents`;

/** The rows of a part that is one JSON array. */
function rowsOf<T>(value: unknown, read: (row: Row) => T): readonly T[] {
  const rows: readonly SqlRow[] = Array.isArray(value) ? value : [];
  return rows.map((raw) => read(new Row(raw)));
}

function whatOf(row: Row): WhatCount {
  return { language: row.text('language'), what: row.text('what'), count: row.number('count') };
}

function mediansOf(row: Row): StepMedians {
  const medians = row.json('medians');
  return {
    language: row.textOrNull('language'),
    medians: Array.isArray(medians)
      ? medians.map((value: unknown) => (typeof value === 'number' ? value : null))
      : [],
  };
}

function furthestOf(row: Row): FurthestCount {
  return {
    language: row.text('language'),
    furthest: row.number('furthest'),
    how: row.word('how', ['left', 'to_agent', 'under_way']),
    count: row.number('count'),
    refused: row.number('refused'),
  };
}

/**
 * How far the calls of a time came, in one statement over what is stored anyway.
 *
 * @param aliveSinceMs calls that were heard of since then are under way.
 */
export async function readFunnel(
  store: Sql,
  fromMs: number,
  toMs: number,
  aliveSinceMs: number,
): Promise<StoredFunnel> {
  const rows = await store.query(PICTURE, [moment(fromMs), moment(toMs), moment(aliveSinceMs)]);
  const row = firstRow(rows);
  return {
    furthest: rowsOf(row?.json('furthest'), furthestOf),
    medians: rowsOf(row?.json('medians'), mediansOf),
    cards: rowsOf(row?.json('cards'), whatOf),
    agents: rowsOf(row?.json('agents'), whatOf),
    otherCalls: row?.number('other_calls') ?? 0,
  };
}
