import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { readFlow } from '../../src/architect/read.ts';
import { READ_RULES } from '../../src/architect/rules.ts';
import { GOOD_FLOW } from './flow.ts';

/** What every reading promises: a flow or a reason, and every reason with a place in the file. */
function promised(text: string): void {
  const { flow, problems } = readFlow(text, 'f.yaml');
  assert.ok(flow !== null || problems.length > 0);
  const lines = text.split('\n');
  for (const { position, rule, message } of problems) {
    assert.ok(rule in READ_RULES, rule);
    assert.ok(message.length > 0);
    assert.equal(position.file, 'f.yaml');
    const line = lines[position.line - 1];
    assert.ok(line !== undefined, `line ${position.line} of ${lines.length}`);
    assert.ok(
      position.column >= 1 && position.column <= line.length + 1,
      `column ${position.column}`,
    );
  }
}

const place = fc.nat({ max: GOOD_FLOW.length });

test('a flow that is cut, doubled or overwritten anywhere is read or refused, never thrown', () => {
  const cut = fc
    .tuple(place, fc.nat({ max: 200 }))
    .map(([at, length]) => GOOD_FLOW.slice(0, at) + GOOD_FLOW.slice(at + length));
  const doubled = fc
    .tuple(place, fc.nat({ max: 400 }))
    .map(([at, length]) => GOOD_FLOW.slice(0, at + length) + GOOD_FLOW.slice(at));
  const noise = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ': ',
    '- ',
    '"',
    "'",
    '&a ',
    '*a',
    '\n',
    '\t',
    '|',
    '#',
    '{{x}}',
    '\u0000',
    '\uE000',
    '!t ',
    '<<: ',
    '%',
    '@',
  );
  const overwritten = fc
    .tuple(place, noise, fc.nat({ max: 3 }))
    .map(([at, text, length]) => GOOD_FLOW.slice(0, at) + text + GOOD_FLOW.slice(at + length));
  const swapped = fc.tuple(fc.nat({ max: 180 }), fc.nat({ max: 180 })).map(([left, right]) => {
    const lines = GOOD_FLOW.split('\n');
    [lines[left], lines[right]] = [lines[right] ?? '', lines[left] ?? ''];
    return lines.join('\n');
  });
  fc.assert(fc.property(fc.oneof(cut, doubled, overwritten, swapped), promised), { numRuns: 600 });
});

type Path = readonly string[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    name === key ? replaced(inner, rest, by) : inner,
  ]);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

test('a flow with any value of another type at any place is read or refused, never thrown', () => {
  const good: unknown = parse(GOOD_FLOW);
  const paths = pathsOf(good);
  const other = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      '',
      'word',
      [],
      {},
      [[]],
      { lit: null },
      { exp: '1 / 0' },
      { var: 'x' },
      { noValue: false },
      { actions: null },
      [null],
      [{ a: 1, b: 2 }],
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...paths), other, (path, by) => {
      promised(stringify(replaced(good, path, by)));
    }),
    { numRuns: 600 },
  );
});

test('text that was never a flow is refused, never thrown', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300, unit: 'binary' }), promised), { numRuns: 300 });
});
