import type { SpokenAudio } from './tts.ts';

/** A file is no clip: the sentence says what is wrong with it and what to do. */
export class WavRefused extends Error {
  override readonly name = 'WavRefused';
}

const HEADER_BYTES = 44;
/** WAVE_FORMAT_PCM (Microsoft, "Multiple channel audio data and WAVE files"). */
const PCM = 1;

const RATE_HZ_MIN = 8_000;
const RATE_HZ_MAX = 48_000;
/** A prompt of two minutes is a mistake: a caller hears at most half a minute at a time. */
const DURATION_MS_MAX = 120_000;

/** RIFF/WAVE with one channel of 16-bit PCM. */
export function wavBytes({ samples, rateHz }: SpokenAudio): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + samples.length * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(PCM, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rateHz, 24);
  bytes.writeUInt32LE(rateHz * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples.length * 2, 40);
  for (const [index, sample] of samples.entries()) {
    bytes.writeInt16LE(sample, HEADER_BYTES + index * 2);
  }
  return bytes;
}

interface Format {
  readonly rateHz: number;
}

function formatIn(bytes: Buffer, at: number): Format {
  const format = bytes.readUInt16LE(at);
  const channels = bytes.readUInt16LE(at + 2);
  const rateHz = bytes.readUInt32LE(at + 4);
  const bits = bytes.readUInt16LE(at + 14);
  if (format !== PCM || bits !== 16) {
    throw new WavRefused('it is not 16-bit PCM; save it as "WAV, signed 16-bit PCM"');
  }
  if (channels !== 1) throw new WavRefused(`it has ${channels} channels; save it as mono`);
  if (rateHz < RATE_HZ_MIN || rateHz > RATE_HZ_MAX) {
    throw new WavRefused(`its rate is ${rateHz} Hz; 8000 to 48000 are taken`);
  }
  return { rateHz };
}

/**
 * Reads RIFF/WAVE. Chunks that are not needed are skipped. A length that runs past the end, as
 * programs write that stream to a pipe, means "to the end".
 *
 * @throws {WavRefused}
 */
export function readWav(bytes: Buffer): SpokenAudio {
  const isWav =
    bytes.length >= HEADER_BYTES &&
    bytes.toString('latin1', 0, 4) === 'RIFF' &&
    bytes.toString('latin1', 8, 12) === 'WAVE';
  if (!isWav) throw new WavRefused('it is no WAV file');
  let format: Format | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const from = at + 8;
    if (id === 'fmt ' && from + 16 <= bytes.length) format = formatIn(bytes, from);
    if (id === 'data') {
      if (format === null) throw new WavRefused('its data stands before its format');
      return audioFrom(bytes.subarray(from, Math.min(bytes.length, from + length)), format.rateHz);
    }
    at = from + length + (length % 2);
  }
  throw new WavRefused('it has no sound in it');
}

function audioFrom(data: Buffer, rateHz: number): SpokenAudio {
  const count = Math.floor(data.length / 2);
  if ((count * 1000) / rateHz > DURATION_MS_MAX) {
    throw new WavRefused('it is longer than two minutes');
  }
  if (count === 0) throw new WavRefused('it has no sound in it');
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = data.readInt16LE(i * 2);
  return { samples, rateHz };
}
