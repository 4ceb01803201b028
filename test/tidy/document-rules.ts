import { posix } from 'node:path';
import { matches, roomOf, ROOMS, type Finding, type House, type Rule } from './house.ts';

function markdown(house: House): [path: string, text: string][] {
  return [...house.files].filter(([path]) => path.endsWith('.md'));
}

/** The same number of lines, with the fenced blocks empty. */
function prose(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}

const TABLE_ROW = /^\| *`src\/([a-z/-]+)` *\|[^|\n]+\|([^|\n]+)\|$/gm;
const ARCHITECTURE = 'ARCHITECTURE.md';

/** The rows of the architecture's table: folder to what it may import. */
function printedRooms(text: string): Map<string, string[] | 'all'> {
  const rooms = new Map<string, string[] | 'all'>();
  for (const [, room = '', cell = ''] of text.matchAll(TABLE_ROW)) {
    const named = cell
      .replaceAll(/\([^)]*\)/g, '')
      .split(',')
      .map((name) => name.replaceAll('`', '').trim());
    if (named.includes('all')) rooms.set(room, 'all');
    else rooms.set(room, named[0] === 'nothing' ? [] : named);
  }
  return rooms;
}

const table: Rule = {
  name: 'the table of ARCHITECTURE.md is the table that is enforced, and names every folder',
  find(house) {
    const printed = printedRooms(house.files.get(ARCHITECTURE) ?? '');
    const onDisk = new Set(house.src.map((source) => roomOf(source.path) ?? ''));
    const say = (text: string): Finding => ({ path: ARCHITECTURE, line: 0, text });
    const text = (imports: readonly string[] | 'all' | undefined): string => {
      if (imports === undefined) return 'no row';
      return imports === 'all' ? 'all' : [...imports].sort().join(', ') || 'nothing';
    };
    const rooms = new Set([...printed.keys(), ...Object.keys(ROOMS), ...onDisk]);
    return [...rooms].flatMap((room) => {
      const [said, held] = [text(printed.get(room)), text(ROOMS[room]?.imports)];
      if (said !== held) return [say(`src/${room}: the table says ${said}, the test ${held}`)];
      return onDisk.has(room) ? [] : [say(`src/${room} is in the table and not in src/`)];
    });
  },
};

const headings: Rule = {
  name: 'a document has one title, on its first line',
  find: (house) =>
    markdown(house).flatMap(([path, text]) => {
      const titles = [...prose(text).matchAll(/^# .+$/gm)];
      if (titles.length === 1 && titles[0]?.index === 0) return [];
      return [{ path, line: 0, text: `${titles.length} titles ("# …"): one, on the first line` }];
    }),
};

function slug(heading: string): string {
  const plain = heading.replaceAll(/[`*]/g, '').trim().toLowerCase();
  return plain.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

function anchors(text: string): Set<string> {
  return new Set([...prose(text).matchAll(/^#+ (.+)$/gm)].map((match) => slug(match[1] ?? '')));
}

const links: Rule = {
  name: 'every link of a document leads somewhere',
  find: (house) =>
    markdown(house).flatMap(([path, text]) =>
      [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match): Finding[] => {
        const [target = '', anchor] = (match[1] ?? '').split('#');
        if (/^[a-z]+:/.test(target)) return [];
        const line = text.slice(0, match.index).split('\n').length;
        const file = target === '' ? path : posix.join(posix.dirname(path), target);
        const folder = [...house.files.keys()].some((known) =>
          known.startsWith(`${file.replace(/\/$/, '')}/`),
        );
        if (!house.files.has(file) && !folder) {
          return [{ path, line, text: `${target} does not exist` }];
        }
        if (anchor === undefined || anchors(house.files.get(file) ?? '').has(anchor)) return [];
        return [{ path, line, text: `${file} has no heading #${anchor}` }];
      }),
    ),
};

const PLACE = /`((?:src|test|scripts|docs|genesys|examples)\/[\w./*-]+)`/g;

/** A path as a document writes it: `*` stands for one name, a folder ends in `/` or not. */
function exists(house: House, place: string): boolean {
  const pattern = place.replace(/\/$/, '').replaceAll(/[.]/g, '\\.').replaceAll('*', '[^/]+');
  const match = new RegExp(`^${pattern}(?:$|/)`);
  return [...house.files.keys()].some((path) => match.test(path));
}

const places: Rule = {
  name: 'every place in the repository that a document names exists',
  find: (house) =>
    markdown(house).flatMap(([path, text]) =>
      matches(path, text, PLACE, (match) => match[1] ?? '')
        .filter(({ text: place }) => !exists(house, place))
        .map(({ line, text: place }) => ({ path, line, text: `${place} does not exist` })),
    ),
};

const commands: Rule = {
  name: 'every npm command that a document names is in package.json',
  find(house) {
    const manifest = house.files.get('package.json') ?? '';
    return markdown(house).flatMap(([path, text]) =>
      matches(path, text, /\bnpm (?:run ([\w:-]+)|(test|start)\b)/g, (m) => m[1] ?? m[2] ?? '')
        .filter(({ text: script }) => !manifest.includes(`"${script}": "`))
        .map(({ line, text: script }) => ({
          path,
          line,
          text: `package.json has no script "${script}"`,
        })),
    );
  },
};

/** Written in pieces, so that this file does not hold what it looks for. */
const MACHINE = new RegExp(
  [
    '(?<![\\w.~-])/(?:home|Users|root|work|mnt)/\\w',
    '\\b[A-Z]:\\\\{1,2}Users',
    ['\\bregistry', '[\\w-]+', '(?:org|com|io)\\b'].join('\\.'),
    '\\b(?:localhost|127\\.0\\.0\\.1):4873\\b',
    '"resolved":[ ]?"',
  ].join('|'),
  'g',
);

const machines: Rule = {
  name: 'no file names a folder of a machine or the host of a registry',
  find: (house) =>
    [...house.files].flatMap(([path, text]) =>
      matches(
        path,
        text,
        MACHINE,
        ([found]) =>
          `"${found}" belongs to one machine: use a relative path, os.tmpdir() or a setting`,
      ),
    ),
};

export const DOCUMENT_RULES: readonly Rule[] = [table, headings, links, places, commands, machines];
