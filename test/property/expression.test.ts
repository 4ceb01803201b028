import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ExpressionError, type Expression } from '../../src/architect/expression/ast.ts';
import { checkExpression } from '../../src/architect/expression/check.ts';
import { evaluate } from '../../src/architect/expression/evaluate.ts';
import { EvaluationError } from '../../src/architect/expression/evaluation.ts';
import { FUNCTIONS } from '../../src/architect/expression/functions/table.ts';
import { parseExpression } from '../../src/architect/expression/parse.ts';
import { printExpression } from '../../src/architect/expression/print.ts';
import { sameType, typeOfValue } from '../../src/architect/expression/static-type.ts';
import {
  NOT_SET,
  type ArchitectType,
  type JsonValue,
  type Value,
} from '../../src/architect/expression/value.ts';
import { scopeOf } from '../architect/expression/scopes.ts';
import { anyTree, bare } from '../architect/expression/trees.ts';

test('an expression that is printed is read back as the same tree', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const text = printExpression(tree);
      assert.deepEqual(bare(parseExpression(text)), bare(tree), text);
    }),
    { numRuns: 4_000 },
  );
});

const PIECES =
  '( ) [ ] , . " \\ ? : ! ~ - + ^ == & and or true NOT_SET Task.a If( Left 1 2.5 .5 \''.split(' ');

const piece = fc.oneof(
  fc.constantFrom(...PIECES),
  fc.constantFrom(' ', '\n'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

test('whatever the text is, it is read or refused with a place within it', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      try {
        parseExpression(text);
      } catch (error) {
        assert.ok(error instanceof ExpressionError, String(error));
        const { start, end } = error.span;
        assert.ok(start >= 0 && start <= end && end <= text.length, `${text}: ${start}–${end}`);
      }
    }),
    { numRuns: 5_000 },
  );
});

/** Expressions that hold together more often than not, over declared variables. */
const VARIABLES: Readonly<Record<string, ArchitectType>> = {
  'Task.i': 'integer',
  'Task.d': 'decimal',
  'Task.s': 'string',
  'Task.b': 'boolean',
  'Task.c': 'currency',
  'Task.t': 'datetime',
  'Task.u': 'duration',
  'Task.p': 'phonenumber',
  'Task.q': 'queue',
  'Task.a': 'audio',
  'Task.j': 'json',
  'Task.l': { collectionOf: 'integer' },
  'Task.m': { collectionOf: 'string' },
};

const valueOfVariable: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  'Task.i': fc.integer().map((value) => ({ type: 'integer', value })),
  'Task.d': fc
    .double({ noNaN: true, min: -1e20, max: 1e20 })
    .map((value) => ({ type: 'decimal', value })),
  'Task.s': fc.string({ unit: 'binary' }).map((value) => ({ type: 'string', value })),
  'Task.b': fc.boolean().map((value) => ({ type: 'boolean', value })),
  'Task.c': fc
    .tuple(
      fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
      fc.constantFrom('USD', 'EUR', 'JPY', '', 'dollars'),
    )
    .map(([value, currency]) => ({ type: 'currency', value, currency })),
  'Task.t': fc.integer({ min: -5e12, max: 2e14 }).map((value) => ({ type: 'datetime', value })),
  'Task.u': fc.integer({ min: -1e14, max: 1e14 }).map((value) => ({ type: 'duration', value })),
  'Task.p': fc.string().map((value) => ({ type: 'phonenumber', value })),
  'Task.q': fc.string().map((name) => ({ type: 'queue', name })),
  'Task.a': fc.constant({ type: 'audio', value: { sounds: [], bargeIn: true } }),
  'Task.j': fc.jsonValue().map((value) => ({ type: 'json', value: value as JsonValue })),
  'Task.l': fc
    .array(fc.integer().map((value): Value => ({ type: 'integer', value })))
    .map((items) => ({ type: 'collection', of: 'integer', items })),
  'Task.m': fc
    .array(fc.string().map((value): Value => ({ type: 'string', value })))
    .map((items) => ({ type: 'collection', of: 'string', items })),
};

/** Every variable has a value of its type, or is NOT_SET. */
const scope = fc
  .record(
    Object.fromEntries(
      Object.entries(valueOfVariable).map(([name, value]) => [
        name,
        fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(NOT_SET) }),
      ]),
    ),
  )
  .map((values) => scopeOf(values, VARIABLES));

const SPAN = { start: 0, end: 0 };

const knownTree: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...Object.keys(VARIABLES)).map((name): Expression => ({
      kind: 'variable',
      scope: 'Task',
      name: name.slice(5),
      span: SPAN,
    })),
    fc
      .integer({ min: 0, max: 99 })
      .map((value): Expression => ({ kind: 'number', value, decimal: false, span: SPAN })),
    fc
      .constantFrom('', '5', 'true', '5.00|USD', 'PT1M', '2026-11-25T00:00:00Z', 'USD')
      .map((value): Expression => ({ kind: 'text', value, span: SPAN })),
    fc.constant<Expression>({ kind: 'not_set', span: SPAN }),
    fc
      .tuple(
        fc.constantFrom(...FUNCTIONS.map(({ name }) => name)),
        fc.array(tie('tree'), { maxLength: 4 }),
      )
      .map(([name, args]): Expression => ({ kind: 'call', name, args, span: SPAN })),
    fc
      .tuple(
        fc.constantFrom('+', '-', '*', '/', '%', '^', '==', '<', 'and', 'or'),
        tie('tree'),
        tie('tree'),
      )
      .map(([operator, left, right]): Expression => ({
        kind: 'binary',
        operator,
        left,
        right,
        span: SPAN,
      })),
    fc
      .tuple(tie('tree'), tie('tree'), tie('tree'))
      .map(([condition, whenTrue, whenFalse]): Expression => ({
        kind: 'choice',
        condition,
        whenTrue,
        whenFalse,
        span: SPAN,
      })),
    fc
      .tuple(tie('tree'), tie('tree'))
      .map(([of, index]): Expression => ({ kind: 'index', of, index, span: SPAN })),
    fc
      .tuple(tie('tree'), fc.constantFrom('name', 'e164', 'amount', 'isTel'))
      .map(([of, name]): Expression => ({ kind: 'member', of, name, span: SPAN })),
  ),
})).tree;

test('what the checker accepts never fails by its type, and has the type that was told', () => {
  let accepted = 0;
  fc.assert(
    fc.property(knownTree, scope, (tree, values) => {
      const typeOf = (name: string, variable: string): ArchitectType | undefined =>
        VARIABLES[`${name}.${variable}`];
      const { type, problems } = checkExpression(tree, typeOf);
      if (type === null || problems.length > 0) return;
      accepted += 1;
      try {
        const value = evaluate(tree, values);
        if (value.type !== 'not_set') assert.ok(sameType(typeOfValue(value), type));
      } catch (error) {
        assert.ok(error instanceof EvaluationError, String(error));
        assert.notEqual(error.kind, 'type', `${printExpression(tree)}: ${error.message}`);
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 4_000, `only ${accepted} trees were accepted`);
});

test('whatever the tree is, evaluation gives a value or an error event', () => {
  fc.assert(
    fc.property(fc.oneof(anyTree, knownTree), scope, (tree, values) => {
      try {
        evaluate(tree, values);
      } catch (error) {
        assert.ok(error instanceof EvaluationError, `${printExpression(tree)}: ${String(error)}`);
      }
    }),
    { numRuns: 10_000 },
  );
});
