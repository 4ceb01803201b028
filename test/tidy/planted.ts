import { ROOMS } from './house.ts';

/** One mistake in an otherwise good house: files that are added to it, or stand in place of its own. */
export interface Mistake {
  /** The rule that has to find it. */
  readonly rule: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
}

function architecture(rooms: Readonly<Record<string, string>>): string {
  const rows = Object.entries(rooms).map(([room, may]) => `| \`src/${room}\` | a room | ${may} |`);
  return ['# Architecture', '', ...rows, ''].join('\n');
}

function printed(imports: readonly string[] | 'all'): string {
  if (imports === 'all') return 'all';
  return imports.map((name) => `\`${name}\` (some)`).join(', ') || 'nothing';
}

const TABLE = Object.fromEntries(
  Object.entries(ROOMS).map(([room, { imports }]) => [room, printed(imports)]),
);

const PACKAGES = [...new Set(Object.values(ROOMS).flatMap((room) => room.packages))];

const MANIFEST = {
  bin: { tokenline: 'dist/cli/main.js' },
  scripts: { test: 'x', start: 'x' },
  dependencies: Object.fromEntries(PACKAGES.map((name) => [name, '1.2.3'])),
};

/** One file for each room, all of them led to by the entry, and every package used. */
const ROOM_FILES = Object.fromEntries(
  Object.entries(ROOMS)
    .filter(([room]) => room !== 'cli')
    .map(([room, { packages }]) => [
      `src/${room}/a.ts`,
      `${packages.map((name) => `import '${name}';`).join('\n')}\nexport const a = 1;\n`,
    ]),
);

const MAIN = [
  ...Object.keys(ROOM_FILES).map((path) => `import '${path.replace('src/', '../')}';`),
  "import '../system/clock.ts';",
  "import '../gateway/tokenize.ts';",
  "import 'commander';",
].join('\n');

/** A house without a mistake: what is allowed in its place stands in it. */
export const GOOD: Readonly<Record<string, string>> = {
  ...ROOM_FILES,
  'src/cli/main.ts': MAIN,
  'src/system/clock.ts': 'export const now = () => Date.now();\nsetTimeout(now, new Date(0));\n',
  'src/gateway/tokenize.ts': "import '../card/a.ts';\nexport const t = 1;\n",
  'package.json': JSON.stringify(MANIFEST, null, 2),
  'ARCHITECTURE.md': architecture(TABLE),
  'README.md': '# A\n\nSee [there](ARCHITECTURE.md#architecture), `src/card/a.ts`, `npm test`.\n',
};

const led = (path: string): string => `${MAIN}\nimport '${path.replace('src/', '../')}';\n`;

/** A file that is led to, so that only its content is wrong. */
function file(path: string, text: string): Record<string, string> {
  return { 'src/cli/main.ts': led(path), [path]: text };
}

const lines = (count: number): string => 'f();\n'.repeat(count);
const own = (text: string): Record<string, string> => ({ 'src/system/a.ts': `${text}\n` });
const systemUsers = `import 'typebox';\nimport 'yaml';\n`;
const system = (text: string): Record<string, string> => own(systemUsers + text);

const FOLDERS = 'a folder imports only what the table allows it';
const USES = 'a folder uses only the packages and the parts of Node that the table allows it';
const DIGITS =
  'inside the gateway only tokenize.ts knows cards, and only the card process knows it';
const MANIFEST_RULE =
  'package.json lists exactly the packages of the table, pinned, and each is used';
const ENVIRONMENT = 'only system/config.ts looks at the environment';
const CLOCK = 'only system/clock.ts tells the time and sets timers';
const RANDOM = 'only system/randomness.ts draws random numbers';
const REVEAL =
  'a secret is opened in card/, in gateway/*/tokenize.ts and in line/data-action.ts only';
const SIZES = 'a file and a function fit in the head';
const NAMES = 'files and folders are named after what they hold';
const WORDS = 'one thing has one word';
const RUNS = 'no text holds a run of digits that could be a card number';
const COMMENTS = 'a comment says why, in the present';
const TABLE_RULE =
  'the table of ARCHITECTURE.md is the table that is enforced, and names every folder';
const MACHINES = 'no file names a folder of a machine or the host of a registry';
const LINKS = 'every link of a document leads somewhere';

/** A digit run, in pieces because this repository holds none. */
const RUN = '4242'.repeat(4);

export const MISTAKES: readonly Mistake[] = [
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
    rule: 'the card process loads few packages',
    what: 'by way of another folder',
    files: file('src/tokenizer/b.ts', "import { a } from '../system/a.ts';"),
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
  { rule: MANIFEST_RULE, what: 'a package that nobody imports', files: own('export const a = 1;') },
  { rule: MANIFEST_RULE, what: 'no package at all', files: { 'package.json': '{}' } },
  { rule: ENVIRONMENT, what: 'process.env', files: system('f(process.env.HOME);') },
  { rule: ENVIRONMENT, what: 'by a key', files: system("f(process['env']);") },
  { rule: ENVIRONMENT, what: 'taken apart', files: system('const { env } = process;') },
  { rule: ENVIRONMENT, what: 'imported', files: system("import { env } from 'node:process';") },
  { rule: CLOCK, what: 'Date.now', files: system('f(Date.now());') },
  { rule: CLOCK, what: 'a new Date', files: system('f(new Date());') },
  { rule: CLOCK, what: 'a Date as text', files: system('f(Date());') },
  { rule: CLOCK, what: 'a timer', files: system('setTimeout(f, 1);') },
  { rule: CLOCK, what: 'a timer of a socket', files: system('socket.setTimeout(1);') },
  { rule: CLOCK, what: 'a timer passed on', files: system('f(setInterval);') },
  { rule: CLOCK, what: 'performance', files: system('f(performance.now());') },
  { rule: CLOCK, what: 'inside a template', files: system('f(`at ${`${Date.now()}`}`);') },
  { rule: CLOCK, what: 'a signal with a timer', files: system('f(AbortSignal.timeout(1));') },
  { rule: CLOCK, what: 'imported', files: system("import * as t from 'node:timers/promises';") },
  { rule: RANDOM, what: 'Math.random', files: system('f(Math.random());') },
  { rule: RANDOM, what: 'a UUID', files: system("import { randomUUID } from 'node:crypto';") },
  {
    rule: REVEAL,
    what: 'in an adapter',
    files: file('src/gateway/one/adapter.ts', 'f(secret.reveal());'),
  },
  { rule: REVEAL, what: 'passed on', files: file('src/tokenizer/b.ts', 'f(secret?.reveal);') },
  { rule: REVEAL, what: 'by a key', files: file('src/tokenizer/b.ts', "f(secret['reveal']());") },
  { rule: SIZES, what: 'a long file', files: file('src/card/b.ts', lines(401)) },
  {
    rule: SIZES,
    what: 'a long function',
    files: file('src/card/b.ts', `export function g(): { a: number } {\n${lines(69)}}\n`),
  },
  {
    rule: SIZES,
    what: 'a long arrow function',
    files: file('src/card/b.ts', `export const g = (a: string): void => {\n${lines(69)}};\n`),
  },
  {
    rule: SIZES,
    what: 'a long method behind strings, expressions and templates that hold braces',
    files: file(
      'src/card/b.ts',
      'class A {\n  // it\'s } a brace\n  x = /[/}]}\\//.test("}");\n  y = `}${"}"}`;\n' +
        `  async #g<T extends { a: 1 }>(a: T): Promise<Map<string, { b: T }>> {\n${lines(69)}  }\n}\n`,
    ),
  },
  { rule: NAMES, what: 'utils', files: file('src/card/utils.ts', '') },
  { rule: NAMES, what: 'a manager', files: file('src/card/key-manager.ts', '') },
  { rule: NAMES, what: 'camel case', files: file('src/card/cardFace.ts', '') },
  { rule: WORDS, what: 'cardNumber', files: file('src/card/b.ts', 'const cardNumber = 1;') },
  { rule: WORDS, what: 'cvc', files: file('src/card/b.ts', 'const cvc = 1;') },
  {
    rule: WORDS,
    what: 'idempotent key, in a comment',
    files: file('src/card/b.ts', '// The idempotent key.\n'),
  },
  {
    rule: 'what is exported has a name',
    what: 'a default export',
    files: file('src/card/b.ts', 'export default 1;'),
  },
  {
    rule: 'what is exported has a name',
    what: 'a default export by another name',
    files: file('src/card/b.ts', 'const a = 1;\nexport { a as default };'),
  },
  {
    rule: 'every file of src is used by something that runs',
    what: 'two files that only know each other',
    files: { 'src/card/b.ts': "import './c.ts';", 'src/card/c.ts': "import './b.ts';" },
  },
  { rule: RUNS, what: 'in code', files: system(`f('${RUN}');`) },
  { rule: RUNS, what: 'as a number', files: system('f(4_242_424_242_424_242);') },
  { rule: RUNS, what: 'in a document', files: { 'docs/a.md': `# A\n\n${RUN}\n` } },
  { rule: COMMENTS, what: 'a thing to do', files: system('// TODO: this.') },
  { rule: COMMENTS, what: 'history', files: system('/** Previously a string. */') },
  {
    rule: COMMENTS,
    what: 'no comment at all',
    files: file('src/card/b.ts', 'const f = () => {};\n'.repeat(3)),
  },
  { rule: TABLE_RULE, what: 'no table', files: { 'ARCHITECTURE.md': '# Architecture\n' } },
  {
    rule: TABLE_RULE,
    what: 'the document allows more',
    files: { 'ARCHITECTURE.md': architecture({ ...TABLE, card: '`system`' }) },
  },
  {
    rule: TABLE_RULE,
    what: 'the document allows less',
    files: { 'ARCHITECTURE.md': architecture({ ...TABLE, contract: 'nothing' }) },
  },
  {
    rule: TABLE_RULE,
    what: 'the document has a folder that is not there',
    files: { 'ARCHITECTURE.md': architecture({ ...TABLE, attic: 'nothing' }) },
  },
  {
    rule: 'a document has one title, on its first line',
    what: 'two titles',
    files: { 'docs/a.md': '# One\n\n# Two\n' },
  },
  {
    rule: 'a document has one title, on its first line',
    what: 'a title that is a remark in a script',
    files: { 'docs/a.md': 'Text\n\n```\n# remark\n```\n' },
  },
  { rule: LINKS, what: 'a dead link', files: { 'docs/a.md': '# A\n\n[b](b.md)\n' } },
  { rule: LINKS, what: 'a dead anchor', files: { 'docs/a.md': '# A\n\n[b](#b)\n' } },
  {
    rule: 'every place in the repository that a document names exists',
    what: 'a file that is not there',
    files: { 'docs/a.md': '# A\n\n`src/card/gone.ts`\n' },
  },
  {
    rule: 'every npm command that a document names is in package.json',
    what: 'a script that is not there',
    files: { 'docs/a.md': '# A\n\n`npm run gone`\n' },
  },
  {
    rule: MACHINES,
    what: 'a home',
    files: { 'docs/a.md': `# A\n\n${['', 'home', 'me', 'x'].join('/')}\n` },
  },
  {
    rule: MACHINES,
    what: 'a registry',
    files: {
      'package-lock.json': `{ "x": "https://${['registry', 'example', 'org'].join('.')}/" }`,
    },
  },
];
