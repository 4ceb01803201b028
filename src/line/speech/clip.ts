import { createHash } from 'node:crypto';
import { CLIP_RATE_HZ } from './signal.ts';
import { wavBytes } from './wav.ts';

/** One sentence as sound: RIFF/WAVE, one channel, 16 bits, `CLIP_RATE_HZ`. */
export interface Clip {
  readonly wav: Buffer;
  readonly durationMs: number;
}

/** Nothing to be heard for a while: what stands in for a sentence that did not come out. */
export function silentClip(durationMs: number): Clip {
  const samples = new Int16Array(Math.round((durationMs * CLIP_RATE_HZ) / 1000));
  return { wav: wavBytes({ samples, rateHz: CLIP_RATE_HZ }), durationMs };
}

/** What decides how a sentence sounds; two clips with the same are the same. */
export interface ClipSource {
  /** With its version. */
  readonly engine: string;
  readonly voice: string;
  readonly language: string;
  readonly text: string;
}

/** Raised when clips are made otherwise from the same speech, such as louder. */
const RECIPE = 'trimmed, -16 dBFS, 1';

/** Sixteen letters for the sixteen values of half a byte: no name of a clip has a run of digits. */
const LETTERS = 'abcdefghijkmnpqr';

function lettersOf(hash: Buffer): string {
  let letters = '';
  for (const byte of hash) letters += `${LETTERS[byte >> 4] ?? ''}${LETTERS[byte & 15] ?? ''}`;
  return letters;
}

/** 64 letters: SHA-256 of everything that decides how it sounds. */
export function clipKey({ engine, voice, language, text }: ClipSource): string {
  const parts = JSON.stringify([RECIPE, engine, voice, language, text, CLIP_RATE_HZ]);
  return lettersOf(createHash('sha256').update(parts).digest());
}

/** 64 letters: SHA-256 of a recorded file. */
export function recordedKey(wav: Buffer): string {
  return lettersOf(createHash('sha256').update(wav).digest());
}

export const CLIP_KEY = /^[a-r]{64}$/;
