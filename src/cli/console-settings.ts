import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConsoleSettings } from '../api/console/settings.ts';
import type { PeopleSettings } from '../sandbox/people.ts';
import type { Config } from '../system/config.ts';
import { SANDBOX_SIGN_IN } from '../system/config-defaults.ts';
import { bridgeOrigin, sandboxOrigin, type Places } from './places.ts';

const BUILT = fileURLToPath(new URL('../', import.meta.url));

/** Where browsers reach the bridge. */
export function publicOrigin(config: Config, places: Places): string {
  const publicUrl = config.signIn.publicUrl ?? config.genesys.bridgeUrl;
  return publicUrl === null ? bridgeOrigin(config, places) : new URL(publicUrl).origin;
}

/** True where the sandbox's own people sign in. */
function isBeside({ mode, signIn }: Config): boolean {
  return mode === 'sandbox' && signIn.issuer === null;
}

/** The sandbox's identity provider; `null` where another one is configured. */
export function peopleSettings(
  config: Config,
  places: Places,
): Omit<PeopleSettings, 'cookieKeys'> | null {
  if (!isBeside(config)) return null;
  return {
    issuer: `${sandboxOrigin(config, places)}/people`,
    clientId: SANDBOX_SIGN_IN.client_id,
    clientSecret: SANDBOX_SIGN_IN.client_secret,
    redirectUri: `${publicOrigin(config, places)}/console/signed-in`,
  };
}

/** The console; `null` in live mode without an identity provider. */
export function consoleSettings(config: Config, places: Places): ConsoleSettings | null {
  const { signIn, mode } = config;
  const beside = peopleSettings(config, places);
  const issuer = signIn.issuer ?? beside?.issuer ?? null;
  const clientId = signIn.clientId ?? beside?.clientId ?? null;
  if (issuer === null || clientId === null) return null;
  const { personClaim, groupsClaim, roles, amr, idleMs, sessionMsMax } = signIn;
  return {
    mode,
    version: places.version,
    publicOrigin: publicOrigin(config, places),
    pageFolder: join(BUILT, 'console', 'desk'),
    signIn: {
      issuer,
      clientId,
      clientSecret: signIn.clientSecret ?? beside?.clientSecret ?? null,
      personClaim,
      groupsClaim,
      roles,
      amr,
      idleMs,
      sessionMsMax,
    },
  };
}
