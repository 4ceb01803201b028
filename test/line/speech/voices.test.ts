import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CLIP_KEY } from '../../../src/line/speech/clip.ts';
import { Clips } from '../../../src/line/speech/clips.ts';
import { estimatedMs, soundLengths } from '../../../src/line/speech/lengths.ts';
import { Playback } from '../../../src/line/speech/playback.ts';
import { RecordedPrompts } from '../../../src/line/speech/recorded.ts';
import { sentencesOf } from '../../../src/line/speech/sentences.ts';
import {
  CLIP_RATE_HZ,
  durationMsOf,
  peakDbfs,
  resample,
  speechDbfs,
} from '../../../src/line/speech/signal.ts';
import { SpeechFailed, type SpokenAudio, type TtsPort } from '../../../src/line/speech/tts.ts';
import { installedVoices } from '../../../src/line/speech/voices.ts';
import { readWav, wavBytes } from '../../../src/line/speech/wav.ts';

const SPOKEN = {
  'en-us':
    'Please enter your card number, then press pound. That will be $29.99 every month. ' +
    'To cancel or change your subscription, call +1 317 555 0100 at any time. One moment, please.',
  'es-us':
    'Por favor, marque el número de su tarjeta y después oprima numeral. Son $29.99 cada mes. ' +
    'Para cancelar o cambiar su suscripción, llame al +1 317 555 0100. Un momento, por favor.',
} as const;

const directory = mkdtempSync(join(tmpdir(), 'tl-speech-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477, 1633];
const RATE_HZ = 8000;
/** Of a detector at 8 kHz (Goertzel, N = 205). */
const FRAME = 205;

function power(frame: Int16Array, frequencyHz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequencyHz) / RATE_HZ);
  let [one, two] = [0, 0];
  for (const sample of frame) [one, two] = [sample + factor * one - two, one];
  return (one * one + two * two - factor * one * two) / (frame.length / 2) ** 2;
}

/** Frames in a row that hold the two tones of a key and little else (ITU-T Q.24). */
function keysHeard(audio: SpokenAudio): number {
  const { samples } = resample(audio, RATE_HZ);
  let keys = 0;
  let inRow = 0;
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    const frame = samples.subarray(at, at + FRAME);
    const strongest = (tones: readonly number[]): number =>
      Math.max(...tones.map((hz) => power(frame, hz)));
    const row = strongest(ROWS_HZ);
    const column = strongest(COLUMNS_HZ);
    let energy = 0;
    for (const sample of frame) energy += (sample * sample) / frame.length;
    const isKey =
      energy > 10_000 && (row + column) / 2 > 0.7 * energy && row / column < 6 && column / row < 3;
    inRow = isKey ? inRow + 1 : 0;
    // 40 ms are a key.
    if (inRow === 2) keys += 1;
  }
  return keys;
}

test('the detector of keys finds a key', () => {
  const samples = Int16Array.from({ length: 1600 }, (_, n) => {
    const phase = (2 * Math.PI * n) / 16_000;
    return Math.round(6000 * (Math.sin(phase * 770) + Math.sin(phase * 1336)));
  });
  assert.equal(keysHeard({ samples, rateHz: 16_000 }), 1);
});

for (const language of ['en-us', 'es-us'] as const) {
  test(`the voice for ${language} speaks: level, peaks, length, no key tones`, async () => {
    const port = installedVoices().find(({ voices }) => voices[0]?.language === language);
    assert.ok(port, `there is a voice for ${language}`);
    const clips = new Clips([port], null);
    let spokenMs = 0;
    let estimateMs = 0;
    for (const sentence of sentencesOf(SPOKEN[language])) {
      const named = clips.named(sentence, language);
      assert.ok(named);
      const { wav, durationMs } = await clips.clip(named);
      const audio = readWav(wav);
      assert.equal(audio.rateHz, CLIP_RATE_HZ);
      assert.equal(durationMs, Math.round(durationMsOf(audio)));
      assert.ok(Math.abs(speechDbfs(audio) + 16) < 1, `level ${speechDbfs(audio)}`);
      assert.ok(peakDbfs(audio.samples) <= -1, 'peak');
      assert.equal(keysHeard(audio), 0, sentence);
      const estimate = estimatedMs(sentence, language);
      assert.ok(
        Math.abs(estimate - durationMs) / durationMs < 0.25,
        `${sentence}: ${durationMs} ms`,
      );
      spokenMs += durationMs;
      estimateMs += estimate;
    }
    assert.ok(Math.abs(estimateMs - spokenMs) / spokenMs < 0.08, `${estimateMs} for ${spokenMs}`);
  });
}

/** A voice that counts how often it speaks. */
class CountingVoice implements TtsPort {
  readonly engine: string;
  readonly voices = [{ name: 'test', language: 'en-us' }];
  readonly said: string[] = [];
  failures = 0;

  constructor(engine = 'test 1') {
    this.engine = engine;
  }

  synthesise(text: string): Promise<SpokenAudio> {
    if (this.failures > 0) {
      this.failures -= 1;
      return Promise.reject(new SpeechFailed('hoarse'));
    }
    this.said.push(text);
    const samples = Int16Array.from({ length: 16_000 }, (_, n) =>
      Math.round(5000 * Math.sin(n / 9)),
    );
    return Promise.resolve({ samples, rateHz: 16_000 });
  }

  synthesiseAll(texts: readonly string[]): Promise<SpokenAudio[]> {
    return Promise.all(texts.map((text) => this.synthesise(text)));
  }
}

const named = (clips: Clips, sentence: string) => {
  const found = clips.named(sentence, 'en-us');
  assert.ok(found);
  return found;
};

test('a sentence is spoken once, however often it is heard', async () => {
  const voice = new CountingVoice();
  const clips = new Clips([voice], null);
  const [one, two] = await Promise.all([
    clips.clip(named(clips, 'Hello.')),
    clips.clip(named(clips, 'Hello.')),
  ]);
  assert.equal(one, two);
  assert.deepEqual(voice.said, ['Hello.']);
});

test('a sentence that did not come out is tried again', async () => {
  const voice = new CountingVoice();
  voice.failures = 1;
  const clips = new Clips([voice], null);
  await assert.rejects(clips.clip(named(clips, 'Hello.')), SpeechFailed);
  assert.ok((await clips.clip(named(clips, 'Hello.'))).durationMs > 900);
});

test('a voice that fails now and then is not given up', async () => {
  const voice = new CountingVoice();
  const reports: string[] = [];
  const clips = new Clips([voice], null, (sentence) => void reports.push(sentence));
  for (const sentence of ['One.', 'Two.', 'Three.']) {
    voice.failures = 2;
    await assert.rejects(clips.clip(named(clips, sentence)), SpeechFailed);
    await assert.rejects(clips.clip(named(clips, sentence)), SpeechFailed);
    assert.ok(await clips.clip(named(clips, sentence)));
  }
  assert.deepEqual(reports, []);
});

test('clips that were made ahead of time are not spoken, and their length is known', async () => {
  const folder = join(directory, 'made');
  const maker = new Clips([new CountingVoice()], folder);
  assert.equal(await maker.make([named(maker, 'Hello.')]), 1);
  assert.equal(await maker.make([named(maker, 'Hello.')]), 0);
  maker.saveLengths([named(maker, 'Hello.')]);
  const voice = new CountingVoice();
  const clips = new Clips([voice], folder);
  const { durationMs } = await clips.clip(named(clips, 'Hello.'));
  assert.deepEqual(voice.said, []);
  assert.equal(clips.knownLength('Hello.', 'en-us'), durationMs);
  assert.equal(clips.knownLength('Good day.', 'en-us'), null);
  const lengths = soundLengths(() => 'Hello.', clips.knownLength);
  assert.equal(lengths.durationMs({ kind: 'prompt', name: 'x', language: 'en-us' }), durationMs);
});

test('another engine, voice or text is another clip, and no name has a run of digits', () => {
  const clips = new Clips([new CountingVoice('test 1')], null);
  const keys = [
    named(clips, 'Hello.').key,
    named(clips, 'Hello!').key,
    named(new Clips([new CountingVoice('test 2')], null), 'Hello.').key,
  ];
  assert.equal(new Set(keys).size, 3);
  for (const key of keys) assert.match(key, CLIP_KEY);
});

test('a recorded prompt goes before the voice, and one that is broken is named', async () => {
  const folder = join(directory, 'audio');
  mkdirSync(join(folder, 'en-us'), { recursive: true });
  const samples = Int16Array.from({ length: 8000 }, (_, n) => Math.round(3000 * Math.sin(n / 5)));
  writeFileSync(join(folder, 'en-us', 'greeting.wav'), wavBytes({ samples, rateHz: 8000 }));
  writeFileSync(join(folder, 'en-us', 'goodbye.wav'), 'nothing');
  const recorded = new RecordedPrompts(folder);
  assert.equal(recorded.problems.length, 1);
  assert.match(recorded.problems[0] ?? '', /goodbye\.wav: it is no WAV file/);
  const voice = new CountingVoice();
  const playback = new Playback(() => 'Hello there.', new Clips([voice], null), recorded);
  const pieces = playback.pieces([
    { kind: 'prompt', name: 'tokenline_greeting', language: 'en-us' },
  ]);
  assert.deepEqual(voice.said, []);
  assert.equal(pieces.length, 1);
  const [piece] = pieces;
  const clip = await playback.clip(piece?.kind === 'clip' ? piece.key : '');
  assert.equal(clip?.durationMs, 1000);
  assert.equal(readWav(clip?.wav ?? Buffer.alloc(0)).rateHz, CLIP_RATE_HZ);
});

test('only what a call has announced can be fetched', async () => {
  const playback = new Playback(
    () => null,
    new Clips([new CountingVoice()], null),
    new RecordedPrompts('/nowhere'),
  );
  assert.equal(await playback.clip('a'.repeat(64)), null);
  const [piece] = playback.pieces([{ kind: 'speech', text: 'Hello.', language: 'en-us' }]);
  assert.ok(piece?.kind === 'clip');
  assert.ok(await playback.clip(piece.key));
});

test('without a voice the words are shown for as long as they would take', () => {
  const playback = new Playback(() => null, new Clips([], null), new RecordedPrompts('/nowhere'));
  const [piece] = playback.pieces([{ kind: 'speech', text: 'Hola, amigo.', language: 'es-us' }]);
  assert.ok(piece?.kind === 'silence');
  assert.equal(piece.words, 'Hola, amigo.');
  assert.equal(piece.durationMs, estimatedMs('Hola, amigo.', 'es-us'));
});
