import type { CallStage } from '../line/call-file/play.ts';
import type { CallFile } from '../line/call-file/step.ts';
import { OwnPlayer } from './call/own-player.ts';
import { openStage } from './call/stage.ts';
import type { WorkerTask, WorkerWord } from './call/worker.ts';

/** The child that plays call files: one at a time, each on a system of its own in this process. */

type Asked =
  | { readonly kind: 'begin'; readonly task: WorkerTask }
  | { readonly kind: 'play'; readonly file: CallFile };

interface Open {
  readonly player: OwnPlayer;
  readonly stage: CallStage;
}

function say(word: WorkerWord): void {
  process.send?.(word);
}

let open: Open | null = null;
let work: Promise<void> = Promise.resolve();

async function answer(asked: Asked): Promise<void> {
  if (asked.kind === 'begin') {
    open = { player: await OwnPlayer.open(), stage: openStage(asked.task.flows) };
    return say({ kind: 'ready' });
  }
  if (open === null) throw new Error('it was not told to begin');
  say({ kind: 'report', report: await open.player.play(asked.file, open.stage) });
}

process.on('message', (asked: Asked) => {
  work = work
    .then(() => answer(asked))
    .catch((error: unknown) => {
      say({
        kind: 'failed',
        message: error instanceof Error ? (error.stack ?? '') : String(error),
      });
    });
});
// The parent has no more files, or is gone.
process.once('disconnect', () => {
  void work.then(() => open?.player.close()).finally(() => process.exit(0));
});
