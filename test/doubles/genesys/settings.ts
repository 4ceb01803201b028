import type { Models } from 'purecloud-platform-client-v2';
import { ok, refusal, type Organisation, type Routes } from './organisation.ts';

/** Settings of an organisation that a person makes; a test changes them. */
export class Settings {
  /** Of `Organization`; `null` where it does not say. */
  features: Record<string, boolean> | null = { pci: true };
  /** What the client's roles give; an asterisk is any. */
  policies: Models.AuthzGrantPolicy[] = [{ domain: '*', entityName: '*', actions: ['*'] }];
  readonly limits = new Map<string, number>([
    ['actions.concurrent.executions.max', 50],
    ['actions.total.max', 500],
    ['requests.volume.max', 2500],
  ]);
  readonly trunks: Models.TrunkBase[] = [];
  executionData = false;
  defaultLogLevel: Models.FlowLogLevel = levelOf('Base');
  /** By flow id. */
  readonly logLevels = new Map<string, Models.FlowLogLevel>();
}

/** A log level with what Genesys says that it keeps. */
export function levelOf(
  level: 'Disabled' | 'Base' | 'Notes' | 'VerboseNotes' | 'All',
): Models.FlowLogLevel {
  const rank = ['Disabled', 'Base', 'Notes', 'VerboseNotes', 'All'].indexOf(level);
  return {
    level,
    characteristics: {
      executionItems: rank >= 1,
      variables: rank >= 2,
      communications: rank >= 3,
      executionInputOutputs: rank >= 4,
    },
  };
}

/** A trunk that carries callers, with properties in the form that exports of trunks show. */
export function trunkOf(
  name: string,
  properties: Readonly<Record<string, unknown>>,
): Models.TrunkBase {
  return {
    id: name,
    name,
    trunkType: 'EXTERNAL',
    trunkMetabase: { id: 'external_sip.json' },
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, instance]) => [key, { value: { instance } }]),
    ),
  };
}

export function settingsRoutes(org: Organisation, settings: Settings): Routes {
  const level = (id: string, logLevelCharacteristics: Models.FlowLogLevel, expand: unknown) => ({
    id,
    ...(expand === undefined ? {} : { logLevelCharacteristics }),
  });
  return {
    'GET /api/v2/organizations/me': () => {
      const { features } = settings;
      return ok({ id: 'org', name: org.name, version: 1, ...(features && { features }) });
    },
    'GET /api/v2/authorization/subjects/me': () => {
      const role = { id: 'role-1', name: 'Tokenline', policies: settings.policies };
      return ok({ id: org.clientId, grants: [{ subjectId: org.clientId, role }] });
    },
    'GET /api/v2/organizations/limits/namespaces/{namespaceName}': ({ names }) => {
      const { namespaceName: namespace } = names;
      if (namespace !== 'dataactions') return refusal(404, 'not.found', 'No such namespace.');
      const entities = [...settings.limits].map(([key, value]) => ({ key, namespace, value }));
      return ok({ entities });
    },
    'GET /api/v2/telephony/providers/edges/trunkbasesettings': (ask) =>
      org.page(
        settings.trunks.map(({ properties = {}, ...trunk }) =>
          ask.query['expand'] === 'properties' ? { ...trunk, properties } : trunk,
        ),
        ask,
      ),
    'GET /api/v2/flows/instances/settings/executiondata': () =>
      ok({ id: 'executiondata', enabled: settings.executionData }),
    'GET /api/v2/flows/instances/settings/loglevels/default': ({ query }) =>
      ok(level('default', settings.defaultLogLevel, query['expand'])),
    'GET /api/v2/flows/instances/settings/loglevels': (ask) =>
      org.page(
        [...settings.logLevels].map(([id, one]) => level(id, one, ask.query['expand'])),
        ask,
      ),
  };
}
