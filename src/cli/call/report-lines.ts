import type { CallFailure } from '../../line/call-file/play.ts';
import { placeText } from '../../line/call-file/transcript.ts';
import type { Paint } from '../paint.ts';
import type { TimedReport } from './own-player.ts';

/** How a report is printed. */
export interface ReportStyle {
  readonly paint: Paint;
  /** Always, or only where something failed. */
  readonly transcript: 'always' | 'on_failure';
}

/** `✔ A caller enrols. 71 s on the line, 214 ms`, and below it what failed. */
export function reportLines(report: TimedReport, { paint, transcript }: ReportStyle): string[] {
  const { title, file, failures, lineMs, tookMs } = report;
  const passed = failures.length === 0;
  const mark = passed ? paint.green('✔') : paint.red('✖');
  const line = `${Math.round(lineMs / 1_000)} s on the line, ${tookMs} ms`;
  const lines = [`${mark} ${title} ${paint.dim(`${file}: ${line}`)}`];
  for (const failure of failures) lines.push(...failureLines(failure, paint));
  if (transcript === 'always' || !passed) {
    lines.push(...report.transcript.map((one) => `    ${paint.dim(one)}`), '');
  }
  return lines;
}

function failureLines({ position, text, message, heard }: CallFailure, paint: Paint): string[] {
  const where = `${position.file}:${position.line}`;
  const lines = [`  ${paint.red(where)}: ${text === '' ? message : text}`];
  if (text !== '') lines.push(`    ${message}`);
  if (heard.length === 0) return lines;
  lines.push('    heard since the last move:');
  for (const one of heard) lines.push(`      “${one.text}”  ${placeText(one.action)}`.trimEnd());
  return lines;
}

/** The last line of a run. */
export function summaryLine(reports: readonly TimedReport[], tookMs: number, paint: Paint): string {
  const failed = reports.filter(({ failures }) => failures.length > 0).length;
  const passed = reports.length - failed;
  const took = `${(tookMs / 1_000).toFixed(1)} s`;
  const calls = `${reports.length} ${reports.length === 1 ? 'call' : 'calls'}`;
  if (failed === 0) return paint.green(`${calls} passed in ${took}`);
  return `${paint.red(`${failed} failed`)}, ${passed} passed, ${calls} in ${took}`;
}
