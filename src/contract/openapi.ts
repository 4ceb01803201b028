import type { TObject } from 'typebox';
import { FAULTS, type FaultCode } from '../payment/fault.ts';
import { Problem, SCOPES } from './access.ts';
import { EXAMPLES } from './examples.ts';
import { routesOf, type ProcessName, type Route, type RouteId } from './routes.ts';
import * as schemas from './schemas.ts';

/** Names under `components/schemas`; a schema that is not here is written out where it is used. */
const NAMED: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...Object.entries(schemas).map(([name, schema]) => [schema, name] as const),
  [schemas.TokenRequestSent, 'TokenRequest'],
]);

/** Every fault that a route can answer with. */
export function faultsOf(route: Route): FaultCode[] {
  const faults: FaultCode[] = ['too_many_requests', 'internal_error', 'shutting_down'];
  if (route.scope !== null) faults.push('missing_token', 'invalid_token', 'missing_scope');
  if (route.query !== null) faults.push('bad_request');
  if (route.params !== null) faults.push('unknown_resource');
  if (route.request !== null) {
    faults.push('bad_request', 'card_number_in_wrong_place');
    faults.push('body_too_large', 'unsupported_media_type');
  }
  if (route.keyed) faults.push('operation_in_progress', 'key_reused');
  if (route.scope !== null) faults.push('store_unavailable');
  if (route.process === 'tokenizer') faults.push('bridge_unavailable');
  if (route.path === '/readyz') faults.push('store_unavailable', 'bridge_unavailable');
  if (route.path === '/oauth/token') faults.push('invalid_client');
  if (route.path.startsWith('/v1/webhooks/')) {
    faults.push('invalid_signature', 'body_too_large', 'store_unavailable');
  }
  return faults;
}

/** TypeBox keeps hidden marks on its schemas; a document has none. */
function plain(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema));
}

function reference(schema: TObject): unknown {
  const name = NAMED.get(schema);
  return name === undefined ? plain(schema) : { $ref: `#/components/schemas/${name}` };
}

function parameters(route: Route): unknown[] {
  const list = (where: 'path' | 'query', schema: TObject | null): unknown[] =>
    Object.entries(schema?.properties ?? {}).map(([name, field]) => ({
      name,
      in: where,
      required: where === 'path',
      schema: plain(field),
    }));
  const found = [...list('path', route.params), ...list('query', route.query)];
  if (!route.keyed) return found;
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'The same key and body give the same answer, byte for byte, and nothing happens twice. Where it is absent or empty it is derived from the interaction, the step and the attempt.',
    schema: { type: 'string', maxLength: 255, pattern: '^[ -~]*$' },
  };
  return [...found, key];
}

function requestBody(id: RouteId, route: Route): unknown {
  if (route.request === null) {
    return { required: true, content: { 'application/json': { schema: {} } } };
  }
  const content = { schema: reference(route.request), example: EXAMPLES[id].request };
  const form = { 'application/x-www-form-urlencoded': { schema: content.schema } };
  return {
    required: true,
    content: { 'application/json': content, ...(id === 'access_token' ? form : {}) },
  };
}

function success(id: RouteId, route: Route): Record<string, unknown> {
  if (id === 'metrics') {
    return { 200: { description: route.summary, content: { 'text/plain': { schema: {} } } } };
  }
  if (id === 'openapi') {
    return { 200: { description: route.summary, content: { 'application/json': { schema: {} } } } };
  }
  if (route.answer === null) return { 204: { description: 'Taken.' } };
  const content = { schema: reference(route.answer), example: EXAMPLES[id].answer };
  return { 200: { description: route.summary, content: { 'application/json': content } } };
}

function problems(route: Route): Record<string, unknown> {
  const byStatus = new Map<number, Set<FaultCode>>();
  for (const code of faultsOf(route)) {
    const [status] = FAULTS[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const schema = { $ref: '#/components/schemas/Problem' };
  const answers = [...byStatus].map(([status, codes]) => {
    const description = [...codes].map((code) => `\`${code}\`: ${FAULTS[code][1]}`).join('\n\n');
    const retry = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } };
    const answer = { description, content: { 'application/problem+json': { schema } } };
    return [status, status === 429 ? { ...answer, headers: retry } : answer] as const;
  });
  return Object.fromEntries(answers);
}

function operation(id: RouteId, route: Route): Record<string, unknown> {
  const hasBody = route.method !== 'GET';
  return {
    operationId: id,
    summary: route.summary,
    ...(route.name === null ? {} : { 'x-genesys-data-action': route.name }),
    security: route.scope === null ? [] : [{ client: [route.scope] }],
    parameters: parameters(route),
    ...(hasBody ? { requestBody: requestBody(id, route) } : {}),
    responses: { ...success(id, route), ...problems(route) },
  };
}

/**
 * The OpenAPI 3.1 document of one process.
 *
 * @param version of the product; goes into `info`.
 */
export function openapi(process: ProcessName, version: string): object {
  const paths: Record<string, Record<string, unknown>> = {};
  const used: Record<string, unknown> = { Problem: plain(Problem) };
  for (const [id, route] of routesOf(process)) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation(id, route),
    };
    for (const schema of [route.request, route.answer]) {
      const name = NAMED.get(schema);
      if (name !== undefined) used[name] = plain(schema);
    }
  }
  const scopes = Object.fromEntries(SCOPES.map((scope) => [scope, `What needs ${scope}.`]));
  return {
    openapi: '3.1.0',
    info: {
      title: `Tokenline ${process}`,
      version,
      description:
        'Every business result, declines included, is 200 with an outcome: a voice flow in Genesys Cloud gets no detail of a failed data action. Every other status is a fault of RFC 9457.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: used,
      securitySchemes: {
        client: {
          type: 'oauth2',
          description: 'The bridge gives the tokens of both processes.',
          flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes } },
        },
      },
    },
  };
}
