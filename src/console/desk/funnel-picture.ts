import type { Funnel } from '../../contract/funnel.ts';
import { element } from './dom.ts';
import { STEP_WORDS } from './step-words.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** The picture's own units: each step is so high, and the widest so wide. */
const ROW = 56;
const WIDTH = 100;
/** Of a step's height, what its bar takes; the rest leads to the next one. */
const BAR = 34;

/** Whole parts of a hundred; 0 of nothing. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((100 * part) / whole);
}

function polygon(points: readonly (readonly [number, number])[], className: string): SVGElement {
  const made = document.createElementNS(SVG, 'polygon');
  made.setAttribute('points', points.map(([x, y]) => `${x},${y}`).join(' '));
  made.setAttribute('class', className);
  return made;
}

/** Bars that become narrower, and between them the slope down to the next. */
function shape(widths: readonly number[]): SVGElement {
  const root = document.createElementNS(SVG, 'svg');
  root.setAttribute('viewBox', `0 0 ${WIDTH} ${ROW * widths.length}`);
  root.setAttribute('preserveAspectRatio', 'none');
  root.setAttribute('class', 'funnel-shape');
  root.setAttribute('aria-hidden', 'true');
  const middle = WIDTH / 2;
  for (const [index, width] of widths.entries()) {
    const top = index * ROW;
    const [left, right] = [middle - width / 2, middle + width / 2];
    const bar = [
      [left, top],
      [right, top],
      [right, top + BAR],
      [left, top + BAR],
    ] as const;
    root.append(polygon(bar, 'funnel-bar'));
    const next = widths[index + 1];
    if (next === undefined) continue;
    const slope = [
      [left, top + BAR],
      [right, top + BAR],
      [middle + next / 2, top + ROW],
      [middle - next / 2, top + ROW],
    ] as const;
    root.append(polygon(slope, 'funnel-slope'));
  }
  return root;
}

/** What happened between a step and the next one, in words. */
function losses({ left, to_agent: agent, under_way: way }: Funnel['steps'][number]): string {
  const parts = [
    left === 0 ? '' : `${left} left`,
    agent === 0 ? '' : `${agent} to a person`,
    way === 0 ? '' : `${way} under way`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/**
 * The funnel as a picture. Whoever does not see it has the same in the table below, so a reader is
 * told of it once.
 */
export function drawFunnel(funnel: Funnel): HTMLElement {
  const names = funnel.steps.map(({ step }) =>
    element('div', { class: 'funnel-row' }, [STEP_WORDS[step]]),
  );
  const figures = funnel.steps.map((step) =>
    element('div', { class: 'funnel-row' }, [
      element('b', {}, [`${step.reached} · ${share(step.reached, funnel.calls)} %`]),
      element('span', { class: 'quiet' }, [losses(step)]),
    ]),
  );
  const most = Math.max(1, funnel.calls);
  const widths = funnel.steps.map(({ reached }) => Math.max(0.4, (WIDTH * reached) / most));
  return element('div', { class: 'funnel', 'aria-hidden': 'true' }, [
    element('div', {}, names),
    shape(widths),
    element('div', {}, figures),
  ]);
}
