import { isBuiltin } from 'node:module';
import {
  CARD_PROCESS_PACKAGES,
  ROOMS,
  roomOf,
  type Finding,
  type House,
  type Rule,
  PROCESS_PACKAGES,
} from './house.ts';
import type { Import, Source } from './source.ts';

/** `src/gateway/tokenize.ts` and that of every adapter: the only files of the gateway that know cards. */
const TOKENIZE_FILE = /^src\/gateway\/(?:[^/]+\/)?tokenize\.ts$/;
const ADAPTER_FILE = /^src\/gateway\/([^/]+)\/[^/]+\.ts$/;
/** What the card process takes from the gateway besides: the contract and how answers are read. */
const TOKENIZER_TAKES = /^src\/gateway\/(?:(?:[^/]+\/)?tokenize|gateway|reading)\.ts$/;

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

/** Every import of `src` with the file that makes it. */
function eachImport(
  house: House,
  judge: (source: Source, wanted: Import) => string | null,
): Finding[] {
  return house.src.flatMap((source) =>
    source.imports.flatMap((wanted) => {
      const text = judge(source, wanted);
      return text === null ? [] : [{ path: source.path, line: wanted.line, text }];
    }),
  );
}

const folders: Rule = {
  name: 'a folder imports only what the table allows it',
  find: (house) =>
    eachImport(house, (source, wanted) => {
      const from = roomOf(source.path);
      if (from === null) return 'a file of src/ stands in a folder that the table names';
      const room = ROOMS[from];
      if (!room) return `src/${from} is not in the table: add it there and in ARCHITECTURE.md`;
      if (wanted.path === null) return null;
      const to = roomOf(wanted.path);
      if (to === null) return `${wanted.specifier} leads out of src/, which stands on itself`;
      if (to === from || room.imports === 'all' || room.imports.includes(to)) return null;
      const allowed = room.imports.join(', ') || 'nothing';
      return `src/${from} may import ${allowed}, not src/${to}: move the piece, or pass it in`;
    }),
};

const packages: Rule = {
  name: 'a folder uses only the packages and the parts of Node that the table allows it',
  find: (house) =>
    eachImport(house, (source, wanted) => {
      const room = ROOMS[roomOf(source.path) ?? ''];
      if (wanted.path !== null || !room) return null;
      if (isBuiltin(wanted.specifier)) {
        if (!wanted.specifier.startsWith('node:')) return `write node:${wanted.specifier}`;
        if (!room.builtins || room.builtins.includes(wanted.specifier)) return null;
        return `${wanted.specifier} is not for this folder, which does no input or output`;
      }
      const name = packageOf(wanted.specifier);
      if (room.packages.includes(name)) return null;
      return `the package ${name} is not for this folder: it may use ${room.packages.join(', ') || 'none'}`;
    }),
};

/** Everything that can be reached from `start` by one step or more. */
function reach(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  start: Iterable<string>,
): Set<string> {
  const reached = new Set<string>();
  const waiting = [...start];
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    for (const to of edges.get(from) ?? []) {
      if (!reached.has(to)) waiting.push(to);
      reached.add(to);
    }
  }
  return reached;
}

function edgesOf(
  house: House,
  pick: (source: Source, wanted: Import) => readonly [from: string, to: string] | null,
): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const source of house.src) {
    for (const wanted of source.imports) {
      const edge = pick(source, wanted);
      if (edge) edges.set(edge[0], (edges.get(edge[0]) ?? new Set()).add(edge[1]));
    }
  }
  return edges;
}

const cycles: Rule = {
  name: 'no two folders import each other, not even in a ring',
  find(house) {
    const edges = edgesOf(house, (source, wanted) => {
      const from = roomOf(source.path);
      const to = wanted.path === null ? null : roomOf(wanted.path);
      return from === null || to === null || from === to ? null : [from, to];
    });
    return [...edges.keys()]
      .filter((room) => reach(edges, [room]).has(room))
      .map((room) => ({
        path: `src/${room}`,
        line: 0,
        text: 'this folder imports itself through others: turn one import round',
      }));
  },
};

const adapters: Rule = {
  name: 'adapters never import each other, and the contract imports no adapter',
  find: (house) =>
    eachImport(house, (source, wanted) => {
      const to = ADAPTER_FILE.exec(wanted.path ?? '')?.[1];
      if (to === undefined || roomOf(source.path) !== 'gateway') return null;
      const from = ADAPTER_FILE.exec(source.path)?.[1];
      if (from === to) return null;
      return `the adapter ${to} is its own: move what both need to src/gateway/`;
    }),
};

const digits: Rule = {
  name: 'inside the gateway only tokenize.ts knows cards, and only the card process knows it',
  find: (house) =>
    eachImport(house, (source, wanted) => {
      const from = roomOf(source.path);
      const to = wanted.path === null ? null : roomOf(wanted.path);
      const isTokenize = TOKENIZE_FILE.test(source.path);
      if (from === 'gateway' && to === 'card' && !isTokenize) {
        return 'card digits are for tokenize.ts alone: this file works with tokens';
      }
      if (wanted.path === null || !TOKENIZE_FILE.test(wanted.path)) {
        if (from !== 'tokenizer' || to !== 'gateway') return null;
        return TOKENIZER_TAKES.test(wanted.path ?? '')
          ? null
          : 'the card process takes tokenize.ts, gateway.ts and reading.ts from the gateway, no more';
      }
      if (isTokenize || from === 'tokenizer' || from === 'cli') return null;
      return 'a tokenize.ts is for the card process: this file must not be able to name a card';
    }),
};

/** Rooms that must not even name a card: a type of one counts. */
const CARD_FREE_ROOM = /^src\/(?:bridge|api|store|sandbox)\//;

/** Programs that must not load one: a type is gone when they run. */
const CARD_FREE_PROCESS = /^src\/cli\/(?:bridge|sandbox)-process\.ts$/;

/** The program that the card process runs. */
const CARD_PROCESS = 'src/cli/tokenizer-process.ts';

/** File to files; without `import type` where it is about what a program loads. */
function fileEdges(house: House, kind: 'named' | 'loaded'): Map<string, Set<string>> {
  return edgesOf(house, (source, wanted) =>
    wanted.path === null || (kind === 'loaded' && wanted.typeOnly)
      ? null
      : [source.path, wanted.path],
  );
}

const cardFree: Rule = {
  name: 'no chain of imports leads from the bridge, its API, the store or the sandbox to a card',
  find: (house) =>
    [
      { files: CARD_FREE_ROOM, edges: fileEdges(house, 'named') },
      { files: CARD_FREE_PROCESS, edges: fileEdges(house, 'loaded') },
    ].flatMap(({ files, edges }) =>
      house.src
        .filter((source) => files.test(source.path))
        .flatMap((source) => {
          const card = [...reach(edges, [source.path])].find((path) => roomOf(path) === 'card');
          if (card === undefined) return [];
          return [{ path: source.path, line: 0, text: `its imports lead to ${card}` }];
        }),
    ),
};

const cardProcess: Rule = {
  name: 'the card process loads few packages',
  find(house) {
    const edges = fileEdges(house, 'loaded');
    if (!house.files.has(CARD_PROCESS)) {
      return [
        { path: CARD_PROCESS, line: 0, text: 'is gone: name the card process’s new entry here' },
      ];
    }
    const loaded = new Set([CARD_PROCESS, ...reach(edges, [CARD_PROCESS])]);
    return eachImport(house, (source, wanted) => {
      if (!loaded.has(source.path) || wanted.typeOnly || wanted.path !== null) return null;
      const name = packageOf(wanted.specifier);
      if (isBuiltin(wanted.specifier) || CARD_PROCESS_PACKAGES.includes(name)) return null;
      return `${name} would share the heap of the card digits: only ${CARD_PROCESS_PACKAGES.join(', ')} may`;
    });
  },
};

const computed: Rule = {
  name: 'every import can be read off',
  find: (house) =>
    house.src.flatMap(({ path, computedImports }) =>
      computedImports.map((line) => ({
        path,
        line,
        text: 'a computed import is banned: write the path as a literal, so that it can be checked',
      })),
    ),
};

const runtimePackages: Rule = {
  name: 'package.json lists exactly the packages of the table, pinned, and each is used',
  find(house) {
    const manifest: unknown = JSON.parse(house.files.get('package.json') ?? '{}');
    const listed = dependenciesOf(manifest);
    const allowed = new Set(PROCESS_PACKAGES);
    const used = new Set(
      house.src
        .filter((source) => roomOf(source.path) !== 'console')
        .flatMap((source) => [
          ...source.imports
            .filter((wanted) => wanted.path === null && !isBuiltin(wanted.specifier))
            .map((wanted) => packageOf(wanted.specifier)),
          ...resolvedIn(source),
        ]),
    );
    const say = (text: string): Finding => ({ path: 'package.json', line: 0, text });
    return [
      ...[...allowed]
        .filter((name) => !listed.has(name))
        .map((name) => say(`${name} is in the table of test/tidy/house.ts and not a dependency`)),
      ...[...listed.keys()].flatMap((name) => {
        if (!allowed.has(name)) return [say(`${name} is a dependency that no folder may use`)];
        return used.has(name) ? [] : [say(`${name} is a dependency that nothing imports`)];
      }),
      ...[...listed]
        .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
        .map(([name, version]) => say(`${name} ${version} is not pinned: give one exact version`)),
    ];
  },
};

/** Packages that are no module, such as a WebAssembly program: `….resolve('name')`. */
function resolvedIn({ tokens }: Source): string[] {
  return tokens.flatMap((token, index) =>
    token.text === 'resolve' &&
    tokens[index + 1]?.text === '(' &&
    tokens[index + 2]?.kind === 'string'
      ? [packageOf(tokens[index + 2]?.text ?? '')]
      : [],
  );
}

function dependenciesOf(manifest: unknown): Map<string, string> {
  if (typeof manifest !== 'object' || manifest === null) return new Map();
  const dependencies: unknown = 'dependencies' in manifest ? manifest.dependencies : {};
  return new Map(Object.entries(dependencies ?? {}).map(([name, v]) => [name, String(v)]));
}

export const IMPORT_RULES: readonly Rule[] = [
  folders,
  packages,
  cycles,
  adapters,
  digits,
  cardFree,
  cardProcess,
  computed,
  runtimePackages,
];
