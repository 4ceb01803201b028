import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flow } from '../../architect/model.ts';
import { problemLine, type Problem } from '../../architect/position.ts';
import { readFlow } from '../../architect/read.ts';
import type { FlowSet } from '../../line/call.ts';
import type { CallStage } from '../../line/call-file/play.ts';
import { soundLengths } from '../../line/speech/lengths.ts';
import { captureFiles } from '../../contract/capture-files.ts';
import type { CaptureMode } from '../../payment/capture.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import { GENESYS } from '../integrations.ts';
import { BUILT_IN_PROMPTS, loadFlowPrompts } from '../prompts.ts';

/** The flow that a caller meets, by its file. */
const FRONT_FLOW = 'recurring-payments';

/**
 * Reads everything that calls are played with.
 *
 * @param flows folders of `*.yaml`, or flow files; the flows that come with the package where it is
 *   empty: those of the way in which cards get to the gateway.
 * @throws {CommandFailed} with each problem of a flow, by file and line.
 */
export function openStage(flows: readonly string[], capture: CaptureMode = 'bridge'): CallStage {
  const set = readFlows(flows.length === 0 ? builtInFlows(capture) : flows);
  const promptTexts = loadFlowPrompts(BUILT_IN_PROMPTS);
  const front = [...set.values()].find(({ file }) => file.endsWith(`${FRONT_FLOW}.yaml`));
  const inbound = [...set.values()].find(({ type }) => type === 'inboundCall');
  const [first] = set.keys();
  return {
    flows: set,
    startFlow: front?.name ?? inbound?.name ?? first ?? FRONT_FLOW,
    promptTexts,
    lengths: soundLengths(promptTexts),
  };
}

function builtInFlows(capture: CaptureMode): string[] {
  // Which gateway it is makes no difference to a flow.
  return captureFiles(capture, 'sandbox').flows.map((path) => join(GENESYS, path));
}

function readFlows(paths: readonly string[]): FlowSet {
  const files = paths.flatMap((path) => flowFiles(path));
  if (files.length === 0) {
    throw new CommandFailed(`there is no flow in ${paths.join(', ')}`, EXIT.usage);
  }
  const flows = new Map<string, Flow>();
  const problems: Problem[] = [];
  for (const file of files) {
    const read = readFlow(readFileSync(file, 'utf8'), shownPath(file));
    problems.push(...read.problems);
    if (read.flow !== null) flows.set(read.flow.name, read.flow);
  }
  if (problems.length > 0) throw new CommandFailed(problems.map(problemLine).join('\n'));
  return flows;
}

function flowFiles(path: string): string[] {
  if (!existsSync(path)) throw new CommandFailed(`${path}: there is no such file`, EXIT.usage);
  if (/\.ya?ml$/.test(path)) return [path];
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** As a person would name it from where the command was started. */
export function shownPath(file: string): string {
  const here = `${process.cwd()}/`;
  return file.startsWith(here) ? file.slice(here.length) : file;
}
