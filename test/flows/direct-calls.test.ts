import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { readFlow } from '../../src/architect/read.ts';
import { playInWorkers } from '../../src/cli/call/worker.ts';
import type { TimedReport } from '../../src/cli/call/own-player.ts';
import { readCallFile } from '../../src/line/call-file/read.ts';

const CALLS = 'test/calls';

/** Stories of the other flows that are told in the same words whoever sends the card. */
const SHARED = [
  'enrol-in-one-go',
  'card-security-code-mistyped',
  'card-declined-three-times',
  'card-of-a-kind-we-do-not-take',
  'card-with-month-thirteen',
  'card-whose-postal-code-is-wanted',
  'card-and-a-star-in-the-middle',
  'limits-of-a-number-used-up',
  'manage-change-card',
  'outage-breaker-open',
  'outage-switched-off',
  'spanish-change-card',
  'with-agent-enrol',
].map((name) => `${CALLS}/${name}.call`);

const OWN = readdirSync(`${CALLS}/direct`)
  .toSorted()
  .map((name) => `${CALLS}/direct/${name}`);

let reports: readonly TimedReport[] = [];

before(async () => {
  const files = [...SHARED, ...OWN].map((path) => {
    const { callFile, problems } = readCallFile(readFileSync(path, 'utf8'), path);
    assert.deepEqual(problems, []);
    assert.ok(callFile);
    return callFile;
  });
  const task = { flows: [], capture: 'direct' } as const;
  reports = await playInWorkers({ jobs: 2, report: () => undefined, files, task });
});

test('every call goes as its file tells, with cards that never come to Tokenline', () => {
  assert.ok(OWN.length >= 10);
  assert.equal(reports.length, SHARED.length + OWN.length);
  const failures = reports.flatMap(({ failures: found }) =>
    found.map(({ position, text, message }) => `${position.file}: ${text}\n  ${message}`),
  );
  assert.deepEqual(failures, []);
});

test('every action of the task that sends the card is entered by some call', () => {
  const file = 'genesys/direct/flows/card-capture.yaml';
  const text = readFileSync(file, 'utf8');
  const { flow } = readFlow(text, file);
  const task = flow?.tasks.find(({ name }) => name === 'Tokenise');
  const next = flow?.tasks.find(({ name }) => name === 'Answer');
  assert.ok(task && next);
  const entered = new Set(reports.flatMap(({ trail }) => trail.actions));
  const lines = text.split('\n');
  const unentered: string[] = [];
  let count = 0;
  for (let line = task.position.line; line < next.position.line; line++) {
    const [, type] =
      /^ +- (callData|callDataSecure|playAudio|decision|loop|jumpToTask|updateData|setParticipantData|loopExit):$/.exec(
        lines[line - 1] ?? '',
      ) ?? [];
    if (type === undefined) continue;
    count += 1;
    if (![0, 1].some((below) => entered.has(`${file}:${line + below}`)))
      unentered.push(`${file}:${line}`);
  }
  assert.ok(count > 20, String(count));
  assert.deepEqual(unentered, []);
});
