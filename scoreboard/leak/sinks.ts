import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { findPostgres } from '../../test/cluster.ts';
import { memoryReadable } from '../../test/memory-scan.ts';
import { run, tokenline } from '../../test/whole/command.ts';
import { until } from '../../test/whole/system.ts';
import type { Size } from '../board.ts';
import type { Accomplice } from './accomplice.ts';
import type { Looking } from './looking.ts';
import type { Place } from './place.ts';

/** What a sink can carry: any byte, or text only. */
export type Carries = 'bytes' | 'text';

/** What looking into a sink came to. */
export interface Looked {
  readonly sink: string;
  readonly carries: Carries;
  /** Why it was not looked at; `null` where it was. */
  readonly missed: string | null;
}

export interface Scene {
  readonly size: Size;
  readonly place: Place;
  readonly accomplice: Accomplice;
  readonly looking: Looking;
  readonly directory: string;
}

type Look = (scene: Scene, sink: string) => Promise<string | null>;

interface Sink {
  readonly name: string;
  readonly carries: Carries;
  readonly look: Look;
}

const sink = (name: string, carries: Carries, look: Look): Sink => ({ name, carries, look });

/** Roles whose memory may hold no card; the sandbox is the gateway, which is there to have them. */
const SEARCHED = ['bridge', 'tokenizer', 'line'] as const;

function childOf(place: Place, role: (typeof SEARCHED)[number] | 'sandbox'): number {
  return place.units[role].pids()[1] ?? 0;
}

const wire = (tap: keyof Place['taps']): Sink =>
  sink(`line ${tap}`, 'bytes', async ({ place, looking }, name) => {
    for (const stream of place.taps[tap].streams()) looking.at(name, 'recorded', stream);
    return null;
  });

/** Answers of one kind, after the accomplice has been asked in the same way. */
const answers = (kind: string, ask: (place: Place) => Promise<void>): Sink =>
  sink(kind, 'bytes', async ({ place, accomplice, looking }, name) => {
    await ask(place);
    await place.answers.ask(kind, accomplice.port, { path: '/' });
    looking.at(name, 'answers', place.answers.of(kind));
    return null;
  });

async function askAudit(place: Place): Promise<void> {
  for (let after = 0, more = true; more;) {
    const answer = await place.answers.ask('audit', place.ports.bridge, {
      path: `/v1/audit?limit=1000&after_seq=${after}`,
      headers: { authorization: `Bearer ${await place.token('operator')}` },
    });
    const entries = (answer?.body['entries'] ?? []) as { seq: number }[];
    more = entries.length > 0;
    after = entries.at(-1)?.seq ?? after;
  }
}

async function askMetrics(place: Place): Promise<void> {
  for (const role of ['bridge', 'tokenizer'] as const) {
    await place.answers.ask('metrics', place.ports[role], { path: '/metrics' });
  }
}

/** No board plays for longer. */
const EXPORTED_MS = 2 * 3_600_000;

/** Exports what is in a time, in as many files as that takes: one has room for so many entries only. */
async function exportAll(
  scene: Scene,
  name: string,
  [fromMs, toMs]: readonly [number, number],
): Promise<void> {
  const { place, looking, directory } = scene;
  const file = join(directory, `audit-export-${fromMs}.json`);
  const time = ['--from', new Date(fromMs).toISOString(), '--to', new Date(toMs).toISOString()];
  const url = `http://127.0.0.1:${place.ports.bridge}`;
  const words = ['audit', 'export', ...time, '--url', url, '--out', file];
  const { code, out, err } = await tokenline(words, { TOKENLINE_DATA: place.units.bridge.data });
  looking.at(name, 'printed', Buffer.from(out + err));
  if (code === 0) return looking.atFile(name, 'the file', file);
  if (err.includes('nothing about that')) return;
  const middleMs = Math.floor((fromMs + toMs) / 2);
  if (!err.includes('more than fits one file') || middleMs === fromMs) {
    throw new Error(`tokenline audit export ended with ${code}: ${err}`);
  }
  await exportAll(scene, name, [fromMs, middleMs]);
  await exportAll(scene, name, [middleMs, toMs]);
}

const exported = sink('audit export', 'bytes', async (scene, name) => {
  const nowMs = Date.now();
  await exportAll(scene, name, [nowMs - EXPORTED_MS, nowMs]);
  scene.looking.at(name, 'planted', scene.accomplice.bytes);
  return null;
});

const databaseFiles = sink('database files', 'bytes', async ({ place, looking }, name) => {
  const client = new Client({ connectionString: place.cluster.url });
  await client.connect();
  await client.query('checkpoint');
  await client.end();
  await looking.below(name, place.databaseDirectory);
  return null;
});

const databaseDump = sink('database dump', 'text', async ({ place, looking }, name) => {
  const bin = findPostgres() ?? '';
  if (!existsSync(join(bin, 'pg_dump'))) return 'there is no pg_dump beside PostgreSQL';
  const words = ['-h', place.databaseDirectory, '-U', 'postgres', 'postgres'];
  const { code, out, err } = await run(join(bin, 'pg_dump'), words);
  if (code !== 0) throw new Error(`pg_dump ended with ${code}: ${err}`);
  looking.at(name, 'dump', Buffer.from(out));
  return null;
});

const output = sink('output', 'bytes', async ({ place, accomplice, looking }, name) => {
  for (const [role, chunks] of place.written) looking.at(name, role, Buffer.concat(chunks));
  looking.at(name, 'accomplice', accomplice.written());
  return null;
});

const memory = sink('memory', 'bytes', async ({ place, accomplice, looking }, name) => {
  const readable = await memoryReadable(accomplice.pid);
  if (readable !== true) return readable;
  for (const role of SEARCHED) {
    const [parent = 0, child = 0] = place.units[role].pids();
    await looking.inMemory(name, role, child);
    await looking.inMemory(name, `parent of ${role}`, parent);
  }
  await looking.inMemory(name, 'accomplice', accomplice.pid);
  return null;
});

const core = sink('core file', 'bytes', async (scene, name) => {
  const { size, place, accomplice, looking, directory } = scene;
  if (size === 'short') return 'it takes a minute; the full form does, and memory is looked at';
  const pids = {
    bridge: childOf(place, 'bridge'),
    tokenizer: childOf(place, 'tokenizer'),
    accomplice: accomplice.pid,
  };
  for (const [role, pid] of Object.entries(pids)) {
    const file = join(directory, `core-of-${role}`);
    const ended = await run('gcore', ['-o', file, String(pid)]).catch(() => null);
    if (ended === null) return 'there is no gcore (gdb)';
    const path = `${file}.${pid}`;
    if (!existsSync(path)) return `gcore cannot write it (exit code ${ended.code})`;
    await looking.atFile(name, role, path);
    rmSync(path);
  }
  return null;
});

const started = sink('arguments and environment', 'text', async (scene, name) => {
  const { place, accomplice, looking } = scene;
  const pids = new Map<string, number>([['accomplice', accomplice.pid]]);
  for (const [role, unit] of Object.entries(place.units)) {
    unit.pids().forEach((pid, n) => pids.set(`${role} ${n}`, pid));
  }
  for (const [role, pid] of pids) {
    for (const file of ['cmdline', 'environ']) {
      looking.at(name, `${file} of ${role}`, readFileSync(`/proc/${pid}/${file}`));
    }
  }
  return null;
});

/** Node writes it where it was started, under a name of its own choice. */
const report = sink('diagnostic report', 'text', async (scene, name) => {
  const { place, accomplice, looking } = scene;
  const bridge = childOf(place, 'bridge');
  for (const [role, pid, cwd] of [
    ['bridge', bridge, `/proc/${bridge}/cwd`],
    ['accomplice', accomplice.pid, `/proc/${accomplice.pid}/cwd`],
  ] as const) {
    const found = (): string | null =>
      readdirSync(cwd).find((file) => file.startsWith('report.') && file.includes(`.${pid}.`)) ??
      null;
    process.kill(pid, 'SIGUSR2');
    const file = await until(`the report of ${role}`, found);
    const path = join(cwd, file);
    await until('the end of the report', () => {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as object;
      } catch {
        return null;
      }
    });
    await looking.atFile(name, role, path);
    rmSync(path);
  }
  return null;
});

const files = sink('files of the processes', 'bytes', async (scene, name) => {
  const { place, accomplice, looking } = scene;
  accomplice.plantInFiles(place.directory);
  await looking.below(name, place.directory);
  return null;
});

const everyAnswer = sink('answers', 'bytes', async ({ place, accomplice, looking }, name) => {
  for (const role of ['bridge', 'tokenizer'] as const) {
    looking.at(name, role, place.answers.of(role));
  }
  await place.answers.ask('planted', accomplice.port, { path: '/' });
  looking.at(name, 'accomplice', place.answers.of('planted'));
  return null;
});

/** In this order: what is read first is not changed by what is read later. */
export const SINKS: readonly Sink[] = [
  memory,
  core,
  report,
  started,
  answers('metrics', askMetrics),
  answers('audit', askAudit),
  answers('ledger of the gateway', async (place) => {
    await place.answers.ask('ledger of the gateway', place.ports.sandbox, {
      path: '/__sandbox/ledger',
    });
  }),
  answers('billing', async (place) => {
    await place.answers.ask('billing', place.ports.sandbox, { path: '/__sandbox/billing' });
  }),
  exported,
  everyAnswer,
  wire('database'),
  wire('gateway'),
  wire('internal'),
  wire('billing'),
  wire('line'),
  wire('webhook'),
  databaseFiles,
  databaseDump,
  output,
  files,
];

/** Looks into every sink. A sink that cannot be looked at says why. */
export async function lookEverywhere(
  scene: Scene,
  progress: (name: string) => void,
): Promise<Looked[]> {
  const looked: Looked[] = [];
  for (const { name, carries, look } of SINKS) {
    progress(name);
    looked.push({ sink: name, carries, missed: await look(scene, name) });
  }
  return looked;
}
