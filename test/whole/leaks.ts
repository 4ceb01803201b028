import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Client } from 'pg';
import { databaseUrl } from '../database.ts';

/** Genesys names conversations by UUIDs, whose last group may be twelve digits. */
const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
/** Twelve digits are the shortest card number. Digits behind a decimal point are a measurement. */
const DIGIT_RUN = /(?<![0-9]|[0-9]\.)[0-9]{12,}/g;

export interface Traces {
  readonly data: string;
  readonly pans: ReadonlySet<string>;
  readonly databaseName: string | null;
  readonly log: string;
  /** What it has answered, by what it is. */
  readonly shown: Readonly<Record<string, string>>;
}

/** Where something that may be a card number was found, without its digits. */
export async function findLeaks(traces: Traces): Promise<string[]> {
  const leaks = traces.log.split('\n').flatMap((line) => runsIn('log', line));
  for (const [name, text] of Object.entries(traces.shown)) leaks.push(...runsIn(name, text));
  for (const path of filesBelow(traces.data)) {
    const name = relative(traces.data, path);
    const bytes = readFileSync(path);
    // Pages of a database hold long numbers that nobody wrote.
    if (name.startsWith('database')) leaks.push(...pansIn(name, bytes, traces.pans));
    else leaks.push(...runsIn(name, bytes.toString('utf8')));
  }
  if (traces.databaseName !== null) leaks.push(...(await runsInDatabase(traces.databaseName)));
  return leaks;
}

function runsIn(place: string, text: string): string[] {
  return [...text.replaceAll(UUID, 'uuid').matchAll(DIGIT_RUN)].map((match) => {
    const before = text.slice(Math.max(0, match.index - 40), match.index).replaceAll(/[0-9]/g, '#');
    return `${place}: a run of ${match[0].length} digits after ${JSON.stringify(before)}`;
  });
}

/** Both ways in which a card number may stand in a file; a run may hold it together with other digits. */
const FORMS = {
  latin1: /[0-9]{12,}/g,
  utf16le: /(?:[0-9]\0){12,}/g,
};

export function pansIn(place: string, bytes: Buffer, pans: ReadonlySet<string>): string[] {
  const text = bytes.toString('latin1');
  return Object.entries(FORMS).flatMap(([form, pattern]) =>
    [...text.matchAll(pattern)].flatMap(([run]) => {
      const digits = run.replaceAll('\0', '');
      const pan = [...pans].find((candidate) => digits.includes(candidate));
      return pan === undefined
        ? []
        : [`${place}: a card number that ends in ${pan.slice(-4)}, ${form}`];
    }),
  );
}

export function filesBelow(directory: string): string[] {
  return (
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .map((name) => join(directory, name))
      // A file may go while the others are looked at.
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
  );
}

/** Every row of every table, as text. */
async function runsInDatabase(name: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl(name) });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables
       where table_schema = 'public'`,
    );
    const leaks: string[] = [];
    for (const table of tables.rows) {
      const sql = `select row_to_json(t)::text as text from ${table.name} t`;
      const { rows } = await client.query<{ text: string }>(sql);
      for (const { text } of rows) leaks.push(...runsIn(`table ${table.name}`, text));
    }
    if (tables.rows.length === 0) leaks.push('the database has no tables to look at');
    return leaks;
  } finally {
    await client.end();
  }
}
