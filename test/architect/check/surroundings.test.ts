import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkTexts } from '../../../src/architect/check/check-flow.ts';
import { NOTHING_KNOWN } from '../../../src/architect/check/finding.ts';
import { problemLine } from '../../../src/architect/position.ts';
import { OWN_DATA_ACTIONS, readDataActions } from '../../../src/cli/check-files.ts';
import { flowOf } from './flow-of.ts';

const toSecure = (name: string): string =>
  flowOf({ actions: `- transferToFlowSecure: { name: On, targetFlow: { name: ${name} } }` });

const card = (end: string): string =>
  flowOf({ type: 'secureCall', actions: end, ends: false }).replace('name: Plumber', 'name: Card');

function findings(...texts: readonly string[]): readonly string[] {
  const checked = checkTexts(
    texts.map((text, index) => ({ text, file: `${index + 1}` })),
    NOTHING_KNOWN,
  );
  return checked.flatMap((one) => one.findings.map(problemLine));
}

test('a secure flow that another one transfers to has no agent to return to', () => {
  const back = card('- returnToAgent: { name: Back }');
  assert.deepEqual(findings(toSecure('Card'), back), [
    '2:11: return-to-agent: Plumber transfers callers to this flow, and there is no agent to return them to; end with a transfer or a disconnect.',
  ]);
  assert.deepEqual(findings(back), []);
  assert.deepEqual(findings(toSecure('Card'), card('- disconnect: { name: End }')), []);
});

test('a slip in the name of a flow is told, and a flow that is elsewhere is not', () => {
  const off = card('- disconnect: { name: End }');
  const [found = '', ...more] = findings(toSecure('Cart'), off);
  assert.match(found, /^1:11: flow-reference: .* did you mean Card\?$/);
  assert.deepEqual(more, []);
  assert.deepEqual(findings(toSecure('Survey'), off), []);
});

test('a secure transfer goes to a secure flow', () => {
  const [found = ''] = findings(toSecure('Other'), flowOf({}).replace('Plumber', 'Other'));
  assert.match(
    found,
    /^1:11: flow-reference: .* of type inboundCall; it needs one of type secureCall/,
  );
});

const FLOWS = new URL('../../../genesys/flows/', import.meta.url);

test('the flows that come with Tokenline are clean', { skip: !existsSync(FLOWS) }, () => {
  const names = readdirSync(FLOWS).filter((name) => name.endsWith('.yaml'));
  assert.ok(names.length >= 3, names.join());
  const checked = checkTexts(
    names.map((file) => ({ file, text: readFileSync(new URL(file, FLOWS), 'utf8') })),
    {
      dataActions: readDataActions(OWN_DATA_ACTIONS),
      wholeCategory: 'Tokenline',
      prompts: null,
    },
  );
  assert.deepEqual(
    checked.flatMap((one) => one.findings.map(problemLine)),
    [],
  );
});
