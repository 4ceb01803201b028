import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface CardChild {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** What it wrote to its standard output and error. */
  readonly output: () => string;
  stop(): Promise<number | null>;
}

/** Starts a child that says `{ ready, port }` by IPC; its settings go to its standard input. */
export async function startChild(
  entry: string,
  options: {
    readonly settings?: object;
    readonly args?: readonly string[];
    readonly execArgv?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<CardChild> {
  const child = spawnChild(entry, options);
  let output = '';
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  child.stderr?.on('data', (chunk) => (output += String(chunk)));
  const early = once(child, 'exit').then(([code]) => {
    throw new Error(`the child ended with ${String(code)}: ${output}`);
  });
  early.catch(() => {});
  const [message] = (await Promise.race([once(child, 'message'), early])) as [{ port: number }];
  return {
    process: child,
    pid: child.pid ?? 0,
    port: message.port,
    output: () => output,
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}

export function spawnChild(entry: string, options: Parameters<typeof startChild>[1]): ChildProcess {
  const child = spawn(
    process.execPath,
    [...(options.execArgv ?? []), entry, ...(options.args ?? [])],
    {
      env: { PATH: process.env['PATH'] ?? '', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    },
  );
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.settings === undefined ? '' : JSON.stringify(options.settings));
  return child;
}
