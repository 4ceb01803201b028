import { DockerfileParser, type Copy, type Instruction } from 'dockerfile-ast';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
export const DOCKER = join(ROOT, 'deploy', 'docker');

/** One line that brings files into an image. */
export interface CopyLine {
  /** The stage that it takes from; `null` is the repository. */
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

export interface Stage {
  readonly name: string | null;
  readonly base: string;
  readonly instructions: readonly Instruction[];
  readonly copies: readonly CopyLine[];
}

export interface Dockerfile {
  readonly path: string;
  readonly text: string;
  readonly stages: readonly Stage[];
}

export function dockerfiles(): Dockerfile[] {
  return readdirSync(DOCKER)
    .filter((name) => name.endsWith('.Dockerfile'))
    .sort()
    .map((name) => readDockerfile(name));
}

export function readDockerfile(name: string): Dockerfile {
  const text = readFileSync(join(DOCKER, name), 'utf8');
  const stages: { name: string | null; base: string; instructions: Instruction[] }[] = [];
  const parsed = DockerfileParser.parse(text);
  const froms = parsed.getFROMs();
  for (const instruction of parsed.getInstructions()) {
    const from = froms.find((one) => one === instruction);
    if (from)
      stages.push({ name: from.getBuildStage(), base: from.getImage() ?? '', instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  const copies = new Set<Instruction>(parsed.getCOPYs());
  return {
    path: `deploy/docker/${name}`,
    text,
    stages: stages.map((stage) => ({
      ...stage,
      copies: stage.instructions.filter((one): one is Copy => copies.has(one)).map(copyLine),
    })),
  };
}

function copyLine(copy: Copy): CopyLine {
  const words = copy.getArguments().map((argument) => argument.getValue());
  const flag = copy.getFlags().find((one) => one.getName() === 'from');
  return {
    from: flag?.getValue() ?? null,
    sources: words.slice(0, -1),
    target: words.at(-1) ?? '',
  };
}

/** The stage that becomes the image. */
export function lastStage({ path, stages }: Dockerfile): Stage {
  const last = stages.at(-1);
  if (last === undefined) throw new Error(`${path} has no stage`);
  return last;
}

/** The arguments of an instruction in its JSON form, or as written. */
export function argumentsOf(stage: Stage, keyword: string): string[] {
  const found = stage.instructions.filter((one) => one.getKeyword() === keyword);
  const text = found.at(-1)?.getArgumentsContent() ?? '';
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : text.split(/\s+/);
}

/** Where a source of a COPY line is in a repository that has been built. */
export function placeOf({ from }: CopyLine, source: string): string {
  if (from === null) return join(ROOT, source);
  return join(ROOT, source.replace(/^\/(?:build|packages)\//, ''));
}
