import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { TObject } from 'typebox';
import { Compile } from 'typebox/compile';
import { generated } from '../../scripts/generate.ts';
import { Problem, SCOPES } from '../../src/contract/access.ts';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { faultsOf, openapi } from '../../src/contract/openapi.ts';
import { AGENT_FAULTS } from '../../src/contract/agent.ts';
import { CONSOLE_FAULTS } from '../../src/contract/staff.ts';
import { ROUTE_IDS, ROUTES, routesOf, type Route } from '../../src/contract/routes.ts';
import { Fault, FAULTS } from '../../src/payment/fault.ts';
import { ERROR_CODES } from '../../src/payment/outcome.ts';
import { SCOPES as CONFIGURED_SCOPES } from '../../src/system/config-file.ts';
import { runApi } from './running-api.ts';

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}
interface Operation {
  readonly operationId: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Record<string, { readonly description: string }>;
}

const documentOf = (process: 'bridge' | 'tokenizer'): Document =>
  openapi(process, '1.2.3') as Document;

const fits = (schema: TObject | null, value: unknown, what: string): void => {
  if (schema === null) return assert.equal(value, null, what);
  const validator = Compile(schema);
  assert.ok(validator.Check(value), `${what}: ${JSON.stringify(validator.Errors(value))}`);
};

test('every example fits its schema', () => {
  let count = 0;
  for (const id of ROUTE_IDS) {
    const route: Route = ROUTES[id];
    fits(route.request, EXAMPLES[id].request, `request of ${id}`);
    fits(route.answer, EXAMPLES[id].answer, `answer of ${id}`);
    count += 1;
  }
  assert.ok(count >= 24);
});

test('every data action’s answer is flat, and has the four that every answer has', () => {
  for (const id of ROUTE_IDS) {
    const route: Route = ROUTES[id];
    if (route.name === null) continue;
    assert.ok(route.answer, id);
    assert.deepEqual(
      Object.keys(route.answer.properties).slice(0, 4),
      ['outcome', 'route', 'prompt', 'prompt_text'],
      id,
    );
    assert.deepEqual(route.answer.required, Object.keys(route.answer.properties), id);
    for (const value of Object.values(EXAMPLES[id].answer ?? {})) {
      assert.ok(Array.isArray(value) || typeof value !== 'object', `${id} is flat`);
    }
  }
});

test('both OpenAPI documents are valid', async () => {
  for (const process of ['bridge', 'tokenizer'] as const) {
    const document = { ...documentOf(process) };
    const result = await new Validator().validate(document);
    assert.deepEqual(result.errors ?? [], []);
    assert.equal(result.valid, true);
  }
  const broken = await new Validator().validate({ openapi: '3.1.0', paths: 7 });
  assert.equal(broken.valid, false, 'the validator sees something');
});

test('the OpenAPI documents list every route with its scope, its parameters and its faults', () => {
  let listed = 0;
  for (const process of ['bridge', 'tokenizer'] as const) {
    const document = documentOf(process);
    const routes = routesOf(process);
    for (const [id, route] of routes) {
      const operation = document.paths[route.path]?.[route.method.toLowerCase()];
      assert.ok(operation, `${route.method} ${route.path}`);
      assert.equal(operation.operationId, id);
      assert.deepEqual(operation.security, route.scope === null ? [] : [{ client: [route.scope] }]);
      const names = operation.parameters.map(({ name }) => name);
      for (const [, name] of route.path.matchAll(/\{(\w+)\}/g))
        assert.ok(names.includes(name ?? ''));
      assert.equal(names.includes('Idempotency-Key'), route.keyed, id);
      assert.equal(operation.requestBody !== undefined, route.method !== 'GET', id);
      for (const code of faultsOf(route)) {
        const [status] = FAULTS[code];
        assert.match(operation.responses[status]?.description ?? '', new RegExp(`\`${code}\``), id);
      }
      listed += 1;
    }
    const operations = Object.values(document.paths).flatMap((path) => Object.keys(path));
    assert.equal(operations.length, routes.length);
    // A reference that leads nowhere, and a mark of TypeBox, would not be noticed by a reader.
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      assert.ok(name !== undefined && name in document.components.schemas, name);
    }
    assert.doesNotMatch(text, /~kind/);
  }
  assert.ok(listed >= 28);
  const every = new Set([
    ...CONSOLE_FAULTS,
    ...AGENT_FAULTS,
    ...ROUTE_IDS.flatMap((id) => faultsOf(ROUTES[id])),
  ]);
  const missing = Object.keys(FAULTS).filter((code) => !every.has(code as keyof typeof FAULTS));
  assert.deepEqual(missing, ['unknown_route'], 'every fault belongs to a route');
});

test('the bridge serves its document', async (t) => {
  const api = await runApi(t);
  const response = await fetch(`${api.base}/openapi.json`);
  assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(openapi('bridge', '1.2.3'))));
});

test('a problem is what the contract says it is', () => {
  fits(Problem, new Fault('bad_request', 'x').problem(), 'a problem');
});

test('the catalogue of errors is the code’s, in both directions', () => {
  const page = readFileSync('docs/reference/errors.md', 'utf8');
  const [faults = '', errors = ''] = page.split('## Error codes');
  const rows = (text: string): string[] =>
    [...text.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1] ?? '');
  assert.deepEqual(rows(faults), Object.keys(FAULTS));
  assert.deepEqual(rows(errors), Object.keys(ERROR_CODES));
  for (const [code, [status, title]] of Object.entries(FAULTS)) {
    assert.match(
      faults,
      new RegExp(`\`${code}\` +\\| ${status} +\\| ${title.replaceAll('.', '\\.')}`),
    );
  }
  for (const [code, title] of Object.entries(ERROR_CODES)) {
    assert.ok(errors.includes(title), code);
  }
});

test('what is generated is what the contract says now: npm run generate', async () => {
  const files = await generated();
  for (const [path, text] of files) {
    assert.equal(readFileSync(path, 'utf8'), text, `${path} is stale`);
  }
  const found = readdirSync('genesys/data-actions').filter((name) => name.endsWith('.json'));
  for (const name of found)
    assert.ok(files.has(`genesys/data-actions/${name}`), `${name} is left over`);
  assert.equal(found.length, 19);
});

test('the scopes of the contract are those that can be configured', () => {
  assert.deepEqual(SCOPES, CONFIGURED_SCOPES);
});
