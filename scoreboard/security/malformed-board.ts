import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { MALFORMED } from '../../test/api/malformed-requests.ts';
import { CARDS } from '../../test/whole/caller.ts';
import { System, until, type Role } from '../../test/whole/system.ts';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import { fuzzed, type FuzzedRequest } from './fuzz.ts';
import { drip, sendBytes, type RawAnswer } from './raw-peer.ts';

type Door = FuzzedRequest['door'];
const DOORS = ['bridge', 'tokenizer'] as const;

/** How long the fuzzer goes on. */
const FUZZ_MS = { short: 3_000, full: 60_000 } as const;
/** Between two looks at whether everything still lives. */
const BATCH = 50;
/** A request has to have arrived after 10 s (`api/settings.ts`, `tokenizer/settings.ts`). */
const DRIP_MS_MAX = 14_000;
const DRIP_EVERY_MS = 500;
const SLOW_PEERS = 20;
/** What a process may have grown by, once everything has been sent. */
const GROWTH_BYTES_MAX = 192 * 1024 * 1024;
const MIB = 1024 * 1024;

interface Watch {
  readonly system: System;
  readonly pids: ReadonlyMap<Door, number | null>;
  readonly violations: Violation[];
  readonly pan: string;
  runs: number;
}

function say(watch: Watch, what: string, replay: string): void {
  watch.violations.push({ promise: 'serves on', what, replay });
}

/** What holds of every answer to something that nobody should send. */
function judge(watch: Watch, what: string, answer: RawAnswer, replay: string): void {
  watch.runs += 1;
  const broken = answer.statuses.filter((status) => status >= 500);
  if (broken.length > 0) say(watch, `${what} was answered with ${broken.join(', ')}`, replay);
  if (!answer.ended) say(watch, `${what} was neither answered nor cut off`, replay);
  if (answer.text.includes(watch.pan)) say(watch, `${what} got the card number back`, replay);
}

/** Everything lives, is the same process, and answers what it is asked properly. */
async function stillServes(watch: Watch, after: string, replay: string): Promise<void> {
  const { system, pids } = watch;
  for (const door of DOORS) {
    const now = system.pidOf(door);
    if (now !== pids.get(door)) say(watch, `the ${door} is another process after ${after}`, replay);
    const answer = await system.send(door, { path: '/readyz' }).catch(() => null);
    if (answer?.status !== 200) say(watch, `the ${door} is not ready after ${after}`, replay);
  }
  const body = { interaction_id: 'well-formed' };
  // Everything here comes from one address, which may be told to wait: that is an answer as well.
  const answer = await until('an answer', async () => {
    const got = await system.ask('bridge', 'POST', '/v1/availability', body);
    return got.status === 429 ? null : got;
  }).catch(() => null);
  if (answer?.body['outcome'] !== 'approved') {
    say(watch, `a well-formed request got no proper answer after ${after}`, replay);
  }
}

async function knownRequests(watch: Watch): Promise<void> {
  for (const door of DOORS) {
    for (const [what, bytes] of Object.entries(MALFORMED)) {
      const answer = await sendBytes(watch.system.ports[door], bytes);
      judge(watch, `${door}: ${what}`, answer, what);
      const taken = answer.statuses.filter((status) => status < 400);
      if (taken.length > 0) say(watch, `${door}: ${what} was taken (${taken.join(', ')})`, what);
      if (answer.statuses.length > 1) say(watch, `${door}: ${what} was several requests`, what);
    }
    await stillServes(watch, 'the known ones', 'known');
  }
}

/** Three requests in one go get three answers, in their order. */
async function pipelined(watch: Watch): Promise<void> {
  const line = (path: string, last: boolean): string =>
    `GET ${path} HTTP/1.1\r\nhost: a\r\n${last ? 'connection: close\r\n' : ''}\r\n`;
  for (const door of DOORS) {
    const text = line('/healthz', false) + line('/no-such', false) + line('/healthz', true);
    const answer = await sendBytes(watch.system.ports[door], text, true);
    judge(watch, `${door}: pipelined requests`, answer, 'pipelined');
    if (answer.statuses.join(' ') !== '200 404 200') {
      say(watch, `${door}: pipelined requests got ${answer.statuses.join(' ')}`, 'pipelined');
    }
  }
}

async function slow(watch: Watch, count: number): Promise<number> {
  const all = DOORS.flatMap((door) =>
    Array.from({ length: count }, () => drip(watch.system.ports[door], DRIP_EVERY_MS, DRIP_MS_MAX)),
  );
  await stillServes(watch, 'slow peers had begun', 'slow');
  const kept = await Promise.all(all);
  watch.runs += kept.length;
  kept.forEach((keptMs, index) => {
    const door = DOORS[Math.floor(index / count)] ?? '';
    if (keptMs < DRIP_MS_MAX) return;
    say(
      watch,
      `the ${door} kept a peer that never ends its request for ${Math.round(keptMs / 1_000)} s`,
      'slow',
    );
  });
  return Math.max(...kept);
}

async function fuzz(watch: Watch, run: BoardRun): Promise<void> {
  const token = await watch.system.token();
  const requests = fuzzed({ token, pan: watch.pan });
  const only = run.replay === null ? null : Number(/^fuzz (\d+)$/.exec(run.replay)?.[1]);
  const endMs = performance.now() + FUZZ_MS[run.size];
  for (let batch = 0; performance.now() < endMs; batch += 1) {
    if (only !== null && batch !== only) continue;
    const all = fc.sample(requests, { seed: run.seed + batch, numRuns: BATCH });
    for (const { door, bytes, what } of all) {
      judge(watch, what, await sendBytes(watch.system.ports[door], bytes), `fuzz ${batch}`);
    }
    await stillServes(watch, `batch ${batch} of the fuzzer`, `fuzz ${batch}`);
    const passedMs = FUZZ_MS[run.size] - Math.max(0, endMs - performance.now());
    run.progress(Math.round(passedMs / 1_000), FUZZ_MS[run.size] / 1_000, `${watch.runs} requests`);
    if (only !== null) return;
  }
}

function residentBytes(pid: number | null): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

async function play(system: System, run: BoardRun): Promise<BoardResult> {
  const role = (door: Door): Role => door;
  const pids = new Map(DOORS.map((door) => [door, system.pidOf(role(door))]));
  const [pan] = CARDS;
  system.pans.add(pan);
  const watch: Watch = { system, pids, violations: [], pan, runs: 0 };
  const before = new Map(DOORS.map((door) => [door, residentBytes(pids.get(door) ?? null)]));
  const figures: Record<string, number | string> = {};
  const { replay } = run;
  const oneBatch = replay?.startsWith('fuzz ') === true;
  if (!oneBatch && replay !== 'slow') {
    await knownRequests(watch);
    await pipelined(watch);
  }
  if (replay === 'slow' || (replay === null && run.size === 'full')) {
    const keptMs = await slow(watch, SLOW_PEERS);
    figures['longest that a slow peer was kept, s'] = Math.round(keptMs / 1_000);
  }
  if (replay === null || oneBatch) await fuzz(watch, run);
  for (const door of DOORS) {
    const grown = residentBytes(system.pidOf(door)) - (before.get(door) ?? 0);
    figures[`memory that the ${door} has grown by, MiB`] = Math.round(grown / MIB);
    if (grown > GROWTH_BYTES_MAX)
      say(watch, `the ${door} grew by ${Math.round(grown / MIB)} MiB`, '');
  }
  if (system.written().includes('internal_error')) say(watch, 'a bug is in the log', '');
  return { runs: watch.runs, violations: watch.violations, figures };
}

/** Real processes get bytes that no client of theirs sends. */
export const malformedBoard: Board = {
  id: 'S4',
  title: 'malformed HTTP',
  proves:
    'Whatever bytes arrive, nothing crashes, nothing is answered with a 5xx, no card digit comes back, and the next caller is served.',
  async run(run) {
    const system = await System.start({ engine: 'pglite' });
    try {
      await system.ready();
      const result = await play(system, run);
      // Ends it, and looks for card digits in everything that was written.
      await system.stop();
      return result;
    } finally {
      system.abandon();
    }
  },
};
