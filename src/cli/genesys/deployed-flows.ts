import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFlow } from '../../architect/read.ts';
import { CommandFailed, EXIT } from '../exit.ts';

/** A flow as it is deployed. */
export interface DeployedFlow {
  /** Of our file: `card-capture.yaml`. */
  readonly file: string;
  readonly name: string;
  /** As Archy writes it: `inboundCall`. */
  readonly type: string;
  readonly text: string;
}

/** The flows that come with Tokenline. */
const OWN_FLOWS = fileURLToPath(new URL('../../../genesys/flows', import.meta.url));

export function deployedFlows(): readonly DeployedFlow[] {
  return readdirSync(OWN_FLOWS)
    .toSorted()
    .map((file) => {
      const text = readFileSync(join(OWN_FLOWS, file), 'utf8');
      const { flow } = readFlow(text, file);
      if (flow === null)
        throw new CommandFailed(`${file} is no flow; run tokenline check.`, EXIT.usage);
      return { file, name: flow.name, type: flow.type, text };
    });
}
