import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallStage } from '../../line/call-file/play.ts';
import { Aloud } from '../../line/speech/aloud.ts';
import { Clips } from '../../line/speech/clips.ts';
import { soundLengths } from '../../line/speech/lengths.ts';
import { Playback } from '../../line/speech/playback.ts';
import { RecordedPrompts } from '../../line/speech/recorded.ts';
import { installedVoices } from '../../line/speech/voices.ts';
import { sleep, systemClock } from '../../system/clock.ts';
import type { Pace } from '../../system/virtual-clock.ts';
import { BUILT_IN_PROMPTS } from '../prompts.ts';
import { openSoundOutput } from './sound-output.ts';

/** Clips of the prompts, where the build has made them. */
const CLIPS = fileURLToPath(
  new URL(
    extname(import.meta.url) === '.ts' ? '../../../dist/speech' : '../../speech',
    import.meta.url,
  ),
);

/** A stage whose prompts are heard. */
export interface SpokenStage {
  /** Its lengths are exact where there is a clip; its `observe` says what is played. */
  readonly stage: CallStage;
  readonly aloud: Aloud;
  /** Lets no time pass that is still being spoken; for time that jumps. */
  readonly pace: Pace;
  close(): void;
}

/**
 * Gives the prompts of a stage a voice.
 *
 * @param report told once of what cannot be heard.
 * @throws {CommandFailed} where nothing here plays sound.
 */
export async function speakStage(
  stage: CallStage,
  report: (sentence: string) => void,
): Promise<SpokenStage> {
  const output = await openSoundOutput();
  const recorded = new RecordedPrompts(join(BUILT_IN_PROMPTS, 'audio'));
  for (const problem of recorded.problems) report(problem);
  const clips = new Clips(installedVoices(), existsSync(CLIPS) ? CLIPS : null);
  const aloud = new Aloud(new Playback(stage.promptTexts, clips, recorded), output.play, report);
  let cut = new AbortController();
  let isOver = true;
  return {
    aloud,
    stage: {
      ...stage,
      lengths: soundLengths(stage.promptTexts, clips.knownLength, recorded.length),
      observe(event) {
        stage.observe?.(event);
        if (event.kind === 'playing') {
          cut = new AbortController();
          isOver = false;
          void aloud.say(event.sounds, cut.signal);
        } else if (event.kind === 'played') {
          isOver = true;
          if (event.how !== 'heard') cut.abort();
        }
      },
    },
    async pace(ms) {
      if (isOver) return aloud.whenSilent();
      const enough = new AbortController();
      await Promise.race([sleep(systemClock, ms, enough.signal), aloud.whenSilent()]);
      enough.abort();
    },
    close: () => output.close(),
  };
}
