import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readFlowNames } from '../../src/genesys/flow-text.ts';

const FLOW = `inboundCall:
  name: One # a remark
  description: Says something.
  division: Home
  start:
    prompt: 'Prompt.tokenline_greeting'
    targetQueue: { lit: { name: Payment_Support_Group } }
`;

test('names are put where they stand, as the texts that they are, and nothing else moves', () => {
  const read = readFlowNames(FLOW);
  assert.deepEqual(read.uses, [
    { kind: 'user prompt', name: 'tokenline_greeting' },
    { kind: 'queue', name: 'Payment_Support_Group' },
  ]);
  for (const word of ['No', 'null', 'Zahlung: Hilfe', '"so"', 'Ends with a dot.', '7']) {
    const put = () => word;
    const names = { name: word, description: word, division: word, category: put, of: put };
    const text = read.rename(names);
    const { inboundCall: flow } = parse(text, { version: '1.1' }) as Record<
      string,
      typeof EXPECTED
    >;
    assert.deepEqual(flow, {
      name: word,
      description: word,
      division: word,
      start: { prompt: `Prompt.${word}`, targetQueue: { lit: { name: word } } },
    });
    assert.equal(text.split('\n').length, FLOW.split('\n').length);
    assert.ok(text.includes('# a remark'));
  }
});

const EXPECTED = {
  name: '',
  description: '',
  division: '',
  start: { prompt: '', targetQueue: { lit: { name: '' } } },
};
