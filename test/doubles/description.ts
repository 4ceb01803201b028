import { Ajv, type ValidateFunction } from 'ajv';
import qs from 'qs';

type Json = Readonly<Record<string, unknown>>;

/** A request as it arrived, before anybody has interpreted it. */
export interface ArrivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an official description says of a request. */
export interface Judgement {
  /** Its path in the description, such as `/v1/customers/{customer}`. */
  readonly template: string;
  /** What the template's names stand for. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: Json;
  /** The body as the description types it; empty where there is none. */
  readonly body: Json;
  /** One sentence for each thing that the description does not allow; empty for a good request. */
  readonly problems: readonly string[];
}

export interface DescriptionOptions {
  /** The media type of bodies. */
  readonly body: 'form' | 'json';
  /** Every object with `properties` takes no others: a misspelt nested key is an error. */
  readonly closed: boolean;
  /** `false` for descriptions whose patterns the `u` flag refuses (PayPal's). */
  readonly unicodeRegExp?: boolean;
}

interface Checks {
  readonly query: ValidateFunction;
  readonly headers: ValidateFunction;
  readonly body: ValidateFunction | null;
}

interface Operation {
  readonly method: string;
  readonly template: string;
  readonly pattern: RegExp;
  /** Compiled when the operation is first used: a description has hundreds. */
  readonly checks: () => Checks;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const MEDIA = { form: 'application/x-www-form-urlencoded', json: 'application/json' } as const;

/**
 * An official OpenAPI document as the judge of requests. Prism was tried in its place: it refuses
 * valid nested forms of Stripe's and lets bodies of PayPal's pass unseen.
 */
export class Description {
  readonly #operations: readonly Operation[];
  readonly #form: boolean;

  constructor(document: Json, options: DescriptionOptions) {
    this.#form = options.body === 'form';
    const ajv = new Ajv({
      strict: false,
      allErrors: true,
      // A form has texts only, and one value may stand for a list of one.
      coerceTypes: this.#form ? 'array' : false,
      validateFormats: false,
      unicodeRegExp: options.unicodeRegExp ?? true,
    });
    ajv.addSchema(options.closed ? objectOf(closedCopy(document)) : document, 'description');
    const operations = Object.entries(objectOf(document['paths'])).flatMap(([template, path]) =>
      METHODS.flatMap((method) => {
        const described = objectOf(path)[method];
        if (described === undefined) return [];
        return [operationOf(ajv, template, method, objectOf(described), MEDIA[options.body])];
      }),
    );
    // A path without names is meant before one whose name would take its word.
    const namesIn = ({ template }: Operation): number => template.split('{').length;
    this.#operations = operations.toSorted((one, other) => namesIn(one) - namesIn(other));
  }

  /** @returns `null` where the description has no such path and method. */
  judge(request: ArrivedRequest): Judgement | null {
    const [path = '', search = ''] = request.url.split('?');
    for (const operation of this.#operations) {
      if (operation.method !== request.method.toLowerCase()) continue;
      const match = operation.pattern.exec(path);
      if (match) return this.#judged(operation, { ...match.groups }, search, request);
    }
    return null;
  }

  #judged(
    operation: Operation,
    names: Readonly<Record<string, string>>,
    search: string,
    request: ArrivedRequest,
  ): Judgement {
    const query = objectOf(qs.parse(search, { depth: 10, arrayLimit: 100 }));
    const checks = operation.checks();
    const problems = [
      ...problemsOf(checks.query, query, 'query'),
      ...problemsOf(checks.headers, { ...request.headers }, 'headers'),
    ];
    const read = this.#bodyOf(request.body);
    if (read === null) problems.push('body: it cannot be read');
    const body = read ?? {};
    if (checks.body !== null) problems.push(...problemsOf(checks.body, body, 'body'));
    else if (request.body !== '') problems.push('body: there is none in the description');
    const decoded: Record<string, string> = {};
    for (const [name, text] of Object.entries(names)) decoded[name] = decodeURIComponent(text);
    return { template: operation.template, names: decoded, query, body, problems };
  }

  #bodyOf(text: string): Json | null {
    if (this.#form) return objectOf(qs.parse(text, { depth: 10, arrayLimit: 100 }));
    if (text === '') return {};
    try {
      return objectOf(JSON.parse(text));
    } catch {
      return null;
    }
  }
}

function operationOf(
  ajv: Ajv,
  template: string,
  method: string,
  described: Json,
  media: string,
): Operation {
  const pattern = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>[^/]+)`);
  let checks: Checks | null = null;
  return {
    method,
    template,
    pattern: new RegExp(`^${pattern}$`),
    checks: () => (checks ??= checksOf(ajv, template, method, described, media)),
  };
}

function checksOf(
  ajv: Ajv,
  template: string,
  method: string,
  described: Json,
  media: string,
): Checks {
  const parameters = listOf(described['parameters']).map(objectOf);
  const named = (where: string) => parameters.filter((parameter) => parameter['in'] === where);
  const point = `description#/paths/${escaped(template)}/${method}`;
  const content = objectOf(objectOf(described['requestBody'])['content']);
  return {
    query: ajv.compile(parametersOf(named('query'), true)),
    headers: ajv.compile(parametersOf(named('header'), false)),
    body:
      content[media] === undefined
        ? null
        : ajv.compile({ $ref: `${point}/requestBody/content/${escaped(media)}/schema` }),
  };
}

/** Parameters of one place as an object; header names are compared in lower case. */
function parametersOf(parameters: readonly Json[], closed: boolean): Json {
  const nameOf = ({ name }: Json): string => (closed ? String(name) : String(name).toLowerCase());
  const required = parameters.filter((parameter) => parameter['required'] === true).map(nameOf);
  const schemaOf = (parameter: Json): unknown => {
    const schema = parameter['schema'] ?? {};
    return closed ? closedCopy(schema) : schema;
  };
  const properties = Object.fromEntries(parameters.map((one) => [nameOf(one), schemaOf(one)]));
  return { type: 'object', properties, required, ...(closed && { additionalProperties: false }) };
}

/** The same, and no object with named properties takes any others. */
export function closedCopy(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closedCopy);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, at]) => [key, closedCopy(at)]));
  const shuts =
    typeof copy['properties'] === 'object' &&
    (copy['type'] === 'object' || copy['title'] !== undefined) &&
    copy['additionalProperties'] === undefined;
  return shuts ? { ...copy, additionalProperties: false } : copy;
}

function problemsOf(validate: ValidateFunction, value: Json, place: string): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => {
    const extra: unknown = error.params['additionalProperty'];
    const name = typeof extra === 'string' ? `${error.instancePath}/${extra}` : error.instancePath;
    return `${place}${name.replaceAll('/', '.')}: ${error.message ?? error.keyword}`;
  });
}

/** A key as a part of a JSON pointer within a URI fragment. */
const escaped = (key: string): string =>
  encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
