import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { jsonOf, type Machine, type Outcome } from './outcome.ts';
import { pageOf, readmeOf } from './page.ts';
import { picturesOf } from './pictures.ts';

export const PAGE = 'docs/reference/performance.md';
export const FIGURES = 'docs/reference/performance.json';
const PICTURES = 'docs/pictures';
const README = 'README.md';
/** What stands between the two is written anew. */
const MARKS = ['<!-- bench: from here -->', '<!-- bench: to here -->'] as const;

function placed(readme: string, text: string): string {
  const [from, to] = MARKS.map((mark) => readme.indexOf(mark)) as [number, number];
  if (from === -1 || to < from) throw new Error(`${README} has lost its marks ${MARKS.join(', ')}`);
  return `${readme.slice(0, from + MARKS[0].length)}\n\n${text}\n\n${readme.slice(to)}`;
}

/** As `npm run format` would. */
async function writeFormatted(file: string, text: string): Promise<void> {
  const options = await resolveConfig(file);
  writeFileSync(file, await format(text, { ...options, filepath: file }));
}

/** Writes the page, its figures and pictures, and the table of README.md. */
export async function write(machine: Machine, outcomes: readonly Outcome[]): Promise<void> {
  const pictures = picturesOf(outcomes);
  for (const { name, svg } of pictures) writeFileSync(`${PICTURES}/${name}`, svg);
  await writeFormatted(PAGE, pageOf(machine, outcomes, pictures));
  await writeFormatted(FIGURES, jsonOf(machine, outcomes));
  await writeFormatted(README, placed(readFileSync(README, 'utf8'), readmeOf(machine, outcomes)));
}
