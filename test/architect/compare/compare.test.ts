import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  compareFlows,
  type Comparison,
  type Difference,
} from '../../../src/architect/compare/compare.ts';
import {
  judgeSpellings,
  SPELLINGS,
  type Spelling,
} from '../../../src/architect/compare/spellings.ts';
import { parseFlowDocument, type TreeNode } from '../../../src/architect/document.ts';
import { asExported } from './exported.ts';

const FOLDER = new URL('../../../genesys/flows/', import.meta.url);
const FLOWS = readdirSync(FOLDER).map((name) => ({
  name,
  text: readFileSync(new URL(name, FOLDER), 'utf8'),
}));

function tree(text: string, file = 'flow.yaml'): TreeNode {
  const { root, problems } = parseFlowDocument(text, file, undefined);
  assert.ok(root !== null, JSON.stringify(problems));
  return root;
}

const flow = (name: string): string => {
  const found = FLOWS.find((one) => one.name === name);
  assert.ok(found);
  return found.text;
};

const CARD = flow('card-capture.yaml');

/** What is different when our flow comes back with something replaced. */
function changed(
  from: string,
  to: string,
  file = CARD,
): Comparison & { readonly first: Difference | undefined } {
  const exported = asExported(file);
  const text = exported.replace(from, to);
  assert.notEqual(text, exported, `${from} stands in the export`);
  const comparison = compareFlows(tree(file), tree(text));
  return { ...comparison, first: comparison.matters[0] };
}

for (const { name, text } of FLOWS) {
  test(`${name} as Genesys could give it back has no difference that matters`, () => {
    const { matters, genesysAdds, rewritten } = compareFlows(tree(text), tree(asExported(text)));
    assert.deepEqual(matters, []);
    assert.ok(rewritten.some(({ where }) => where.endsWith('refId')));
    assert.ok(genesysAdds.some(({ where }) => where === 'settingsUserInput'));
  });

  test(`${name} compared with itself has no difference at all`, () => {
    for (const list of Object.values(compareFlows(tree(text), tree(text)))) {
      assert.deepEqual(list, []);
    }
  });

  test(`${name} names at its head every spelling that is derived, and no other`, () => {
    const [head = ''] = text.split(/^\w/m);
    const sentences = /Schema-derived[^]*?(?:spelled|spelling)/.exec(head)?.[0] ?? '';
    const named = new Set([...sentences.matchAll(/`(\w+)`/g)].map(([, word]) => word));
    for (const { spelling, verdict } of judgeSpellings(tree(text), tree(text))) {
      const word = spelling === 'errorHandling.task' ? 'task' : spelling;
      assert.equal(named.has(word), verdict === 'confirmed', `${name}: ${spelling}`);
    }
    assert.ok(SPELLINGS.length >= named.size);
  });
}

describe('a difference is told with its place', () => {
  test('another sentence, in words from the outside in', () => {
    const { first, matters } = changed('Prompt.tokenline_ask_card_number', 'Prompt.other');
    assert.equal(matters.length, 1);
    assert.match(
      first?.where ?? '',
      /^task Card Number > .* \(collectInput\) > inputAudio\.prompt$/,
    );
    assert.equal(first?.ours, 'Prompt.tokenline_ask_card_number');
    assert.equal(first.theirs, 'Prompt.other');
  });

  test('a card number that is read back', () => {
    const { first } = changed('verificationType: none', 'verificationType: individualDigits');
    assert.match(first?.where ?? '', /verificationType$/);
  });

  test('an action that is gone, and one that somebody put in', () => {
    const lost = changed(
      'name: The Card Is Gone\n',
      'name: Another\n',
      CARD.replace('name: Card For A Token', 'name: The Card Is Gone'),
    );
    const kinds = lost.matters
      .map(({ what }) => what)
      .toSorted((one, other) => one.localeCompare(other));
    assert.ok(kinds.includes('missing') && kinds.includes('added'));
    assert.ok(
      lost.matters.some(({ where }) => where.endsWith('The Card Is Gone (callDataSecure)')),
    );
  });

  test('an action of another type under the same name', () => {
    const { first } = changed('- setLanguage:', '- setFlowLanguage:');
    assert.equal(first?.what, 'renamed');
    assert.deepEqual([first.ours, first.theirs], ['setLanguage', 'setFlowLanguage']);
  });

  test('actions in another order', () => {
    const ours = `inboundCall:
  tasks:
    - task:
        name: One
        actions:
          - playAudio: {name: First}
          - playAudio: {name: Second}
`;
    const theirs = ours.replace('First', 'x').replace('Second', 'First').replace('x', 'Second');
    const { matters } = compareFlows(tree(ours), tree(theirs));
    assert.deepEqual(
      matters.map(({ what, where, ours: mine, theirs: other }) => [what, where, mine, other]),
      [['moved', 'task One > actions', 'First, Second', 'Second, First']],
    );
  });

  test('a jump to another task, though every task has another number', () => {
    const { first } = changed('task[Our Fault_190]', 'task[Start_110]');
    assert.match(first?.where ?? '', /Ref$/);
  });

  test('a longer wait, in whatever unit', () => {
    const { first } = changed('ms: 32000', 'ms: 31000');
    assert.match(first?.where ?? '', /Card For A Token \(callDataSecure\) > timeout\.lit$/);
  });

  test('another condition', () => {
    const { first } = changed('Flow.Language=="es-us"', 'Flow.Language=="en-us"');
    assert.match(first?.where ?? '', /exp$/);
  });

  test('a variable that somebody added, and a setting that Genesys writes out', () => {
    const ours = 'secureCall:\n  variables:\n    - stringVariable: {name: Flow.A}\n';
    const theirs = `${ours}    - stringVariable: {name: Flow.B, initialValue: {lit: x}}
  settingsMenu: {repeatCount: {lit: 3}}
`;
    const { matters, genesysAdds } = compareFlows(tree(ours), tree(theirs));
    assert.deepEqual(
      matters.map(({ what, where }) => [what, where]),
      [['added', 'variable Flow.B']],
    );
    assert.deepEqual(
      genesysAdds.map(({ where }) => where),
      ['settingsMenu'],
    );
  });
});

describe('what an export says of spellings', () => {
  const judged = (text: string, spelling: Spelling, file = CARD) => {
    const found = judgeSpellings(tree(file), tree(text)).find((one) => one.spelling === spelling);
    assert.ok(found);
    return found;
  };
  const exported = asExported(CARD);

  test('what comes back as it was sent is confirmed', () => {
    for (const { spelling, verdict, says } of judgeSpellings(tree(CARD), tree(exported))) {
      const wanted = spelling === 'returnToAgent' ? 'unused' : 'confirmed';
      assert.equal(verdict, wanted, `${spelling}: ${says}`);
    }
    const { says, times } = judged(exported, 'isSecure');
    assert.deepEqual([says, times], ['Flow.CardNumber', 4]);
  });

  const CASES: readonly (readonly [Spelling, from: string | RegExp, to: string, says: RegExp])[] = [
    [
      'isSecure',
      /isSecure: true/g,
      'secure: true',
      /has no `isSecure: true`; it has `secure: true`/,
    ],
    ['isSecure', /isSecure: true/, 'isSecure: false', /nothing in its place/],
    ['callDataSecure', /- callDataSecure:/g, '- callSecureData:', /writes `callSecureData`/],
    [
      'callDataSecure',
      /inputs:$/gm,
      'inputValues:',
      /no `category\.Tokenline\.dataAction\.Tokenline Tokenise Card\.inputs`; it has `inputValues/,
    ],
    ['setLanguage', /- setLanguage:/g, '- setFlowLanguage:', /writes `setFlowLanguage`/],
    ['jumpToTask', /targetTaskRef:/g, 'taskRef:', /no `targetTaskRef`; it has `taskRef/],
    ['acdSkills', /acdSkills:/g, 'skills:', /no `acdSkills`; it has `skills/],
    ['acdSkills', /- acdSkill:/g, '- skill:', /no `acdSkills\.acdSkill`; it has `skill/],
    [
      'errorHandling.task',
      /errorHandling:\n +task:/,
      'errorHandling:\n      jumpToTask:',
      /it is `\{jumpToTask/,
    ],
  ];
  for (const [spelling, from, to, says] of CASES) {
    test(`${spelling} that is spelt differently is told how: ${to.trim()}`, () => {
      const text = exported.replace(from, to);
      assert.notEqual(text, exported);
      const found = judged(text, spelling);
      assert.equal(found.verdict, 'different', found.says);
      assert.match(found.says, says);
      assert.equal(typeof found.position?.line, 'number');
    });
  }

  test('what is not in the export is left open', () => {
    const { verdict, says } = judged('secureCall:\n  name: Empty\n', 'callDataSecure');
    assert.equal(verdict, 'absent');
    assert.match(says, /is not in this export/);
  });
});
