import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { Command } from 'commander';
import { Ground } from './ground.ts';
import type { Measurement, Result, Run } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';
import { jsonOf, outcomeOf, textOf, type Machine, type Outcome } from './outcome.ts';
import { FIGURES, PAGE, write } from './write.ts';

interface Options {
  readonly only?: readonly string[];
  readonly quick?: boolean;
  readonly json?: string;
  readonly write?: boolean;
}

const width = Math.max(...MEASUREMENTS.map(({ id }) => id.length));
const command = new Command('npm run bench --')
  .description(
    'Measures Tokenline on this machine: ratios in one run, medians with least and greatest.',
  )
  .option('--only <ids...>', 'only these, such as throughput scaling')
  .option('--quick', 'a minute or two: to see that it works, and roughly where things are')
  .option('--json <file>', 'writes every figure')
  .option('--write', `writes ${PAGE}, ${FIGURES}, their pictures and the table of README.md`)
  .addHelpText(
    'after',
    `
Measurements:
${MEASUREMENTS.map(({ id, asks }) => `  ${id.padEnd(width)}  ${asks}`).join('\n')}

All of it takes about nine minutes. Let nothing else run meanwhile: a request passes twelve times
from one process to another, and waits each time for a core that somebody else has. What the "floor" is, and how
each figure is taken, is in ${PAGE}.

Examples:
  $ npm run bench                               everything, shown here
  $ npm run bench -- --quick --only throughput  one subject, shortly
  $ npm run bench -- --json before.json         to compare with the same after a change
  $ npm run bench -- --write                    the page, for a commit; on a quiet machine
`,
  );

function chosen(ids: readonly string[] | undefined): readonly Measurement[] {
  if (ids === undefined) return MEASUREMENTS;
  const wanted = new Set(ids.flatMap((id) => id.split(',')).map((id) => id.toLowerCase()));
  const found = MEASUREMENTS.filter(({ id }) => wanted.delete(id));
  if (wanted.size === 0) return found;
  const names = MEASUREMENTS.map(({ id }) => id).join(', ');
  return command.error(`There is no measurement ${[...wanted].join(', ')}. There are: ${names}.`);
}

/** @param loadBefore before the build, which is load of our own. */
function machineOf(ground: Ground, loadBefore: number): Machine {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    postgres: ground.postgresVersion,
    date: new Date().toISOString().slice(0, 10),
    loadBefore: Math.round(loadBefore * 10) / 10,
  };
}

/** A machine may have a bad moment; a measurement that fails twice has failed. */
const TRIES = 2;

async function tried(measurement: Measurement, run: Run): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await measurement.run(run);
    } catch (error) {
      if (attempt === TRIES) throw error;
      run.progress(`failed, and is tried again: ${error instanceof Error ? error.message : ''}`);
    }
  }
}

async function measure(
  measurements: readonly Measurement[],
  ground: Ground,
  quick: boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, measurement] of measurements.entries()) {
    console.error(`\n${at + 1}/${measurements.length} ${measurement.title}`);
    const startedMs = performance.now();
    const progress = (line: string): void => {
      const atS = ((performance.now() - startedMs) / 1000).toFixed(0);
      console.error(`  ${atS.padStart(3)} s  ${line}`);
    };
    const result = await tried(measurement, { quick, ground, progress });
    const outcome = outcomeOf(measurement, result, (performance.now() - startedMs) / 1000);
    outcomes.push(outcome);
    console.log(textOf(outcome));
  }
  return outcomes;
}

const options = command.parse().opts<Options>();
const measurements = chosen(options.only);
if (options.write === true && (options.only !== undefined || options.quick === true)) {
  command.error('--write is for the whole: leave --only and --quick out.');
}
const ground = new Ground();
if (options.write === true && !ground.hasPostgres) {
  ground.abandon();
  command.error('--write needs PostgreSQL (initdb, postgres, psql): "npm test" installs it.');
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    ground.abandon();
    process.exit(1);
  });
}
const loadBefore = loadavg()[0] ?? 0;
try {
  console.error('building, so that what is measured is what is here');
  execFileSync('npm', ['run', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const machine = machineOf(ground, loadBefore);
  console.error(
    `${machine.cores} cores, Node ${machine.node}, ${machine.postgres ?? 'no PostgreSQL'}; ` +
      `load ${machine.loadBefore}`,
  );
  const outcomes = await measure(measurements, ground, options.quick === true);
  if (options.json !== undefined) writeFileSync(options.json, jsonOf(machine, outcomes));
  if (options.write === true) await write(machine, outcomes);
} finally {
  await ground.close();
}
