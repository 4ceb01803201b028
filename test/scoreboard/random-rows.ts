import { UniqueViolation, type SqlRow, type SqlValue, type Store } from '../../src/store/store.ts';
import { sqlStateOf } from '../../src/store/error.ts';
import type { Draw } from './random-acts.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** A table as the real server describes it. */
export interface Described {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** Tables that a random row may go to; the order of the rows that wait is compared elsewhere. */
export async function described(truth: Store): Promise<readonly Described[]> {
  const rows = await truth.query(
    `select table_name, column_name, udt_name, is_nullable from information_schema.columns
     where table_schema = 'public' and table_name not in ('schema_version', 'schema_lease')
       and is_identity = 'NO' order by table_name, ordinal_position`,
  );
  const tables = new Map<string, SqlRow[]>();
  for (const row of rows) {
    const name = String(row['table_name']);
    tables.set(name, [...(tables.get(name) ?? []), row]);
  }
  return [...tables].map(([name, columns]) => ({
    name,
    columns: columns.map((row) => ({
      name: String(row['column_name']),
      type: String(row['udt_name']),
      nullable: row['is_nullable'] === 'YES',
    })),
  }));
}

/** Few values, so that keys meet; among them what every rule of the schema refuses. */
const VALUES: Readonly<Record<string, readonly SqlValue[]>> = {
  text: ['', 'a', 'b', 'c', 'active', 'open', 'on', 'started', 'success', 'subscribe', 'charge'],
  int4: [0, 1, 2, 2_147_483_647],
  int8: [0, 1, 2, 2 ** 40],
  bool: [true, false],
  timestamptz: ['2026-11-23T12:00:00.000Z', '2026-11-23T13:00:00+01:00', '1999-01-01 00:00:00Z'],
  json: ['{"b": 1,"a":[]}', '[]'],
  jsonb: ['{}', '{"bb":1,"a":[true,null,"x"],"a":2}', 'null'],
};

function isComparable({ type }: Column): boolean {
  return type !== 'json';
}

function valueOf(draw: Draw, { type, nullable }: Column): SqlValue {
  const values = VALUES[type];
  if (values === undefined) throw new Error(`no values for a column of ${type}`);
  // Where null is refused it is rare: otherwise hardly a row would pass.
  return draw.chance(nullable ? 0.3 : 0.02) ? null : draw.of(values);
}

interface Written {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

function inserted(draw: Draw, { name, columns }: Described): Written {
  const some = columns.filter(() => draw.chance(0.95));
  const values = some.map((column) => valueOf(draw, column));
  const names = some.map((column) => column.name).join(', ');
  const places = some.map((_, at) => `$${at + 1}`).join(', ');
  const conflict = draw.of(['', '', ' on conflict do nothing']);
  return {
    text: `insert into ${name} (${names}) values (${places})${conflict} returning *`,
    values,
  };
}

function changed(draw: Draw, { name, columns }: Described): Written {
  const set = draw.of(columns);
  const by = draw.of(columns.filter(isComparable));
  const operator = draw.of(['=', '<>', '<', '>=', 'is not distinct from']);
  const compared = by.type === 'jsonb' ? 'is not distinct from' : operator;
  const values = [valueOf(draw, set), valueOf(draw, by)];
  const text = draw.chance(0.85)
    ? `update ${name} set ${set.name} = $1 where ${by.name} ${compared} $2 returning *`
    : `delete from ${name} where ${by.name} ${compared} $1 returning ${set.name}`;
  return { text, values: text.startsWith('update') ? values : values.slice(1) };
}

function asked(draw: Draw, { name, columns }: Described): Written {
  const sortable = columns.filter(isComparable).filter(({ type }) => type !== 'jsonb');
  const [one, other, by] = [
    draw.of(sortable),
    draw.of(columns.filter(isComparable)),
    draw.of(sortable),
  ];
  const order = sortable.map((column) => `${column.name} ${draw.of(['asc', 'desc'])}`).join(', ');
  const text = draw.of([
    `select * from ${name} order by ${order}`,
    `select count(*) as n, count(${one.name}) as some, max(${draw.of(sortable).name}) as most from ${name}`.replace(
      /max\((\w+)\) as most/,
      (all, column) =>
        columns.find((c) => c.name === column)?.type === 'bool' ? '1 as most' : all,
    ),
    `select distinct ${one.name}, ${other.name} from ${name}`,
    `select a.${one.name} from ${name} a left join ${name} b on b.${by.name} = a.${by.name} and a.${by.name} <> $1`,
    `select a.${one.name} from ${name} a where not exists (select 1 from ${name} b where b.${by.name} > a.${by.name})`,
    `select a.${by.name} <> $1 as e, not (a.${by.name} = $1) as n, (a.${by.name} > $1) is null or a.${by.name} = $1 as u from ${name} a`,
    `select coalesce(a.${one.name}, a.${one.name}) as v, a.${by.name} in ($1, null) as i from ${name} a`,
  ]);
  return { text, values: text.includes('$1') ? [valueOf(draw, by)] : [] };
}

/** One statement over one table, drawn; what the schema refuses is what is looked for. */
export async function randomStatement(
  store: Store,
  draw: Draw,
  tables: readonly Described[],
): Promise<void> {
  const { text, values } = draw.of([inserted, inserted, changed, asked])(draw, draw.of(tables));
  try {
    await store.query(text, values);
  } catch (error) {
    if (!(error instanceof UniqueViolation) && sqlStateOf(error) === null) throw error;
  }
}
