import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Built {
  /** Absolute path of the module that was asked for, as JavaScript. */
  readonly entry: string;
  /** The folder that stands for `dist`. */
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Compiles a module and what it imports as `npm run build` does, into a folder of its own that finds
 * the same packages. Types are checked elsewhere.
 *
 * @param path such as `src/cli/tokenizer-process.ts`.
 */
export async function build(path: string): Promise<Built> {
  const cache = join(ROOT, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'built-'));
  const config = {
    extends: join(ROOT, 'tsconfig.build.json'),
    compilerOptions: {
      rootDir: join(ROOT, 'src'),
      outDir: folder,
      declaration: false,
      noCheck: true,
    },
    include: [],
    files: [join(ROOT, path)],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  // Node looks for the module type no higher than node_modules.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await promisify(execFile)(process.execPath, [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    folder,
  ]);
  return {
    entry: join(folder, path.replace(/^src\//, '').replace(/\.ts$/, '.js')),
    folder,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
