import type { CollectInput } from '../architect/model.ts';
import { audioOf, playQueued } from './audio.ts';
import type { FlowRun } from './flow-run.ts';
import { HungUp } from './step.ts';

/** How long Genesys waits for the answer is not published; the menu's default. */
const ANSWER_MS = 10_000;

const ONE = 49;

/** Words of Genesys' own prompts differ by release; these say the same. */
const WORDS: Readonly<Record<string, readonly [entered: string, choice: string]>> = {
  en: ['You entered', 'If this is correct, press 1. Otherwise, press 2.'],
  es: ['Usted marcó', 'Si es correcto, oprima 1. Si no, oprima 2.'],
};

/**
 * Verification of Collect Input: what was keyed is read to the caller, digit by digit or as one
 * number, and counts once it was confirmed. Never for a secure variable.
 *
 * @returns false when the caller wants to key it again.
 */
export async function readBack(
  run: FlowRun,
  { verification, verificationAudio }: CollectInput,
  digits: string,
): Promise<boolean> {
  if (verification === 'none') return true;
  const { language } = run;
  const [entered, choice] = WORDS[language.slice(0, 2)] ?? WORDS['en'] ?? ['', ''];
  const spoken = verification === 'individualDigits' ? Array.from(digits).join(' ') : digits;
  const own = audioOf(run, verificationAudio);
  const text = `${entered} ${spoken}.${own === null ? ` ${choice}` : ''}`;
  run.audio.add({ sounds: [{ kind: 'speech', text, language }], bargeIn: true }, run.place);
  run.audio.add(own, run.place);
  await playQueued(run);
  const event = await run.call.setup.telephone.next(ANSWER_MS, false);
  if (event?.kind === 'hung_up') throw new HungUp();
  return event === null || (event.kind === 'key' && event.code === ONE);
}
