import type { Arguments } from '../arguments.ts';
import { compareTexts } from '../equality.ts';
import { audioOf, flag, integer, list, text, TEXT_LENGTH_MAX } from '../results.ts';
import { defineFunction } from '../signature.ts';
import type { Value } from '../value.ts';

/** Space, tab, carriage return and line feed, and no other blank (help data of the SDK). */
const BLANKS_BEFORE = /^[ \t\r\n]+/;
const BLANKS_BEHIND = /[ \t\r\n]+$/;

/** A whole number of characters, not negative (what Architect does with -1 is unchecked). */
function count(args: Arguments, index: number, what: string): number {
  const value = args.number(index);
  return value < 0 ? args.fail(`${what} is ${value}, and it must not be negative`) : value;
}

function find(args: Arguments, occurrence: number, ignoreCase: boolean): Value {
  const fold = (value: string): string => (ignoreCase ? value.toLowerCase() : value);
  const within = fold(args.text(0));
  const wanted = fold(args.text(1));
  if (occurrence < 1) return args.fail('occurrences are counted from 1');
  let at = within.indexOf(wanted);
  if (wanted === '') return integer(args, 0);
  for (let seen = 1; seen < occurrence && at >= 0; seen += 1) at = within.indexOf(wanted, at + 1);
  return integer(args, at);
}

function contains(args: Arguments, ignoreCase: boolean): Value {
  const found = find(args, 1, ignoreCase);
  return flag(found.type === 'integer' && found.value >= 0);
}

function compare(args: Arguments, ignoreCase: boolean): Value {
  // NOT_SET stands before every text (examples of the help data).
  if (!args.isSet(0) || !args.isSet(1)) {
    return integer(args, Number(args.isSet(0)) - Number(args.isSet(1)));
  }
  return integer(args, compareTexts(args.text(0), args.text(1), ignoreCase));
}

export const TEXT_FUNCTIONS = [
  defineFunction('Append', 'Joins texts, or audio and prompts, in order; NOT_SET adds nothing.', {
    '(first: string?, more...: string?): string': (args) =>
      text(args.values.map((_, index) => args.textOr(index, '')).join('')),
    '(first: sound?, more...: sound?): audio': (args) => {
      const parts = args.values.map((_, index) => args.audio(index));
      return audioOf({
        sounds: parts.flatMap(({ sounds }) => sounds),
        bargeIn: parts.every(({ bargeIn }) => bargeIn),
      });
    },
  }),
  defineFunction('Left', 'The first characters of a text, or all of it where it is shorter.', {
    '(text: string, length: integer): string': (args) =>
      text(args.text(0).slice(0, count(args, 1, 'the length'))),
  }),
  defineFunction('Right', 'The last characters of a text, or all of it where it is shorter.', {
    '(text: string, length: integer): string': (args) => {
      const length = count(args, 1, 'the length');
      return text(length === 0 ? '' : args.text(0).slice(-length));
    },
  }),
  defineFunction('Substring', 'Part of a text from a position, counted from 0; empty behind it.', {
    '(text: string, start: integer, length: integer): string': (args) => {
      const start = count(args, 1, 'the start');
      return text(args.text(0).slice(start, start + count(args, 2, 'the length')));
    },
  }),
  defineFunction('Length', 'The number of characters of a text.', {
    '(text: string): integer': (args) => integer(args, args.text(0).length),
  }),
  defineFunction('Lower', 'The text in small letters.', {
    '(text: string): string': (args) => text(args.text(0).toLowerCase()),
  }),
  defineFunction('Upper', 'The text in capitals.', {
    '(text: string): string': (args) => text(args.text(0).toUpperCase()),
  }),
  defineFunction('Trim', 'The text without blanks, tabs and line ends on both sides.', {
    '(text: string): string': (args) =>
      text(args.text(0).replace(BLANKS_BEFORE, '').replace(BLANKS_BEHIND, '')),
  }),
  defineFunction('LTrim', 'The text without blanks, tabs and line ends before it.', {
    '(text: string): string': (args) => text(args.text(0).replace(BLANKS_BEFORE, '')),
  }),
  defineFunction('RTrim', 'The text without blanks, tabs and line ends behind it.', {
    '(text: string): string': (args) => text(args.text(0).replace(BLANKS_BEHIND, '')),
  }),
  defineFunction('Reverse', 'The characters of a text from the last to the first.', {
    '(text: string): string': (args) => text(Array.from(args.text(0)).reverse().join('')),
  }),
  defineFunction('Replace', 'Every occurrence of a text replaced; case counts.', {
    '(text: string, find: string, replacement: string?): string': (args) => {
      const wanted = args.text(1);
      if (wanted === '') return text(args.text(0));
      const parts = args.text(0).split(wanted);
      const replacement = args.textOr(2, '');
      if (parts.length * replacement.length > TEXT_LENGTH_MAX) return args.fail('too long a text');
      return text(parts.join(replacement));
    },
  }),
  defineFunction('Contains', 'True when a text holds another; case counts unless told otherwise.', {
    '(text: string, find: string): boolean': (args) => contains(args, false),
    '(text: string, find: string, ignoreCase: boolean): boolean': (args) =>
      contains(args, args.flag(2)),
  }),
  defineFunction(
    'FindString',
    'Where a text stands within another, from 0; -1 where it does not.',
    {
      '(text: string, find: string): integer': (args) => find(args, 1, false),
      '(text: string, find: string, ignoreCase: boolean): integer': (args) =>
        find(args, 1, args.flag(2)),
      '(text: string, find: string, occurrence: integer): integer': (args) =>
        find(args, args.number(2), false),
      '(text: string, find: string, occurrence: integer, ignoreCase: boolean): integer': (args) =>
        find(args, args.number(2), args.flag(3)),
    },
  ),
  defineFunction('Compare', '-1, 0 or 1: which of two texts stands first in a dictionary.', {
    '(one: string?, other: string?): integer': (args) => compare(args, false),
    '(one: string?, other: string?, ignoreCase: boolean): integer': (args) =>
      compare(args, args.flag(2)),
  }),
  defineFunction('Split', 'A text cut at a delimiter; at every character where it is empty.', {
    '(text: string, delimiter: string): string[]': (args) => {
      const whole = args.text(0);
      const delimiter = args.text(1);
      const parts = delimiter === '' ? Array.from(whole) : whole.split(delimiter);
      return list('string', parts.map(text));
    },
  }),
];
