import type { TObject, TSchema } from 'typebox';
import { ROUTE_IDS, ROUTES, type Route, type RouteId } from './routes.ts';

/**
 * Genesys data actions in Genesys' own export format, one file each, made from the contract.
 *
 * Rules they follow, from the Genesys Resource Center ("Request configuration for data actions",
 * "Response configuration", "Velocity macros for data actions"):
 * - inputs and outputs are flat, because Architect binds flat names;
 * - text goes through `$esc.jsonString` in a body and `$esc.url` in an address;
 * - a GET has no body, and its template is the default one;
 * - secrets come from the integration's credential and stand in headers only.
 *
 * An integration has one credential, and the product has two addresses; a credential's field in an
 * address is documented for the authentication action only. So the addresses are the placeholders
 * below, in the `{{…}}` that Archy and Terraform files use too, and whoever deploys replaces them.
 */
export const BASE_URL = {
  bridge: '{{TOKENLINE_BRIDGE_URL}}',
  tokenizer: '{{TOKENLINE_TOKENIZER_URL}}',
} as const;

/** The guide's 30,000 ms; the bridge's own budget ends three seconds before. */
const TIMEOUT_SECONDS = 30;

/** What an interaction is called inside the guide's payloads, and by a flow. */
const FLAT_NAMES: Readonly<Record<string, string>> = { ivr_session_id: 'interaction_id' };

const KEY_INPUT = 'idempotency_key';

type InputType = 'string' | 'integer' | 'number' | 'boolean' | 'array';

/** One flat input or output. */
export interface FlatField {
  readonly name: string;
  readonly type: InputType;
  readonly description: string;
  readonly required: boolean;
}

interface FieldSchema extends TSchema {
  readonly type?: unknown;
  readonly anyOf?: readonly FieldSchema[];
  readonly description?: string;
}

function isObject(schema: TSchema): schema is TObject {
  return 'type' in schema && schema.type === 'object' && 'properties' in schema;
}

const INPUT_TYPES: ReadonlySet<unknown> = new Set([
  'string',
  'integer',
  'number',
  'boolean',
  'array',
]);

function isInputType(type: unknown): type is InputType {
  return INPUT_TYPES.has(type);
}

/** Where the contract takes several types the first one is the flow's. Words (`enum`) are text. */
function typeOf(schema: FieldSchema): InputType {
  const first = schema.anyOf?.[0];
  if (first !== undefined) return typeOf(first);
  return isInputType(schema.type) ? schema.type : 'string';
}

function membersOf(schema: TObject): (readonly [string, FieldSchema, boolean])[] {
  const required = new Set<string>(schema.required);
  const members = Object.entries(schema.properties).map(
    ([name, field]) => [name, field, required.has(name)] as const,
  );
  // Required ones first: an optional one brings the comma before it.
  return members.sort((a, b) => Number(b[2]) - Number(a[2]));
}

function flatFields(schema: TObject, inside = true): FlatField[] {
  return membersOf(schema).flatMap(([name, field, required]) => {
    if (isObject(field)) return flatFields(field, inside && required);
    const flat = FLAT_NAMES[name] ?? name;
    const description = field.description ?? '';
    return [{ name: flat, type: typeOf(field), description, required: inside && required }];
  });
}

/** Everything that a flow binds to an action. */
export function inputsOf(route: Route): FlatField[] {
  const key: FlatField = {
    name: KEY_INPUT,
    type: 'string',
    description: 'Interaction:step:attempt. Where it is empty Tokenline derives it.',
    required: false,
  };
  const found = [route.params, route.request].flatMap((schema) =>
    schema === null ? [] : flatFields(schema),
  );
  return route.keyed ? [...found, key] : found;
}

/** Everything that an action gives back to a flow. */
export function outputsOf(route: Route): FlatField[] {
  return route.answer === null ? [] : flatFields(route.answer);
}

function valueTemplate(name: string, field: FieldSchema): string {
  const flat = FLAT_NAMES[name] ?? name;
  return typeOf(field) === 'string' ? `"$esc.jsonString(\${input.${flat}})"` : `\${input.${flat}}`;
}

/** The Velocity template of a body; nested objects are built here from flat inputs. */
function bodyTemplate(schema: TObject): string {
  let text = '';
  for (const [name, field, required] of membersOf(schema)) {
    const value = isObject(field) ? bodyTemplate(field) : valueTemplate(name, field);
    const member = `${text === '' ? '' : ', '}"${name}": ${value}`;
    text += required ? member : `#if("$!{input.${FLAT_NAMES[name] ?? name}}" != "")${member}#end`;
  }
  return `{${text}}`;
}

function addressTemplate(route: Route): string {
  const base = BASE_URL[route.process === 'tokenizer' ? 'tokenizer' : 'bridge'];
  return `${base}${route.path.replaceAll(/\{(\w+)\}/g, '$esc.url(${input.$1})')}`;
}

/** Stands for an answer field that is missing, as JSON: a translation without a value fails. */
const EMPTY: Readonly<Record<InputType, string>> = {
  string: '""',
  integer: '0',
  number: '0',
  boolean: 'false',
  array: '[]',
};

/** A contract of flat fields, as JSON Schema. */
export function contractOf(fields: readonly FlatField[], title: string): object {
  const property = ({ type, description }: FlatField): object =>
    type === 'array' ? { type, description, items: { type: 'string' } } : { type, description };
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    title,
    type: 'object',
    required: fields.filter((field) => field.required).map((field) => field.name),
    properties: Object.fromEntries(fields.map((field) => [field.name, property(field)])),
    additionalProperties: true,
  };
}

/** One data action, as Genesys exports and imports it. */
export interface DataAction {
  readonly name: string;
  readonly integrationType: 'custom-rest-actions';
  readonly actionType: 'custom';
  readonly config: {
    readonly request: {
      readonly requestUrlTemplate: string;
      readonly requestType: Route['method'];
      readonly headers: Readonly<Record<string, string>>;
      readonly requestTemplate: string;
    };
    readonly response: {
      readonly translationMap: Readonly<Record<string, string>>;
      readonly translationMapDefaults: Readonly<Record<string, string>>;
      readonly successTemplate: string;
    };
    readonly timeoutSeconds: number;
  };
  readonly contract: {
    readonly input: { readonly inputSchema: object };
    readonly output: { readonly successSchema: object };
  };
  readonly secure: boolean;
}

function actionOf(name: string, route: Route): DataAction {
  const outputs = outputsOf(route);
  const each = (value: (field: FlatField) => string): Record<string, string> =>
    Object.fromEntries(outputs.map((field) => [field.name, value(field)]));
  return {
    name,
    integrationType: 'custom-rest-actions',
    actionType: 'custom',
    config: {
      request: {
        requestUrlTemplate: addressTemplate(route),
        requestType: route.method,
        headers: {
          Authorization: 'Bearer ${authResponse.access_token}',
          'Content-Type': 'application/json',
          ...(route.keyed ? { 'Idempotency-Key': `$!{input.${KEY_INPUT}}` } : {}),
        },
        requestTemplate:
          route.request === null ? '${input.rawRequest}' : bodyTemplate(route.request),
      },
      response: {
        translationMap: each((field) => `$.${field.name}`),
        translationMapDefaults: each((field) => EMPTY[field.type]),
        // A translated value is JSON already, quotes included.
        successTemplate: `{${outputs.map(({ name: key }) => `"${key}": \${${key}}`).join(', ')}}`,
      },
      timeoutSeconds: TIMEOUT_SECONDS,
    },
    contract: {
      input: { inputSchema: contractOf(inputsOf(route), `${name} input`) },
      output: { successSchema: contractOf(outputs, `${name} output`) },
    },
    secure: route.secure,
  };
}

/** Every data action with the route that it calls. */
export function dataActions(): readonly (readonly [RouteId, DataAction])[] {
  return ROUTE_IDS.flatMap((id) => {
    const route: Route = ROUTES[id];
    return route.name === null ? [] : [[id, actionOf(route.name, route)] as const];
  });
}

/** `Tokenline Tokenise Card` is `tokenline-tokenise-card.custom.json`. */
export function fileNameOf(action: Pick<DataAction, 'name'>): string {
  return `${action.name.toLowerCase().replaceAll(' ', '-')}.custom.json`;
}

/**
 * The configuration of the integration's authentication action (credential type
 * `userDefinedOAuth` with `loginUrl`, `clientId`, `clientSecret`), whose answer the actions read as
 * `${authResponse.access_token}`.
 */
export function authenticationAction(name = 'Tokenline Access Token'): object {
  return {
    name,
    config: {
      request: {
        requestUrlTemplate: '${credentials.loginUrl}',
        requestType: 'POST',
        headers: {
          Authorization:
            'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        requestTemplate: 'grant_type=client_credentials',
      },
      response: {
        translationMap: { access_token: '$.access_token', token_type: '$.token_type' },
        translationMapDefaults: {},
        successTemplate: '{"access_token": ${access_token}, "token_type": ${token_type}}',
      },
    },
  };
}

/** The same for a gateway that gives bearers for client credentials, in its own integration. */
export function gatewayAuthenticationAction(): object {
  return authenticationAction('Tokenline Gateway Access Token');
}
