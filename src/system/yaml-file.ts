import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

/** What is wrong with a file or a setting, one sentence for each thing, in words for its author. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return 'it cannot be read';
  }
}

/** The text of a file that a setting names. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`${file}: ${reasonOf(error)}`]);
  }
}

/**
 * Reads one YAML 1.2 document as plain data. A key that stands twice is an error: the second would
 * win in silence. An empty file is `{}`.
 *
 * @throws {ConfigError} with the line of each slip.
 */
export function readYaml(file: string): unknown {
  return parseYaml(readText(file), file);
}

export function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((error) => `${file}: ${firstLine(error.message)}`));
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  return value ?? {};
}

/** The library quotes the offending lines below its message; they may hold a secret. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}
