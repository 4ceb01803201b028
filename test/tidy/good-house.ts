import { ROOMS, PROCESS_PACKAGES } from './house.ts';

/** One mistake in an otherwise good house: files that are added to it, or stand in place of its own. */
export interface Mistake {
  /** The rule that has to find it. */
  readonly rule: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
}

export function architecture(rooms: Readonly<Record<string, string>>): string {
  const rows = Object.entries(rooms).map(([room, may]) => `| \`src/${room}\` | a room | ${may} |`);
  return ['# Architecture', '', ...rows, ''].join('\n');
}

function printed(imports: readonly string[] | 'all'): string {
  if (imports === 'all') return 'all';
  return imports.map((name) => `\`${name}\` (some)`).join(', ') || 'nothing';
}

export const TABLE = Object.fromEntries(
  Object.entries(ROOMS).map(([room, { imports }]) => [room, printed(imports)]),
);

const PACKAGES = PROCESS_PACKAGES;

export const MANIFEST = {
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
  "import './tokenizer-process.ts';",
  "import 'commander';",
].join('\n');

/** A house without a mistake: what is allowed in its place stands in it. */
export const GOOD: Readonly<Record<string, string>> = {
  ...ROOM_FILES,
  'src/cli/main.ts': MAIN,
  'src/cli/tokenizer-process.ts': "import '../tokenizer/a.ts';\n",
  'src/system/clock.ts': 'export const now = () => Date.now();\nsetTimeout(now, new Date(0));\n',
  'src/gateway/tokenize.ts': "import '../card/a.ts';\nexport const t = 1;\n",
  'package.json': JSON.stringify(MANIFEST, null, 2),
  'ARCHITECTURE.md': architecture(TABLE),
  'README.md': '# A\n\nSee [there](ARCHITECTURE.md#architecture), `src/card/a.ts`, `npm test`.\n',
};

const led = (path: string): string => `${MAIN}\nimport '${path.replace('src/', '../')}';\n`;

/** A file that is led to, so that only its content is wrong. */
export function file(path: string, text: string): Record<string, string> {
  return { 'src/cli/main.ts': led(path), [path]: text };
}

/** A file of a room that may do much. */
export const own = (text: string): Record<string, string> => ({ 'src/system/a.ts': `${text}\n` });
const systemUsers = `import 'typebox';\nimport 'yaml';\n`;
export const system = (text: string): Record<string, string> => own(systemUsers + text);
