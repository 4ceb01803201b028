import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallFile } from '../../line/call-file/step.ts';
import type { CaptureMode } from '../../payment/capture.ts';
import { CommandFailed } from '../exit.ts';
import type { TimedReport } from './own-player.ts';

/** What a worker is told first. */
export interface WorkerTask {
  readonly flows: readonly string[];
  /** How cards get to the gateway; `bridge` where it is left out. */
  readonly capture?: CaptureMode;
  /** Whether the prompts are to be heard. */
  readonly speak?: boolean;
}

/** What a worker says: that it is ready, what came of a file, or that it cannot go on. */
export type WorkerWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly report: TimedReport }
  | { readonly kind: 'failed'; readonly message: string };

/** Quiet is known by the order of one thread: see `system/quiet.ts`. */
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' };

export function isWorkerWord(message: unknown): message is WorkerWord {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

export interface WorkersOptions {
  readonly files: readonly CallFile[];
  readonly jobs: number;
  readonly task: WorkerTask;
  /** Of the workers; nothing else comes along. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told of every report, in the order of the files. */
  readonly report: (report: TimedReport) => void;
}

/**
 * Plays files in processes of their own, `jobs` at a time.
 *
 * @returns the reports in the order of the files.
 */
export async function playInWorkers(options: WorkersOptions): Promise<readonly TimedReport[]> {
  const { files, jobs } = options;
  const waiting = [...files.entries()];
  const reports: (TimedReport | undefined)[] = files.map(() => undefined);
  let told = 0;
  const take = (): readonly [number, CallFile] | null => waiting.shift() ?? null;
  const give = (index: number, report: TimedReport): void => {
    reports[index] = report;
    for (let next = reports[told]; next !== undefined; next = reports[told]) {
      options.report(next);
      told += 1;
    }
  };
  const count = Math.max(1, Math.min(jobs, files.length));
  const workers = Array.from({ length: count }, () =>
    work(startWorker(options.env ?? {}), options.task, take, give),
  );
  await Promise.all(workers);
  return reports.filter((report) => report !== undefined);
}

function startWorker(env: Readonly<Record<string, string>>): ChildProcess {
  const module = new URL(`../call-process${extname(import.meta.url)}`, import.meta.url);
  return fork(fileURLToPath(module), {
    // A loader has to come along; an inspector must not.
    execArgv: process.execArgv.filter((flag) => !/^--(inspect|debug|test)/.test(flag)),
    env: { ...env, ...ONE_THREAD },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** One worker, from its start to the end of the files. */
function work(
  worker: ChildProcess,
  task: WorkerTask,
  take: () => readonly [number, CallFile] | null,
  give: (index: number, report: TimedReport) => void,
): Promise<void> {
  let current = -1;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const taken = take();
      if (taken === null) {
        worker.disconnect();
        return;
      }
      const [index, file] = taken;
      current = index;
      worker.send({ kind: 'play', file });
    };
    worker.on('message', (word: unknown) => {
      if (!isWorkerWord(word)) return;
      if (word.kind === 'failed') {
        worker.kill();
        return reject(new CommandFailed(word.message));
      }
      if (word.kind === 'report') give(current, word.report);
      next();
    });
    worker.once('error', reject);
    worker.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new CommandFailed(`a player of call files ended by itself (${signal ?? code})`));
    });
    worker.send({ kind: 'begin', task });
  });
}
