import type { World } from './world.ts';

/**
 * Holds the next statement with these words, once it is done or before it is begun; the others pass.
 *
 * @returns what lets it go on.
 */
export function holds(world: World, words: string, when: 'before' | 'after' = 'after'): () => void {
  const query = world.store.query.bind(world.store);
  let wake = (): void => {};
  let still: Promise<void> | null = new Promise((resolve) => (wake = resolve));
  world.store.query = async (...[text, values]) => {
    const held = still !== null && text.includes(words) ? still : null;
    if (held !== null) still = null;
    if (when === 'before') await held;
    const rows = await query(text, values);
    if (when === 'after') await held;
    return rows;
  };
  return wake;
}
