import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readWav } from '../../src/line/speech/wav.ts';
import { durationMsOf } from '../../src/line/speech/signal.ts';
import { tokenline, type Ended } from './command.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'tokenline-speak-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

const FLOWS = ['--flow', 'test/cli/call-flows'];
const STORY = `Somebody asks for a person.

hears    "For a card, press 1. For a person, press 0."
dials    0

then     transferred to Payment_Support_Group
`;

/** A program for sound that keeps what it is given, and its command line. */
function playerIn(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

function keeping(folder: string): string {
  return `echo "$*" >> ${folder}/words\nfor file; do :; done\ncp "$file" "${folder}/$(wc -l < ${folder}/words).wav"`;
}

/** Plays the story aloud; programs are looked for in the folder alone. */
function speak(folder: string): Promise<Ended> {
  const file = join(FOLDER, 'person.call');
  writeFileSync(file, STORY);
  return tokenline(['call', file, '--speak', ...FLOWS], { PATH: folder }).ended;
}

test('what a flow plays is heard, sentence by sentence, and no word is on a command line', async () => {
  const folder = join(FOLDER, 'works');
  playerIn(folder, 'aplay', keeping(folder));
  const { code, out, err } = await speak(folder);
  assert.equal(code, 0, out + err);
  const calls = readFileSync(join(folder, 'words'), 'utf8').trim().split('\n');
  assert.ok(calls.length >= 3, calls.join('\n'));
  for (const words of calls) assert.match(words, /^-q \/\S+\/(trial|\d+)\.wav$/);
  const lengths = calls.map((_, index) =>
    durationMsOf(readWav(readFileSync(join(folder, `${index + 1}.wav`)))),
  );
  assert.equal(lengths[0], 100);
  for (const ms of lengths.slice(1)) assert.ok(ms > 500 && ms < 20_000, `${ms} ms`);
  // Nothing of it is left behind.
  assert.equal(existsSync(dirname(calls[0]?.replace('-q ', '') ?? '')), false);
});

test('the first program that really plays is taken', async () => {
  const folder = join(FOLDER, 'second');
  playerIn(folder, 'pw-play', 'echo "no server" >&2; exit 1');
  playerIn(folder, 'play', keeping(folder));
  const { code, out, err } = await speak(folder);
  assert.equal(code, 0, out + err);
  assert.ok(existsSync(join(folder, '2.wav')));
});

test('where nothing plays sound, it is said what was tried and what to do', async () => {
  const folder = join(FOLDER, 'none');
  playerIn(folder, 'paplay', 'echo "Connection refused" >&2; exit 1');
  const { code, err } = await speak(folder);
  assert.equal(code, 1);
  assert.match(
    err,
    /tried pw-play \(not here\), paplay \(Connection refused\), aplay \(not here\)/,
  );
  assert.match(err, /apt-get install ffmpeg/);
  assert.doesNotMatch(err, /\n\s+at /);
});
