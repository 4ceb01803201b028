import { element } from './dom.ts';
import { lengthOf } from './lengths.ts';
import { placeOf, stretches, type Stretch } from './time-scale.ts';

/** What a bar stands for; each looks different, also without colours. */
export type BarLook = 'bridge' | 'good' | 'bad' | 'wait' | 'billing';

/** From a moment to another one, milliseconds since 1970; both the same for something at once. */
export interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly look: BarLook;
  /** Stands beside the bar where it says something: `16.2 s`. */
  readonly label?: string;
}

export interface TimeRow {
  readonly name: string;
  readonly bars: readonly Bar[];
  /** The breaker's line for this row: when an answer was too late. */
  readonly lineMs?: number;
  /** The one that was asked for. */
  readonly asked: boolean;
}

const STEPS_MS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000];
const TICKS_MAX = 8;
/** Marks that are nearer to each other would be written over each other. */
const APART = 0.06;

function clockText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h === 0 ? `${m}:${two(s)}` : `${h}:${two(m)}:${two(s)}`;
}

interface Mark {
  readonly at: number;
  readonly text: string;
}

/** Marks of the clock since the beginning, in the stretches that are drawn as long as they were. */
function marks(line: readonly Stretch[]): readonly Mark[] {
  const startMs = line[0]?.fromMs ?? 0;
  const wholeMs = line
    .filter(({ broken }) => !broken)
    .reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const step = STEPS_MS.find((ms) => wholeMs / ms <= TICKS_MAX) ?? 60_000;
  const taken = line.filter(({ broken }) => broken).map(({ from, to }) => (from + to) / 2);
  const all: Mark[] = [];
  for (const stretch of line) {
    if (stretch.broken) continue;
    const first = Math.ceil((stretch.fromMs - startMs) / step) * step + startMs;
    for (let ms = first; ms <= stretch.toMs; ms += step) {
      const at = placeOf(line, ms);
      if (taken.some((other) => Math.abs(other - at) < APART) || at > 1 - APART / 2) continue;
      taken.push(at);
      all.push({ at, text: clockText(ms - startMs) });
    }
  }
  return all;
}

function placed(className: string, from: number, to = from): HTMLElement {
  const made = element('span', { class: className });
  made.style.setProperty('--from', `${100 * from}%`);
  made.style.setProperty('--width', `${100 * (to - from)}%`);
  return made;
}

/** A label needs so much of the line, or it stands beside its bar. */
const ROOM = 0.12;
/** Beyond this there is no room behind a bar. */
const NEAR_END = 0.85;

function labelled(text: string, from: number, to: number): HTMLElement {
  const inside = to - from >= ROOM;
  const before = !inside && to > NEAR_END;
  const look = inside ? 'inside' : before ? 'before' : 'behind';
  const label = placed(`time-label ${look}`, inside || before ? from : to, to);
  label.append(element('span', {}, [text]));
  return label;
}

function track(row: TimeRow, line: readonly Stretch[]): HTMLElement {
  const parts: HTMLElement[] = [];
  row.bars.forEach(({ fromMs, toMs, look, label }, at) => {
    const [from, to] = [placeOf(line, fromMs), placeOf(line, toMs)];
    parts.push(placed(toMs > fromMs ? `time-bar ${look}` : `time-point ${look}`, from, to));
    // Where another bar goes on at once there is room for a label only inside.
    const goesOn = row.bars[at + 1]?.fromMs === toMs && to - from < ROOM;
    if (label !== undefined && !goesOn) parts.push(labelled(label, from, to));
  });
  if (row.lineMs !== undefined) parts.push(placed('time-limit', placeOf(line, row.lineMs)));
  return element('div', { class: 'time-track' }, parts);
}

/** Puts a cell into its row, from 1. */
function inRow(cell: HTMLElement, row: number): HTMLElement {
  cell.style.setProperty('--row', String(row));
  return cell;
}

/**
 * Draws what happened, row by row, on one line of time. It is for the eye alone: the same stands in
 * words below it.
 */
export function timeLine(rows: readonly TimeRow[]): HTMLElement {
  const moments = rows.flatMap(({ bars, lineMs }) => [
    ...bars.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...(lineMs === undefined ? [] : [lineMs]),
  ]);
  const line = stretches(moments);
  const axis = element('div', { class: 'time-axis' });
  const behind = element('div', { class: 'time-behind' });
  behind.style.setProperty('--end', String(rows.length + 2));
  for (const { at, text } of marks(line)) {
    behind.append(placed('time-mark', at));
    const label = placed('time-text', at);
    label.textContent = text;
    axis.append(label);
  }
  for (const { from, to, fromMs, toMs, broken } of line) {
    if (!broken) continue;
    behind.append(placed('time-break', from, to));
    const label = placed('time-text centred', (from + to) / 2);
    label.textContent = `shortened: ${lengthOf(toMs - fromMs)}`;
    axis.append(label);
  }
  const cells = rows.flatMap((row, at) => [
    inRow(
      element('div', { class: row.asked ? 'time-name asked' : 'time-name' }, [row.name]),
      at + 2,
    ),
    inRow(track(row, line), at + 2),
  ]);
  return element('div', { class: 'time-line', 'aria-hidden': 'true' }, [behind, axis, ...cells]);
}
