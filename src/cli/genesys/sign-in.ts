import { CALLS, permissionsOf } from '../../genesys/calls.ts';
import { openPlatform, type Platform } from '../../genesys/platform.ts';
import { PlatformRefused } from '../../genesys/refusal.ts';
import type { Clock } from '../../system/clock.ts';
import { loadConfig, type Config, type Environment } from '../../system/config.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { platformSettings } from './settings.ts';

export interface GenesysMeans {
  readonly clock: Clock;
  readonly env: Environment;
  readonly terminal: Terminal;
}

/** Opens the platform of the configuration, and tells a refusal to the user instead of a stack. */
export async function withPlatform<T>(
  { clock, env }: GenesysMeans,
  file: string | null,
  work: (platform: Platform, config: Config) => Promise<T>,
): Promise<T> {
  const config = loadConfig(file, env);
  const platform = openPlatform(platformSettings(config), clock);
  try {
    return await work(platform, config);
  } catch (error) {
    if (error instanceof PlatformRefused) throw new CommandFailed(error.message);
    throw error;
  } finally {
    await platform.close();
  }
}

/** The name of the organisation that the client is in. */
export async function organisationOf(platform: Platform): Promise<string> {
  const { name } = await platform.send(CALLS.readOrganization);
  return name ?? 'without a name';
}

/** @returns exit code 0; what does not work is a CommandFailed that says what to do. */
export async function genesysSignIn(means: GenesysMeans, file: string | null): Promise<number> {
  const { out } = means.terminal;
  await withPlatform(means, file, async (platform, { genesys }) => {
    const name = await organisationOf(platform);
    out(`Signed in to ${genesys.apiUrl} as ${genesys.clientId}: the organisation is ${name}.`);
  });
  const told = (what: string, permissions: readonly string[]): void => {
    out(what);
    for (const permission of permissions) out(`  ${permission}`);
  };
  const read = permissionsOf('read');
  told('Permissions that plan needs in the roles of this client:', read);
  told(
    'and those that apply and destroy need beyond:',
    permissionsOf('write').filter((permission) => !read.includes(permission)),
  );
  return EXIT.ok;
}
