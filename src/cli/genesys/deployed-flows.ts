import { basename } from 'node:path';
import { familyNumber } from '../../genesys/data-action.ts';
import {
  readFlowNames,
  type FlowNames,
  type FlowInFile,
  type Use,
} from '../../genesys/flow-text.ts';
import { noteOf, prefixed } from '../../genesys/naming.ts';
import type { Config } from '../../system/config.ts';
import { flowFiles, QUEUE_IN_FLOWS } from './wanted.ts';

/** A flow as it is deployed. */
export interface DeployedFlow {
  /** Of our file: `card-capture.yaml`. */
  readonly file: string;
  /** In the organisation, with the prefix. */
  readonly name: string;
  /** As Archy writes it: `inboundCall`. */
  readonly type: string;
  /**
   * Its text with the names of the organisation. Two of them only the organisation knows: under which name
   * of its family a data action is published, and what a flow's description remembers.
   *
   * @param exported the same flow as Genesys writes it.
   */
  as(exported: string): string;
}

type Settings = Pick<Config['genesys'], 'prefix' | 'division' | 'queue'>;

/** The flows of this package, under the names that the configuration gives them. */
export function deployedFlows(
  config: Pick<Config, 'capture'> & { readonly genesys: Settings },
): readonly DeployedFlow[] {
  const { genesys } = config;
  return flowFiles(config).map(({ file, text }) => {
    const read = readFlowNames(text);
    return {
      file: basename(file),
      name: prefixed(genesys.prefix, read.name),
      type: read.root,
      as: (exported) => read.rename(namesIn(readExport(exported), read, genesys)),
    };
  });
}

function readExport(text: string): FlowInFile | null {
  try {
    return readFlowNames(text);
  } catch {
    // It is no flow, and is compared as what it is.
    return null;
  }
}

function namesIn(exported: FlowInFile | null, ours: FlowInFile, genesys: Settings): FlowNames {
  const { prefix, division } = genesys;
  const remembered = exported !== null && noteOf(exported.description, prefix) !== null;
  const used = (exported?.uses ?? []).filter(({ kind }) => kind === 'data action');
  return {
    name: prefixed(prefix, ours.name),
    description: remembered ? exported.description : ours.description,
    division,
    category: (name) => prefixed(prefix, name),
    of: (use) => nameOf(use, used, genesys),
  };
}

function nameOf({ kind, name }: Use, used: readonly Use[], { prefix, queue }: Settings): string {
  if (kind === 'data action') return actionName(prefixed(prefix, name), used);
  return prefixed(prefix, kind === 'queue' && name === QUEUE_IN_FLOWS ? queue : name);
}

function actionName(base: string, used: readonly Use[]): string {
  return used.find(({ name }) => familyNumber(base, name) !== null)?.name ?? base;
}
