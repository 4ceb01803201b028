import { architecture, file, system, TABLE, type Mistake } from './good-house.ts';

const lines = (count: number): string => 'f();\n'.repeat(count);

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

/** Mistakes in code and documents. */
export const PLANTED_TEXTS: readonly Mistake[] = [
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
  { rule: REVEAL, what: 'on the line', files: file('src/line/a.ts', 'f(secret.reveal());') },
  {
    rule: REVEAL,
    what: 'beside the one file of the line that may',
    files: file('src/line/data-action-body.ts', 'f(secret.reveal());'),
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
  {
    rule: 'tests and examples use published test cards and no others',
    what: 'a number that passes Luhn and is nobody’s test card',
    files: { 'test/a.test.ts': `f('${['4539', '1488', '0343', '6467'].join('')}');` },
  },
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
    rule: TABLE_RULE,
    what: 'the document lets a room in a room do more',
    files: { 'ARCHITECTURE.md': architecture({ ...TABLE, 'bridge/seat': 'all' }) },
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
  {
    rule: MACHINES,
    what: 'a lock file that names where packages came from',
    files: { 'package-lock.json': JSON.stringify({ resolved: 'x' }) },
  },
];
