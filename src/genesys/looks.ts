import type { TSchema } from 'typebox';
import type { Call, ListCall } from './calls.ts';
import * as models from './look-models.ts';

/**
 * What `doctor` reads beyond what `plan` does. These calls stand apart because deploying needs none of
 * their permissions; one that is refused is a thing to look at by hand, and no failure.
 *
 * Paths, queries and permissions are from the same places as those of {@link CALLS}.
 */

const get = <A extends TSchema>(
  path: string,
  does: string,
  permissions: readonly string[],
  answer: A,
): ListCall<A> => ({ method: 'GET', path: `/api/v2/${path}`, does, permissions, answer });

const LEVELS = 'flows/instances/settings/loglevels';

export const LOOKS = {
  organization: get('organizations/me', 'read the organisation', [], models.Organization),
  grants: get('authorization/subjects/me', 'read what the client may do', [], models.AuthzSubject),
  limits: get(
    'organizations/limits/namespaces/{namespaceName}',
    'read the limits of the organisation',
    [],
    models.LimitsEntityListing,
  ),
  trunks: get(
    'telephony/providers/edges/trunkbasesettings',
    'read the settings of trunks',
    ['telephony:plugin:all'],
    models.TrunkBase,
  ),
  executionData: get(
    'flows/instances/settings/executiondata',
    'read whether execution data is kept',
    ['architect:flowinstanceexecutiondata:view'],
    models.ExecutionDataFlowSettingsResponse,
  ),
  defaultLogLevel: get(
    `${LEVELS}/default`,
    'read the log level of flows',
    ['architect:flowLogLevelDefault:view'],
    models.FlowSettingsResponse,
  ),
  logLevels: get(
    LEVELS,
    'read the log levels of single flows',
    ['architect:flowLogLevel:view', 'architect:flow:search'],
    models.FlowSettingsResponse,
  ),
  queue: get('routing/queues/{queueId}', 'read a queue', ['routing:queue:view'], models.Queue),
} as const satisfies Readonly<Record<string, Call>>;
