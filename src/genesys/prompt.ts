import type { Static } from 'typebox';
import { CALLS } from './calls.ts';
import type * as models from './models.ts';
import { marked, noteOf } from './naming.ts';
import { notOurs, sameName, type Look, type Part, type Place } from './place.ts';
import type { PromptTexts } from './wanted.ts';

const DESCRIPTION = 'A sentence of Tokenline.';

/** What the flows put before the names of their prompts. */
const FAMILY = 'tokenline_';

export const promptPart = (place: Place, prompt: PromptTexts): Part => ({
  kind: 'user prompt',
  name: place.named(prompt.name),
  look: () => lookAtPrompt(place, prompt),
});

/** Every user prompt whose name begins like ours, with its texts. */
export function likeOurs(place: Place): Promise<Static<typeof models.Prompt>[]> {
  const query = { name: `${place.named(FAMILY)}*`, includeResources: true };
  return place.list(CALLS.listPrompts, query);
}

/**
 * Sentences are spoken by Genesys' own voice. A recording that somebody has made for a prompt stays: only
 * the words are compared, and only where they differ is the text of that language written.
 */
async function lookAtPrompt(place: Place, { name: bare, texts }: PromptTexts): Promise<Look> {
  const { platform, wanted } = place;
  const name = place.named(bare);
  const description = marked(DESCRIPTION, wanted.prefix, '');
  const add = async (promptId: string, language: string, text: string): Promise<void> => {
    const body = { language, ttsString: text, text };
    await platform.send(CALLS.addPromptText, { names: { promptId }, body, about: name });
  };
  const found = (await likeOurs(place)).find((one) => sameName(one.name, name));
  if (found === undefined) {
    return {
      verdict: 'create',
      put: async () => {
        const body = { name, description, ...(await place.division()) };
        const { id } = await platform.send(CALLS.addPrompt, { body, about: name });
        place.found('user prompt', name, id);
        for (const { language, text } of texts) await add(id, language, text);
      },
    };
  }
  if (noteOf(found.description, wanted.prefix) === null && !wanted.adopt) {
    return notOurs('user prompt', name);
  }
  place.found('user prompt', name, found.id);
  const differences: string[] = [];
  const puts: (() => Promise<void>)[] = [];
  if (found.description !== description) {
    differences.push('its description is another');
    puts.push(async () => {
      const names = { promptId: found.id };
      const body = { name: found.name, description };
      await platform.send(CALLS.changePrompt, { names, body, about: name });
    });
  }
  for (const { language, text } of texts) {
    const known = (found.resources ?? []).find((one) => sameName(one.language, language));
    if (known === undefined) {
      differences.push(`it has no text for ${language}`);
      puts.push(() => add(found.id, language, text));
    } else if (known.ttsString !== text || known.text !== text) {
      differences.push(`its text for ${language} is another`);
      const names = { promptId: found.id, languageCode: known.language ?? language };
      const body = { language: known.language ?? language, ttsString: text, text };
      puts.push(async () => {
        await platform.send(CALLS.changePromptText, { names, body, about: name });
      });
    }
  }
  if (differences.length === 0) return { verdict: 'left' };
  return {
    verdict: 'change',
    differences,
    put: async () => {
      for (const put of puts) await put();
    },
  };
}
