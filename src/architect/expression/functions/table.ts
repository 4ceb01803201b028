import type { ArchitectFunction } from '../signature.ts';
import { AUDIO_FUNCTIONS } from './audio.ts';
import { CONVERT_FUNCTIONS } from './convert.ts';
import { DATE_TIME_FUNCTIONS } from './date-time.ts';
import { LIST_FUNCTIONS } from './list.ts';
import { LOGIC_FUNCTIONS } from './logic.ts';
import { NUMBER_FUNCTIONS } from './number.ts';
import { TEXT_FUNCTIONS } from './text.ts';

/**
 * Every function that is understood.
 *
 * Names, parameters, what NOT_SET does and the examples that the tests hold are facts from the help
 * data in `purecloud-flow-scripting-api-sdk-javascript` 0.0.18 (npm), which describes 98 functions.
 * `ToDisplayString`, `GetJsonObjectProperty` and `ToScheduleGroup` are newer and taken from public
 * flows; what they do exactly is unchecked. That an Integer may be given to a Decimal parameter is
 * unchecked as well. Left out: what voice flows do not need, and `Language.Gender` and the like.
 */
export const FUNCTIONS: readonly ArchitectFunction[] = [
  ...TEXT_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...LOGIC_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...CONVERT_FUNCTIONS,
  ...DATE_TIME_FUNCTIONS,
  ...AUDIO_FUNCTIONS,
];

const BY_NAME = new Map(FUNCTIONS.map((entry) => [entry.name.toLowerCase(), entry]));

/** A function by its name, in any case. */
export function functionNamed(name: string): ArchitectFunction | undefined {
  return BY_NAME.get(name.toLowerCase());
}
