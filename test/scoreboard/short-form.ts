import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOARDS } from '../../scoreboard/boards.ts';
import { playBoard } from '../../scoreboard/play.ts';
import { violationsOf } from '../../scoreboard/table.ts';

/** Fixed: a change that breaks a promise is red for everybody. */
const SEED = 20_261_125;

/** Plays boards in their short form, each as a test. */
export function shortForms(ids: readonly string[]): void {
  for (const id of ids) {
    const board = BOARDS.find((candidate) => candidate.id === id);
    test(`${id} ${board?.title}: ${board?.proves}`, async (t) => {
      assert.ok(board, `there is no board ${id}`);
      const row = await playBoard(board, { size: 'short', seed: SEED });
      assert.ok(row.passed, violationsOf(row));
      t.diagnostic(`${row.runs} runs in ${row.seconds.toFixed(1)} s`);
    });
  }
}

/** The boards by the file that plays them: none of these may take as long as a file may. */
export const FILES = {
  simulation: ['R1', 'R2', 'R12', 'R11'],
  crashes: ['R3', 'R4', 'R5'],
  database: ['R6', 'R7', 'R9', 'R10'],
  leaks: ['R8'],
  security: ['S1', 'S2', 'S4', 'S5', 'S6'],
} as const;
