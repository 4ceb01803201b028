import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A request of a data action, or of the authentication action: Velocity templates. */
export interface RequestTemplates {
  readonly requestUrlTemplate: string;
  readonly requestType: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly requestTemplate: string;
}

export interface ResponseTemplates {
  /** JSONPath by name. */
  readonly translationMap: Readonly<Record<string, string>>;
  /** JSON text by name, for a path that finds nothing. */
  readonly translationMapDefaults: Readonly<Record<string, string>>;
  readonly successTemplate: string;
}

/** Of a contract's JSON Schema, what flat inputs and outputs use of it. */
export interface FlatSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, { readonly type?: string }>>;
}

/** A data action as Genesys exports it: `*.custom.json`. */
export interface DataActionFile {
  readonly name: string;
  readonly request: RequestTemplates;
  readonly response: ResponseTemplates;
  /** Genesys' default is 60 s, which is its maximum as well. */
  readonly timeoutMs: number;
  readonly input: FlatSchema;
  readonly output: FlatSchema;
  readonly secure: boolean;
}

/** What an integration is made of: its actions, and the action that gets its access token. */
export interface IntegrationFiles {
  readonly actions: readonly DataActionFile[];
  readonly authentication: {
    readonly request: RequestTemplates;
    readonly response: ResponseTemplates;
  } | null;
}

const TIMEOUT_SECONDS = 60;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

type Json = Readonly<Record<string, unknown>>;

/** Reads members and says by name which one is not as it has to be. */
class Members {
  readonly #json: Json;
  readonly #file: string;
  readonly #path: string;

  constructor(json: unknown, file: string, path: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new TypeError(`${file}: ${path === '' ? 'the file' : path} has to be an object`);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked on the line above
    this.#json = json as Json;
    this.#file = file;
    this.#path = path;
  }

  inside(name: string): Members {
    return new Members(this.#json[name], this.#file, this.#name(name));
  }

  text(name: string): string {
    const value = this.#json[name];
    if (typeof value !== 'string') throw this.#wrong(name, 'a text');
    return value;
  }

  texts(name: string): Record<string, string> {
    const inner = new Members(this.#json[name] ?? {}, this.#file, this.#name(name));
    return Object.fromEntries(Object.keys(inner.#json).map((key) => [key, inner.text(key)]));
  }

  boolean(name: string): boolean {
    return this.#json[name] === true;
  }

  number(name: string, otherwise: number): number {
    const value = this.#json[name] ?? otherwise;
    if (typeof value !== 'number') throw this.#wrong(name, 'a number');
    return value;
  }

  list(name: string): string[] {
    const value: unknown = this.#json[name] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    return value.map(String);
  }

  names(): string[] {
    return Object.keys(this.#json);
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T {
    const value = this.#json[name];
    const found = words.find((word) => word === value);
    if (found === undefined) throw this.#wrong(name, `one of ${words.join(', ')}`);
    return found;
  }

  #name(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, wanted: string): TypeError {
    return new TypeError(`${this.#file}: ${this.#name(name)} has to be ${wanted}`);
  }
}

function requestOf(config: Members): RequestTemplates {
  const request = config.inside('request');
  return {
    requestUrlTemplate: request.text('requestUrlTemplate'),
    requestType: request.oneOf('requestType', METHODS),
    headers: request.texts('headers'),
    requestTemplate: request.text('requestTemplate'),
  };
}

function responseOf(config: Members): ResponseTemplates {
  const response = config.inside('response');
  return {
    translationMap: response.texts('translationMap'),
    translationMapDefaults: response.texts('translationMapDefaults'),
    successTemplate: response.text('successTemplate'),
  };
}

function schemaOf(contract: Members, side: string, name: string): FlatSchema {
  const schema = contract.inside(side).inside(name);
  const properties = schema.inside('properties');
  return {
    required: schema.list('required'),
    properties: Object.fromEntries(
      properties.names().map((key) => {
        const member = properties.inside(key);
        return [key, member.names().includes('type') ? { type: member.text('type') } : {}];
      }),
    ),
  };
}

/**
 * Reads the text of a `*.custom.json`.
 *
 * @param substitutions values of `{{key}}`, such as the address of the bridge.
 * @throws TypeError that names the file and the member.
 */
export function readDataAction(
  text: string,
  file: string,
  substitutions: Readonly<Record<string, string>>,
): DataActionFile {
  const root = new Members(parsed(substituted(text, file, substitutions), file), file, '');
  const config = root.inside('config');
  const contract = root.inside('contract');
  return {
    name: root.text('name'),
    request: requestOf(config),
    response: responseOf(config),
    timeoutMs: config.number('timeoutSeconds', TIMEOUT_SECONDS) * 1000,
    input: schemaOf(contract, 'input', 'inputSchema'),
    output: schemaOf(contract, 'output', 'successSchema'),
    secure: root.boolean('secure'),
  };
}

/** Where the files of an integration are. */
export interface IntegrationPaths {
  readonly actions: readonly string[];
  readonly authentication: string | null;
}

/** Every `*.custom.json` of a folder, and its `*.custom-auth.json`. */
export function integrationIn(folder: string): IntegrationPaths {
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  return {
    actions: paths.filter((path) => path.endsWith('.custom.json')),
    authentication: paths.find((path) => path.endsWith('.custom-auth.json')) ?? null,
  };
}

/** Reads the data actions of an integration, and the action that gets its access token. */
export function readIntegration(
  paths: IntegrationPaths,
  substitutions: Readonly<Record<string, string>>,
): IntegrationFiles {
  const actions = paths.actions.map((path) =>
    readDataAction(readFileSync(path, 'utf8'), basename(path), substitutions),
  );
  if (paths.authentication === null) return { actions, authentication: null };
  const file = basename(paths.authentication);
  const text = substituted(readFileSync(paths.authentication, 'utf8'), file, substitutions);
  const root = new Members(parsed(text, file), file, '');
  const config = root.inside('config');
  return { actions, authentication: { request: requestOf(config), response: responseOf(config) } };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError(`${file}: this is not JSON`);
  }
}

function substituted(
  text: string,
  file: string,
  substitutions: Readonly<Record<string, string>>,
): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = substitutions[key];
    if (value === undefined) throw new TypeError(`${file}: no value is given for {{${key}}}`);
    return JSON.stringify(value).slice(1, -1);
  });
}
