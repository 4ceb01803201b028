import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import type { Mutant } from './mutant.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What a board reads. */
const COPIED = ['src', 'scoreboard', 'test', 'genesys', 'scripts', 'package.json', 'tsconfig.json'];
const BUILT = 'dist';
const INSTALLED = 'node_modules';

/** A copy of the house with one edit in it. */
export interface Tree {
  readonly path: string;
  readonly remove: () => void;
}

/** @throws where the text to be replaced does not stand exactly once: the mutant is out of date. */
export function edited({ name, file, text, instead }: Mutant): string {
  const parts = readFileSync(join(ROOT, file), 'utf8').split(text);
  if (parts.length === 2) return parts.join(instead);
  throw new Error(
    `the text of the mutant ${name} stands ${parts.length - 1} times in ${file}: ` +
      'bring it up to date in the list of mutants.',
  );
}

/** What is built is large and nobody writes into it: its files are shared, its directories are not. */
function linked(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [old, own] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linked(old, own);
    else shared(old, own);
  }
}

function shared(old: string, own: string): void {
  try {
    linkSync(old, own);
  } catch {
    // Another file system.
    cpSync(old, own);
  }
}

/** Builds the one module that is another one; imports are written as `npm run build` writes them. */
function rebuilt(path: string, file: string, text: string): void {
  const built = join(path, BUILT, file.replace(/^src\//, '').replace(/\.ts$/, '.js'));
  const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'node20' });
  rmSync(built);
  writeFileSync(built, code.replace(/(\bfrom\s*"\.[^"]*)\.ts"/g, '$1.js"'));
}

/** @param mutant `null` for the house as it is. */
export function treeOf(mutant: Mutant | null): Tree {
  const text = mutant && edited(mutant);
  const path = mkdtempSync(join(tmpdir(), 'tokenline-mutant-'));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(path, name), { recursive: true });
    linked(join(ROOT, BUILT), join(path, BUILT));
    symlinkSync(join(ROOT, INSTALLED), join(path, INSTALLED));
    if (mutant !== null && text !== null) {
      writeFileSync(join(path, mutant.file), text);
      rebuilt(path, mutant.file, text);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { path, remove };
}
