import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOARDS } from '../../scoreboard/boards.ts';
import { playBoard } from '../../scoreboard/play.ts';
import { violationsOf } from '../../scoreboard/table.ts';

/** The short form's seed is fixed: a change that breaks a promise is red for everybody. */
const SEED = 20_261_125;

for (const board of BOARDS) {
  test(`${board.id} ${board.title}: ${board.proves}`, async (t) => {
    const row = await playBoard(board, { size: 'short', seed: SEED });
    assert.ok(row.passed, violationsOf(row));
    t.diagnostic(`${row.runs} runs in ${row.seconds.toFixed(1)} s`);
  });
}
