import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LANGUAGES, type Language } from '../payment/language.ts';
import { ERROR_CODE_LIST, type ErrorCode } from '../payment/outcome.ts';
import { INTERVAL_UNITS } from '../payment/plan.ts';
import {
  AGENT_SENTENCES,
  DISCLOSURE_VALUES,
  PLAIN_PROMPTS,
  PROMPT_VALUES,
  promptGaps,
  valuesIn,
  type AgentSentence,
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
    flow: Sentences,
    errors: Type.Record(Type.String(), Type.Array(Type.String(), { minItems: 1 })),
    agent: Sentences,
    disclosure: Type.String(),
    due_now: Type.String(),
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
    try {
      tables[language] = readTable(fileOf(directory, language), language);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  const { 'en-us': english, 'es-us': spanish } = tables;
  if (english === undefined || spanish === undefined) throw new ConfigError(problems);
  flowPrompts(directory);
  return { 'en-us': english, 'es-us': spanish };
}

/**
 * The words of the prompts that the flows play by name: `tokenline_greeting` is the key `greeting` of
 * the section `flow`. Other names and languages are `null`.
 *
 * @throws {ConfigError} as {@link loadPrompts} does.
 */
export function loadFlowPrompts(
  directory: string,
): (name: string, language: string) => string | null {
  loadPrompts(directory);
  const texts = flowPrompts(directory);
  return (name, language) => texts.get(`${language} ${name}`) ?? null;
}

/** What Genesys puts before the name of each of our user prompts. */
export const PROMPT_PREFIX = 'tokenline_';

function fileOf(directory: string, language: Language): string {
  return join(directory, `${language}.yaml`);
}

function flowSection(directory: string, language: Language): Readonly<Record<string, string>> {
  const read = readYaml(fileOf(directory, language));
  return Value.Check(PromptFile, read) ? read.flow : {};
}

/**
 * By language and name: `en-us tokenline_greeting`. A key that our own flows play, or that another language has, must be in every
 * language; a merchant's flow may have more of them.
 */
export function flowPrompts(
  directory: string,
  languages: readonly Language[] = LANGUAGES,
): ReadonlyMap<string, string> {
  const sections = languages.map(
    (language) => [language, flowSection(directory, language)] as const,
  );
  const wanted = new Set(
    [flowSection(BUILT_IN_PROMPTS, 'en-us'), ...sections.map(([, section]) => section)].flatMap(
      (section) => Object.keys(section),
    ),
  );
  const missing = sections.flatMap(([language, section]) =>
    [...wanted]
      .filter((key) => !Object.hasOwn(section, key))
      .map((key) => `${fileOf(directory, language)}: flow.${key} is missing`),
  );
  if (missing.length > 0) throw new ConfigError(missing);
  return new Map(
    sections.flatMap(([language, section]) =>
      Object.entries(section).map(([key, text]) => [
        `${language} ${PROMPT_PREFIX}${key}`,
        text.trim(),
      ]),
    ),
  );
}

function readTable(file: string, language: Language): PromptTable {
  const read = readYaml(file);
  if (!Value.Check(PromptFile, read)) throw new ConfigError(shapeProblems(file, read));
  const { version, plain, errors, agent, intervals, words } = read;
  const problems = promptGaps(Object.keys(plain), Object.keys(errors), Object.keys(agent));
  if (read.language !== language) problems.push(`language: expected ${language}`);
  for (const unit of INTERVAL_UNITS) {
    for (const key of [unit, `${unit}s`]) {
      if (intervals[key] === undefined) problems.push(`intervals.${key} is missing`);
    }
  }
  problems.push(...sentenceProblems(read));
  const whole =
    hasAll(PLAIN_PROMPTS, plain) &&
    hasAll(ERROR_CODE_LIST, errors) &&
    hasAll(AGENT_SENTENCES, agent);
  if (problems.length > 0 || !whole) {
    throw new ConfigError(problems.map((problem) => `${file}: ${problem}`));
  }
  const [disclosure, dueNow] = [read.disclosure.trim(), read.due_now.trim()];
  return { language, version, plain, errors, agent, disclosure, dueNow, intervals, words };
}

function hasAll<K extends PlainPrompt | ErrorCode | AgentSentence, V>(
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

/** Genesys takes letters, digits and underscores in the name of a user prompt. */
const PROMPT_NAME = /^[a-z][a-z0-9_]*$/;

function sentenceProblems(read: {
  readonly plain: Readonly<Record<string, string>>;
  readonly flow: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly agent: Readonly<Record<string, string>>;
  readonly disclosure: string;
  readonly due_now: string;
  readonly intervals: Readonly<Record<string, string>>;
}): string[] {
  const allowed: Readonly<Record<string, readonly string[]>> = PROMPT_VALUES;
  const problems = [
    ...Object.entries(read.plain).flatMap(([key, sentence]) =>
      wrongIn(`plain.${key}`, sentence, allowed[key] ?? []),
    ),
    ...Object.entries(read.flow).flatMap(([key, sentence]) => [
      ...(PROMPT_NAME.test(key) ? [] : [`flow.${key}: use small letters, digits and _`]),
      ...wrongIn(`flow.${key}`, sentence, []),
    ]),
    ...Object.entries(read.errors).flatMap(([key, sentences]) =>
      sentences.flatMap((sentence, at) => wrongIn(`errors.${key}[${at}]`, sentence, [])),
    ),
    ...Object.entries(read.agent).flatMap(([key, sentence]) =>
      wrongIn(`agent.${key}`, sentence, []),
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
  problems.push(...wrongIn('due_now', read.due_now, ['due_now']));
  if (!valuesIn(read.due_now).includes('due_now')) problems.push('due_now: has to say {due_now}');
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
