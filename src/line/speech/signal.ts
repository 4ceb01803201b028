import type { SpokenAudio } from './tts.ts';

/**
 * Of the clips. The browser plays 16 kHz, twice the band of a telephone, because both engines speak
 * it; `resample` makes 8 kHz where a telephone line wants it (ITU-T G.711).
 */
export const CLIP_RATE_HZ = 16_000;

/** Speech level of prompts, in dB below full scale: loud enough, with room for peaks. */
export const SPEECH_DBFS = -16;
/** No peak above it, so that a codec behind does not clip. */
export const PEAK_DBFS_MAX = -1;
/** From here on peaks are bent instead of cut: espeak-ng's are high for its loudness. */
const KNEE_DBFS = -6;

/** Quieter than this is silence at the ends of a clip. */
const SILENCE_DBFS = -46;
const FRAME_MS = 10;
/** Kept around the speech, so that no consonant is cut. */
const EDGE_MS = 30;

const FULL_SCALE = 32_768;

/** Half the length of the filter in samples of the slower rate: 16 gives about 80 dB. */
const FILTER_HALF = 16;
/** Kaiser's beta for about 80 dB of stop band (Oppenheim and Schafer, §7.5.3: 0.1102 (A - 8.7)). */
const KAISER_BETA = 7.857;
/** Of the slower half band: what lies between falls into the filter's slope. */
const PASS_BAND = 0.9;

const linear = (db: number): number => 10 ** (db / 20);

export function decibels(ratio: number): number {
  return ratio <= 0 ? -Infinity : 20 * Math.log10(ratio);
}

/** Root mean square over all samples, in dB of full scale. */
export function levelDbfs(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return decibels(Math.sqrt(sum / Math.max(1, samples.length)) / FULL_SCALE);
}

export function peakDbfs(samples: Int16Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return decibels(peak / FULL_SCALE);
}

export function durationMsOf({ samples, rateHz }: SpokenAudio): number {
  return (samples.length * 1000) / rateHz;
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/**
 * Another rate, by a windowed sinc filter (Kaiser) in phases: linear phase, pass band flat to 90 %
 * of the slower half band, about 80 dB against images and aliases.
 */
export function resample(audio: SpokenAudio, rateHz: number): SpokenAudio {
  if (audio.rateHz === rateHz) return audio;
  const common = gcd(audio.rateHz, rateHz);
  const up = rateHz / common;
  const down = audio.rateHz / common;
  const slower = Math.min(1, rateHz / audio.rateHz);
  const reach = FILTER_HALF / slower;
  const cutoff = slower * PASS_BAND;
  const phases = Array.from({ length: up }, (_, phase) => {
    const taps = new Float64Array(2 * Math.ceil(reach) + 1);
    const first = -Math.ceil(reach);
    let sum = 0;
    for (let i = 0; i < taps.length; i++) {
      const x = first + i - phase / up;
      const inside = Math.abs(x) <= reach;
      const window = inside
        ? besselI0(KAISER_BETA * Math.sqrt(1 - (x / reach) ** 2)) / besselI0(KAISER_BETA)
        : 0;
      taps[i] = cutoff * sinc(cutoff * x) * window;
      sum += taps[i] ?? 0;
    }
    return taps.map((tap) => tap / sum);
  });
  const length = Math.floor((audio.samples.length * up) / down);
  const samples = new Int16Array(length);
  for (let n = 0; n < length; n++) {
    const position = n * down;
    const taps = phases[position % up] ?? new Float64Array();
    const start = Math.floor(position / up) - Math.ceil(reach);
    let sum = 0;
    for (let i = 0; i < taps.length; i++) sum += (taps[i] ?? 0) * (audio.samples[start + i] ?? 0);
    samples[n] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sum)));
  }
  return { samples, rateHz };
}

/** Without the silence at both ends. What is silent throughout becomes empty. */
export function trimmed(audio: SpokenAudio): SpokenAudio {
  const frame = Math.round((audio.rateHz * FRAME_MS) / 1000);
  const frames = Math.ceil(audio.samples.length / frame);
  const loud = (index: number): boolean =>
    levelDbfs(audio.samples.subarray(index * frame, (index + 1) * frame)) > SILENCE_DBFS;
  let first = 0;
  while (first < frames && !loud(first)) first++;
  let last = frames - 1;
  while (last > first && !loud(last)) last--;
  const edge = Math.round((audio.rateHz * EDGE_MS) / 1000);
  const samples = audio.samples.slice(
    Math.max(0, first * frame - edge),
    first === frames ? 0 : (last + 1) * frame + edge,
  );
  return { samples, rateHz: audio.rateHz };
}

/** The level of the loud frames: pauses are not speech. */
export function speechDbfs(audio: SpokenAudio): number {
  const frame = Math.round((audio.rateHz * FRAME_MS) / 1000);
  let power = 0;
  let count = 0;
  for (let at = 0; at < audio.samples.length; at += frame) {
    const level = levelDbfs(audio.samples.subarray(at, at + frame));
    if (level <= SILENCE_DBFS) continue;
    power += linear(level) ** 2;
    count++;
  }
  return count === 0 ? -Infinity : decibels(Math.sqrt(power / count));
}

/** At one speech level, so that no sentence is louder than the next, with peaks bent to their limit. */
export function normalised(audio: SpokenAudio): SpokenAudio {
  const speech = speechDbfs(audio);
  if (speech === -Infinity) return audio;
  const gain = linear(SPEECH_DBFS - speech) / FULL_SCALE;
  const knee = linear(KNEE_DBFS);
  const above = linear(PEAK_DBFS_MAX) - knee;
  const samples = audio.samples.map((sample) => {
    const size = Math.abs(sample * gain);
    const bent = size <= knee ? size : knee + above * Math.tanh((size - knee) / above);
    return Math.round(Math.sign(sample) * bent * FULL_SCALE);
  });
  return { samples, rateHz: audio.rateHz };
}

/** What an engine gave, as a clip: one rate, no silence around it, one level. */
export function clipOf(audio: SpokenAudio): SpokenAudio {
  return normalised(trimmed(resample(audio, CLIP_RATE_HZ)));
}
