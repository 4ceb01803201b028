import { FUNCTIONS } from './functions/table.ts';

/** What people write that Architect does not have, and what it has instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  isnotset: 'write !IsSet(…)',
  isempty: 'write IsNotSetOrEmpty(…)',
  not: 'write !',
  and: 'and stands between two conditions',
  or: 'or stands between two conditions',
  concat: 'did you mean Append?',
  concatenate: 'did you mean Append?',
  mod: 'write %',
  power: 'write ^',
  size: 'did you mean Count or Length?',
  indexof: 'did you mean FindString?',
  startswith: 'compare Left(…) with ==',
  endswith: 'compare Right(…) with ==',
  tolower: 'did you mean Lower?',
  toupper: 'did you mean Upper?',
  tonumber: 'did you mean ToInt or ToDecimal?',
  now: 'did you mean GetCurrentDateTimeUtc?',
};

/** More than this many letters differ: another word. */
const DISTANCE_MAX = 3;

/** What to write instead of a function that is not known; empty where nothing comes near. */
export function suggestFunction(name: string): string {
  const wanted = name.toLowerCase();
  const instead = INSTEAD[wanted];
  if (instead !== undefined) return `: ${instead}`;
  const near = FUNCTIONS.map((entry) => ({
    name: entry.name,
    distance: distance(wanted, entry.name.toLowerCase()),
  })).sort((one, other) => one.distance - other.distance)[0];
  const limit = Math.min(DISTANCE_MAX, Math.floor(wanted.length / 2));
  return near !== undefined && near.distance <= limit ? `: did you mean ${near.name}?` : '';
}

/** Levenshtein: how many letters to change, add or leave out. */
function distance(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of Array.from(one).entries()) {
    const line = [row + 1];
    for (let column = 0; column < other.length; column += 1) {
      const changed = (before[column] ?? 0) + (other[column] === letter ? 0 : 1);
      line.push(Math.min(changed, (before[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1));
    }
    before = line;
  }
  return before.at(-1) ?? 0;
}
