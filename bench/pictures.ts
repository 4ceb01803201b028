import { spreadOf } from './measurement.ts';
import { figureOf, type Outcome } from './outcome.ts';
import { svgOf, type Bar, type Group, type Picture } from './picture.ts';

/** A file of `docs/pictures/`, and what it shows in words, for whoever does not see it. */
export interface PictureFile {
  readonly name: string;
  readonly alt: string;
  readonly svg: string;
}

const ENGINES = ['PostgreSQL', 'PostgreSQL, prepared', 'PGlite'] as const;
/** What the p99 is to stay below, without the gateway's own time; milliseconds. */
export const AIM_MS = 25;

function barOf(outcomes: readonly Outcome[], id: string, name: string, label: string): Bar | null {
  const figure = figureOf(outcomes, id, name);
  if (figure === null) return null;
  const { median, min, max } = spreadOf(figure.values);
  return { label, parts: [median], range: [min, max], isReference: label.startsWith('floor') };
}

const present = (bars: readonly (Bar | null)[]): readonly Bar[] =>
  bars.filter((bar) => bar !== null);

function groupsOf(
  outcomes: readonly Outcome[],
  id: string,
  bars: (engine: string) => readonly (readonly [label: string, name: string])[],
): Group[] {
  return ENGINES.map((engine) => ({
    label: engine,
    bars: present(bars(engine).map(([label, name]) => barOf(outcomes, id, name, label))),
  })).filter((group) => group.bars.length > 0);
}

function throughputPicture(outcomes: readonly Outcome[]): Picture {
  return {
    title: 'Cards tokenised a second, one replica',
    axis: 'requests a second (median, least and greatest)',
    series: ['requests'],
    groups: groupsOf(outcomes, 'throughput', (engine) => [
      ['Tokenline', `${engine}: whole`],
      ['floor', `${engine}: floor`],
    ]),
  };
}

function latencyPicture(outcomes: readonly Outcome[]): Picture {
  return {
    title: 'Time of one request at a steady rate',
    axis: 'milliseconds (median, least and greatest)',
    series: ['latency'],
    groups: groupsOf(outcomes, 'throughput', (engine) =>
      ['p50', 'p99'].flatMap((share) => [
        [`Tokenline, ${share}`, `${engine}: whole at a steady rate, ${share}`] as const,
        [`floor, ${share}`, `${engine}: floor at a steady rate, ${share}`] as const,
      ]),
    ),
    mark: { at: AIM_MS, label: `aim for the p99: ${AIM_MS} ms` },
  };
}

/** What one request costs, part by part. */
function costPicture(outcomes: readonly Outcome[]): Picture {
  const cpu = (engine: string, target: string, role: string): number => {
    const name = `${engine}: ${target} at a steady rate, CPU of ${role}`;
    const figure = figureOf(outcomes, 'throughput', name);
    return figure === null ? 0 : spreadOf(figure.values).median;
  };
  const groups = ENGINES.map((engine) => ({
    label: engine,
    bars: [
      {
        label: 'Tokenline',
        parts: ['postgres', 'bridge', 'tokenizer'].map((role) => cpu(engine, 'whole', role)),
      },
      { label: 'floor', parts: [cpu(engine, 'floor', 'postgres'), cpu(engine, 'floor', 'floor')] },
    ].filter(({ parts }) => parts.some((part) => part > 0)),
  }));
  return {
    title: 'CPU of one request at a steady rate',
    axis: 'milliseconds of one core (median)',
    series: ['PostgreSQL server', 'bridge (floor: its one process)', 'tokenizer'],
    groups: groups.filter(({ bars }) => bars.length > 0),
  };
}

function scalingPicture(outcomes: readonly Outcome[]): Picture {
  const bars = ['1 replica', '2 replicas', '3 replicas'].map((name) =>
    barOf(outcomes, 'scaling', name, name),
  );
  return {
    title: 'Replicas of bridge and tokenizer on one PostgreSQL, all on this machine',
    axis: 'requests a second (median, least and greatest)',
    series: ['requests'],
    groups: [{ label: '', bars: present(bars) }],
  };
}

function memoryPicture(outcomes: readonly Outcome[]): Picture {
  const roles = ['parent', 'bridge', 'tokenizer', 'sandbox', 'line', 'PostgreSQL'];
  const groups = ['at rest', 'under load'].map((when) => ({
    label: when,
    bars: present(roles.map((role) => barOf(outcomes, 'memory', `${role}, ${when}`, role))),
  }));
  return {
    title: 'Memory of each process',
    axis: 'megabytes (PSS)',
    series: ['memory'],
    groups: groups.filter(({ bars }) => bars.length > 0),
  };
}

function startUpPicture(outcomes: readonly Outcome[]): Picture {
  return {
    title: 'From the start of the command until a card can be taken',
    axis: 'seconds (median, least and greatest)',
    series: ['seconds'],
    groups: groupsOf(outcomes, 'start-up', (engine) => [
      ['empty', `${engine}, cold`],
      ['again', `${engine}, warm`],
    ]),
  };
}

const PICTURES: readonly (readonly [
  name: string,
  alt: string,
  of: (outcomes: readonly Outcome[]) => Picture,
])[] = [
  [
    'bench-throughput',
    'Requests a second of Tokenline and of its floor, on each database',
    throughputPicture,
  ],
  [
    'bench-latency',
    'Latency of Tokenline and of its floor at a steady rate, on each database',
    latencyPicture,
  ],
  ['bench-cpu', 'CPU time of one request, by process', costPicture],
  ['bench-replicas', 'Requests a second of one, two and three replicas', scalingPicture],
  ['bench-memory', 'Memory of each process, at rest and under load', memoryPicture],
  ['bench-start-up', 'Seconds from the start until everything is ready', startUpPicture],
];

/** Every picture for which something was measured. */
export function picturesOf(outcomes: readonly Outcome[]): readonly PictureFile[] {
  return PICTURES.flatMap(([name, alt, of]) => {
    const picture = of(outcomes);
    const measured = picture.groups.some(({ bars }) => bars.length > 0);
    return measured ? [{ name: `${name}.svg`, alt, svg: svgOf(picture) }] : [];
  });
}
