import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptStore } from '../../src/cli/call/kept-store.ts';
import { startOwnSystem } from '../../src/cli/call/own-system.ts';
import { openStage } from '../../src/cli/call/stage.ts';
import { playCallFile, type CallStage } from '../../src/line/call-file/play.ts';
import { readCallFile } from '../../src/line/call-file/read.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openLog } from '../../src/system/log.ts';
import { watchQuiet } from '../../src/system/quiet.ts';
import { systemRandomness } from '../../src/system/randomness.ts';
import { VirtualClock } from '../../src/system/virtual-clock.ts';

/*
 * Plays the parts of one conversation, call files in JSON, on one system, and prints what failed.
 * Each part begins with the participant data that the one before has left. A process of its own,
 * because virtual time wants a thread pool of one thread.
 */

const HOUR_MS = 3_600_000;

const given: unknown = JSON.parse(process.argv[2] ?? '[]');
assert.ok(Array.isArray(given) && given.length > 0);
const parts: readonly unknown[] = given;
const clock = new VirtualClock(Date.UTC(2026, 10, 25, 15));
const quiet = watchQuiet();
const store = await KeptStore.open(openLog('call', () => undefined, systemClock));
const directory = mkdtempSync(join(tmpdir(), 'tokenline-conversation-'));

/** The file with what the conversation knows by now, below its title. */
function withAttributes(text: string, left: Readonly<Record<string, string>>): string {
  const [title = '', ...lines] = text.trim().split('\n');
  const known = Object.entries(left)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `given    participant attribute ${name} is ${value}`);
  return [title, '', ...known, ...lines, ''].join('\n');
}

async function play(): Promise<readonly string[]> {
  const system = await startOwnSystem({
    clock,
    randomness: systemRandomness,
    store,
    directory,
    capture: 'bridge',
  });
  const failures: string[] = [];
  let left: Readonly<Record<string, string>> = {};
  const stage: CallStage = {
    ...openStage([]),
    observe(event) {
      if (event.kind === 'ended') left = event.end.participantData;
    },
  };
  for (const [index, text] of parts.entries()) {
    const name = `part-${index + 1}.call`;
    const { callFile, problems } = readCallFile(withAttributes(String(text), left), name);
    assert.ok(callFile, JSON.stringify(problems));
    const report = await playCallFile(callFile, system.world, stage, 'one-conversation');
    for (const { position, text: line, message } of report.failures) {
      failures.push(`${position.file}: ${line}: ${message}`);
    }
  }
  await system.close();
  return failures;
}

const failures = await clock.passUntil(play(), quiet.whenQuiet, HOUR_MS);
quiet.close();
await store.store.close();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(JSON.stringify(failures));
