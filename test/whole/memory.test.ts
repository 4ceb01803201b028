import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { drive } from '../card/captures.ts';
import { memoryReadable, scanProcess } from '../memory-scan.ts';
import { filesBelow, pansIn } from './leaks.ts';
import { System, until } from './system.ts';

const CAPTURES = 320;
/** Series of made numbers that no other test uses: this one, and the next for the CVV's place. */
const SERIES = 7;
/** A scan that has seen less than this of a Node process has seen nothing. */
const BYTES_MIN = 20_000_000;

test('after hundreds of hostile captures no card is in any process but the sandbox, and on no disk', async (t) => {
  const system = await System.start({ engine: 'pglite', limits: { deadline_ms: 20_000 } });
  t.after(() => system.stop());
  const readable = await memoryReadable(system.pidOf('tokenizer') ?? 0);
  if (readable !== true) return t.skip(readable);
  const target = { port: system.ports.tokenizer, ca: null, token: await system.token() };
  const { digits, statuses } = await drive(target, SERIES, CAPTURES);
  for (const pan of digits) system.pans.add(pan);
  assert.deepEqual(new Set(statuses.get('no token')), new Set([401]));
  const answered = statuses.get('keep-alive') ?? [];
  assert.deepEqual(new Set(answered), new Set([200]));
  await until('that no card is being served', async () => {
    const { text } = await system.send('tokenizer', { path: '/metrics' });
    return /^tokenline_card_requests_in_flight\{[^}]*\} 0$/m.test(text) ? true : null;
  });

  const processes = {
    tokenizer: system.pidOf('tokenizer'),
    bridge: system.pidOf('bridge'),
    parent: system.parentPid(),
  };
  for (const [name, pid] of Object.entries(processes)) {
    const found = await scanProcess(pid ?? 0, digits);
    t.diagnostic(`${name}: ${found.bytesRead >> 20} MB, ${found.copies} copies`);
    assert.deepEqual(found.places, [], name);
    assert.ok(found.bytesRead > BYTES_MIN, `the scan has seen ${name}`);
  }

  // Written, and looked for while it runs: its write-ahead log is still there.
  const cards = (await system.ledger()).tokens.length;
  assert.ok(cards > CAPTURES / 4, `${cards} cards were stored`);
  let bytesRead = 0;
  for (const path of filesBelow(system.data)) {
    const bytes = readFileSync(path);
    bytesRead += bytes.length;
    assert.deepEqual(pansIn(path, bytes, system.pans), []);
  }
  assert.ok(bytesRead > BYTES_MIN, 'the database has been looked at');
});
