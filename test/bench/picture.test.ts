import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Figures, shown, spreadOf } from '../../bench/measurement.ts';
import { figureOf, jsonOf, type Machine, type Outcome } from '../../bench/outcome.ts';
import { pageOf, readmeOf } from '../../bench/page.ts';
import { stepOf, svgOf, type Picture } from '../../bench/picture.ts';
import { picturesOf } from '../../bench/pictures.ts';

const MACHINE: Machine = {
  cores: 2,
  processor: 'A <processor> & more',
  memoryGb: 8,
  node: 'v20.0.0',
  postgres: 'PostgreSQL 15.1',
  date: '2026-11-25',
  loadBefore: 0.2,
};

function outcomes(): Outcome[] {
  const figures = new Figures();
  for (const value of [300, 100, 200]) figures.add('PostgreSQL: whole', '1/s', value);
  figures.add('PostgreSQL: floor', '1/s', 400);
  figures.add('PostgreSQL: whole at a steady rate, p99', 'ms', 40);
  figures.add('PostgreSQL: floor at a steady rate, p99', 'ms', 10);
  const common = { title: 'Throughput', asks: 'How many?', seconds: 1, remarks: ['Not all.'] };
  return [{ id: 'throughput', ...common, figures: figures.all }];
}

/** Attributes of the elements of one kind. */
function elements(svg: string, kind: string): ReadonlyMap<string, string>[] {
  return [...svg.matchAll(new RegExp(`<${kind} ([^>]*)>`, 'g'))].map(([, text = '']) => {
    const pairs = [...text.matchAll(/([\w-]+)="([^"]*)"/g)];
    return new Map(pairs.map(([, name = '', value = '']) => [name, value]));
  });
}

test('a spread is the middle and the ends, in whatever order the rounds came', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
  assert.deepEqual(spreadOf([7]), { median: 7, min: 7, max: 7 });
});

test('figures are shown with three digits that count', () => {
  assert.deepEqual([0.7049, 12.34, 356.4, 12_345.6].map(shown), ['0.70', '12.3', '356', '12,346']);
});

test('an axis has four to eight steps of 1, 2 or 5', () => {
  for (const most of [0.07, 1, 3.3, 9.99, 25, 33.4, 388, 7_113, 214_274]) {
    const step = stepOf(most);
    const parts = most / step;
    assert.ok(parts >= 1.6 && parts <= 8, `${most} in steps of ${step}`);
    const first = Number(step.toExponential().split('e')[0]);
    assert.ok([1, 2, 5].includes(first), `${step}`);
  }
});

test('bars are as long as their values, and nothing stands outside of the picture', () => {
  const picture: Picture = {
    title: 'a < b & c',
    axis: 'things',
    series: ['one', 'two'],
    groups: [
      { label: 'first', bars: [{ label: 'x', parts: [10, 30], range: [35, 45] }] },
      { label: 'second', bars: [{ label: 'y', parts: [20, 0] }] },
    ],
    mark: { at: 25, label: 'aim' },
  };
  const svg = svgOf(picture);
  assert.match(svg, /a &lt; b &amp; c/);
  const wide = elements(svg, 'rect')
    .filter((one) => one.get('height') === '18')
    .map((one) => Number(one.get('width')));
  assert.equal(wide.length, 4);
  const [ten = 0, thirty = 0, twenty = 0, none] = wide;
  assert.ok(ten > 0 && Math.abs(thirty / ten - 3) < 0.02 && Math.abs(twenty / ten - 2) < 0.02);
  assert.equal(none, 0);
  const [box] = elements(svg, 'svg');
  const [, , width = 0, height = 0] = (box?.get('viewBox') ?? '').split(' ').map(Number);
  for (const one of [...elements(svg, 'text'), ...elements(svg, 'rect')]) {
    const [x, y] = [Number(one.get('x')), Number(one.get('y'))];
    assert.ok(x >= 0 && x < width, `x ${x}`);
    assert.ok(y > 0 && y < height, `y ${y}`);
  }
});

test('only what was measured is drawn', () => {
  assert.deepEqual(
    picturesOf(outcomes()).map(({ name }) => name),
    ['bench-throughput.svg', 'bench-latency.svg'],
  );
  assert.deepEqual(picturesOf([]), []);
});

test('page, table and JSON tell the median with its ends, and what came of the aim', () => {
  const made = outcomes();
  const page = pageOf(MACHINE, made, picturesOf(made));
  assert.match(page, /\| PostgreSQL: whole \| 200 1\/s \(100 to 300\) \| 3 \|/);
  assert.match(
    page,
    /p99 is 40\.0 ms, all of it ours .*, which misses the aim of 25 ms; the floor's is 10\.0 ms/,
  );
  assert.doesNotMatch(page, /Something else ran/);
  assert.match(pageOf({ ...MACHINE, loadBefore: 9 }, made, []), /Something else ran/);
  assert.match(readmeOf(MACHINE, made), /\| PostgreSQL \| 200 \|/);
  const json = JSON.parse(jsonOf(MACHINE, made)) as { measurements: { figures: object[] }[] };
  assert.deepEqual(json.measurements[0]?.figures[0], {
    name: 'PostgreSQL: whole',
    unit: '1/s',
    median: 200,
    min: 100,
    max: 300,
    rounds: 3,
  });
  assert.equal(figureOf(made, 'throughput', 'nothing'), null);
});
