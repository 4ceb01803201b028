import type { GatewayCall } from '../../contract/console.ts';
import type UPlot from 'uplot';
import { element } from './dom.ts';
import { lengthOf } from './lengths.ts';

/** The page loads uPlot before its own scripts: a browser has no node_modules to import from. */
declare const uPlot: typeof UPlot;

const HEIGHT = 220;
const MS = 1_000;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Seconds on both axes: the gateway's answers, and the line above which the breaker opens. */
function dataOf(calls: readonly GatewayCall[], limitMs: number): UPlot.AlignedData {
  const times = calls.map(({ at }) => Date.parse(at) / MS);
  const good = calls.map(({ healthy, latency_ms: ms }) => (healthy ? ms / MS : null));
  const bad = calls.map(({ healthy, latency_ms: ms }) => (healthy ? null : ms / MS));
  return [times, good, bad, times.map(() => limitMs / MS)];
}

function optionsOf(width: number): UPlot.Options {
  const ink = colour('--ink-quiet');
  const axis = { stroke: ink, grid: { stroke: colour('--line'), width: 1 } };
  const points = { show: true, size: 7 };
  const scatter = { paths: () => null, points };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [axis, { ...axis, values: (_, ticks) => ticks.map((tick) => `${tick} s`) }],
    series: [
      {},
      { ...scatter, stroke: colour('--good'), points: { ...points, fill: colour('--good') } },
      { ...scatter, stroke: colour('--bad'), points: { ...points, fill: colour('--bad') } },
      { stroke: colour('--bad'), width: 1, dash: [6, 4], points: { show: false } },
    ],
  };
}

export interface LatencyChart {
  readonly root: HTMLElement;
  readonly show: (calls: readonly GatewayCall[], limitMs: number) => void;
  readonly close: () => void;
}

function sentence(calls: readonly GatewayCall[], limitMs: number): string {
  if (calls.length === 0) return 'The gateway has not been asked in the last hour.';
  const sorted = calls.map(({ latency_ms: ms }) => ms).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const bad = calls.filter(({ healthy }) => !healthy).length;
  return (
    `${calls.length} requests: half of them within ${lengthOf(middle)}, the slowest ` +
    `${lengthOf(sorted.at(-1) ?? 0)}; ${bad} failed. Above the line, at ${lengthOf(limitMs)}, calls go to people.`
  );
}

/** The gateway's answers against the breaker's line, drawn by uPlot; the same in a sentence below. */
export function latencyChart(): LatencyChart {
  const frame = element('div', { class: 'chart', 'aria-hidden': 'true' });
  const words = element('p', { class: 'quiet' });
  const held: { plot: UPlot | null } = { plot: null };
  const observer = new ResizeObserver(() => {
    held.plot?.setSize({ width: frame.clientWidth, height: HEIGHT });
  });
  observer.observe(frame);
  return {
    root: element('div', {}, [frame, words]),
    show(calls, limitMs) {
      words.textContent = sentence(calls, limitMs);
      const data = dataOf(calls, limitMs);
      if (held.plot === null) held.plot = new uPlot(optionsOf(frame.clientWidth), data, frame);
      else held.plot.setData(data);
    },
    close() {
      observer.disconnect();
      held.plot?.destroy();
    },
  };
}
