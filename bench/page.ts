import { shown, spreadOf } from './measurement.ts';
import { cell, figureOf, type Machine, type Outcome } from './outcome.ts';
import { AIM_MS, type PictureFile } from './pictures.ts';

/** Which picture stands in which section. */
const PICTURES: Readonly<Record<string, readonly string[]>> = {
  throughput: ['bench-throughput.svg', 'bench-latency.svg', 'bench-cpu.svg'],
  scaling: ['bench-replicas.svg'],
  memory: ['bench-memory.svg'],
  'start-up': ['bench-start-up.svg'],
};

/** Seconds that a caller spends on an enrolment; the aim of the flows. */
const CALL_S = 90;

/** From here on nothing is left for another replica. */
const BUSY_PERCENT = 90;
/** Above this, others wanted the cores as well. */
const QUIET_LOAD = 1;

type Median = (id: string, name: string) => number;

function medianIn(outcomes: readonly Outcome[]): Median {
  return (id, name) => spreadOf(figureOf(outcomes, id, name)?.values ?? []).median;
}

function cpu(median: Median, engine: string, target: string, role: string): number {
  return median('throughput', `${engine}: ${target} at a steady rate, CPU of ${role}`);
}

/** What the figures say about how many machines are needed. */
function sizing(outcomes: readonly Outcome[]): string[] {
  const median = medianIn(outcomes);
  const [tokenizer, bridge, server] = ['tokenizer', 'bridge', 'postgres'].map((role) =>
    cpu(median, 'PostgreSQL', 'whole', role),
  ) as [number, number, number];
  const aCore = (ms: number): string => shown(1000 / ms);
  const rate = median('throughput', 'PostgreSQL: whole');
  const growth = median('memory', 'database, 10,000 operations more');
  return [
    `A card costs ${shown(tokenizer)} ms of CPU in the tokenizer, ${shown(bridge)} ms in the bridge and ${shown(server)} ms in PostgreSQL. A core that does nothing else carries ${aCore(tokenizer)} cards a second as a tokenizer, ${aCore(bridge)} as a bridge, and ${aCore(server)} as a database. Each process uses one core, and a little of a second one: more cores want more replicas.`,
    `A call keys a card once and takes about ${CALL_S} seconds, so that the ${shown(rate)} cards a second of this machine, database included, are those of ${shown(rate * CALL_S)} callers on the line at the same time. Plan with half of it.`,
    `Ten thousand cards take ${shown(growth)} MB of database, a million ${shown(growth / 10)} GB. Tables grow; the bridge does not.`,
    `For each replica: ${shown(median('memory', 'bridge, under load'))} MB for the bridge, ${shown(median('memory', 'tokenizer, under load'))} MB for the tokenizer, under load.`,
  ];
}

/** What is to be said of a machine on which something else went on. */
function noise({ loadBefore }: Machine): string {
  if (loadBefore <= QUIET_LOAD) return '';
  return ` Something else ran at the same time (a load average of ${loadBefore} before the start): the figures are rough, and their latencies are those of waiting for a core.`;
}

interface Overhead {
  readonly p99Ms: number;
  readonly floorMs: number;
  readonly verdict: string;
}

/** The p99 against the aim. The gateway answers at once, so that all of it is ours. */
function overheadOf(median: Median): Overhead {
  const at = (target: string): number =>
    median('throughput', `PostgreSQL: ${target} at a steady rate, p99`);
  const verdict = at('whole') <= AIM_MS ? 'which is within the aim of' : 'which misses the aim of';
  return { p99Ms: at('whole'), floorMs: at('floor'), verdict: `${verdict} ${AIM_MS} ms` };
}

/** Where the limit is now. */
function limits(outcomes: readonly Outcome[]): string[] {
  const median = medianIn(outcomes);
  const { p99Ms, floorMs, verdict } = overheadOf(median);
  const use = median('scaling', '1 replica, CPU of the machine in use');
  const planned = cpu(median, 'PostgreSQL', 'whole', 'postgres');
  const kept = cpu(median, 'PostgreSQL, prepared', 'whole', 'postgres');
  const ratio = median('throughput', "PostgreSQL: whole, of the floor's");
  return [
    `**Throughput is CPU.** With one replica ${shown(use)} % of the machine's cores were in use${use >= BUSY_PERCENT ? ', so that more replicas on the same machine bring nothing' : ''}. What Tokenline does on top of the floor is a second process and two requests between the two, checks, tokens, rules, a log and the sealing of the ledger: it does ${shown(ratio)} of the floor's throughput on the same cores.`,
    `**Latency is waiting for a core.** At the steady rate the p99 is ${shown(p99Ms)} ms, all of it ours because the gateway answers at once, ${verdict}; the floor's is ${shown(floorMs)} ms. A request passes twelve times from one process to another, the floor's eight times; where something else wants the cores, each passage waits for its turn. With other work on the same two cores (a load average of 19) the p50 was measured at 28, 108 and 3,000 ms, while the CPU of a request stayed what it was, 5.6 to 6.4 ms; a timer, or an acknowledgement that is delayed, would show on a quiet machine too, where the p50 is 6 ms.`,
    `**PostgreSQL plans more than it does.** With statistics that are up to date, the statement that begins an operation takes 0.35 ms to plan and 0.24 ms to carry out, and the one that finishes it 0.28 and 0.24 ms (\`pg_stat_statements\`, PostgreSQL 15), beside the parsing of both. \`database_prepared_statements: true\` plans each of them once: the server then spends ${shown(kept)} ms of CPU on a request in place of ${shown(planned)}. It is off by default, because not every pooler can do it (\`tokenline.example.yaml\`).`,
    '**Until statistics exist** (the first minute of an empty database, until autovacuum has analysed it), the look at the last twenty calls, which the breaker needs, reads all calls there are: 1.4 ms with 2,300 of them. The figures above are taken after an `analyze`.',
  ];
}

function pictureLines(id: string, pictures: readonly PictureFile[]): string[] {
  const names = PICTURES[id] ?? [];
  return names.flatMap((name) => {
    const picture = pictures.find((one) => one.name === name);
    return picture ? [`![${picture.alt}](../pictures/${name})`, ''] : [];
  });
}

function section(outcome: Outcome, pictures: readonly PictureFile[]): string[] {
  const { id, title, asks, figures, remarks } = outcome;
  const rows = figures.map(
    (figure) => `| ${figure.name} | ${cell(figure)} | ${figure.values.length} |`,
  );
  return [
    `## ${title}`,
    '',
    asks,
    '',
    ...pictureLines(id, pictures),
    ...remarks.flatMap((remark) => [remark, '']),
    ...(rows.length === 0
      ? []
      : ['| what | median (least to greatest) | rounds |', '| --- | --- | ---: |', ...rows, '']),
    `Alone: \`npm run bench -- --only ${id}\``,
    '',
  ];
}

/** The page in `docs/`. */
export function pageOf(
  machine: Machine,
  outcomes: readonly Outcome[],
  pictures: readonly PictureFile[],
): string {
  const { cores, processor, memoryGb, node, postgres, date } = machine;
  return [
    '# Performance',
    '',
    'Written by `npm run bench -- --write`; run it yourself. `npm run bench -- --help` says what there is. The figures, for a program: [performance.json](performance.json).',
    '',
    `Measured on ${date}: ${cores} cores (${processor}), ${memoryGb} GB, Node ${node}, ${postgres ?? 'no PostgreSQL'}, everything on this one machine, fsync on.${noise(machine)} Compare ratios, which are of one run, with each other; seconds and requests are this machine's.`,
    '',
    '## What it means for sizing',
    '',
    ...sizing(outcomes).flatMap((text) => [`- ${text}`]),
    '',
    '## Where the limit is',
    '',
    ...limits(outcomes).flatMap((text) => [`- ${text}`]),
    '',
    ...outcomes.flatMap((outcome) => section(outcome, pictures)),
  ].join('\n');
}

/** The short table of README.md. */
export function readmeOf(machine: Machine, outcomes: readonly Outcome[]): string {
  const median = medianIn(outcomes);
  const row = (engine: string): string => {
    const at = (target: string, share: string): string =>
      shown(median('throughput', `${engine}: ${target} at a steady rate, ${share}`));
    const rate = shown(median('throughput', `${engine}: whole`));
    const ratio = shown(median('throughput', `${engine}: whole, of the floor's`));
    const steady = shown(median('throughput', `${engine}: the steady rate`));
    return `| ${engine} | ${rate} | ${ratio} | ${steady} | ${at('whole', 'p50')} and ${at('whole', 'p99')} ms | ${at('floor', 'p50')} and ${at('floor', 'p99')} ms |`;
  };
  const { p99Ms, verdict } = overheadOf(median);
  return [
    `On ${machine.date}, ${machine.cores} cores (${machine.processor}), Node ${machine.node}; medians.${noise(machine)}`,
    '',
    '| database | cards a second | of the floor | steady rate | p50 and p99 | floor’s p50 and p99 |',
    '| --- | ---: | ---: | ---: | --- | --- |',
    row('PostgreSQL'),
    row('PostgreSQL, prepared'),
    row('PGlite'),
    '',
    `The p99 of ${shown(p99Ms)} ms on PostgreSQL is all ours, ${verdict}: the gateway answers at once. "Prepared" is with \`database_prepared_statements: true\`.`,
    '',
    '![CPU time of one request, by process](docs/pictures/bench-cpu.svg)',
  ].join('\n');
}
