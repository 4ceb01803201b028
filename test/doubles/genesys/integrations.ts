import type { Models } from 'purecloud-platform-client-v2';
import {
  gone,
  named,
  nameTaken,
  notFound,
  ok,
  refusal,
  textOf,
  taken,
  type Answer,
  type Ask,
  type Organisation,
  type Routes,
} from './organisation.ts';

const ROOT = '/api/v2/integrations';

/** An integration's own action that fetches its access token; Genesys makes it. */
export const authActionOf = (integrationId: string): string => `customAuth_-_${integrationId}`;

export function integrationRoutes(org: Organisation): Routes {
  return { ...credentialRoutes(org), ...ownRoutes(org), ...actionRoutes(org), ...draftRoutes(org) };
}

function credentialRoutes(org: Organisation): Routes {
  const kept = (id: string, body: Ask['body'], createdDate: string): Answer => {
    const type = (body['type'] as Models.CredentialType).name ?? '';
    const name = textOf(body, 'name');
    const info = { id, name, type: { name: type }, createdDate, modifiedDate: org.date() };
    org.credentials.set(id, info);
    org.credentialFields.set(id, { ...(body['credentialFields'] as Record<string, string>) });
    return ok(info);
  };
  return {
    [`GET ${ROOT}/credentials/listing`]: (ask) =>
      org.cursorPage(`${ROOT}/credentials/listing`, [...org.credentials.values()], ask),
    [`POST ${ROOT}/credentials`]: ({ body }) => kept(org.id('credential'), body, org.date()),
    [`PUT ${ROOT}/credentials/{credentialId}`]: ({ names, body }) => {
      const known = org.credentials.get(names['credentialId'] ?? '');
      if (known === undefined) return notFound('the credential');
      return kept(known.id ?? '', body, known.createdDate ?? '');
    },
    [`DELETE ${ROOT}/credentials/{credentialId}`]: ({ names }) => {
      const id = names['credentialId'] ?? '';
      const used = [...org.integrationConfigs.values()].some(({ credentials }) =>
        Object.values(credentials).some((credential) => credential.id === id),
      );
      if (used) return refusal(409, 'conflict', 'The credential is in use by an integration.');
      org.credentialFields.delete(id);
      return org.credentials.delete(id) ? gone : notFound('the credential');
    },
  };
}

function ownRoutes(org: Organisation): Routes {
  return {
    [`GET ${ROOT}`]: (ask) => org.page([...org.integrations.values()], ask),
    [`POST ${ROOT}`]: ({ body }) => {
      const id = org.id('integration');
      const type = body['integrationType'] as Models.IntegrationType;
      const name = textOf(body, 'name') || 'Web Services Data Actions';
      const integration = { id, name, integrationType: type, intendedState: 'DISABLED' };
      org.integrations.set(id, integration);
      org.integrationConfigs.set(id, {
        id,
        name,
        version: 1,
        properties: {},
        advanced: {},
        notes: '',
        credentials: {},
      });
      return ok(integration);
    },
    [`GET ${ROOT}/{integrationId}/config/current`]: ({ names }) => {
      const config = org.integrationConfigs.get(names['integrationId'] ?? '');
      return config === undefined ? notFound('the integration') : ok(config);
    },
    [`PUT ${ROOT}/{integrationId}/config/current`]: ({ names, body }) =>
      configure(org, names['integrationId'] ?? '', body),
    [`PATCH ${ROOT}/{integrationId}`]: ({ names, body }) => {
      const integration = org.integrations.get(names['integrationId'] ?? '');
      if (integration === undefined) return notFound('the integration');
      integration.intendedState = textOf(body, 'intendedState');
      return ok(integration);
    },
    [`DELETE ${ROOT}/{integrationId}`]: ({ names }) => {
      const id = names['integrationId'] ?? '';
      const integration = org.integrations.get(id);
      if (integration === undefined) return notFound('the integration');
      org.integrations.delete(id);
      org.integrationConfigs.delete(id);
      for (const kept of [org.actions, org.drafts]) {
        for (const action of kept.values()) {
          if (action.integrationId === id) kept.delete(action.id ?? '');
        }
      }
      return ok(integration);
    },
  };
}

/** With a credential for OAuth comes the action that fetches a token. */
function configure(org: Organisation, id: string, body: Ask['body']): Answer {
  const config = org.integrationConfigs.get(id);
  const integration = org.integrations.get(id);
  if (config === undefined || integration === undefined) return notFound('the integration');
  if (body['version'] !== config.version) {
    return refusal(409, 'version.conflict', 'The version does not match the current version.');
  }
  const credentials = body['credentials'] as Models.IntegrationConfiguration['credentials'];
  for (const { id: credential = '' } of Object.values(credentials)) {
    if (!org.credentials.has(credential)) return refusal(400, 'bad.request', 'Unknown credential.');
  }
  org.integrationConfigs.set(id, {
    ...config,
    ...taken<Models.IntegrationConfiguration>(body),
    version: config.version + 1,
  });
  integration.name = textOf(body, 'name');
  const types = Object.values(credentials).map(
    (one) => org.credentials.get(one.id ?? '')?.type?.name,
  );
  const action = authActionOf(id);
  if (!types.includes('userDefinedOAuth')) org.actions.delete(action);
  else if (!org.actions.has(action)) {
    org.actions.set(action, {
      id: action,
      name: 'Custom Auth',
      integrationId: id,
      category: integration.name,
      version: 1,
      secure: false,
      config: { request: { requestUrlTemplate: '' }, response: {} },
    });
  }
  return ok(org.integrationConfigs.get(id));
}

/** As Genesys gives an action back: its templates are files of their own. */
function shown(action: Models.Action): Models.Action {
  const { config, ...rest } = structuredClone(action);
  if (config === undefined) return rest;
  const { request = {}, response = {} } = config;
  const base = `${ROOT}/actions/${action.id}/templates`;
  const { requestTemplate: _request, ...asked } = request;
  const { successTemplate: _success, ...answered } = response;
  return {
    ...rest,
    config: {
      ...config,
      request: { ...asked, requestTemplateUri: `${base}/requesttemplate.vm` },
      response: { ...answered, successTemplateUri: `${base}/successtemplate.vm` },
    },
  };
}

const brief = ({ config: _config, contract: _contract, ...rest }: Models.Action): Models.Action =>
  rest;

function actionRoutes(org: Organisation): Routes {
  const find = ({ names }: Ask) => org.actions.get(names['actionId'] ?? '');
  return {
    [`GET ${ROOT}/actions`]: (ask) => {
      const all = named(org.actions.values(), ask.query['name']) as Models.Action[];
      const auth = ask.query['includeAuthActions'] === 'true';
      const listed = all.filter(({ id = '' }) => auth || !id.startsWith('customAuth'));
      return org.page(listed.map(brief), ask);
    },
    [`GET ${ROOT}/actions/{actionId}`]: (ask) => {
      const action = find(ask);
      if (action === undefined) return notFound('the action');
      const { contract, ...rest } = shown(action);
      const whole = ask.query['expand'] === 'contract' && contract ? { ...rest, contract } : rest;
      return ok(ask.query['includeConfig'] === 'true' ? whole : brief(whole));
    },
    [`GET ${ROOT}/actions/{actionId}/templates/{fileName}`]: (ask) => {
      const config = find(ask)?.config;
      if (config === undefined) return notFound('the action');
      const asked = ask.names['fileName'] === 'requesttemplate.vm';
      return ok((asked ? config.request?.requestTemplate : config.response?.successTemplate) ?? '');
    },
    [`PATCH ${ROOT}/actions/{actionId}`]: (ask) => {
      const action = find(ask);
      if (action === undefined) return notFound('the action');
      if (ask.body['version'] !== action.version) {
        return refusal(409, 'version.conflict', 'The version does not match the current version.');
      }
      const problem = problemOf(ask.body['config'] as Models.ActionConfig | undefined);
      if (problem !== null) return refusal(400, 'bad.request', problem);
      Object.assign(action, taken<Models.Action>(ask.body), { version: (action.version ?? 0) + 1 });
      return ok(shown(action));
    },
    [`DELETE ${ROOT}/actions/{actionId}`]: (ask) => {
      const id = ask.names['actionId'] ?? '';
      if (!org.actions.has(id)) return notFound('the action');
      if (org.consumersOf(id).length > 0) return refusal(409, 'conflict', 'The action is in use.');
      org.actions.delete(id);
      org.drafts.delete(id);
      return gone;
    },
  };
}

/** Web Services refuse addresses that are not encrypted; the double takes those of this machine too. */
function problemOf(config: Models.ActionConfig | undefined): string | null {
  const url = config?.request?.requestUrlTemplate ?? '';
  if (url.includes('{{')) return `The address ${url} has a placeholder.`;
  const known = /^(https:\/\/|http:\/\/127\.0\.0\.1|\$\{credentials\.)/.test(url);
  return known ? null : `The address ${url} is not encrypted.`;
}

function draftRoutes(org: Organisation): Routes {
  const find = ({ names }: Ask) => org.drafts.get(names['actionId'] ?? '');
  return {
    [`GET ${ROOT}/actions/drafts`]: (ask) =>
      org.page((named(org.drafts.values(), ask.query['name']) as Models.Action[]).map(brief), ask),
    [`POST ${ROOT}/actions/drafts`]: ({ body }) => {
      const name = textOf(body, 'name');
      const integrationId = textOf(body, 'integrationId');
      if (!org.integrations.has(integrationId)) {
        return refusal(400, 'bad.request', 'There is no such integration.');
      }
      if (nameTaken([...org.actions.values(), ...org.drafts.values()], name)) {
        return refusal(409, 'conflict', `An action named ${name} exists already.`);
      }
      const id = org.id('custom_-_action');
      const draft = { ...taken<Models.Action>(body), id, version: 1 };
      org.drafts.set(id, draft);
      return ok(shown(draft));
    },
    [`PATCH ${ROOT}/actions/{actionId}/draft`]: (ask) => {
      const draft = find(ask);
      if (draft === undefined) return notFound('the draft');
      if (ask.body['version'] !== draft.version) {
        return refusal(409, 'version.conflict', 'The version does not match the current version.');
      }
      Object.assign(draft, taken<Models.Action>(ask.body), { version: (draft.version ?? 0) + 1 });
      return ok(shown(draft));
    },
    [`GET ${ROOT}/actions/{actionId}/draft/validation`]: (ask) => {
      const draft = find(ask);
      if (draft === undefined) return notFound('the draft');
      const problem = problemOf(draft.config);
      return ok(
        problem === null
          ? { valid: true, errors: [] }
          : { valid: false, errors: [{ message: problem, code: 'invalid', status: 400 }] },
      );
    },
    [`POST ${ROOT}/actions/{actionId}/draft/publish`]: (ask) => {
      const draft = find(ask);
      if (draft === undefined) return notFound('the draft');
      if (ask.body['version'] !== draft.version) {
        return refusal(409, 'version.conflict', 'The version does not match the current version.');
      }
      const problem = problemOf(draft.config);
      if (problem !== null) return refusal(400, 'bad.request', problem);
      org.drafts.delete(draft.id ?? '');
      org.actions.set(draft.id ?? '', draft);
      return ok(shown(draft));
    },
    [`DELETE ${ROOT}/actions/{actionId}/draft`]: ({ names }) =>
      org.drafts.delete(names['actionId'] ?? '') ? gone : notFound('the draft'),
  };
}
