import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../system/clock.ts';
import { loadConfig, type Config, type Environment } from '../system/config.ts';
import type { Randomness } from '../system/randomness.ts';
import { banner, ROLES, type Role } from './banner.ts';
import { keepChild, type Child } from './child.ts';
import { prepareData, removePorts, writePorts } from './data-dir.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { gatewayName } from './gateways.ts';
import { claimPort } from './ports.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from './prompts.ts';
import { bridgeSettings, sandboxSettings, tokenizerSettings, type Places } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { productVersion } from './version.ts';

export interface ServeMeans {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly env: Environment;
  readonly terminal: Terminal;
}

/**
 * How long a child may take until it answers. The bridge makes its database at the first start,
 * which takes several seconds on a small machine.
 */
const READY_MS_MAX: Readonly<Record<Role, number>> = {
  sandbox: 10_000,
  bridge: 60_000,
  tokenizer: 10_000,
};
/** After this time without readiness a line says that we still wait. */
const PATIENCE_MS = 10_000;

/**
 * The order of stopping, with the time each has to finish what is in flight: cards first, so that
 * the bridge is still there to learn their outcome. A request's budget is 27 s (design §6.2).
 */
const STOP_ORDER: readonly (readonly [Role, number])[] = [
  ['tokenizer', 30_000],
  ['bridge', 40_000],
  ['sandbox', 5_000],
];

/** Fills memory that was freed, so that no copy of a digit outlives its buffer (mallopt(3)). */
const MALLOC_PERTURB = '165';

/** Nothing of the parent's environment but what finds programs and says how text is written. */
function childEnvironment(env: Environment): Record<string, string> {
  return {
    PATH: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    MALLOC_PERTURB_: MALLOC_PERTURB,
  };
}

function rolesFor(config: Config, role: Role | null): readonly Role[] {
  if (role === 'sandbox' && config.mode === 'live') {
    throw new CommandFailed('--role sandbox: there is no sandbox in live mode.', EXIT.usage);
  }
  if (role !== null) return [role];
  return ROLES.filter((name) => name !== 'sandbox' || config.mode === 'sandbox');
}

/** Both ends under one parent get a fresh secret; apart, they have to be told the same one. */
function credentialFor(config: Config, role: Role | null, randomness: Randomness): string {
  if (config.internal.credential !== null) return config.internal.credential;
  if (role === null || role === 'sandbox') {
    return Buffer.from(randomness.bytes(32)).toString('base64url');
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
  const portOf = (role: Role): Promise<number> =>
    roles.includes(role) ? claimPort(role, config[role]) : Promise.resolve(config[role].port);
  return {
    bridgePort: await portOf('bridge'),
    tokenizerPort: await portOf('tokenizer'),
    sandboxPort: await portOf('sandbox'),
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
  const { terminal, randomness, env } = means;
  const config = loadConfig(file, env);
  for (const warning of config.warnings) terminal.note(warning);
  gatewayName(config.gateway.name);
  const roles = rolesFor(config, role);
  const prompts = loadPrompts(config.prompts ?? BUILT_IN_PROMPTS);
  const credential = credentialFor(config, role, randomness);
  prepareData(config.data);
  const places = await placesFor(config, roles, credential);
  const settings: Readonly<Record<Role, () => unknown>> = {
    sandbox: () => sandboxSettings(config, places),
    bridge: () => bridgeSettings(config, places, prompts),
    tokenizer: () => tokenizerSettings(config, places, prompts),
  };
  const crew = new Crew(means);
  const stop = stopSignal(() => crew.kill());
  try {
    const ports: Record<string, number> = {};
    for (const name of roles) {
      const port = await Promise.race([crew.start(name, settings[name]()), stop]);
      if (port === 'stop') return EXIT.ok;
      ports[name] = port;
    }
    writePorts(config.data, ports);
    for (const line of banner(config, places, roles, terminal.paint)) terminal.out(line);
    await stop;
    return EXIT.ok;
  } finally {
    await crew.stop();
    removePorts(config.data);
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

/** The child processes of one parent. */
class Crew {
  readonly #means: ServeMeans;
  readonly #children = new Map<Role, Child>();

  constructor(means: ServeMeans) {
    this.#means = means;
  }

  /** @returns the port that it listens on. */
  async start(role: Role, settings: unknown): Promise<number> {
    const { clock, env, terminal } = this.#means;
    const module = new URL(`${role}-process${extname(import.meta.url)}`, import.meta.url);
    const child = keepChild({
      name: role,
      entry: fileURLToPath(module),
      // A loader has to come along; an inspector must not.
      execArgv: process.execArgv.filter((flag) => !/^--(inspect|debug)/.test(flag)),
      env: childEnvironment(env),
      settings,
      clock,
      say: terminal.note,
    });
    this.#children.set(role, child);
    let giveUp: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => (giveUp = reject));
    const remark = clock.after(PATIENCE_MS, () => terminal.note(`still waiting for ${role} …`));
    const limit = clock.after(READY_MS_MAX[role], () => {
      const seconds = READY_MS_MAX[role] / 1000;
      giveUp(new CommandFailed(`${role} was not ready within ${seconds} s; see its log above.`));
    });
    try {
      return await Promise.race([child.ready, late]);
    } catch (error) {
      if (error instanceof CommandFailed) throw error;
      throw new CommandFailed(error instanceof Error ? error.message : `${role} did not start`);
    } finally {
      remark.cancel();
      limit.cancel();
    }
  }

  /** In order, each given its time. */
  async stop(): Promise<void> {
    for (const [role, graceMs] of STOP_ORDER) await this.#children.get(role)?.stop(graceMs);
  }

  kill(): void {
    for (const child of this.#children.values()) child.kill();
  }
}
