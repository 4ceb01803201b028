import {
  EXIT_BUG,
  EXIT_CONFIG,
  judgeProcess,
  readProcessFacts,
  shutHatches,
} from '../tokenizer/hardening.ts';
import { runAsChild } from './child-entry.ts';
import { readLineSettings } from './line-settings.ts';
import { startLine } from './line.ts';

/**
 * The child that is the telephone line in the browser. Digits pass through it as they are keyed, so
 * it is hardened as the card process is.
 */

/** A class name and nothing else: the message of an error may repeat what it was about. */
function die(error: unknown): never {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  process.stderr.write(`line: stopped by a bug (${name})\n`);
  process.exit(EXIT_BUG);
}

shutHatches(die);
const { refusals } = judgeProcess(readProcessFacts(process.execArgv));
if (refusals.length > 0) {
  for (const reason of refusals) process.stderr.write(`line: ${reason}\n`);
  process.exit(EXIT_CONFIG);
}
await runAsChild((settings) => startLine(readLineSettings(settings)));
