/**
 * Pictures as SVG: groups of horizontal bars, each with its value behind it and, where there were
 * several rounds, a line from the least to the greatest. The colours are of middle lightness, so
 * that they stand on a light page and on a dark one.
 */

/** One bar; several parts are drawn end to end. */
export interface Bar {
  readonly label: string;
  /** Of each series a value, in their order. */
  readonly parts: readonly number[];
  /** What the others are compared with: drawn in grey. */
  readonly isReference?: boolean;
  /** From where to where the whole of it went. */
  readonly range?: readonly [least: number, greatest: number];
}

export interface Group {
  /** Empty where there is one group only. */
  readonly label: string;
  readonly bars: readonly Bar[];
}

export interface Picture {
  readonly title: string;
  /** What the axis counts, with its unit: `requests a second`. */
  readonly axis: string;
  /** Names of the parts of a bar; one is not shown in a key. */
  readonly series: readonly string[];
  readonly groups: readonly Group[];
  /** A value that is worth a line of its own, such as an aim. */
  readonly mark?: { readonly at: number; readonly label: string };
}

const WIDTH = 720;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 64;
const MARGIN = 12;
const BAR = 18;
const BAR_STEP = 25;
const GROUP_HEAD = 24;
const TITLE = 34;
const KEY = 24;
const AXIS = 44;

/** Contrast with white and with GitHub's dark background (#0d1117) is at least 4 for the text. */
const TEXT = '#6e7781';
const LINE = '#8c959f';
const REFERENCE = '#afb8c1';
const COLOURS = ['#3b82c4', '#d9822b', '#3f9d5a', '#a05fb5'] as const;
const colourOf = (at: number): string => COLOURS[at % COLOURS.length] ?? TEXT;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const px = (value: number): string => String(Math.round(value * 10) / 10);

interface Style {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 'bold';
}

function textAt(x: number, y: number, text: string, style: Style = {}): string {
  const { size = 12, anchor = 'start', weight } = style;
  const bold = weight === undefined ? '' : ` font-weight="${weight}"`;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" text-anchor="${anchor}"${bold}>${escaped(text)}</text>`;
}

const lineAt = (x1: number, y1: number, x2: number, y2: number, more = ''): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${LINE}"${more}/>`;

const FIRST_STEPS = [1, 2, 5, 10] as const;

/** A step of 1, 2 or 5 times a power of ten that divides the axis into four to eight parts. */
export function stepOf(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const first = FIRST_STEPS.find((times) => most / (power * times) <= 8) ?? 10;
  return power * first;
}

function tickText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function valueText(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** Where values lie on the picture. */
interface Scale {
  readonly x: (value: number) => number;
  readonly step: number;
  readonly most: number;
}

function scaleOf({ groups, mark }: Picture): Scale {
  const bars = groups.flatMap((group) => group.bars);
  const most = Math.max(
    ...bars.map(({ parts, range }) => Math.max(sum(parts), range?.[1] ?? 0)),
    mark?.at ?? 0,
  );
  const step = stepOf(most);
  const left = MARGIN + LABEL_WIDTH;
  const right = WIDTH - MARGIN - VALUE_WIDTH;
  const end = Math.max(step, Math.ceil(most / step) * step);
  return { x: (value) => left + ((right - left) * value) / end, step, most: end };
}

function barAt(bar: Bar, y: number, scale: Scale): string[] {
  const middle = y + BAR / 2;
  const drawn = [textAt(scale.x(0) - 8, middle + 4, bar.label, { anchor: 'end' })];
  let from = 0;
  for (const [at, part] of bar.parts.entries()) {
    const x = scale.x(from);
    const wide = scale.x(from + part) - x;
    const colour = bar.isReference === true ? REFERENCE : colourOf(at);
    drawn.push(
      `<rect x="${px(x)}" y="${px(y)}" width="${px(wide)}" height="${BAR}" fill="${colour}"/>`,
    );
    from += part;
  }
  const [least, greatest] = bar.range ?? [from, from];
  if (greatest > least) {
    drawn.push(lineAt(scale.x(least), middle, scale.x(greatest), middle, ' stroke-width="2"'));
    for (const end of [least, greatest]) {
      drawn.push(lineAt(scale.x(end), middle - 4, scale.x(end), middle + 4, ' stroke-width="2"'));
    }
  }
  drawn.push(textAt(scale.x(Math.max(from, greatest)) + 6, middle + 4, valueText(from)));
  return drawn;
}

function keyAt(series: readonly string[], y: number): string[] {
  let x = MARGIN + LABEL_WIDTH;
  return series.flatMap((name, at) => {
    const box = `<rect x="${px(x)}" y="${px(y - 10)}" width="11" height="11" fill="${colourOf(at)}"/>`;
    const label = textAt(x + 16, y, name);
    x += 34 + name.length * 6.6;
    return [box, label];
  });
}

function axisAt(picture: Picture, scale: Scale, top: number, bottom: number): string[] {
  const drawn: string[] = [];
  for (let value = 0; value <= scale.most + scale.step / 2; value += scale.step) {
    const x = scale.x(value);
    drawn.push(lineAt(x, top, x, bottom, ' stroke-opacity="0.3"'));
    drawn.push(textAt(x, bottom + 16, tickText(value), { anchor: 'middle', size: 11 }));
  }
  const middle = (scale.x(0) + scale.x(scale.most)) / 2;
  drawn.push(textAt(middle, bottom + 34, picture.axis, { anchor: 'middle' }));
  if (picture.mark) {
    const x = scale.x(picture.mark.at);
    drawn.push(lineAt(x, top - 2, x, bottom, ' stroke-width="1.5" stroke-dasharray="5 4"'));
    drawn.push(textAt(x + 5, top + 8, picture.mark.label, { size: 11 }));
  }
  return drawn;
}

/** The picture as the text of an SVG file. */
export function svgOf(picture: Picture): string {
  const { title, series, groups } = picture;
  const scale = scaleOf(picture);
  const body = [textAt(MARGIN, 22, title, { size: 15, weight: 'bold' })];
  let y = TITLE;
  if (series.length > 1) {
    body.push(...keyAt(series, y + 13));
    y += KEY;
  }
  const top = y + 4;
  y = picture.mark ? top + 14 : top;
  const bars: string[] = [];
  for (const { label, bars: drawn } of groups) {
    if (label !== '') {
      bars.push(textAt(scale.x(0) - 8, y + 16, label, { anchor: 'end', weight: 'bold' }));
      y += GROUP_HEAD;
    }
    for (const bar of drawn) {
      bars.push(...barAt(bar, y + (BAR_STEP - BAR) / 2, scale));
      y += BAR_STEP;
    }
  }
  const height = y + AXIS;
  body.push(...axisAt(picture, scale, top, y), ...bars);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${px(height)}" width="${WIDTH}" height="${px(height)}" font-family="system-ui, sans-serif" fill="${TEXT}" role="img">`,
    `<title>${escaped(title)}</title>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}
