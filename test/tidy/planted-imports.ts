import { file, MANIFEST, system, type Mistake } from './good-house.ts';

const FOLDERS = 'a folder imports only what the table allows it';
const USES = 'a folder uses only the packages and the parts of Node that the table allows it';
const DIGITS =
  'inside the gateway only tokenize.ts knows cards, and only the card process knows it';
const MANIFEST_RULE =
  'package.json lists exactly the packages of the table, pinned, and each is used';

/** Mistakes about who imports what. */
export const PLANTED_IMPORTS: readonly Mistake[] = [
  {
    rule: FOLDERS,
    what: 'the store imports a card',
    files: file('src/store/b.ts', "import { a } from '../card/a.ts';"),
  },
  {
    rule: FOLDERS,
    what: 'a type counts, too',
    files: file('src/payment/b.ts', "import type { A } from '../system/a.ts';"),
  },
  {
    rule: FOLDERS,
    what: 'a re-export counts, too',
    files: file('src/payment/b.ts', "export { a } from '../system/a.ts';"),
  },
  {
    rule: FOLDERS,
    what: 'an import inside a function counts, too',
    files: file('src/card/b.ts', "export const f = async () => import('../system/a.ts');"),
  },
  {
    rule: FOLDERS,
    what: 'a type taken by import() counts, too',
    files: file('src/card/b.ts', "export type A = import('../system/a.ts').A;"),
  },
  {
    rule: FOLDERS,
    what: 'the bridge knows what the console asks of it',
    files: file('src/bridge/b.ts', "import type { A } from './desk/a.ts';"),
  },
  {
    rule: FOLDERS,
    what: 'the seat takes from the desk beside it',
    files: file('src/bridge/seat/b.ts', "import '../desk/a.ts';"),
  },
  {
    rule: FOLDERS,
    what: 'a room in a room may less than the one around it',
    files: file('src/bridge/seat/b.ts', "import '../../gateway/a.ts';"),
  },
  {
    rule: FOLDERS,
    what: 'a folder that is in no table',
    files: file('src/attic/a.ts', "import '../card/a.ts';"),
  },
  {
    rule: FOLDERS,
    what: 'src leans on the tests',
    files: system("import '../../test/clock.ts';"),
  },
  { rule: USES, what: 'a package beside the card', files: file('src/card/b.ts', "import 'jose';") },
  {
    rule: USES,
    what: 'a package by a path inside it',
    files: file('src/store/b.ts', "import 'yaml/sub';"),
  },
  {
    rule: USES,
    what: 'the domain opens a file',
    files: file('src/payment/b.ts', "import { open } from 'node:fs';"),
  },
  { rule: USES, what: 'a part of Node without node:', files: system("import 'fs';") },
  {
    rule: 'no two folders import each other, not even in a ring',
    what: 'a ring of two',
    files: {
      ...file('src/payment/b.ts', "import '../contract/b.ts';"),
      'src/contract/b.ts': "import '../payment/b.ts';",
    },
  },
  {
    rule: 'no two folders import each other, not even in a ring',
    what: 'a ring of a room and the one inside it',
    files: {
      ...file('src/bridge/desk/b.ts', "import '../b.ts';"),
      'src/bridge/b.ts': "import './desk/a.ts';",
    },
  },
  {
    rule: 'adapters never import each other, and the contract imports no adapter',
    what: 'one adapter takes from another',
    files: {
      ...file('src/gateway/one/wire.ts', "import '../two/wire.ts';"),
      'src/gateway/two/wire.ts': '',
    },
  },
  {
    rule: 'adapters never import each other, and the contract imports no adapter',
    what: 'the contract knows an adapter',
    files: {
      ...file('src/gateway/reading.ts', "import './two/wire.ts';"),
      'src/gateway/two/wire.ts': '',
    },
  },
  {
    rule: DIGITS,
    what: 'an adapter names a card',
    files: file('src/gateway/one/adapter.ts', "import type { A } from '../../card/a.ts';"),
  },
  {
    rule: DIGITS,
    what: 'the bridge reaches for tokenize.ts',
    files: file('src/bridge/b.ts', "import type { T } from '../gateway/tokenize.ts';"),
  },
  {
    rule: DIGITS,
    what: 'an adapter reaches for tokenize.ts beside it',
    files: {
      ...file('src/gateway/one/adapter.ts', "import './tokenize.ts';"),
      'src/gateway/one/tokenize.ts': '',
    },
  },
  {
    rule: DIGITS,
    what: 'the card process takes an adapter',
    files: {
      ...file('src/tokenizer/b.ts', "import '../gateway/one/adapter.ts';"),
      'src/gateway/one/adapter.ts': '',
    },
  },
  {
    rule: 'no chain of imports leads from the bridge, its API, the store or the sandbox to a card',
    what: 'by way of a third file',
    files: {
      ...file('src/api/b.ts', "import '../bridge/b.ts';"),
      'src/bridge/b.ts': "import '../gateway/b.ts';",
      'src/gateway/b.ts': "export * from './tokenize.ts';",
    },
  },
  {
    rule: 'no chain of imports leads from the bridge, its API, the store or the sandbox to a card',
    what: 'in the entry of a process',
    files: file('src/cli/bridge-process.ts', "import '../tokenizer/b.ts';\nimport '../card/a.ts';"),
  },
  {
    rule: 'the card process loads few packages',
    what: 'by way of another folder',
    files: {
      'src/tokenizer/a.ts': "import 'jose';\nimport './b.ts';\n",
      'src/tokenizer/b.ts': "import { a } from '../system/a.ts';",
    },
  },
  {
    rule: 'the card process loads few packages',
    what: 'in its own entry',
    files: { 'src/cli/tokenizer-process.ts': "import 'commander';\n" },
  },
  {
    rule: 'every import can be read off',
    what: 'a computed import',
    files: system('export const f = (x: string) => import(x);'),
  },
  {
    rule: 'every import can be read off',
    what: 'an import from a template',
    files: system('export const f = (x: string) => import(`./${x}.ts`);'),
  },
  {
    rule: MANIFEST_RULE,
    what: 'a package that no folder may use',
    files: {
      'package.json': JSON.stringify({
        ...MANIFEST,
        dependencies: { ...MANIFEST.dependencies, lodash: '1.0.0' },
      }),
    },
  },
  {
    rule: MANIFEST_RULE,
    what: 'a version that may move',
    files: {
      'package.json': JSON.stringify({
        ...MANIFEST,
        dependencies: { ...MANIFEST.dependencies, yaml: '^1.0.0' },
      }),
    },
  },
  {
    rule: MANIFEST_RULE,
    what: 'a package that nobody imports',
    files: { 'src/store/a.ts': 'export const a = 1;' },
  },
  { rule: MANIFEST_RULE, what: 'no package at all', files: { 'package.json': '{}' } },
];
