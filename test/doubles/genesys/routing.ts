import type { Models } from 'purecloud-platform-client-v2';
import {
  gone,
  named,
  nameTaken,
  notFound,
  ok,
  refusal,
  taken,
  textOf,
  type Answer,
  type Ask,
  type Organisation,
  type Routes,
} from './organisation.ts';

/** Skills, queues, user prompts, call routes, and who the organisation is. */
export function routingRoutes(org: Organisation): Routes {
  return {
    'GET /api/v2/authorization/divisions': (ask) =>
      org.page(named(org.divisions, ask.query['name']), ask),
    ...skillRoutes(org),
    ...queueRoutes(org),
    ...promptRoutes(org),
    ...callRouteRoutes(org),
    'GET /api/v2/architect/dependencytracking/consumingresources': (ask) =>
      org.page(org.consumersOf(textOf(ask.query, 'id')), ask),
  };
}

function skillRoutes(org: Organisation): Routes {
  return {
    'GET /api/v2/routing/skills': (ask) =>
      org.page(named(org.skills.values(), ask.query['name']), ask),
    'POST /api/v2/routing/skills': ({ body }) => {
      const name = textOf(body, 'name');
      if (nameTaken(org.skills.values(), name)) return exists('skill', name);
      const id = org.id('skill');
      const skill = { id, name, state: 'active', version: '1' };
      org.skills.set(id, skill);
      return ok(skill);
    },
  };
}

const exists = (kind: string, name: string): Answer =>
  refusal(409, 'general.conflict', `A ${kind} named ${name} exists already.`);

function queueRoutes(org: Organisation): Routes {
  const find = ({ names }: Ask) => org.queues.get(names['queueId'] ?? '');
  return {
    'GET /api/v2/routing/queues': (ask) =>
      org.page(named(org.queues.values(), ask.query['name']), ask),
    'GET /api/v2/routing/queues/{queueId}': (ask) => {
      const queue = find(ask);
      return queue === undefined ? notFound('the queue') : ok(queue);
    },
    'POST /api/v2/routing/queues': ({ body }) => {
      const name = textOf(body, 'name');
      if (nameTaken(org.queues.values(), name)) return exists('queue', name);
      const id = org.id('queue');
      org.queues.set(id, {
        division: { id: 'division-home', name: 'Home' },
        skillEvaluationMethod: 'ALL',
        acwSettings: { wrapupPrompt: 'OPTIONAL' },
        ...taken<Models.Queue>(body),
        id,
        dateCreated: org.date(),
        memberCount: 0,
      });
      return ok(org.queues.get(id));
    },
    'PUT /api/v2/routing/queues/{queueId}': (ask) => {
      const queue = find(ask);
      if (queue === undefined) return notFound('the queue');
      const { id, memberCount, dateCreated } = queue;
      Object.assign(queue, taken<Models.Queue>(ask.body), { id, memberCount, dateCreated });
      return ok(queue);
    },
    'DELETE /api/v2/routing/queues/{queueId}': (ask) => {
      const queue = find(ask);
      if (queue === undefined) return notFound('the queue');
      const id = queue.id ?? '';
      if ((queue.memberCount ?? 0) > 0)
        return refusal(409, 'queue.in.use', 'The queue has members.');
      if (org.consumersOf(id).length > 0) return refusal(409, 'queue.in.use', 'A flow uses it.');
      org.queues.delete(id);
      return gone;
    },
  };
}

const PROMPTS = '/api/v2/architect/prompts';

function promptRoutes(org: Organisation): Routes {
  const find = ({ names }: Ask) => org.prompts.get(names['promptId'] ?? '');
  return {
    [`GET ${PROMPTS}`]: (ask) => {
      const found = named(org.prompts.values(), ask.query['name']) as Models.Prompt[];
      const whole = ask.query['includeResources'] === 'true';
      return org.page(whole ? found : found.map(({ resources: _texts, ...rest }) => rest), ask);
    },
    [`POST ${PROMPTS}`]: ({ body }) => {
      const name = textOf(body, 'name');
      if (!/^\w+$/.test(name)) return refusal(400, 'bad.request', 'Letters, digits and _ only.');
      if (nameTaken(org.prompts.values(), name)) return exists('prompt', name);
      const id = org.id('prompt');
      org.prompts.set(id, { ...taken<Models.Prompt>(body), name, id, resources: [] });
      return ok(org.prompts.get(id));
    },
    [`PUT ${PROMPTS}/{promptId}`]: (ask) => {
      const prompt = find(ask);
      if (prompt === undefined) return notFound('the prompt');
      const { id, resources } = prompt;
      Object.assign(prompt, taken<Models.Prompt>(ask.body), { id, resources });
      return ok(prompt);
    },
    [`DELETE ${PROMPTS}/{promptId}`]: (ask) => {
      const id = ask.names['promptId'] ?? '';
      if (!org.prompts.has(id)) return notFound('the prompt');
      if (org.consumersOf(id).length > 0) return refusal(409, 'prompt.in.use', 'A flow plays it.');
      org.prompts.delete(id);
      return gone;
    },
    [`POST ${PROMPTS}/{promptId}/resources`]: (ask) => {
      const prompt = find(ask);
      if (prompt === undefined) return notFound('the prompt');
      const language = textOf(ask.body, 'language');
      if (prompt.resources?.some((one) => one.language === language))
        return exists('text', language);
      const asset = { ...taken<Models.PromptAsset>(ask.body), id: language, language };
      prompt.resources = [...(prompt.resources ?? []), asset];
      return ok(asset);
    },
    [`PUT ${PROMPTS}/{promptId}/resources/{languageCode}`]: (ask) => {
      const asset = find(ask)?.resources?.find((one) => one.language === ask.names['languageCode']);
      if (asset === undefined) return notFound('the text');
      return ok(Object.assign(asset, taken<Models.PromptAsset>(ask.body)));
    },
  };
}

const ROUTES = '/api/v2/architect/ivrs';

function callRouteRoutes(org: Organisation): Routes {
  const find = ({ names }: Ask) => org.callRoutes.get(names['ivrId'] ?? '');
  return {
    [`GET ${ROUTES}`]: (ask) => org.page(named(org.callRoutes.values(), ask.query['name']), ask),
    [`POST ${ROUTES}`]: ({ body }) => {
      const name = textOf(body, 'name');
      if (nameTaken(org.callRoutes.values(), name)) return exists('call route', name);
      const problem = routeProblem(org, '', body);
      if (problem !== null) return problem;
      const id = org.id('ivr');
      org.callRoutes.set(id, { ...taken<Models.IVR>(body), name, id, version: 1, state: 'active' });
      return ok(org.callRoutes.get(id));
    },
    [`PUT ${ROUTES}/{ivrId}`]: (ask) => {
      const route = find(ask);
      if (route === undefined) return notFound('the call route');
      if (ask.body['version'] !== route.version) {
        return refusal(409, 'general.conflict', 'The version does not match the current version.');
      }
      const problem = routeProblem(org, route.id ?? '', ask.body);
      if (problem !== null) return problem;
      Object.assign(route, taken<Models.IVR>(ask.body), { version: (route.version ?? 0) + 1 });
      return ok(route);
    },
    [`DELETE ${ROUTES}/{ivrId}`]: ({ names }) =>
      org.callRoutes.delete(names['ivrId'] ?? '') ? gone : notFound('the call route'),
  };
}

/** A number has to be one of the organisation's, and leads to one flow only. */
function routeProblem(org: Organisation, own: string, body: Ask['body']): Answer | null {
  const flow = body['openHoursFlow'] as Models.DomainEntityRef | undefined;
  if (!org.flows.has(flow?.id ?? '')) return refusal(400, 'bad.request', 'There is no such flow.');
  for (const number of body['dnis'] as string[]) {
    if (!org.numbers.has(number)) {
      return refusal(400, 'bad.request', `${number} is not a number of this organisation.`);
    }
    const other = [...org.callRoutes.values()].find(
      ({ id, dnis }) => id !== own && dnis?.includes(number),
    );
    if (other) return refusal(409, 'general.conflict', `${number} leads to ${other.name} already.`);
  }
  return null;
}
