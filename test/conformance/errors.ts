import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { meaningsOf, type ErrorTable } from '../../src/gateway/errors.ts';
import { FIELD_TELLING, HEARD_AS, ROUTE_POLICY } from '../../src/payment/route.ts';

export interface ErrorConformance {
  /** Every code of the gateway's official lists. */
  readonly official: readonly string[];
  /** Those that say that a card is lost, stolen, watched or refused by a list. */
  readonly secret: readonly string[];
}

/** What every gateway's table of errors has to hold. */
export function errorConformance(
  name: string,
  table: ErrorTable,
  { official, secret }: ErrorConformance,
): void {
  const meanings = meaningsOf(table);
  const written = Object.values(table).flat();

  describe(`the errors of ${name}`, () => {
    test('every official code has a meaning', () => {
      assert.deepEqual(
        official.filter((code) => !meanings.has(code)),
        [],
      );
    });

    test('no code stands in the table that is not official, and none twice', () => {
      const known = new Set(official);
      assert.deepEqual(
        written.filter((code) => !known.has(code)),
        [],
      );
      assert.equal(new Set(written).size, written.length);
    });

    test('lost, stolen, watched and listed cards sound like any other decline', () => {
      assert.ok(secret.length > 0);
      for (const code of secret) {
        const meaning = meanings.get(code);
        assert.ok(meaning, code);
        assert.equal(HEARD_AS[meaning] ?? meaning, 'card_declined', code);
        assert.deepEqual(ROUTE_POLICY[meaning], ROUTE_POLICY.card_declined, code);
        assert.equal(FIELD_TELLING.has(meaning), false, code);
      }
    });
  });
}
