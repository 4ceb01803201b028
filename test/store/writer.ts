import { writeSync } from 'node:fs';
import { openPglite } from '../../src/store/pglite.ts';
import { ports } from '../database.ts';

/**
 * A process that is killed: writes rows into the directory that it is given, and prints the number of
 * each one whose commit was answered. Rows come in pairs, so that half a transaction can be seen.
 */
const [directory, first] = process.argv.slice(2);
const store = await openPglite(directory ?? null, ports);
await store.query('create table if not exists pair (n int, side text, body text)');
for (let n = Number(first); ; n += 1) {
  await store.tx(async (sql) => {
    await sql.query('insert into pair values ($1, $2, $3)', [n, 'left', 'x'.repeat(n % 3000)]);
    await sql.query('insert into pair values ($1, $2, $3)', [n, 'right', '']);
  });
  writeSync(1, `${n}\n`);
  if (n % 40 === 0) await store.query('checkpoint');
}
