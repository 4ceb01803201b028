import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Clips } from '../../../src/line/speech/clips.ts';
import { Flite } from '../../../src/line/speech/flite.ts';
import { estimatedMs } from '../../../src/line/speech/lengths.ts';
import { Playback } from '../../../src/line/speech/playback.ts';
import { RecordedPrompts } from '../../../src/line/speech/recorded.ts';
import { SpeechFailed } from '../../../src/line/speech/tts.ts';
import { ManualClock } from '../../clock.ts';
import { readWav, wavBytes } from '../../../src/line/speech/wav.ts';

const folder = mkdtempSync(join(tmpdir(), 'tl-crash-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const runs = join(folder, 'runs');
const tone = join(folder, 'tone.wav');
const samples = Int16Array.from({ length: 8000 }, (_, n) => Math.round(5000 * Math.sin(n / 9)));
writeFileSync(tone, wavBytes({ samples, rateHz: 16_000 }));

/** A program in flite's place. It notes each of its runs, with the sentences that it was given. */
function program(name: string, body: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `import { appendFileSync, readFileSync, writeSync } from 'node:fs';
const [voice, ...texts] = process.argv.slice(2);
appendFileSync(${JSON.stringify(runs)}, texts.join(' ') + '\\n');
const tone = readFileSync(${JSON.stringify(tone)});
// As the collector's crash ends it: nothing is flushed or tidied up.
const crash = () => process.kill(process.pid, 'SIGKILL');
${body}`,
  );
  return path;
}

/** Sentences of each run since the last time. */
function runsSince(): string[] {
  const lines = readFileSync(runs, 'utf8').trimEnd().split('\n');
  writeFileSync(runs, '');
  return lines;
}

/** Waits until that many lines have been noted since the last time. */
async function noted(lines: number): Promise<void> {
  while (readFileSync(runs, 'utf8').split('\n').length <= lines) await wait(20);
  await wait(50);
}

const ALWAYS = program('always', 'crash();');
const AFTER_ONE = program('after-one', 'writeSync(1, tone); if (texts.length > 1) crash();');
const CUT_OFF = program(
  'cut-off',
  'writeSync(1, tone); writeSync(1, tone.subarray(0, 900)); crash();',
);
const BABBLE = program('babble', "process.stdout.write('no sound at all');");
const HANGS = program('hangs', 'for (;;);');
const HANGS_AFTER_ONE = program(
  'hangs-after-one',
  `writeSync(1, tone); appendFileSync(${JSON.stringify(runs)}, 'said\\n'); for (;;);`,
);
const VOICE = { name: 'slt', language: 'en-us' };
const SENTENCES = ['One.', 'Two.', 'Three.'];

describe('a voice whose program crashes', { concurrency: false }, () => {
  test('is tried three times, and then it has failed', async () => {
    await assert.rejects(new Flite(ALWAYS).synthesise('Hello.', VOICE), SpeechFailed);
    assert.deepEqual(runsSince(), ['Hello.', 'Hello.', 'Hello.']);
  });

  test('is started again for the sentences that it has not said', async () => {
    const spoken = await new Flite(AFTER_ONE).synthesiseAll(SENTENCES, VOICE);
    assert.equal(spoken.length, 3);
    assert.deepEqual(runsSince(), ['One. Two. Three.', 'Two. Three.', 'Three.']);
  });

  test('has not said the sentence that was cut off', async () => {
    await new Flite(CUT_OFF).synthesiseAll(['One.', 'Two.'], VOICE).catch(() => []);
    assert.deepEqual(runsSince().slice(0, 2), ['One. Two.', 'Two.']);
  });

  test('is a fault of the voice where it writes what is no sound', async () => {
    await assert.rejects(new Flite(BABBLE).synthesise('Hello.', VOICE), SpeechFailed);
    assert.equal(runsSince().length, 3);
  });

  test('that stands still is ended after twenty seconds, and not asked for the same again', async () => {
    const clock = new ManualClock();
    const faults: unknown[] = [];
    const speaking = new Flite(HANGS, clock)
      .synthesise('Hello.', VOICE)
      .catch((fault: unknown) => void faults.push(fault));
    await noted(1);
    await clock.advance(19_999);
    assert.equal(faults.length, 0);
    await clock.advance(1);
    await speaking;
    const [fault] = faults;
    assert.ok(fault instanceof SpeechFailed && fault.hung);
    assert.equal(clock.timerCount, 0);
    assert.deepEqual(runsSince(), ['Hello.']);
  });

  test('that stands still after a sentence is started again for the rest', async () => {
    const clock = new ManualClock();
    const speaking = new Flite(HANGS_AFTER_ONE, clock).synthesiseAll(SENTENCES, VOICE);
    for (const run of SENTENCES.keys()) {
      // Its note comes after its sentence, which has been read when time goes on.
      await noted(2 * (run + 1));
      await clock.advance(20_000);
    }
    assert.equal((await speaking).length, 3);
    const rests = ['One. Two. Three.', 'Two. Three.', 'Three.'];
    assert.deepEqual(
      runsSince(),
      rests.flatMap((rest) => [rest, 'said']),
    );
  });

  test('fails no build: what came out is kept, and the rest is left for later', async () => {
    const clips = new Clips([new Flite(ALWAYS)], join(folder, 'clips'));
    const wanted = SENTENCES.flatMap((sentence) => clips.named(sentence, 'en-us') ?? []);
    assert.equal(await clips.make(wanted), 0);
    clips.saveLengths(wanted);
    const other = new Clips([new Flite(AFTER_ONE)], join(folder, 'clips'));
    assert.equal(await other.make(wanted), 3);
    assert.equal(other.knownLength('Three.', 'en-us'), 500);
    runsSince();
  });

  test('fails no call: the words are shown, over silence as long as they would take', async () => {
    const reports: string[] = [];
    const clips = new Clips([new Flite(ALWAYS)], null, (sentence) => void reports.push(sentence));
    const playback = new Playback(() => null, clips, new RecordedPrompts('/nowhere'));
    const text = 'Hello. Your plan is on. Thank you. Goodbye. Come again.';
    const pieces = playback.pieces([{ kind: 'speech', text, language: 'en-us' }]);
    const spoken = pieces.filter((piece) => piece.kind === 'clip');
    assert.equal(spoken.map(({ words }) => words).join(' '), text);
    for (const { key, words } of spoken) {
      const clip = await playback.clip(key);
      assert.equal(clip?.durationMs, estimatedMs(words, 'en-us'));
      const heard = readWav(clip?.wav ?? Buffer.alloc(0));
      assert.equal(Math.round(heard.samples.length / 16), clip?.durationMs);
      assert.ok(heard.samples.every((sample) => sample === 0));
    }
    assert.equal(reports.length, 1, 'it is said once');
    assert.match(reports[0] ?? '', /^no voice for en-us any more: .*SIGKILL.*shown and not heard/);
    runsSince();
    await playback.clip(spoken.at(-1)?.key ?? '');
    assert.equal(readFileSync(runs, 'utf8'), '', 'a voice that was given up is not started');
  });
});
