import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { loadConfig, type Environment } from '../system/config.ts';
import { newId, type Randomness } from '../system/randomness.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from './prompts.ts';
import { tokenizerSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { productVersion } from './version.ts';

export interface CardSettingsMeans {
  readonly randomness: Randomness;
  readonly env: Environment;
  readonly terminal: Terminal;
}

/**
 * Writes the settings of the card process as the document that it reads on its standard input. Where
 * it runs alone, with no package but its own three, somebody else has to read the configuration.
 *
 * @param out path of the file, which is whole or not there; `-` is standard output.
 * @returns the exit code.
 */
export function cardSettings(means: CardSettingsMeans, file: string | null, out: string): number {
  const config = loadConfig(file, means.env);
  for (const warning of config.warnings) means.terminal.note(warning);
  const { credential, url } = config.internal;
  if (credential === null || url === null) {
    throw new CommandFailed(
      'internal: a card process that runs alone needs url and credential ' +
        '(TOKENLINE_INTERNAL_URL, TOKENLINE_INTERNAL_CREDENTIAL_FILE).',
      EXIT.usage,
    );
  }
  const places = {
    bridgePort: config.bridge.port,
    tokenizerPort: config.tokenizer.port,
    sandboxPort: config.sandbox.port,
    linePort: config.line.port,
    credential,
    version: productVersion(),
  };
  const prompts = loadPrompts(config.prompts ?? BUILT_IN_PROMPTS);
  const text = `${JSON.stringify(tokenizerSettings(config, places, prompts))}\n`;
  if (out === '-') means.terminal.out(text.trimEnd());
  else writePrivate(out, text, means.randomness);
  return EXIT.ok;
}

/** It holds the gateway's credential. */
function writePrivate(path: string, text: string, randomness: Randomness): void {
  const draft = `${path}.${newId('new', randomness)}`;
  try {
    writeFileSync(draft, text, { mode: 0o400, flag: 'wx' });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new CommandFailed(`--out ${path}: it cannot be written (${code}). Name another file.`);
  }
}
