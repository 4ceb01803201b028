import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareFlows } from '../../architect/compare/compare.ts';
import { judgeSpellings } from '../../architect/compare/spellings.ts';
import { parseFlowDocument, type TreeNode } from '../../architect/document.ts';
import { exportFlows, type Exported } from '../../genesys/export.ts';
import { loadConfig, type Config } from '../../system/config.ts';
import { EXIT } from '../exit.ts';
import { deployedFlows, type DeployedFlow } from './deployed-flows.ts';
import { exportReport, isTrouble, spellingsOver, type Compared } from './export-report.ts';
import { withPlatform, type GenesysMeans } from './sign-in.ts';

export interface ExportFlags {
  /** Where exports are written; the files are called as ours are. */
  readonly out: string;
  /** A folder of exports that are there already, instead of asking the organisation. */
  readonly from?: string;
  readonly all?: true;
  readonly json?: true;
}

/** @returns exit code 1 where something differs that matters, or a flow is not there. */
export async function genesysExport(
  means: GenesysMeans,
  file: string | null,
  flags: ExportFlags,
): Promise<number> {
  const { terminal } = means;
  const compared =
    flags.from === undefined
      ? await fromOrganisation(means, file, flags.out)
      : fromFolder(loadConfig(file, means.env), flags.from);
  if (flags.json === true) {
    terminal.out(JSON.stringify({ flows: compared, spellings: spellingsOver(compared) }, null, 2));
  } else {
    for (const line of exportReport(compared, terminal.paint, flags.all === true))
      terminal.out(line);
  }
  return compared.some(isTrouble) ? EXIT.failed : EXIT.ok;
}

function fromOrganisation(
  means: GenesysMeans,
  file: string | null,
  out: string,
): Promise<Compared[]> {
  return withPlatform(means, file, async (platform, config) => {
    const flows = deployedFlows(config);
    const exported = await exportFlows(platform, flows, means.clock);
    mkdirSync(out, { recursive: true });
    return flows.map((flow, at) => {
      const found = exported[at];
      if (found?.kind !== 'exported') return nothing(flow, troubleOf(found));
      const path = join(out, flow.file);
      writeFileSync(path, found.text);
      return compare(flow, path, found.text);
    });
  });
}

function troubleOf(exported: Exported | undefined): string {
  if (exported?.kind === 'failed') {
    const said = exported.messages.join(' ');
    return `Genesys could not export it: ${said === '' ? 'it does not say why' : said}`;
  }
  if (exported?.kind === 'unpublished') {
    return 'it has never been published; run tokenline genesys apply';
  }
  return 'there is no flow of this name; run tokenline genesys apply';
}

function fromFolder(config: Config, folder: string): Compared[] {
  return deployedFlows(config).map((flow) => {
    const path = join(folder, flow.file);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      return nothing(flow, `there is no ${path}`);
    }
    return compare(flow, path, text);
  });
}

function nothing(flow: DeployedFlow, trouble: string): Compared {
  const { file, name } = flow;
  const spellings = judgeSpellings(treeOf(flow, ''), null);
  return { file, name, path: null, trouble, comparison: null, spellings };
}

function compare(flow: DeployedFlow, path: string, theirs: string): Compared {
  const { file, name } = flow;
  const { root, problems } = parseFlowDocument(theirs, path, undefined);
  if (root === null) {
    const trouble = `${path} cannot be read as YAML: ${problems[0]?.message ?? ''}`;
    return { ...nothing(flow, trouble), path };
  }
  const ours = treeOf(flow, theirs);
  const comparison = compareFlows(ours, root);
  return { file, name, path, trouble: null, comparison, spellings: judgeSpellings(ours, root) };
}

function treeOf(flow: DeployedFlow, exported: string): TreeNode {
  const { root } = parseFlowDocument(flow.as(exported), flow.file, undefined);
  assert.ok(root !== null, `${flow.file} is YAML: its own tests read it`);
  return root;
}
