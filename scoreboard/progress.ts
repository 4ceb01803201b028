import type { Progress } from './board.ts';
import { grouped } from './table.ts';

const BAR = 24;
const REDRAW_MS = 100;
/** Where nobody watches, a line now and then shows that it goes on. */
const LINE_MS = 15_000;

/** Draws how far a board is: a bar on a terminal, a line now and then elsewhere. */
export function progressOf(title: string, out: NodeJS.WriteStream): Progress {
  const startMs = performance.now();
  let drawnMs = out.isTTY ? -Infinity : startMs;
  return (done, total, note = '') => {
    const nowMs = performance.now();
    const last = done >= total;
    if (!last && nowMs - drawnMs < (out.isTTY ? REDRAW_MS : LINE_MS)) return;
    drawnMs = nowMs;
    const seconds = ((nowMs - startMs) / 1000).toFixed(0);
    const text = `${title} ${grouped(done)}/${grouped(total)} ${seconds} s ${note}`.trimEnd();
    if (!out.isTTY) {
      if (!last) out.write(`  ${text}\n`);
      return;
    }
    const filled = Math.round((BAR * Math.min(done, total)) / Math.max(1, total));
    const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
    out.write(`\r\u001b[2K${bar} ${text.slice(0, Math.max(20, (out.columns ?? 80) - BAR - 2))}`);
    if (last) out.write('\r\u001b[2K');
  };
}
