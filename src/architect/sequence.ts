import type { TreeNode } from './document.ts';
import type { Action, Sequence } from './model.ts';
import { nearest, type Reading } from './reading.ts';
import { ACTION_TYPES } from './registry.ts';
import { anything } from './value-property.ts';

/** Reads a list of actions. One that is not known stays as a named gap, so that the rest keeps its place. */
export function readActions(node: TreeNode, reading: Reading): Sequence {
  return reading.list(node, '`actions`').flatMap((item) => readAction(item, reading) ?? []);
}

/** Reads `{playAudio: {…}}`; `null`, and a problem, for what is not one key. */
function readAction(node: TreeNode, reading: Reading): Action | null {
  const entry = reading.onlyEntry(node, 'an action');
  if (entry === null) return null;
  const type = ACTION_TYPES.get(entry.key);
  if (type === undefined) {
    const near = nearest(entry.key, ACTION_TYPES.keys());
    reading.report(
      entry.keyPosition,
      'unknown-action',
      `${entry.key} is no action of a voice flow; ${near === null ? 'correct its spelling or take it away.' : `did you mean ${near}?`}`,
    );
    const place = { what: entry.key, position: entry.keyPosition };
    const found = anything().read(entry.value, place, reading);
    return {
      kind: 'notPlayed',
      name: entry.key,
      type: entry.key,
      position: entry.keyPosition,
      ...found,
    };
  }
  const fields = reading.fields(entry.value, entry.key);
  const action = type.read(fields);
  fields.end();
  return { ...action, position: entry.keyPosition };
}
