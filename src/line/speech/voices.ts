import { Espeak } from './espeak.ts';
import { Flite } from './flite.ts';
import type { TtsPort } from './tts.ts';

/** The engines that are here: flite for English, espeak-ng for Spanish where it is installed. */
export function installedVoices(compiledFlite: string | null = null): readonly TtsPort[] {
  const espeak = Espeak.find();
  return espeak === null ? [new Flite(compiledFlite)] : [new Flite(compiledFlite), espeak];
}
