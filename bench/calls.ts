import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { Figures, type Measurement, type Result, type Run } from './measurement.ts';

const CALLS = 'test/calls';
/** Every so many, in the order of their names: of each kind of story some. */
const STEP = { full: 4, quick: 16 };
const REPORT = /: (\d+) s on the line, (\d+) ms$/;

interface Played {
  readonly wallMs: number;
  readonly lineMs: number;
  readonly calls: number;
}

async function play(run: Run, files: readonly string[]): Promise<Played> {
  const startedMs = performance.now();
  const child = run.ground.start(['dist/cli/main.js', 'call', ...files]);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const wallMs = performance.now() - startedMs;
  const reports = text.split('\n').flatMap((line) => REPORT.exec(line) ?? []);
  if (code !== 0) throw new Error(`a call did not go as its file tells:\n${text.slice(-2000)}`);
  // Three for each match: the line, the seconds, the milliseconds.
  const lineMs = reports
    .filter((_, at) => at % 3 === 1)
    .reduce((sum, s) => sum + Number(s) * 1000, 0);
  return { wallMs, lineMs, calls: reports.length / 3 };
}

async function measure(run: Run): Promise<Result> {
  const all = readdirSync(CALLS).filter((name) => name.endsWith('.call'));
  const step = run.quick ? STEP.quick : STEP.full;
  const files = all
    .toSorted()
    .filter((_, at) => at % step === 0)
    .map((name) => `${CALLS}/${name}`);
  const figures = new Figures();
  const { wallMs, lineMs, calls: count } = await play(run, files);
  if (count !== files.length)
    throw new Error(`${files.length} calls were played, ${count} told of`);
  figures.add('calls a minute', '1/min', count / (wallMs / 60_000));
  figures.add('time on the line, of the time it took', '', lineMs / wallMs);
  run.progress(
    `${count} calls of ${(lineMs / 60_000).toFixed(0)} min in ${(wallMs / 1000).toFixed(0)} s`,
  );
  const remarks = [
    `\`tokenline call\` with ${count} of the ${all.length} call files, on ${cpus().length} cores: each on a tokenizer, bridge, sandbox and database of its own, over HTTP, with the look for card digits at its end. The start of the command and of its players counts. Time jumps where nobody does anything; the ratio is what the callers would have spent on the line against what it took.`,
  ];
  return { figures: figures.all, remarks };
}

export const calls: Measurement = {
  id: 'calls',
  title: 'Call files',
  asks: 'How fast are call files played, and how far does time jump?',
  run: measure,
};
