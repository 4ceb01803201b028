import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { checkPage } from '../src/architect/check/page.ts';
import { architectPage } from '../src/architect/reference-page.ts';
import { authenticationAction, dataActions, fileNameOf } from '../src/contract/data-action.ts';
import { dataActionsPage, errorsPage, routesPage } from '../src/contract/markdown.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DATA_ACTIONS = 'genesys/data-actions';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A page as the formatter leaves it, so that formatting the tree does not make it stale. */
async function page(text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(ROOT)), parser: 'markdown' });
}

/** Everything that is generated: path from the root of the package, and text. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...dataActions().map(
      ([, action]) => [`${DATA_ACTIONS}/${fileNameOf(action)}`, json(action)] as const,
    ),
    [`${DATA_ACTIONS}/tokenline-access-token.custom-auth.json`, json(authenticationAction())],
    ['docs/reference/routes.md', await page(routesPage())],
    ['docs/reference/data-actions.md', await page(dataActionsPage())],
    ['docs/reference/errors.md', await page(errorsPage())],
    ['docs/reference/check.md', await page(checkPage())],
    ['docs/reference/architect.md', await page(architectPage())],
  ]);
}

async function write(): Promise<void> {
  const files = await generated();
  mkdirSync(join(ROOT, DATA_ACTIONS), { recursive: true });
  for (const name of readdirSync(join(ROOT, DATA_ACTIONS))) {
    const path = `${DATA_ACTIONS}/${name}`;
    if (name.endsWith('.json') && !files.has(path)) rmSync(join(ROOT, path));
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  console.log(`${files.size} files written`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write();
