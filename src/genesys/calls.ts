import { Type, type TSchema } from 'typebox';
import * as models from './models.ts';

/**
 * Every call of the platform API that Tokenline makes, with the permission that it wants.
 *
 * Paths, queries and bodies are those of `purecloud-platform-client-v2` 262.0.0. Permissions are what
 * the SDK's documents say under "Requires ANY/ALL permissions"
 * (https://github.com/MyPureCloud/platform-client-sdk-javascript, `build/docs`, at e09e27aa2f56); where
 * any of several does, it is the narrowest one. Roles are given to an OAuth client under Admin > OAuth.
 */
export interface Call<A extends TSchema = TSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{names}`. */
  readonly path: string;
  /** Completes "to …": `read the queues`. */
  readonly does: string;
  readonly permissions: readonly string[];
  readonly answer: A;
}

/** A list that comes in pages; `answer` is one of its entities. */
export interface ListCall<A extends TSchema = TSchema> extends Call<A> {
  readonly method: 'GET';
}

const call =
  (method: Call['method']) =>
  <A extends TSchema>(
    path: string,
    does: string,
    permissions: readonly string[],
    answer: A,
  ): Call<A> => ({ method, path: `/api/v2/${path}`, does, permissions, answer });

const list = <A extends TSchema>(
  path: string,
  does: string,
  permissions: readonly string[],
  answer: A,
): ListCall<A> => ({ method: 'GET', path: `/api/v2/${path}`, does, permissions, answer });

const [get, post, put, patch] = [call('GET'), call('POST'), call('PUT'), call('PATCH')];
const remove = (path: string, does: string, permissions: readonly string[]) =>
  call('DELETE')(path, does, permissions, Type.Unknown());

const integration = (word: string): string[] => [`integrations:integration:${word}`];
const action = (word: string): string[] => [`integrations:action:${word}`];
const queue = (word: string): string[] => [`routing:queue:${word}`];
const prompt = (word: string): string[] => [`architect:userPrompt:${word}`];
const flow = (word: string): string[] => [`architect:flow:${word}`];
const route = (word: string): string[] => [`routing:callRoute:${word}`];

const CREDENTIALS = 'integrations/credentials';
const ACTIONS = 'integrations/actions';
const PROMPTS = 'architect/prompts';

export const CALLS = {
  readOrganization: get('organizations/me', 'read the organisation', [], models.Organization),
  listDivisions: list('authorization/divisions', 'read divisions', [], models.AuthzDivision),

  listCredentials: list(
    `${CREDENTIALS}/listing`,
    'read the credentials of integrations',
    integration('view'),
    models.CredentialInfo,
  ),
  addCredential: post(CREDENTIALS, 'make a credential', integration('add'), models.CredentialInfo),
  changeCredential: put(
    `${CREDENTIALS}/{credentialId}`,
    'change a credential',
    integration('edit'),
    models.CredentialInfo,
  ),
  removeCredential: remove(
    `${CREDENTIALS}/{credentialId}`,
    'remove a credential',
    integration('delete'),
  ),

  listIntegrations: list(
    'integrations',
    'read the integrations',
    integration('view'),
    models.Integration,
  ),
  addIntegration: post(
    'integrations',
    'make an integration',
    integration('add'),
    models.Integration,
  ),
  readIntegrationConfig: get(
    'integrations/{integrationId}/config/current',
    'read the settings of an integration',
    integration('view'),
    models.IntegrationConfiguration,
  ),
  changeIntegrationConfig: put(
    'integrations/{integrationId}/config/current',
    'change the settings of an integration',
    integration('edit'),
    models.IntegrationConfiguration,
  ),
  switchIntegration: patch(
    'integrations/{integrationId}',
    'switch an integration on',
    integration('edit'),
    models.Integration,
  ),
  removeIntegration: remove(
    'integrations/{integrationId}',
    'remove an integration',
    integration('delete'),
  ),

  listActions: list(ACTIONS, 'read the data actions', action('view'), models.Action),
  readAction: get(`${ACTIONS}/{actionId}`, 'read a data action', action('view'), models.Action),
  readActionTemplate: get(
    `${ACTIONS}/{actionId}/templates/{fileName}`,
    'read a template of a data action',
    action('view'),
    Type.String(),
  ),
  listDrafts: list(
    `${ACTIONS}/drafts`,
    'read the drafts of data actions',
    action('view'),
    models.Action,
  ),
  addDraft: post(
    `${ACTIONS}/drafts`,
    'make the draft of a data action',
    action('add'),
    models.Action,
  ),
  changeDraft: patch(
    `${ACTIONS}/{actionId}/draft`,
    'change the draft of a data action',
    action('edit'),
    models.Action,
  ),
  validateDraft: get(
    `${ACTIONS}/{actionId}/draft/validation`,
    'validate the draft of a data action',
    action('edit'),
    models.DraftValidationResult,
  ),
  publishDraft: post(
    `${ACTIONS}/{actionId}/draft/publish`,
    'publish a data action',
    action('edit'),
    models.Action,
  ),
  changeAction: patch(
    `${ACTIONS}/{actionId}`,
    'change a data action',
    action('edit'),
    models.Action,
  ),
  removeAction: remove(`${ACTIONS}/{actionId}`, 'remove a data action', action('delete')),
  removeDraft: remove(
    `${ACTIONS}/{actionId}/draft`,
    'remove the draft of a data action',
    action('delete'),
  ),

  listSkills: list(
    'routing/skills',
    'read the skills',
    ['routing:skill:view'],
    models.RoutingSkill,
  ),
  addSkill: post('routing/skills', 'make a skill', ['routing:skill:create'], models.RoutingSkill),

  listQueues: list('routing/queues', 'read the queues', queue('view'), models.Queue),
  readQueue: get('routing/queues/{queueId}', 'read a queue', queue('view'), models.Queue),
  addQueue: post('routing/queues', 'make a queue', queue('add'), models.Queue),
  changeQueue: put('routing/queues/{queueId}', 'change a queue', queue('edit'), models.Queue),
  removeQueue: remove('routing/queues/{queueId}', 'remove a queue', queue('delete')),

  listPrompts: list(PROMPTS, 'read the user prompts', prompt('view'), models.Prompt),
  addPrompt: post(PROMPTS, 'make a user prompt', prompt('add'), models.Prompt),
  changePrompt: put(`${PROMPTS}/{promptId}`, 'change a user prompt', prompt('edit'), models.Prompt),
  removePrompt: remove(`${PROMPTS}/{promptId}`, 'remove a user prompt', prompt('delete')),
  addPromptText: post(
    `${PROMPTS}/{promptId}/resources`,
    'add a language to a user prompt',
    prompt('edit'),
    models.PromptAsset,
  ),
  changePromptText: put(
    `${PROMPTS}/{promptId}/resources/{languageCode}`,
    'change a language of a user prompt',
    prompt('edit'),
    models.PromptAsset,
  ),

  listFlows: list('flows', 'read the flows', flow('view'), models.Flow),
  addFlowJob: post(
    'flows/jobs',
    'publish a flow',
    // The document names the first alone; the job makes, saves and publishes the flow (unchecked).
    ['architect:job:create', ...flow('add'), ...flow('edit'), ...flow('publish')],
    models.RegisterArchitectJobResponse,
  ),
  readFlowJob: get(
    'flows/jobs/{jobId}',
    'read how the publication of a flow goes',
    ['architect:job:view'],
    models.ArchitectJobStateResponse,
  ),
  removeFlow: remove('flows/{flowId}', 'remove a flow', flow('delete')),
  addExportJob: post(
    'flows/export/jobs',
    'export flows',
    ['architect:jobExport:create'],
    models.RegisterArchitectExportJobResponse,
  ),
  readExportJob: get(
    'flows/export/jobs/{jobId}',
    'read how the export of flows goes',
    ['architect:jobExport:view'],
    models.ArchitectExportJobStateResponse,
  ),

  listCallRoutes: list('architect/ivrs', 'read the call routes', route('view'), models.IVR),
  addCallRoute: post('architect/ivrs', 'make a call route', route('add'), models.IVR),
  changeCallRoute: put('architect/ivrs/{ivrId}', 'change a call route', route('edit'), models.IVR),
  removeCallRoute: remove('architect/ivrs/{ivrId}', 'remove a call route', route('delete')),

  listConsumers: list(
    'architect/dependencytracking/consumingresources',
    'see what uses an object',
    ['architect:dependencyTracking:view'],
    models.Dependency,
  ),
} as const;

/** What `plan` needs, and what `apply` and `destroy` need beyond: sorted, each once. */
export function permissionsOf(verb: 'read' | 'write'): string[] {
  const calls: readonly Call[] = Object.values(CALLS);
  const wanted = calls.filter(({ method }) => (method === 'GET') === (verb === 'read'));
  return [...new Set(wanted.flatMap(({ permissions }) => permissions))].toSorted();
}
