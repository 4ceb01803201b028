import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Board, BoardResult } from '../../scoreboard/board.ts';
import { BOARDS } from '../../scoreboard/boards.ts';
import { playBoard } from '../../scoreboard/play.ts';
import { tableOf, violationsOf } from '../../scoreboard/table.ts';
import { FILES } from './short-form.ts';

function board(run: () => Promise<BoardResult>): Board {
  return { id: 'X1', title: 'a board', proves: 'Something holds.', run };
}

const options = { size: 'short', seed: 7 } as const;

test('a board that ran and found nothing has passed', async () => {
  const found = board(() => Promise.resolve({ runs: 3, violations: [], figures: { calls: 3 } }));
  const row = await playBoard(found, options);
  assert.deepEqual([row.passed, row.runs, row.seed, row.figures], [true, 3, 7, { calls: 3 }]);
});

test('a board that ran nothing has failed', async () => {
  const idle = board(() => Promise.resolve({ runs: 0, violations: [], figures: {} }));
  const row = await playBoard(idle, options);
  assert.equal(row.passed, false);
  assert.match(violationsOf(row), /X1 board: the board ran nothing/);
});

test('a board that throws has failed, and says where', async () => {
  const row = await playBoard(
    board(() => Promise.reject(new Error('the server did not start'))),
    options,
  );
  assert.equal(row.passed, false);
  assert.match(violationsOf(row), /the server did not start/);
});

test('a violation is told with the command that plays it again', async () => {
  const violation = { promise: 'I1', what: 'two subscriptions', replay: '12:3' };
  const row = await playBoard(
    board(() => Promise.resolve({ runs: 1, violations: [violation], figures: {} })),
    options,
  );
  assert.equal(row.passed, false);
  assert.match(violationsOf(row), /--board X1 --seed 7 --replay '12:3'/);
  assert.match(tableOf([row]), /✖ X1 +a board +1 +1 /);
});

test('every board is played in its short form by one of the files beside', () => {
  const played = Object.values(FILES).flat().toSorted();
  assert.deepEqual(played, BOARDS.map(({ id }) => id).toSorted());
});
