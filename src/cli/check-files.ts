import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { FlowText } from '../architect/check/check-flow.ts';
import { readContract } from '../architect/check/data-actions.ts';
import type { DataActionContract } from '../architect/check/finding.ts';
import { CommandFailed, EXIT } from './exit.ts';

const GENESYS = fileURLToPath(new URL('../../genesys/', import.meta.url));

/**
 * Data actions that come with Tokenline, those of every way of capture. Send Card is there once for each
 * gateway, and has the same contract with all of them.
 */
export const OWN_DATA_ACTIONS: readonly string[] = [
  'data-actions',
  'direct/data-actions',
  'direct/data-actions/stripe',
].map((folder) => join(GENESYS, folder));

const FLOW_FILE = /\.ya?ml$/i;

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES') return 'it may not be read';
  return error.message;
}

function refused(path: string, why: string): CommandFailed {
  return new CommandFailed(`${path}: ${why}.`, EXIT.usage);
}

function read(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw refused(path === '-' ? 'standard input' : path, reason(error));
  }
}

/**
 * Reads flows. A folder stands for every `.yaml` and `.yml` in it and below, `-` for standard
 * input; a file is read whatever its name.
 */
export function readFlows(paths: readonly string[]): readonly FlowText[] {
  return paths.flatMap((path): readonly FlowText[] => {
    if (path === '-') return [{ file: 'standard input', text: read(path) }];
    const files = filesIn(path);
    if (files.length === 0) throw refused(path, 'it has no file that ends in .yaml or .yml');
    return files.map((file) => ({ file, text: read(file) }));
  });
}

function filesIn(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => FLOW_FILE.test(name) && !/(^|[/\\])node_modules[/\\]/.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw refused(path, reason(error));
  }
}

/** Data actions of folders, by name in lower case; sub-folders are not looked at. */
export function readDataActions(
  folders: readonly string[],
): ReadonlyMap<string, DataActionContract> {
  return new Map(folders.flatMap((folder) => contractsIn(folder)));
}

function contractsIn(folder: string): (readonly [string, DataActionContract])[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) =>
      /\.custom\.json$|(?<!custom-auth)\.json$/.test(name),
    );
  } catch (error) {
    throw refused(folder, reason(error));
  }
  if (names.length === 0) throw refused(folder, 'it has no data actions (files that end in .json)');
  return names.sort().map((name) => {
    const contract = readContract(read(join(folder, name)));
    if (typeof contract === 'string') throw refused(join(folder, name), trimDot(contract));
    return [contract.name.toLowerCase(), contract] as const;
  });
}

const trimDot = (sentence: string): string => sentence.replace(/\.$/, '');

/** `key=value`, or a file of them in YAML or JSON. */
export function readSubstitutions(
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.flatMap((entry): readonly (readonly [string, string])[] => {
      const pair = /^([\w.-]+)=(.*)$/s.exec(entry);
      if (pair !== null) return [[pair[1] ?? '', pair[2] ?? '']];
      return Object.entries<unknown>({ ...mapOf(entry) }).map(([key, value]) => [
        key,
        plain(value, entry, key),
      ]);
    }),
  );
}

function plain(value: unknown, path: string, key: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw refused(path, `the value of ${key} is no text`);
}

function mapOf(path: string): object {
  let value: unknown;
  try {
    value = parse(read(path)) as unknown;
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw refused(
      path,
      `it is neither YAML nor JSON (${trimDot(reason(error)).split('\n')[0] ?? ''})`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw refused(path, 'it is no map of keys and values');
}

/**
 * Texts of prompts by name in lower case, of every language together. Each file of the folder is a
 * map whose values are texts, or maps of texts; a text is found by its own key, and as
 * `tokenline_<key>`, which is how Tokenline's prompts are called in Genesys.
 */
export function readPrompts(folder: string): ReadonlyMap<string, readonly string[]> {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => FLOW_FILE.test(name));
  } catch (error) {
    throw refused(folder, reason(error));
  }
  if (names.length === 0) throw refused(folder, 'it has no prompts (files that end in .yaml)');
  const texts = new Map<string, string[]>();
  for (const name of names.sort()) {
    for (const [key, text] of textsIn(mapOf(join(folder, name)))) {
      for (const known of [key, `tokenline_${key}`]) {
        texts.set(known.toLowerCase(), [...(texts.get(known.toLowerCase()) ?? []), text]);
      }
    }
  }
  return texts;
}

function textsIn(map: object): readonly (readonly [string, string])[] {
  return Object.entries<unknown>({ ...map }).flatMap(
    ([key, value]): readonly (readonly [string, string])[] => {
      if (typeof value === 'string') return [[key, value]];
      return typeof value === 'object' && value !== null ? textsIn(value) : [];
    },
  );
}
