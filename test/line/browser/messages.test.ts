import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownEvent } from '../../../src/line/browser/messages.ts';

test('what an agent sees of the call is no business of the page', () => {
  const inputs = { plan: { type: 'string', value: 'monthly' } } as const;
  assert.equal(shownEvent({ kind: 'screen_pop_set', atMs: 0, script: 'Agent', inputs }), null);
});
