import { text } from 'node:stream/consumers';
import {
  EXIT_BUG,
  EXIT_CONFIG,
  judgeProcess,
  readProcessFacts,
  shutHatches,
} from '../tokenizer/hardening.ts';
import { startTokenizer } from '../tokenizer/process.ts';
import { readSettings, SettingsError } from '../tokenizer/settings.ts';

/**
 * The child that holds card digits. Started with `MALLOC_PERTURB_=165` and its settings as one JSON
 * document on standard input; says `{ ready: true, port }` by IPC where there is a channel, and
 * stops on SIGTERM, or with its parent.
 */

/** A class name and nothing else: the message of an error may repeat what it was about. */
function die(error: unknown): never {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  process.stderr.write(`tokenizer: stopped by a bug (${name})\n`);
  process.exit(EXIT_BUG);
}

function refuse(reasons: readonly string[]): never {
  for (const reason of reasons) process.stderr.write(`tokenizer: ${reason}\n`);
  process.exit(EXIT_CONFIG);
}

async function main(): Promise<void> {
  shutHatches(die);
  const { refusals, weaknesses } = judgeProcess(readProcessFacts(process.execArgv));
  if (refusals.length > 0) refuse(refusals);
  for (const { advice } of weaknesses) process.stderr.write(`tokenizer: warning: ${advice}\n`);
  const settings = readSettings(await text(process.stdin));
  const running = await startTokenizer(settings, { weaknesses });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    running.close().then(() => process.exit(0), die);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  // A parent that went while this started sent its `disconnect` before anybody listened.
  process.send?.({ ready: true, port: running.port }, undefined, undefined, (error) => {
    if (error) stop();
  });
}

main().catch((error: unknown) => {
  if (error instanceof SettingsError) refuse([error.message]);
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    refuse([`it cannot listen where it should (${String(error.code)}); change host or port`]);
  }
  die(error);
});
