import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { BOARDS } from '../../scoreboard/boards.ts';
import { promisesIn } from '../../scoreboard/mutants/board.ts';
import { MUTANTS } from '../../scoreboard/mutants/mutants.ts';
import { tableOfMutants } from '../../scoreboard/mutants/page.ts';
import { edited, treeOf } from '../../scoreboard/mutants/tree.ts';
import type { Row } from '../../scoreboard/play.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const [FIRST] = MUTANTS;
assert(FIRST);

test('each mutant has a name of its own, changes its file, and is for a board that there is', () => {
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  const boards = new Set(BOARDS.map(({ id }) => id));
  for (const mutant of MUTANTS) {
    assert.ok(boards.has(mutant.board), mutant.name);
    assert.notEqual(edited(mutant), readFileSync(join(ROOT, mutant.file), 'utf8'), mutant.name);
  }
});

test('a text that is not there, or stands twice, is a mutant that is out of date', () => {
  assert.throws(() => edited({ ...FIRST, text: 'no such text' }), /stands 0 times/);
  assert.throws(() => edited({ ...FIRST, text: ';' }), /stands \d+ times/);
});

test('the copy has the edit, also in what is built, and the house has not', () => {
  const file = 'src/payment/ledger.ts';
  const built = 'dist/payment/ledger.js';
  const before = [file, built].map((path) => readFileSync(join(ROOT, path), 'utf8'));
  const text = 'export function chainHash(';
  const tree = treeOf({ ...FIRST, file, text, instead: `export const seeded = 1;\n${text}` });
  try {
    const [own = '', ownBuilt = ''] = [file, built].map((path) =>
      readFileSync(join(tree.path, path), 'utf8'),
    );
    assert.match(own, /export const seeded = 1;/);
    assert.match(ownBuilt, /const seeded = 1;/);
    assert.match(ownBuilt, /from "\.\/fingerprint\.js"/);
  } finally {
    tree.remove();
  }
  assert.equal(existsSync(tree.path), false);
  const after = [file, built].map((path) => readFileSync(join(ROOT, path), 'utf8'));
  assert.deepEqual(after, before);
});

test('a board that broke down has noticed nothing', () => {
  const violation = (promise: string) => ({ promise, what: '', replay: '' });
  const row = (runs: number, ...promises: string[]): Row => {
    const violations = promises.map(violation);
    const rest = { board: 'X1', title: '', proves: '', seconds: 0, seed: 0, figures: {} };
    const size = 'short';
    return { ...rest, size, runs, violations, passed: false };
  };
  assert.deepEqual(promisesIn(row(3, 'I5', 'bug', 'I1', 'I5')), ['I5', 'I1']);
  assert.deepEqual(promisesIn(row(3, 'bug', 'board')), []);
  assert.deepEqual(promisesIn(row(0, 'I5')), []);
  assert.deepEqual(promisesIn(null), []);
});

test('the page has the table of all mutants', async () => {
  const text = readFileSync(join(ROOT, 'docs', 'concepts', 'proof.md'), 'utf8');
  const options = { ...(await resolveConfig(ROOT)), parser: 'markdown' };
  const table = await format(tableOfMutants(), options);
  assert.ok(text.includes(table), `docs/concepts/proof.md has another table than this:\n${table}`);
});
