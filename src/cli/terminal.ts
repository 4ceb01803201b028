import { openPaint, type Paint } from './paint.ts';

/** Where a command speaks to its user. */
export interface Terminal {
  readonly paint: Paint;
  /** The result, on standard output. */
  readonly out: (line: string) => void;
  /** A remark that is not the result, on standard error. */
  readonly note: (line: string) => void;
  /** How far a long work has come; `null` when it is done. On a terminal only. */
  readonly progress: (far: string | null) => void;
}

/** @param noColour the variable `NO_COLOR`. */
export function openTerminal(noColour: string | undefined): Terminal {
  const { stdout, stderr } = process;
  const paint = openPaint(stdout, noColour);
  return {
    paint,
    out: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    progress(far) {
      if (!stderr.isTTY) return;
      stderr.write(`\r\u001B[K${far ?? ''}`);
    },
  };
}
