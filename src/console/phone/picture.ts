import { byId, drawing, element } from './dom.ts';
import type { ActionPlace, FlowPicture, Part } from './messages.ts';

const WIDTH = 158;
const HEIGHT = 34;
const GAP_X = 32;
const GAP_Y = 12;
const MARGIN = 10;
/** Letters that fit into a box. */
const LETTERS_MAX = 20;

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Map_ {
  readonly picture: FlowPicture;
  readonly svg: SVGSVGElement;
  readonly boxes: ReadonlyMap<string, SVGGElement>;
  readonly edges: ReadonlyMap<string, SVGPathElement>;
}

/** The flows as maps of their tasks and menus, with the caller's place in them. */
export class Picture {
  readonly #map = byId('map', HTMLElement);
  readonly #tabs = byId('tabs', HTMLElement);
  readonly #title = byId('part-title', HTMLElement);
  readonly #rows = byId('rows', HTMLOListElement);
  readonly #maps = new Map<string, Map_>();
  #shown = '';
  #part = '';
  #flow = '';
  #row: HTMLLIElement | null = null;
  readonly #visited = new Set<string>();

  constructor(flows: readonly FlowPicture[], first: string) {
    // The flow that answers first, then those that it leads to.
    const order = [...flows].sort((a, b) => Number(b.name === first) - Number(a.name === first));
    for (const picture of order) {
      this.#maps.set(picture.name, drawMap(picture));
      const tab = element('button', 'tab', picture.name.replace(/^Tokenline /, ''));
      tab.type = 'button';
      tab.dataset['flow'] = picture.name;
      if (picture.secure) tab.dataset['secure'] = 'true';
      tab.addEventListener('click', () => this.#show(picture.name));
      this.#tabs.append(tab);
    }
    this.#show(first);
    const [part] = this.#maps.get(first)?.picture.parts ?? [];
    if (part !== undefined) this.#outline(first, part.name);
  }

  clear(): void {
    this.#visited.clear();
    this.#part = '';
    this.#flow = '';
    this.#row = null;
    for (const { boxes, edges } of this.#maps.values()) {
      for (const part of [...boxes.values(), ...edges.values()]) part.removeAttribute('data-state');
    }
    for (const row of this.#rows.children) row.removeAttribute('data-state');
  }

  /** The caller is at an action. */
  at({ flow, part, position }: ActionPlace): void {
    if (flow !== this.#shown) this.#show(flow);
    if (flow !== this.#flow || part !== this.#part) this.#enter(flow, part);
    this.#visited.add(`${flow}:${position.line}`);
    if (this.#row !== null) this.#row.dataset['state'] = 'been';
    const row = this.#rows.querySelector<HTMLLIElement>(`[data-line="${position.line}"]`);
    this.#row = row;
    if (row === null) return;
    row.dataset['state'] = 'here';
    this.#rows.scrollTop = row.offsetTop - this.#rows.clientHeight / 2;
  }

  /** The caller is in a menu, which has no action of its own. */
  in(flow: string, menu: string): void {
    if (flow !== this.#shown) this.#show(flow);
    this.#enter(flow, menu);
  }

  #enter(flow: string, part: string): void {
    const map = this.#maps.get(flow);
    if (flow === this.#flow) {
      map?.boxes.get(this.#part)?.setAttribute('data-state', 'been');
      map?.edges.get(edgeKey(this.#part, part))?.setAttribute('data-state', 'been');
    } else {
      this.#maps.get(this.#flow)?.boxes.get(this.#part)?.setAttribute('data-state', 'been');
    }
    this.#flow = flow;
    this.#part = part;
    const box = map?.boxes.get(part);
    box?.setAttribute('data-state', 'here');
    this.#outline(flow, part);
  }

  #show(flow: string): void {
    const map = this.#maps.get(flow);
    if (map === undefined) return;
    this.#shown = flow;
    this.#map.replaceChildren(map.svg);
    this.#map.dataset['secure'] = String(map.picture.secure);
    for (const tab of this.#tabs.querySelectorAll('button')) {
      tab.ariaPressed = String(tab.dataset['flow'] === flow);
    }
  }

  #outline(flow: string, name: string): void {
    const part = this.#maps.get(flow)?.picture.parts.find((one) => one.name === name);
    this.#title.textContent = name;
    this.#row = null;
    this.#rows.replaceChildren(
      ...(part?.rows ?? []).map((row) => {
        const item = element('li', `row ${row.kind}`);
        item.style.setProperty('--depth', String(row.depth));
        item.append(element('span', 'row-name', row.name));
        if (row.kind === 'action') {
          item.dataset['line'] = String(row.line);
          item.append(element('span', 'row-type', row.secure ? 'secure data action' : row.type));
          if (this.#visited.has(`${flow}:${row.line}`)) item.dataset['state'] = 'been';
        }
        return item;
      }),
    );
  }
}

const edgeKey = (from: string, to: string): string => `${from} > ${to}`;

/** Parts by column, each near the middle of those that lead to it: fewer lines cross. */
function columnsOf(parts: readonly Part[]): Part[][] {
  const columns: Part[][] = [];
  for (const part of parts) (columns[part.column] ??= []).push(part);
  const rank = new Map<string, number>();
  for (const column of columns) {
    const middle = (part: Part): number => {
      const above = parts.filter((one) => one.leadsTo.includes(part.name) && rank.has(one.name));
      const sum = above.reduce((total, one) => total + (rank.get(one.name) ?? 0), 0);
      return above.length === 0 ? Infinity : sum / above.length;
    };
    const order = column.map((part) => ({ part, at: middle(part) }));
    order.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at));
    column.splice(0, column.length, ...order.map(({ part }) => part));
    for (const [index, part] of column.entries())
      rank.set(part.name, (index + 0.5) / column.length);
  }
  return columns;
}

function drawMap(picture: FlowPicture): Map_ {
  const columns = columnsOf(picture.parts);
  const rows = Math.max(1, ...columns.map((column) => column.length));
  const height = rows * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN;
  const width = columns.length * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN;
  const svg = drawing('svg', { viewBox: `0 0 ${width} ${height}`, class: 'map-svg', role: 'img' });
  const title = drawing('title', {});
  title.textContent = `${picture.name}: ${picture.parts.length} tasks and menus`;
  svg.append(title);
  const places = new Map<string, Place>();
  for (const [index, column] of columns.entries()) {
    const used = column.length * (HEIGHT + GAP_Y) - GAP_Y;
    for (const [at, part] of column.entries()) {
      const y = (height - used) / 2 + at * (HEIGHT + GAP_Y);
      places.set(part.name, { x: MARGIN + index * (WIDTH + GAP_X), y });
    }
  }
  const edges = drawEdges(svg, picture.parts, places);
  const boxes = new Map<string, SVGGElement>();
  for (const part of picture.parts) {
    const place = places.get(part.name);
    if (place === undefined) continue;
    const box = drawBox(part, place);
    boxes.set(part.name, box);
    svg.append(box);
  }
  return { picture, svg, boxes, edges };
}

function drawEdges(
  svg: SVGSVGElement,
  parts: readonly Part[],
  places: ReadonlyMap<string, Place>,
): Map<string, SVGPathElement> {
  const edges = new Map<string, SVGPathElement>();
  for (const part of parts) {
    for (const name of part.leadsTo) {
      const from = places.get(part.name);
      const to = places.get(name);
      if (from === undefined || to === undefined) continue;
      const path = drawing('path', { d: curve(from, to), class: 'edge' });
      edges.set(edgeKey(part.name, name), path);
      svg.append(path);
    }
  }
  return edges;
}

function curve(from: Place, to: Place): string {
  const y1 = from.y + HEIGHT / 2;
  const y2 = to.y + HEIGHT / 2;
  if (to.x > from.x) {
    const x1 = from.x + WIDTH;
    const bend = Math.max(GAP_X * 0.6, (to.x - x1) / 2);
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`;
  }
  // Back, or beside: out to the right and round.
  const x1 = from.x + WIDTH;
  const x2 = to.x + WIDTH;
  const out = Math.max(x1, x2) + GAP_X * 0.55;
  return `M${x1} ${y1}C${out} ${y1} ${out} ${y2} ${x2} ${y2}`;
}

function drawBox(part: Part, { x, y }: Place): SVGGElement {
  const box = drawing('g', { class: `box ${part.kind}`, transform: `translate(${x} ${y})` });
  const radius = part.kind === 'menu' ? HEIGHT / 2 : 8;
  box.append(drawing('rect', { width: WIDTH, height: HEIGHT, rx: radius }));
  const name = drawing('text', { x: WIDTH / 2, y: HEIGHT / 2 + 4.5, 'text-anchor': 'middle' });
  name.textContent =
    part.name.length > LETTERS_MAX ? `${part.name.slice(0, LETTERS_MAX - 1)}…` : part.name;
  box.append(name);
  return box;
}
