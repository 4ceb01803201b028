import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  levelDbfs,
  normalised,
  peakDbfs,
  resample,
  speechDbfs,
  trimmed,
} from '../../../src/line/speech/signal.ts';
import { readWav, wavBytes, WavRefused } from '../../../src/line/speech/wav.ts';

function tone(frequencyHz: number, rateHz: number, durationMs: number, size = 8000) {
  const samples = Int16Array.from({ length: (rateHz * durationMs) / 1000 }, (_, n) =>
    Math.round(size * Math.sin((2 * Math.PI * frequencyHz * n) / rateHz)),
  );
  return { samples, rateHz };
}

for (const [from, to] of [
  [22_050, 16_000],
  [16_000, 8_000],
  [8_000, 16_000],
] as const) {
  test(`a tone of the pass band keeps level and length from ${from} to ${to} Hz`, () => {
    const before = tone(1000, from, 500);
    const after = resample(before, to);
    assert.equal(after.rateHz, to);
    assert.ok(Math.abs(after.samples.length - to / 2) <= 1);
    assert.ok(Math.abs(levelDbfs(after.samples) - levelDbfs(before.samples)) < 0.2);
  });
}

test('what the slower rate cannot hold is gone, by 60 dB', () => {
  const above = resample(tone(5000, 16_000, 500), 8000);
  // Without the filter's own beginning and end.
  const middle = above.samples.subarray(200, -200);
  assert.ok(levelDbfs(middle) < levelDbfs(tone(5000, 16_000, 500).samples) - 60);
});

test('silence goes from both ends and not from the middle', () => {
  const spoken = tone(300, 16_000, 200).samples;
  const samples = new Int16Array(16_000 * 2);
  samples.set(spoken, 8000);
  samples.set(spoken, 16_000);
  const ms = (trimmed({ samples, rateHz: 16_000 }).samples.length * 1000) / 16_000;
  assert.ok(ms > 690 && ms < 790, `${ms} ms`);
  assert.equal(trimmed({ samples: new Int16Array(16_000), rateHz: 16_000 }).samples.length, 0);
});

test('loud and quiet speech come to one level, and no peak is cut', () => {
  for (const size of [300, 4000, 32_000]) {
    const clip = normalised(tone(300, 16_000, 500, size));
    assert.ok(Math.abs(speechDbfs(clip) + 16) < 0.5, `${speechDbfs(clip)}`);
    assert.ok(peakDbfs(clip.samples) <= -1);
  }
});

test('a WAV file is read as it was written', () => {
  const audio = tone(440, 16_000, 100);
  assert.deepEqual(readWav(wavBytes(audio)), audio);
});

test('a file that is no prompt is refused with what to do', () => {
  const wav = wavBytes(tone(440, 16_000, 100));
  const changed = (offset: number, value: number): Buffer => {
    const copy = Buffer.from(wav);
    copy.writeUInt16LE(value, offset);
    return copy;
  };
  const refused = (bytes: Buffer, sentence: RegExp): void => {
    assert.throws(
      () => readWav(bytes),
      (error: unknown) => error instanceof WavRefused && sentence.test(error.message),
    );
  };
  refused(Buffer.from('ID3'), /no WAV file/);
  refused(changed(22, 2), /2 channels; save it as mono/);
  refused(changed(34, 8), /signed 16-bit PCM/);
  refused(changed(24, 4000), /4000 Hz/);
  refused(wav.subarray(0, 44), /no sound/);
  refused(wavBytes(tone(440, 8000, 121_000)), /two minutes/);
});
