import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { newId, systemRandomness } from '../../src/system/randomness.ts';
import type { Share } from './board.ts';
import { emptyTally, mergeInto, type Tally } from './tally.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** As deep as a room of `src/` is, so that what sources find beside themselves is found from here. */
const CACHE = join(ROOT, 'node_modules', '.cache');

/** A world lives for milliseconds: what is dead before it is looked at costs nothing. */
const YOUNG_MB = 64;

/**
 * The program of a child in one file. A loader that translates source by source costs a fifth of the
 * processor in a run, by its names of functions and its maps.
 */
async function bundle(file: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, 'scoreboard', 'simulation', 'child.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
}

function inChild(file: string, share: Share, told: (played: number) => void): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const child = fork(file, [JSON.stringify(share)], {
      execArgv: [`--max-semi-space-size=${YOUNG_MB}`],
    });
    let tally: Tally | null = null;
    child.on('message', (message: { played: number } | { tally: Tally }) => {
      if ('played' in message) told(message.played);
      else tally = message.tally;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (tally === null) reject(new Error(`a child of the simulation ended with ${code}`));
      else resolve(tally);
    });
  });
}

/** Plays a share in several processes at once; what they came to is what one would have come to. */
export async function playApart(
  share: Share,
  workers: number,
  told: (played: number) => void,
): Promise<Tally> {
  const file = join(CACHE, `${newId('board', systemRandomness)}.mjs`);
  const runs = share.to - share.from;
  const done = Array.from({ length: workers }, () => 0);
  try {
    await bundle(file);
    const tallies = await Promise.all(
      done.map((_, n) => {
        const part = {
          ...share,
          from: share.from + Math.floor((runs * n) / workers),
          to: share.from + Math.floor((runs * (n + 1)) / workers),
        };
        return inChild(file, part, (played) => {
          done[n] = played;
          told(done.reduce((sum, one) => sum + one, 0));
        });
      }),
    );
    const tally = emptyTally();
    for (const one of tallies) mergeInto(tally, one);
    return tally;
  } finally {
    rmSync(file, { force: true });
  }
}
