import { Ajv, type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { closedCopy, Description, type ArrivedRequest, type Judgement } from '../description.ts';

type Node = Record<string, unknown>;

/**
 * Genesys publishes its description of the platform API with every release of its SDK: routes and query
 * names in the SDK's sources, bodies and answers in its `index.d.ts`. Both are regular, generated text;
 * here they become the OpenAPI document that they were generated from, for the routes of these parts.
 */
const PARTS = [
  'ArchitectApi',
  'AuthorizationApi',
  'IntegrationsApi',
  'OrganizationApi',
  'RoutingApi',
  'TelephonyProvidersEdgeApi',
];

const ROOT = dirname(
  createRequire(import.meta.url).resolve('purecloud-platform-client-v2/package.json'),
);
const TYPES = readFileSync(join(ROOT, 'index.d.ts'), 'utf8');

/** `getFlow(flowId, opts) { … callApi('/api/v2/flows/{flowId}', 'GET', {names}, {query}` */
const METHOD =
  /^\t(?!constructor)(\w+)\([^)]*\) \{[^]*?callApi\(\s*'([^']+)',\s*'([A-Z]+)',\s*\{[^}]*\},\s*\{([^}]*)\}/gm;
const QUERY_NAME = /'(\w+)': (?:this\.apiClient\.buildCollectionParam\()?(opts\[)?/g;

/** One of the few forms that the generator writes, as a JSON schema. */
function schemaOf(type: string): Node {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return { type: 'array', items: schemaOf(list[1] ?? '') };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type) ?? /^Record<string, (.*)>$/.exec(type);
  if (map) return { type: 'object', additionalProperties: schemaOf(map[1] ?? '') };
  const model = /^Models\.(\w+)$/.exec(type)?.[1];
  if (model !== undefined) return { $ref: `description#/components/schemas/${model}` };
  if (type === 'string' || type === 'number' || type === 'boolean') return { type };
  // `object` stands for any JSON: `additionalProperties: true` of a contract is one.
  if (type === 'object' || type === 'void') return {};
  throw new Error(`${type} is a form of type that the double does not know`);
}

function membersOf(block: string): Node {
  const members = [...block.matchAll(/^\t\t"([^"]+)"(\??): (.*);$/gm)];
  return {
    type: 'object',
    required: members.filter(([, , optional]) => optional === '').map(([, name]) => name),
    properties: Object.fromEntries(
      members.map(([, name = '', , type = '']) => [name, schemaOf(type)]),
    ),
  };
}

/** The block of an interface, which every one of them has once. */
function interfaceOf(name: string): string | null {
  const from = TYPES.indexOf(`\texport interface ${name} {`);
  return from === -1 ? null : TYPES.slice(from, TYPES.indexOf('\n\t}', from));
}

/** A type of the SDK: what its members are. */
export function modelOf(name: string): Node {
  const block = interfaceOf(name);
  if (block === null) throw new Error(`the SDK has no type ${name}`);
  return membersOf(block);
}

function namesIn(schema: unknown): string[] {
  const found = JSON.stringify(schema).matchAll(/components\/schemas\/(\w+)/g);
  return [...found].map(([, name]) => name ?? '');
}

function withAll(start: readonly string[]): Node {
  const schemas: Node = {};
  const open = [...start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (Object.hasOwn(schemas, name)) continue;
    schemas[name] = modelOf(name);
    open.push(...namesIn(schemas[name]));
  }
  return schemas;
}

/** What a method takes and gives: `postRoutingSkills(body: Models.CreateRoutingSkill, …): Promise<…>`. */
function signatureOf(method: string): { body: string | null; answer: string } {
  const found = new RegExp(`^ {2}\\t${method}\\((.*)\\): Promise<(.*)>;$`, 'm').exec(TYPES);
  if (!found) throw new Error(`the SDK's types have no ${method}`);
  const [, parameters = '', answer = ''] = found;
  const own = /\bbody: ([^,]+(?:<[^>]*>)?),/.exec(parameters)?.[1] ?? null;
  const options =
    /^\t\t"body"\??: (.*);$/m.exec(interfaceOf(`${method}Options`) ?? '')?.[1] ?? null;
  return { body: own ?? options, answer };
}

function documentOf(wanted: ReadonlySet<string>): Node {
  const paths: Record<string, Node> = {};
  const sources = join(ROOT, 'src/purecloud-platform-client-v2/api');
  for (const part of PARTS) {
    const source = readFileSync(join(sources, `${part}.js`), 'utf8');
    for (const [, name = '', path = '', verb = '', query = ''] of source.matchAll(METHOD)) {
      if (!wanted.has(`${verb} ${path}`)) continue;
      const { body, answer } = signatureOf(name);
      const parameters = [...query.matchAll(QUERY_NAME)].map(([, word = '', optional]) => ({
        in: 'query',
        name: word,
        required: optional === undefined,
        schema: {},
      }));
      const content = body === null ? {} : { 'application/json': { schema: schemaOf(body) } };
      (paths[path] ??= {})[verb.toLowerCase()] = {
        parameters,
        ...(body === null ? {} : { requestBody: { content } }),
        answer: answer === 'void' ? null : schemaOf(answer),
      };
    }
  }
  return { paths, components: { schemas: withAll(namesIn(paths)) } };
}

export interface GenesysDescription {
  /** `null` where the SDK has no such route. */
  judge(request: ArrivedRequest): Judgement | null;
  /** One sentence for each thing that an answer of the double has and the SDK's type has not. */
  answerProblems(method: string, template: string, body: unknown): string[];
  /** Routes that were asked for and that the SDK does not have. */
  readonly missing: readonly string[];
}

/** @param routes those that are played, as `GET /api/v2/flows`. */
export function genesysDescription(routes: readonly string[]): GenesysDescription {
  const document = documentOf(new Set(routes));
  const paths = document['paths'] as Record<string, Record<string, Node>>;
  const judge = new Description(document, { body: 'json', closed: true });
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(closedCopy(document) as Node, 'description');
  const compiled = new Map<string, ValidateFunction>();
  const described = (route: string): Node | undefined => {
    const [verb = '', path = ''] = route.split(' ');
    return paths[path]?.[verb.toLowerCase()];
  };
  return {
    judge: (request) => judge.judge(request),
    answerProblems(method, template, body) {
      const route = `${method} ${template}`;
      const operation = described(route);
      if (!operation) return [`${route}: it is not described`];
      if (operation['answer'] === null) return [];
      const check = compiled.get(route) ?? ajv.compile(closedCopy(operation['answer']) as Node);
      compiled.set(route, check);
      if (check(body)) return [];
      return (check.errors ?? []).map(({ instancePath, message, params }) => {
        const extra = 'additionalProperty' in params ? `/${params['additionalProperty']}` : '';
        return `${route} answer${instancePath}${extra}: ${message}`;
      });
    },
    missing: routes.filter((route) => described(route) === undefined),
  };
}
