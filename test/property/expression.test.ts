import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ExpressionError } from '../../src/architect/expression/ast.ts';
import { parseExpression } from '../../src/architect/expression/parse.ts';
import { printExpression } from '../../src/architect/expression/print.ts';
import { anyTree, bare } from '../architect/expression/trees.ts';

test('an expression that is printed is read back as the same tree', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const text = printExpression(tree);
      assert.deepEqual(bare(parseExpression(text)), bare(tree), text);
    }),
    { numRuns: 1_000 },
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
