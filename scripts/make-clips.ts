import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILT_IN_PROMPTS, flowPrompts, loadPrompts } from '../src/cli/prompts.ts';
import { Clips, type NamedClip } from '../src/line/speech/clips.ts';
import { sentencesOf } from '../src/line/speech/sentences.ts';
import { installedVoices } from '../src/line/speech/voices.ts';
import { LANGUAGES } from '../src/payment/language.ts';

/**
 * Speaks every sentence of the prompts that has no value in it, so that a call need not wait for
 * one. Clips are kept by content: only what has changed is spoken again.
 */
const folder = fileURLToPath(new URL('../dist/speech', import.meta.url));
// Compiled, because a loader takes longer than a sentence.
const flite = fileURLToPath(new URL('../dist/line/speech/flite-program.js', import.meta.url));
const WORKERS = 2;
/** Sentences that one process speaks. */
const BATCH = 14;

const clips = new Clips(installedVoices(flite), folder);
const tables = loadPrompts(BUILT_IN_PROMPTS);
const flows = flowPrompts(BUILT_IN_PROMPTS);

const texts = LANGUAGES.flatMap((language) => {
  const { plain, errors, disclosure } = tables[language];
  const spoken = [...Object.values(plain), ...Object.values(errors).flat(), disclosure];
  for (const [name, text] of flows) if (name.startsWith(`${language} `)) spoken.push(text);
  return spoken.flatMap(sentencesOf).map((sentence) => ({ sentence, language }));
});

const wanted = new Map<string, NamedClip>();
for (const { sentence, language } of texts) {
  const named = /[{[]/.test(sentence) ? null : clips.named(sentence, language);
  if (named !== null) wanted.set(named.key, named);
}

const startMs = performance.now();
const waiting = LANGUAGES.flatMap((language) => {
  const spokenIn = [...wanted.values()].filter((named) => named.language === language);
  return Array.from({ length: Math.ceil(spokenIn.length / BATCH) }, (_, index) =>
    spokenIn.slice(index * BATCH, (index + 1) * BATCH),
  );
});
let made = 0;
await Promise.all(
  Array.from({ length: WORKERS }, async () => {
    for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) {
      const count = await clips.make(batch);
      made += count;
    }
  }),
);
clips.saveLengths([...wanted.values()]);
for (const stray of clips.strays([...wanted.values()])) rmSync(join(folder, stray));
const failed = [...wanted.values()].filter(
  ({ sentence, language }) => clips.knownLength(sentence, language) === null,
).length;
if (made > 0 || failed > 0) {
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const missing = failed === 0 ? '' : `; ${failed} did not come out and are spoken when wanted`;
  console.log(`spoke ${made} sentences in ${seconds} s${missing}`);
}
