import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LANGUAGES, type Language } from '../payment/language.ts';
import { ERROR_CODE_LIST, type ErrorCode } from '../payment/outcome.ts';
import { INTERVAL_UNITS } from '../payment/plan.ts';
import {
  DISCLOSURE_VALUES,
  PLAIN_PROMPTS,
  PROMPT_VALUES,
  promptGaps,
  valuesIn,
  type PlainPrompt,
  type PromptTable,
} from '../payment/prompt.ts';
import { ConfigError, readYaml } from '../system/yaml-file.ts';

/** The sentences that come with the package. */
export const BUILT_IN_PROMPTS = fileURLToPath(new URL('../../genesys/prompts', import.meta.url));

const Sentences = Type.Record(Type.String(), Type.String());
const shut = { additionalProperties: false };

const PromptFile = Type.Object(
  {
    language: Type.String(),
    version: Type.String({ minLength: 1 }),
    plain: Sentences,
    errors: Type.Record(Type.String(), Type.Array(Type.String(), { minItems: 1 })),
    disclosure: Type.String(),
    intervals: Sentences,
    words: Sentences,
  },
  shut,
);

/**
 * Reads `<language>.yaml` for every language and holds each to the same rules.
 *
 * @throws {ConfigError} that names file and key of everything that is missing, not known, empty, or
 *   wants a value that its prompt is not given.
 */
export function loadPrompts(directory: string): Record<Language, PromptTable> {
  const problems: string[] = [];
  const tables: Partial<Record<Language, PromptTable>> = {};
  for (const language of LANGUAGES) {
    const file = join(directory, `${language}.yaml`);
    try {
      tables[language] = readTable(file, language);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  const { 'en-us': english, 'es-us': spanish } = tables;
  if (english === undefined || spanish === undefined) throw new ConfigError(problems);
  return { 'en-us': english, 'es-us': spanish };
}

function readTable(file: string, language: Language): PromptTable {
  const read = readYaml(file);
  if (!Value.Check(PromptFile, read)) throw new ConfigError(shapeProblems(file, read));
  const { version, plain, errors, intervals, words } = read;
  const problems = promptGaps(Object.keys(plain), Object.keys(errors));
  if (read.language !== language) problems.push(`language: expected ${language}`);
  for (const unit of INTERVAL_UNITS) {
    for (const key of [unit, `${unit}s`]) {
      if (intervals[key] === undefined) problems.push(`intervals.${key} is missing`);
    }
  }
  problems.push(...sentenceProblems(read));
  const whole = hasAll(PLAIN_PROMPTS, plain) && hasAll(ERROR_CODE_LIST, errors);
  if (problems.length > 0 || !whole) {
    throw new ConfigError(problems.map((problem) => `${file}: ${problem}`));
  }
  return { language, version, plain, errors, disclosure: read.disclosure.trim(), intervals, words };
}

function hasAll<K extends PlainPrompt | ErrorCode, V>(
  keys: readonly K[],
  record: Readonly<Record<string, V>>,
): record is Readonly<Record<K, V>> {
  return keys.every((key) => Object.hasOwn(record, key));
}

function shapeProblems(file: string, read: unknown): string[] {
  const errors = Value.Errors(PromptFile, read).filter((error) => error.keyword !== 'boolean');
  return errors.map((error) => {
    const key = error.instancePath.slice(1).replaceAll('/', '.');
    if (error.keyword === 'additionalProperties') {
      return `${file}: ${error.params.additionalProperties.join(', ')}: is not known here`;
    }
    if (error.keyword === 'required') {
      return `${file}: ${error.params.requiredProperties.join(', ')}: is missing`;
    }
    return `${file}: ${key === '' ? 'the file' : key}: ${error.message}`;
  });
}

function sentenceProblems(read: {
  readonly plain: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly disclosure: string;
  readonly intervals: Readonly<Record<string, string>>;
}): string[] {
  const allowed: Readonly<Record<string, readonly string[]>> = PROMPT_VALUES;
  const problems = [
    ...Object.entries(read.plain).flatMap(([key, sentence]) =>
      wrongIn(`plain.${key}`, sentence, allowed[key] ?? []),
    ),
    ...Object.entries(read.errors).flatMap(([key, sentences]) =>
      sentences.flatMap((sentence, at) => wrongIn(`errors.${key}[${at}]`, sentence, [])),
    ),
    ...Object.entries(read.intervals).flatMap(([key, sentence]) =>
      wrongIn(`intervals.${key}`, sentence, ['count']),
    ),
    ...wrongIn('disclosure', read.disclosure, DISCLOSURE_VALUES),
  ];
  const said = valuesIn(read.disclosure);
  for (const name of DISCLOSURE_VALUES) {
    if (!said.includes(name)) problems.push(`disclosure: has to say {${name}}`);
  }
  // A part that may be left out must not hold what has to be said.
  if (/[[\]]/.test(read.disclosure)) problems.push('disclosure: may not leave parts out with [ ]');
  return problems;
}

function wrongIn(key: string, sentence: string, allowed: readonly string[]): string[] {
  if (sentence.trim() === '') return [`${key}: is empty`];
  const problems = valuesIn(sentence)
    .filter((name) => !allowed.includes(name))
    .map((name) => {
      const may = allowed.length === 0 ? 'none' : allowed.map((value) => `{${value}}`).join(' ');
      return `${key}: {${name}} is not given to this prompt; it may use ${may}`;
    });
  const rest = sentence.replaceAll(/\{\w+\}/g, '');
  if (/[{}]/.test(rest)) problems.push(`${key}: a { or } without its other half`);
  if (/[[\]]/.test(rest.replaceAll(/\[[^[\]]*\]/g, ''))) {
    problems.push(`${key}: a [ or ] without its other half`);
  }
  return problems;
}
