import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CODE_RULES } from './tidy/code-rules.ts';
import { DOCUMENT_RULES } from './tidy/document-rules.ts';
import { GOOD } from './tidy/good-house.ts';
import { houseOf, loadHouse, type Finding } from './tidy/house.ts';
import { IMPORT_RULES } from './tidy/import-rules.ts';
import { PLANTED_IMPORTS } from './tidy/planted-imports.ts';
import { PLANTED_TEXTS } from './tidy/planted-texts.ts';
import { readSource } from './tidy/source.ts';

const MISTAKES = [...PLANTED_IMPORTS, ...PLANTED_TEXTS];
const RULES = [...IMPORT_RULES, ...CODE_RULES, ...DOCUMENT_RULES];

function told(findings: readonly Finding[]): string {
  return findings
    .map(({ path, line, text }) => `  ${path}${line > 0 ? `:${line}` : ''}: ${text}`)
    .join('\n');
}

function planted(files: Readonly<Record<string, string>>): ReturnType<typeof houseOf> {
  return houseOf(new Map(Object.entries({ ...GOOD, ...files })));
}

const house = loadHouse(join(import.meta.dirname, '..'));

describe('the house rules', () => {
  for (const rule of RULES) {
    test(rule.name, () => {
      const findings = rule.find(house);
      assert.ok(findings.length === 0, `\n${told(findings)}`);
    });
  }
});

describe('the house rules watch something', () => {
  const count = (pick: (source: (typeof house.src)[number]) => number): number =>
    house.src.reduce((sum, source) => sum + pick(source), 0);

  test('they have seen the files, imports, functions and comments of src', () => {
    const seen = {
      files: house.src.length,
      imports: count((source) => source.imports.length),
      functions: count((source) => source.functions.length),
      comments: count((source) => source.comments.length),
      tokens: count((source) => source.tokens.length),
      documents: [...house.files.keys()].filter((path) => path.endsWith('.md')).length,
    };
    const least = {
      files: 150,
      imports: 700,
      functions: 800,
      comments: 900,
      tokens: 90_000,
      documents: 12,
    };
    for (const [name, floor] of Object.entries(least)) {
      const found = seen[name as keyof typeof seen];
      assert.ok(found >= floor, `${name}: saw ${found}, and there should be ${floor} at least`);
    }
  });

  test('they see every import that a plain search for lines sees', () => {
    for (const { path, text, imports } of house.src) {
      const plain = text.match(/^(?:import|export [*{])[^'"`;]*['"][^'"]+['"];$/gm);
      assert.ok(
        imports.length >= (plain?.length ?? 0),
        `${path}: ${imports.length} imports read, ${plain?.length ?? 0} lines that look like one`,
      );
    }
  });

  test('they see every function that a plain search for lines sees', () => {
    for (const { path, text, functions } of house.src) {
      const plain = text.match(/^(?:export )?(?:async )?function\*? /gm)?.length ?? 0;
      assert.ok(functions.length >= plain, `${path}: ${functions.length} functions of ${plain}`);
    }
  });

  test('a file that cannot be read as TypeScript is an error, not an empty file', () => {
    for (const text of ['f(', 'f({)}', '`${a`', '}']) {
      assert.throws(() => readSource('src/a.ts', text), /cannot be read/, text);
    }
  });
});

describe('the house rules catch planted mistakes', () => {
  test('a house without a mistake passes every rule', () => {
    const findings = RULES.flatMap((rule) => rule.find(planted({})));
    assert.equal(told(findings), '');
  });

  test('every rule has a planted mistake', () => {
    const names = new Set(MISTAKES.map((mistake) => mistake.rule));
    assert.deepEqual([...names].sort(), RULES.map((rule) => rule.name).sort());
  });

  for (const mistake of MISTAKES) {
    test(`${mistake.rule}: ${mistake.what}`, () => {
      const rule = RULES.find((candidate) => candidate.name === mistake.rule);
      assert.ok(rule, `there is no rule "${mistake.rule}"`);
      const findings = rule.find(planted(mistake.files));
      assert.ok(findings.length > 0, 'the mistake was not found');
    });
  }
});
