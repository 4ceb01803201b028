import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { gatewayIntegrations } from '../src/cli/send-card-actions.ts';
import { checkPage } from '../src/architect/check/page.ts';
import { architectPage } from '../src/architect/reference-page.ts';
import { actionFolder, GATEWAY_AUTHENTICATION } from '../src/contract/capture-files.ts';
import { authenticationAction, dataActions, fileNameOf } from '../src/contract/data-action.ts';
import { dataActionsPage, errorsPage, routesPage } from '../src/contract/markdown.ts';
import { ROUTES } from '../src/contract/routes.ts';
import { callFilesPage, callPages } from '../src/line/call-file/pages.ts';
import { callProblemLine, readCallFile } from '../src/line/call-file/read.ts';
import type { CallFile } from '../src/line/call-file/step.ts';
import { directFlow } from './direct-flows.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DATA_ACTIONS = 'genesys/data-actions';
const DIRECT = 'genesys/direct';
const SECURE_FLOWS = ['card-capture.yaml', 'card-capture-agent.yaml'];
const CALLS = 'test/calls';
const CALL_PAGES = 'docs/calls';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A page as the formatter leaves it, so that formatting the tree does not make it stale. */
async function page(text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(ROOT)), parser: 'markdown' });
}

function callFiles(): CallFile[] {
  return readdirSync(join(ROOT, CALLS))
    .filter((name) => name.endsWith('.call'))
    .sort()
    .map((name) => {
      const path = `${CALLS}/${name}`;
      const { callFile, problems } = readCallFile(readFileSync(join(ROOT, path), 'utf8'), path);
      if (callFile === null) throw new Error(problems.map(callProblemLine).join('\n'));
      return callFile;
    });
}

/** The secure flows for `capture: direct`. */
function directFlows(): (readonly [string, string])[] {
  const task = readFileSync(join(ROOT, DIRECT, 'tokenise.yaml.part'), 'utf8');
  return SECURE_FLOWS.map((name) => {
    const flow = readFileSync(join(ROOT, 'genesys/flows', name), 'utf8');
    return [`${DIRECT}/flows/${name}`, directFlow(name, flow, task)] as const;
  });
}

/** Everything that is generated: path from the root of the package, and text. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...dataActions().map(
      ([id, action]) =>
        [`genesys/${actionFolder(ROUTES[id])}/${fileNameOf(action)}`, json(action)] as const,
    ),
    ...Object.entries(gatewayIntegrations()).flatMap(([kind, { action, authentication }]) => {
      const folder = `${DIRECT}/data-actions/${kind}`;
      return [
        [`${folder}/${fileNameOf(action)}`, json(action)] as const,
        ...(authentication === null
          ? []
          : [[`${folder}/${GATEWAY_AUTHENTICATION}`, json(authentication)] as const]),
      ];
    }),
    ...directFlows(),
    [`${DATA_ACTIONS}/tokenline-access-token.custom-auth.json`, json(authenticationAction())],
    ['docs/reference/routes.md', await page(routesPage())],
    ['docs/reference/data-actions.md', await page(dataActionsPage())],
    ['docs/reference/errors.md', await page(errorsPage())],
    ['docs/reference/check.md', await page(checkPage())],
    ['docs/reference/architect.md', await page(architectPage())],
    ['docs/reference/call-files.md', await page(callFilesPage())],
    ...(await Promise.all(
      [...callPages(callFiles())].map(async ([path, text]) => [path, await page(text)] as const),
    )),
  ]);
}

async function write(): Promise<void> {
  const files = await generated();
  for (const folder of [DATA_ACTIONS, CALL_PAGES]) {
    mkdirSync(join(ROOT, folder), { recursive: true });
    for (const name of readdirSync(join(ROOT, folder))) {
      const path = `${folder}/${name}`;
      if (/\.(?:json|md)$/.test(name) && !files.has(path)) rmSync(join(ROOT, path));
    }
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  console.log(`${files.size} files written`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write();
