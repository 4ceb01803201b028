import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { callProblemLine, readCallFile, type CallFileProblem } from '../../line/call-file/read.ts';
import type { CallFile } from '../../line/call-file/step.ts';
import type { Clock } from '../../system/clock.ts';
import type { Environment } from '../../system/config.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import type { TimedReport } from './own-player.ts';
import { reportLines, summaryLine } from './report-lines.ts';
import { playOnRunning } from './running-system.ts';
import { openStage, shownPath } from './stage.ts';
import { playInWorkers } from './worker.ts';

export interface CallMeans {
  readonly clock: Clock;
  readonly env: Environment;
  readonly terminal: Terminal;
}

export interface CallFlags {
  readonly flow?: readonly string[];
  readonly jobs?: number;
  readonly transcript?: true;
  readonly url?: string;
  readonly tokenizerUrl?: string;
  readonly sandboxUrl?: string;
}

/** Plays call files. @returns the exit code: 0 where every one of them is as its file says. */
export async function call(
  { clock, env, terminal }: CallMeans,
  paths: readonly string[],
  flags: CallFlags,
): Promise<number> {
  const startedMs = clock.monotonicMs();
  const files = readFiles(paths);
  // What is wrong with a flow is said once, and not by every worker.
  const stage = openStage(flags.flow ?? []);
  const transcript = flags.transcript === true ? 'always' : 'on_failure';
  const report = (one: TimedReport): void => {
    for (const line of reportLines(one, { paint: terminal.paint, transcript })) terminal.out(line);
  };
  const reports =
    flags.url === undefined
      ? await playInWorkers({
          files,
          jobs: flags.jobs ?? availableParallelism(),
          task: { flows: flags.flow ?? [] },
          report,
        })
      : await playOnRunning(files, stage, { ...flags, url: flags.url }, env, report);
  terminal.out(summaryLine(reports, clock.monotonicMs() - startedMs, terminal.paint));
  return reports.every(({ failures }) => failures.length === 0) ? EXIT.ok : EXIT.failed;
}

/** @throws {CommandFailed} with every problem of every file. */
function readFiles(paths: readonly string[]): CallFile[] {
  const files: CallFile[] = [];
  const problems: CallFileProblem[] = [];
  for (const path of paths) {
    if (!existsSync(path)) throw new CommandFailed(`${path}: there is no such file`, EXIT.usage);
    const read = readCallFile(readFileSync(path, 'utf8'), shownPath(path));
    problems.push(...read.problems);
    if (read.callFile !== null) files.push(read.callFile);
  }
  if (problems.length === 0) return files;
  throw new CommandFailed(problems.map(callProblemLine).join('\n'), EXIT.usage);
}
