import type { ActionType } from './action-type.ts';
import { CONTROL } from './actions/control.ts';
import { DATA } from './actions/data.ts';
import { OTHER } from './actions/other.ts';
import { PARTICIPANT } from './actions/participant.ts';
import { TRANSFERS } from './actions/transfer.ts';
import { VOICE } from './actions/voice.ts';

const FAMILIES: readonly (readonly [string, readonly Omit<ActionType, 'family'>[]])[] = [
  ['Audio and input', VOICE],
  ['The way through a flow', CONTROL],
  ['Data', DATA],
  ['Participant data', PARTICIPANT],
  ['Transfers', TRANSFERS],
  ['Everything else', OTHER],
];

/** Every action of a voice flow that is known, by its key. Reading, messages and documentation come from it. */
export const ACTION_TYPES: ReadonlyMap<string, ActionType> = new Map(
  FAMILIES.flatMap(([family, types]) =>
    types.map((type) => [type.key, { ...type, family }] as const),
  ),
);
