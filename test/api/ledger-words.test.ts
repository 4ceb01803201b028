import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inWords } from '../../src/contract/ledger-words.ts';
import { GATEWAY_KINDS, OPERATION_STATES } from '../../src/payment/operation.ts';

const BRIDGE = join(import.meta.dirname, '../../src/bridge');

/** Every action that the bridge's source names in full. */
function namedActions(): string[] {
  const files = readdirSync(BRIDGE, { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(BRIDGE, path), 'utf8'));
  const lines = texts.flatMap((text) => text.split('\n'));
  const named = lines
    .filter((line) => /\baction: /.test(line))
    .flatMap((line) => [...line.matchAll(/'([a-z_]+\.[a-z_]+)'/g)])
    .map(([, action = '']) => action);
  return [...new Set(named)];
}

test('every action that the bridge writes has a sentence', () => {
  const kinds = [...GATEWAY_KINDS, 'link'];
  const made = kinds.flatMap((kind) =>
    OPERATION_STATES.filter((state) => state !== 'started').map((state) => `${kind}.${state}`),
  );
  const actions = [
    ...namedActions(),
    ...made,
    ...kinds.map((kind) => `${kind}.intent`),
    'event.delivered',
    'event.dead',
    'switch.on',
    'switch.off',
  ];
  assert.ok(actions.length > 60, `only ${actions.length} were looked at`);
  for (const action of actions) {
    const words = inWords({ action, result: 'success' });
    assert.notEqual(words, action.replaceAll(/[._]/g, ' '), `${action} has no words`);
    assert.match(words, /^[A-Z][^.]+$/, action);
  }
});

test('what did not happen is not told as if it had', () => {
  const told = (action: string): string => inWords({ action, result: 'failure' });
  assert.match(told('console.sign_in'), /refused/);
  assert.match(told('audit.verify'), /does not add up/);
  assert.match(told('disclosure.rendered'), /no terms/);
});
