import type { CallStage } from '../line/call-file/play.ts';
import type { CallFile } from '../line/call-file/step.ts';
import { OwnPlayer } from './call/own-player.ts';
import { CommandFailed } from './exit.ts';
import { openStage } from './call/stage.ts';
import { speakStage, type SpokenStage } from './call/voice.ts';
import type { WorkerTask, WorkerWord } from './call/worker.ts';

/** The child that plays call files: one at a time, each on a system of its own in this process. */

type Asked =
  | { readonly kind: 'begin'; readonly task: WorkerTask }
  | { readonly kind: 'play'; readonly file: CallFile };

interface Open {
  readonly player: OwnPlayer;
  readonly stage: CallStage;
  readonly spoken: SpokenStage | null;
}

function say(word: WorkerWord): void {
  process.send?.(word);
}

const note = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

/** A sentence for the user, or what a bug needs. */
function messageOf(error: unknown): string {
  if (error instanceof CommandFailed) return error.message;
  return error instanceof Error ? (error.stack ?? '') : String(error);
}

let open: Open | null = null;
let work: Promise<void> = Promise.resolve();

async function answer(asked: Asked): Promise<void> {
  if (asked.kind === 'begin') {
    const { flows, capture = 'bridge' } = asked.task;
    const stage = openStage(flows, capture);
    const spoken = asked.task.speak === true ? await speakStage(stage, note) : null;
    open = { player: await OwnPlayer.open(capture), stage: spoken?.stage ?? stage, spoken };
    return say({ kind: 'ready' });
  }
  if (open === null) throw new Error('it was not told to begin');
  const { player, stage, spoken } = open;
  say({ kind: 'report', report: await player.play(asked.file, stage, spoken?.pace) });
}

process.on('message', (asked: Asked) => {
  work = work
    .then(() => answer(asked))
    .catch((error: unknown) => {
      say({
        kind: 'failed',
        message: messageOf(error),
      });
    });
});
// The parent has no more files, or is gone.
process.once('disconnect', () => {
  void work
    .then(() => {
      open?.spoken?.close();
      return open?.player.close();
    })
    .finally(() => process.exit(0));
});
