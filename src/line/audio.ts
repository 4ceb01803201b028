import { playable } from '../architect/expression/evaluate.ts';
import type { Audio, Sound } from '../architect/expression/value.ts';
import type { AudioSetting } from '../architect/model.ts';
import type { FlowRun } from './flow-run.ts';
import { evaluated, located, scopeOf } from './settings.ts';
import { HungUp } from './step.ts';

const USER_PROMPT = /^Prompt\./i;

/**
 * "Architect sets the default barge-in to true for all audio" but hold music.
 * @see https://help.mypurecloud.com/articles/about-barge-in-options/
 */
const BARGE_IN = true;

function promptSound(run: FlowRun, name: string): Sound {
  return { kind: 'prompt', name: name.replace(USER_PROMPT, ''), language: run.language };
}

/** What an audio setting plays now; `null` for nothing. */
export function audioOf(run: FlowRun, setting: AudioSetting): Audio | null {
  switch (setting.kind) {
    case 'none':
      return null;
    case 'tts':
      return {
        sounds: [{ kind: 'speech', text: setting.text, language: run.language }],
        bargeIn: BARGE_IN,
      };
    case 'prompt':
      return { sounds: [promptSound(run, setting.name)], bargeIn: BARGE_IN };
    case 'expression': {
      const value = evaluated(run, setting);
      return located(setting, () => playable(value, scopeOf(run), setting.expression.span));
    }
  }
}

/** Puts what an action plays behind what already waits. */
export function enqueue(run: FlowRun, setting: AudioSetting): void {
  run.audio.add(audioOf(run, setting), run.place);
}

/**
 * Plays everything that waits.
 *
 * @param listening whether speech interrupts it as a key does.
 * @throws HungUp
 */
export async function playQueued(run: FlowRun, listening = false): Promise<void> {
  const { telephone } = run.call.setup;
  for (let next = run.audio.take(); next !== null; next = run.audio.take()) {
    const { sounds, bargeIn } = next.audio;
    run.call.tell({ kind: 'playing', sounds, bargeIn, action: next.action });
    // Where barge-in is off, "any DTMF input buffered in a transition state is deleted"
    // (VoiceXML 2.0 §4.1.5.1, which Genesys plays audio by), and so is what is keyed over it.
    if (!bargeIn) telephone.flush();
    const how = await telephone.play(sounds, { bargeIn, listening: listening && bargeIn });
    run.call.tell({ kind: 'played', how });
    if (how === 'hung_up') throw new HungUp();
    if (!bargeIn) telephone.flush();
    if (how === 'interrupted') run.audio.clear();
  }
  run.call.checkLine();
}
