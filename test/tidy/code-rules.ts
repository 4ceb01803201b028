import { posix } from 'node:path';
import {
  DIGIT_RUN_MIN,
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  matches,
  TEST_NUMBERS_FILE,
  type Finding,
  type House,
  type Rule,
} from './house.ts';
import type { Token } from './lexer.ts';
import type { Source } from './source.ts';

/** Something that may stand in a few files only. */
interface Reserved {
  /** Words and marks, one after the other: `['.', 'reveal']`. `*` is any word. */
  readonly tokens: readonly string[];
  /** Not when the token before is one of these. */
  readonly notAfter?: readonly string[];
}

/** True when the tokens from `index` on are the reserved ones. */
function startsAt(tokens: readonly Token[], index: number, reserved: Reserved): boolean {
  const before = tokens[index - 1];
  if (before !== undefined && reserved.notAfter?.includes(before.text)) return false;
  return reserved.tokens.every((wanted, i) => {
    const token = tokens[index + i];
    if (token === undefined || token.kind === 'template' || token.kind === 'regex') return false;
    // A string may name a module or a key: process['env'], 'node:timers'.
    return token.text === wanted || (wanted === '.' && token.text === '?.');
  });
}

/** A rule that keeps something in the files that `allowed` names. */
function keep(
  name: string,
  allowed: RegExp,
  reserved: readonly Reserved[],
  instead: (what: string) => string,
): Rule {
  return {
    name,
    find: (house) =>
      house.src
        .filter((source) => !allowed.test(source.path))
        .flatMap((source) =>
          source.tokens.flatMap((token, index) => {
            const hit = reserved.find((entry) => startsAt(source.tokens, index, entry));
            if (!hit) return [];
            return [{ path: source.path, line: token.line, text: instead(hit.tokens.join('')) }];
          }),
        ),
  };
}

const MEMBER = ['.', '?.'];

const ENVIRONMENT_FILE = /^src\/system\/config\.ts$/;
const TAKEN_APART = /\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/g;

function noEnvironment(what: string): string {
  return `${what} is banned here: take the value from the configuration (src/system/config.ts), which checks and names it`;
}

const environmentMembers = keep(
  'only system/config.ts looks at the environment',
  ENVIRONMENT_FILE,
  [
    { tokens: ['process', '.', 'env'] },
    { tokens: ['process', '[', 'env'] },
    { tokens: ['node:process'] },
  ],
  noEnvironment,
);

const environment: Rule = {
  name: environmentMembers.name,
  find: (house) => [
    ...environmentMembers.find(house),
    ...house.src
      .filter((source) => !ENVIRONMENT_FILE.test(source.path))
      .flatMap(({ path, text }) =>
        matches(path, text, TAKEN_APART, () => noEnvironment('{ env } = process')),
      ),
  ],
};

const clock = keep(
  'only system/clock.ts tells the time and sets timers',
  /^src\/system\/clock\.ts$/,
  [
    { tokens: ['Date', '.', 'now'] },
    { tokens: ['new', 'Date', '(', ')'] },
    { tokens: ['Date', '('], notAfter: ['new', ...MEMBER] },
    { tokens: ['performance', '.', 'now'] },
    { tokens: ['AbortSignal', '.', 'timeout'] },
    { tokens: ['process', '.', 'hrtime'] },
    { tokens: ['process', '.', 'uptime'] },
    ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ tokens: [name] })),
    ...['node:timers', 'node:timers/promises', 'node:perf_hooks'].map((name) => ({
      tokens: [name],
    })),
  ],
  (what) =>
    `${what} is banned here: take a Clock (src/system/clock.ts), because tests move the time themselves`,
);

const randomness = keep(
  'only system/randomness.ts draws random numbers',
  /^src\/system\/randomness\.ts$/,
  [
    { tokens: ['Math', '.', 'random'] },
    ...['randomBytes', 'randomInt', 'randomUUID', 'randomFill', 'getRandomValues'].map((name) => ({
      tokens: [name],
    })),
  ],
  (what) =>
    `${what} is banned here: take a Randomness (src/system/randomness.ts) or newId, because a simulated run must be repeatable and an id must not look like a card number`,
);

const reveal = keep(
  'a secret is opened in card/, in gateway/*/tokenize.ts and in line/data-action.ts only',
  /^src\/(?:card\/[^/]+|gateway\/[^/]+\/tokenize|line\/data-action)\.ts$/,
  [{ tokens: ['.', 'reveal'] }, { tokens: ['[', 'reveal'] }],
  (what) =>
    `${what} is banned here: ask card/ for what you need (checkCard, the face), because every place that sees digits has to be audited`,
);

const sizes: Rule = {
  name: 'a file and a function fit in the head',
  find: (house) => [
    ...house.sources
      .filter((source) => source.lineCount > FILE_LINES_MAX)
      .map(({ path, lineCount }) => ({
        path,
        line: 0,
        text: `${lineCount} lines are more than ${FILE_LINES_MAX}: split it where it has two subjects`,
      })),
    ...house.sources
      .filter((source) => !source.path.startsWith('test/'))
      .flatMap(({ path, functions }) =>
        functions
          .filter((func) => func.lineCount > FUNCTION_LINES_MAX)
          .map(({ name, line, lineCount }) => ({
            path,
            line,
            text: `${name} has ${lineCount} lines, more than ${FUNCTION_LINES_MAX}: give a part of it a name`,
          })),
      ),
  ],
};

const BANNED_NAME = /^(?:utils?|helpers?|common|managers?|services?|misc|shared|stuff)$/;

const names: Rule = {
  name: 'files and folders are named after what they hold',
  find: (house) =>
    [...house.files.keys()]
      .filter((path) => /^(?:src|test|scripts|docs)\//.test(path))
      .flatMap((path) => {
        const parts = path.split('/').map((part) => part.replace(/\..*$/, ''));
        const banned = parts.flatMap((part) => part.split('-')).find((w) => BANNED_NAME.test(w));
        if (banned !== undefined) {
          return [{ path, line: 0, text: `"${banned}" says nothing: name what is in it` }];
        }
        const last = parts.at(-1) ?? '';
        const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(last) || last === 'README';
        return kebab ? [] : [{ path, line: 0, text: 'write the name in kebab-case' }];
      }),
};

interface Word {
  readonly pattern: RegExp;
  readonly use: string;
  readonly except?: RegExp;
}

/** Where the words of the outside world may be used as they are. */
const WIRE = /^src\/(?:gateway\/[^/]+\/|sandbox\/|tokenizer\/pay-connector\.ts$)/;

/** Words of `src/` and what to write instead: one word for one thing (GLOSSARY.md). */
const WORDS: readonly Word[] = [
  { pattern: /\bcardNumber|\b(?:cc|card)Num\b|\bcreditCard/i, use: 'pan', except: WIRE },
  { pattern: /\bcvc|[a-z]Cvc|\bsecurityCode|\bcid\b/, use: 'cvv', except: WIRE },
  { pattern: /\bidempoten(?:t|cy)[ _-]?id|\bidempotent[ _-]?key/i, use: 'idempotency key' },
  { pattern: /\bphoneOrder|\btelephoneOrder/i, use: 'moto' },
  { pattern: /\bcaller[ _-]?id\b/i, use: 'ani' },
  { pattern: /\bkey[ _-]?press(?:es)?\b/i, use: 'dtmf' },
  { pattern: /\bsensitive ?data\b/i, use: 'SAD or CHD, whichever it is' },
  { pattern: /\bcall[ _-]?variables?\b/i, use: 'participant attribute' },
  { pattern: /\b(?:utils|helpers?)\b/i, use: 'the name of what it does' },
];

const words: Rule = {
  name: 'one thing has one word',
  find: (house) =>
    house.src.flatMap((source) =>
      WORDS.filter(({ except }) => !except?.test(source.path)).flatMap(({ pattern, use }) =>
        matches(
          source.path,
          source.text,
          new RegExp(pattern.source, `${pattern.flags}g`),
          ([found]) => `"${found}" is banned here: write "${use}" (GLOSSARY.md)`,
        ),
      ),
    ),
};

const defaults: Rule = {
  name: 'what is exported has a name',
  find: (house) =>
    house.sources.flatMap(({ path, defaultExports }) =>
      defaultExports.map((line) => ({
        path,
        line,
        text: 'a default export is banned: every importer would name it differently',
      })),
    ),
};

/** Programs that `serve` starts by the name of their process. */
const PROGRAM = /^src\/cli\/[a-z]+-process\.ts$/;

/** Files that run by themselves: published by package.json, programs, and what scripts import. */
function entries(house: House): Set<string> {
  const manifest = house.files.get('package.json') ?? '';
  const published = [...manifest.matchAll(/"(?:\.\/)?dist\/([^"]+)\.js"/g)];
  const scripts = house.sources.filter((source) =>
    /^(?:scripts|bench|scoreboard)\//.test(source.path),
  );
  return new Set([
    ...house.src.map((source) => source.path).filter((path) => PROGRAM.test(path)),
    ...published.map((match) => `src/${match[1] ?? ''}.ts`),
    ...scripts.flatMap((source) => source.imports.map((wanted) => wanted.path ?? '')),
    ...pageScripts(house),
  ]);
}

/** Programs of pages: `<script src="/phone/phone.js">` beside the page. */
function pageScripts(house: House): string[] {
  return [...house.files]
    .filter(([path]) => /^src\/console\/.*\.html$/.test(path))
    .flatMap(([path, text]) =>
      [...text.matchAll(/<script[^>]* src="[^"]*?([a-z-]+)\.js"/g)].map((match) =>
        posix.join(posix.dirname(path), `${match[1] ?? ''}.ts`),
      ),
    );
}

/** Files that a file leads to: by import, or by naming them for a child process. */
function leadsTo(source: Source, paths: ReadonlySet<string>): string[] {
  const folder = posix.dirname(source.path);
  const named = source.tokens
    .filter((token) => token.kind === 'string' && /^\.{0,2}\/?[\w/-]+\.[jt]s$/.test(token.text))
    .map((token) => posix.join(folder, token.text.replace(/\.js$/, '.ts')));
  return [...source.imports.map((wanted) => wanted.path ?? ''), ...named].filter((path) =>
    paths.has(path),
  );
}

const dead: Rule = {
  name: 'every file of src is used by something that runs',
  find(house) {
    const byPath = new Map(house.src.map((source) => [source.path, source]));
    const paths = new Set(byPath.keys());
    const alive = new Set<string>();
    const waiting = [...entries(house)];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const source = byPath.get(path);
      if (!source || alive.has(path)) continue;
      alive.add(path);
      waiting.push(...leadsTo(source, paths));
    }
    return [...paths]
      .filter((path) => !alive.has(path))
      .map((path) => ({
        path,
        line: 0,
        text: 'nothing that runs leads here: delete it, or import it where it belongs',
      }));
  },
};

const LONG_DIGITS = new RegExp(`(?:\\d_?){${DIGIT_RUN_MIN},}`, 'g');

const digitRuns: Rule = {
  name: 'no text holds a run of digits that could be a card number',
  find: (house) =>
    [...house.files]
      .filter(([path]) => /^(?:src|docs|genesys)\/|^[^/]+\.md$/.test(path))
      .filter(([path]) => path !== TEST_NUMBERS_FILE)
      .flatMap(([path, text]) =>
        matches(
          path,
          text,
          LONG_DIGITS,
          ([run]) =>
            `a run of ${run.length} digits: published test numbers stand in ${TEST_NUMBERS_FILE}, ids are letters, and a document writes them in groups`,
        ),
      ),
};

/** ISO/IEC 7812-1 annex B. */
function passesLuhn(digits: string): boolean {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

const testCards: Rule = {
  name: 'tests and examples use published test cards and no others',
  find(house) {
    const published = house.files.get(TEST_NUMBERS_FILE) ?? '';
    // A gateway publishes a range with its numbers: six digits name it, as in card/test-cards.ts.
    const ranges = new Set([...published.matchAll(/'(\d{6})\d+'/g)].map((match) => match[1]));
    return [...house.files]
      .filter(([path]) => /^(?:test|scripts|examples)\//.test(path))
      .flatMap(([path, text]) =>
        matches(path, text, /(?<![\w.])\d{13,19}(?!\w)/g, ([digits]) => digits)
          .filter(({ text: digits }) => passesLuhn(digits) && !ranges.has(digits.slice(0, 6)))
          .map(({ line }) => ({
            path,
            line,
            text: `a number that could be somebody's card: take one of ${TEST_NUMBERS_FILE}`,
          })),
      );
  },
};

const MARKERS = /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|nocheck|expect-error)|eslint-disable/g;
const HISTORY = /\b(?:used to be|previously|formerly|was renamed)\b/gi;

const comments: Rule = {
  name: 'a comment says why, in the present',
  find: (house) =>
    house.src.flatMap((source): Finding[] => [
      ...source.comments.flatMap((comment) =>
        [...matches('', comment.text, MARKERS, ([m]) => `"${m}" is banned: do it, or leave it`)]
          .concat(
            matches('', comment.text, HISTORY, ([m]) => `"${m}" tells history, which git keeps`),
          )
          .map(({ line, text }) => ({ path: source.path, line: comment.line + line - 1, text })),
      ),
      ...(source.functions.length >= 3 && source.comments.length === 0
        ? [{ path: source.path, line: 0, text: 'not one comment: say what it is, and why' }]
        : []),
    ]),
};

export const CODE_RULES: readonly Rule[] = [
  environment,
  clock,
  randomness,
  reveal,
  sizes,
  names,
  words,
  defaults,
  dead,
  digitRuns,
  testCards,
  comments,
];
