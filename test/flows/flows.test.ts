import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readFlow } from '../../src/architect/read.ts';
import { problemLine } from '../../src/architect/position.ts';
import { BUILT_IN_PROMPTS, flowPrompts, PROMPT_PREFIX } from '../../src/cli/prompts.ts';
import { dataActions, inputsOf, outputsOf } from '../../src/contract/data-action.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { LANGUAGES } from '../../src/payment/language.ts';

const FLOWS = fileURLToPath(new URL('../../genesys/flows', import.meta.url));
const files = readdirSync(FLOWS).toSorted();
const texts = new Map(files.map((file) => [file, readFileSync(join(FLOWS, file), 'utf8')]));
const allText = [...texts.values()].join('\n');

test('the three flows are read without a problem', () => {
  assert.deepEqual(files, [
    'card-capture-agent.yaml',
    'card-capture.yaml',
    'recurring-payments.yaml',
  ]);
  for (const [file, text] of texts) {
    const { flow, problems } = readFlow(text, `genesys/flows/${file}`);
    assert.deepEqual(problems.map(problemLine), []);
    assert.deepEqual(flow?.languages, [...LANGUAGES]);
  }
});

test('every prompt that a flow plays has words, and every prompt of the section is played', () => {
  const played = new Set([...allText.matchAll(/prompt: Prompt\.(\w+)/g)].map((match) => match[1]));
  for (const language of LANGUAGES) {
    const names = [...flowPrompts(BUILT_IN_PROMPTS, [language]).keys()].map((key) =>
      key.slice(language.length + 1),
    );
    assert.deepEqual(new Set(names), played);
    assert.ok(names.length > 20 && names.every((name) => name.startsWith(PROMPT_PREFIX)));
  }
});

/** The block of a YAML list item, by what its first lines hold. */
function tasksOf(text: string): Map<string, string> {
  const blocks = text
    .slice(text.indexOf('\n  tasks:\n'))
    .split(/^(?= {4}- task:$)/m)
    .slice(1);
  return new Map(
    blocks.map((block) => [
      /refId: (.*)/.exec(block)?.[1] ?? '',
      // A comment above the next task belongs to that one.
      block.replace(/(\n {4}#.*)+\n$/, '\n'),
    ]),
  );
}

test('the two secure flows treat a card alike, action by action', () => {
  const caller = tasksOf(texts.get('card-capture.yaml') ?? '');
  const agent = tasksOf(texts.get('card-capture-agent.yaml') ?? '');
  // Where they differ: how they begin and how they end.
  const own = ['Start_10', 'Done_60', 'Hand Off_96'];
  const shared = [...caller].filter(([refId]) => !own.includes(refId));
  assert.ok(shared.length > 15);
  for (const [refId, block] of shared) assert.equal(agent.get(refId), block, refId);
});

test('every data action is called with inputs and outputs that it has', () => {
  const actions = new Map(dataActions().map(([id, action]) => [action.name, ROUTES[id]]));
  let count = 0;
  for (const match of allText.matchAll(
    /dataAction:\n +(Tokenline [\w ]+):\n +inputs:\n([\s\S]*?)\n +successOutputs:\n([\s\S]*?)\n +outputs:/g,
  )) {
    const [, name = '', inputs = '', outputs = ''] = match;
    const route = actions.get(name);
    assert.ok(route, `${name} is no data action`);
    const keys = (block: string): string[] =>
      [...block.matchAll(/^ +(\w+):$/gm)].map((key) => key[1] ?? '');
    const known = inputsOf(route);
    const given = keys(inputs);
    for (const key of given)
      assert.ok(
        known.some((field) => field.name === key),
        `${name} ${key}`,
      );
    for (const field of known.filter(({ required }) => required)) {
      assert.ok(given.includes(field.name), `${name} is not given ${field.name}`);
    }
    const answers = outputsOf(route).map((field) => field.name);
    for (const key of keys(outputs)) assert.ok(answers.includes(key), `${name} has no ${key}`);
    count += 1;
  }
  assert.equal(count, [...allText.matchAll(/dataAction:/g)].length);
});
