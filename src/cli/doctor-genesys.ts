import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { captureFiles, type IntegrationFiles } from '../contract/capture-files.ts';
import { permissionsOf } from '../genesys/calls.ts';
import { prefixed } from '../genesys/naming.ts';
import { openPlatform, type PlatformSettings } from '../genesys/platform.ts';
import { PlatformRefused } from '../genesys/refusal.ts';
import { survey, type Survey } from '../genesys/survey.ts';
import type { Clock } from '../system/clock.ts';
import type { Config } from '../system/config.ts';
import { ConfigError } from '../system/yaml-file.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { deployedFindings, type ActionWanted, type Wanted } from './doctor-genesys-deployed.ts';
import { digitFindings } from './doctor-genesys-digits.ts';
import { addressesOf } from './genesys/addresses.ts';
import { deployedFlows } from './genesys/deployed-flows.ts';
import { platformSettings } from './genesys/settings.ts';
import { GENESYS } from './integrations.ts';

const CHECK = 'genesys';

/** The organisation as it is, if one is configured. Nothing in it is changed. */
export async function genesysChecks(config: Config, clock: Clock): Promise<Diagnosis[]> {
  const { clientId, region, apiUrl, prefix } = config.genesys;
  if (clientId === null) return [ok(CHECK, 'no organisation is configured: genesys.client_id')];
  let settings: PlatformSettings;
  try {
    settings = platformSettings(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const why = 'An organisation is named half, and cannot be looked at.';
    return [
      trouble('fail', CHECK, error.problems.join('; '), why, 'Complete the section genesys.'),
    ];
  }
  const platform = openPlatform(settings, clock);
  try {
    const seen = await survey(platform, {
      categories: integrationsOf(config).map(({ category }) => prefixed(prefix, category)),
      queue: prefixed(prefix, config.genesys.queue),
    });
    const signedIn = ok(CHECK, `signed in to ${seen.organization} (${region ?? apiUrl ?? ''})`);
    return [signedIn, ...findingsOf(seen, config)];
  } catch (error) {
    if (!(error instanceof PlatformRefused)) throw error;
    const why = 'Nothing of the organisation could be seen.';
    return [trouble('fail', CHECK, error.message, why, error.todo)];
  } finally {
    await platform.close();
  }
}

function findingsOf(seen: Survey, config: Config): Diagnosis[] {
  const names = deployedFlows(config).map(({ name }) => name);
  const flows = seen.flows.kind === 'seen' ? seen.flows.value : [];
  const wanted: Wanted = {
    actions: actionsWanted(config),
    flows: names,
    permissions: { read: permissionsOf('read'), write: permissionsOf('write') },
    deadlineMs: config.limits.deadlineMs,
  };
  const ours = flows.filter(({ name }) => names.includes(name));
  return [...deployedFindings(seen, wanted), ...digitFindings(seen, config.mode === 'live', ours)];
}

const DataAction = Type.Object({
  name: Type.String(),
  secure: Type.Boolean(),
  config: Type.Object({ request: Type.Object({ requestUrlTemplate: Type.String() }) }),
});

const integrationsOf = ({ capture, gateway }: Config): readonly IntegrationFiles[] =>
  captureFiles(capture, gateway.name).integrations;

function actionsWanted(config: Config): ActionWanted[] {
  const addresses = new Map<string, string | null>(Object.entries(addressesOf(config)));
  return integrationsOf(config).flatMap(({ credential, actions }) =>
    actions.map((path) => {
      const read: unknown = JSON.parse(readFileSync(join(GENESYS, path), 'utf8'));
      const { name, secure, config: shape } = Value.Parse(DataAction, read);
      const placeholder = /^\{\{(\w+)\}\}/.exec(shape.request.requestUrlTemplate)?.[1] ?? '';
      const origin = addresses.get(placeholder) ?? null;
      return {
        name: prefixed(config.genesys.prefix, name),
        secure,
        origin,
        answers: credential,
      };
    }),
  );
}
