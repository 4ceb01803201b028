import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { callProblemLine, readCallFile, type CallFileProblem } from '../../line/call-file/read.ts';
import type { CallStage } from '../../line/call-file/play.ts';
import type { CallFile } from '../../line/call-file/step.ts';
import type { Clock } from '../../system/clock.ts';
import type { Environment } from '../../system/config.ts';
import type { CaptureMode } from '../../payment/capture.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import type { TimedReport } from './own-player.ts';
import { reportLines, summaryLine } from './report-lines.ts';
import { playOnRunning } from './running-system.ts';
import { soundEnvironment } from './sound-output.ts';
import { openStage, shownPath } from './stage.ts';
import { speakStage } from './voice.ts';
import { playInWorkers } from './worker.ts';

export interface CallMeans {
  readonly clock: Clock;
  readonly env: Environment;
  readonly terminal: Terminal;
}

export interface CallFlags {
  readonly flow?: readonly string[];
  readonly jobs?: number;
  readonly capture: CaptureMode;
  readonly transcript?: true;
  readonly speak?: true;
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
  const stage = openStage(flags.flow ?? [], flags.capture);
  const transcript = flags.transcript === true ? 'always' : 'on_failure';
  const report = (one: TimedReport): void => {
    for (const line of reportLines(one, { paint: terminal.paint, transcript })) terminal.out(line);
  };
  const speak = flags.speak === true;
  const { url } = flags;
  const reports =
    url === undefined
      ? await playInWorkers({
          files,
          jobs: speak ? 1 : (flags.jobs ?? availableParallelism()),
          task: { flows: flags.flow ?? [], capture: flags.capture, speak },
          env: speak ? soundEnvironment(env) : {},
          report,
        })
      : await onRunning(files, stage, { ...flags, url }, { env, terminal, report });
  terminal.out(summaryLine(reports, clock.monotonicMs() - startedMs, terminal.paint));
  return reports.every(({ failures }) => failures.length === 0) ? EXIT.ok : EXIT.failed;
}

interface RunningMeans {
  readonly env: Environment;
  readonly terminal: Terminal;
  readonly report: (report: TimedReport) => void;
}

async function onRunning(
  files: readonly CallFile[],
  stage: CallStage,
  flags: CallFlags & { readonly url: string },
  { env, terminal, report }: RunningMeans,
): Promise<readonly TimedReport[]> {
  const spoken = flags.speak === true ? await speakStage(stage, terminal.note) : null;
  try {
    const reports = await playOnRunning(files, spoken?.stage ?? stage, flags, env, report);
    await spoken?.aloud.whenSilent();
    return reports;
  } finally {
    spoken?.close();
  }
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
