import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playShare } from '../../scoreboard/simulation/board.ts';
import { playApart } from '../../scoreboard/simulation/children.ts';

for (const mode of ['safety', 'liveness'] as const) {
  test(`a seed comes to the same, in one process and in several: ${mode}`, async () => {
    const share = { mode, seed: 20_261_125, from: 3, to: 16 };
    const here = await playShare(share, () => {});
    const apart = await playApart(share, 2, () => {});
    assert.deepEqual(apart, here);
    assert.equal(here.runs, 13);
    assert.ok(here.operations > 0);
    assert.deepEqual(here.violations, []);
  });
}
