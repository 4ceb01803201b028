import { join } from 'node:path';
import type { Language } from '../payment/language.ts';
import type { PromptTable } from '../payment/prompt.ts';
import { DirectoryLock } from '../store/directory-lock.ts';
import type { Clock } from '../system/clock.ts';
import { loadConfig, type Config, type Environment } from '../system/config.ts';
import { secretText, type Randomness } from '../system/randomness.ts';
import { StartRefused } from '../system/start-refused.ts';
import { banner, ROLES, rolesIn, type Role } from './banner.ts';
import { Crew } from './crew.ts';
import { prepareData, removePorts, writePorts } from './data-dir.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { holdPort, type HeldPort } from './ports.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from './prompts.ts';
import { lineSettings } from './line-settings.ts';
import type { Places } from './places.ts';
import { bridgeSettings, sandboxSettings, tokenizerSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { productVersion } from './version.ts';

export interface ServeMeans {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly env: Environment;
  readonly terminal: Terminal;
}

function rolesFor(config: Config, role: Role | null): readonly Role[] {
  if (role === null) return rolesIn(config);
  if (!rolesIn(config).includes(role)) {
    throw new CommandFailed(`--role ${role}: ${whyNot(role, config)}.`, EXIT.usage);
  }
  return [role];
}

function whyNot(role: Role, { capture }: Config): string {
  if (role === 'line') {
    return 'a browser is no telephone for real cards: in live mode calls come from Genesys Cloud';
  }
  return role === 'tokenizer'
    ? `with capture: ${capture} no card comes here, so there is no tokenizer`
    : 'there is no sandbox in live mode';
}

/** Both ends under one parent get a fresh secret; apart, they have to be told the same one. */
function credentialFor(config: Config, role: Role | null, randomness: Randomness): string {
  if (config.internal.credential !== null) return config.internal.credential;
  if (role === null || role === 'sandbox' || role === 'line') {
    return secretText(randomness, 32);
  }
  throw new CommandFailed(
    'internal.credential: bridge and tokenizer that are started apart need the same one ' +
      '(TOKENLINE_INTERNAL_CREDENTIAL_FILE).',
    EXIT.usage,
  );
}

async function placesFor(
  config: Config,
  roles: readonly Role[],
  credential: string,
): Promise<Places> {
  const held: HeldPort[] = [];
  const ports = { bridge: 0, tokenizer: 0, sandbox: 0, line: 0 };
  try {
    for (const role of ROLES) {
      ports[role] = config[role].port;
      if (!roles.includes(role)) continue;
      const hold = await holdPort(role, config[role]);
      held.push(hold);
      ports[role] = hold.port;
    }
  } finally {
    for (const hold of held) await hold.release();
  }
  return {
    bridgePort: ports.bridge,
    tokenizerPort: ports.tokenizer,
    sandboxPort: ports.sandbox,
    linePort: ports.line,
    credential,
    version: productVersion(),
  };
}

/** Runs until it is told to stop. @returns the exit code. */
export async function serve(
  means: ServeMeans,
  file: string | null,
  role: Role | null,
): Promise<number> {
  const config = loadConfig(file, means.env);
  for (const warning of config.warnings) means.terminal.note(warning);
  const roles = rolesFor(config, role);
  const credential = credentialFor(config, role, means.randomness);
  const prompts = loadPrompts(config.prompts ?? BUILT_IN_PROMPTS);
  prepareData(config.data);
  const locks = await takeLocks(means, config.data, roles);
  try {
    removePorts(config.data, roles);
    const places = await placesFor(config, roles, credential);
    return await run(means, config, places, roles, prompts);
  } finally {
    for (const lock of locks) lock.release();
  }
}

/** Two systems on one directory would take each other's socket and credential away. */
async function takeLocks(
  { clock, randomness }: ServeMeans,
  data: string,
  roles: readonly Role[],
): Promise<DirectoryLock[]> {
  const locks: DirectoryLock[] = [];
  for (const role of roles) {
    try {
      locks.push(await DirectoryLock.take(join(data, 'run', `${role}.lock`), clock, randomness));
    } catch (error) {
      for (const lock of locks) lock.release();
      if (!(error instanceof StartRefused)) throw error;
      throw new CommandFailed(
        `data: another "tokenline serve" runs ${role} on ${data}. Stop it, or choose another ` +
          'directory (TOKENLINE_DATA).',
      );
    }
  }
  return locks;
}

async function run(
  means: ServeMeans,
  config: Config,
  places: Places,
  roles: readonly Role[],
  prompts: Readonly<Record<Language, PromptTable>>,
): Promise<number> {
  const { terminal } = means;
  const settings: Readonly<Record<Role, () => unknown>> = {
    sandbox: () => sandboxSettings(config, places),
    bridge: () => bridgeSettings(config, places, prompts),
    tokenizer: () => tokenizerSettings(config, places, prompts),
    line: () => lineSettings(config, places),
  };
  const crew = new Crew({ clock: means.clock, env: means.env, say: terminal.note });
  const stop = stopSignal(() => crew.kill());
  try {
    const ports: Partial<Record<Role, number>> = {};
    for (const role of roles) {
      const port = await Promise.race([crew.start(role, settings[role]()), stop]);
      if (port === 'stop') return EXIT.ok;
      ports[role] = port;
    }
    writePorts(config.data, ports);
    for (const line of banner(config, places, roles, terminal.paint)) terminal.out(line);
    await stop;
    return EXIT.ok;
  } finally {
    await crew.stop();
    removePorts(config.data, roles);
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one means now. */
function stopSignal(onSecond: () => void): Promise<'stop'> {
  return new Promise((resolve) => {
    let asked = false;
    const heard = (): void => {
      if (asked) {
        onSecond();
        process.exit(EXIT.failed);
      }
      asked = true;
      resolve('stop');
    };
    process.on('SIGTERM', heard);
    process.on('SIGINT', heard);
  });
}
