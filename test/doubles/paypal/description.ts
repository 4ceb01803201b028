import { Ajv, type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { Description, type ArrivedRequest, type Judgement } from '../description.ts';

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function read(name: string): Node {
  const file = new URL(`../../specs/paypal/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Node;
}

/**
 * The same schemas in a form that can be closed: members of an `allOf` become one object, for closed
 * ones would refuse each other's properties; what has properties is an object; `nullable` alone, which
 * ajv does not take, goes.
 */
function closable(document: Node, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => closable(document, item));
  if (!isNode(node)) return node;
  const parts = node['allOf'];
  if (Array.isArray(parts)) {
    const { allOf: _, ...own } = node;
    const whole = [own, ...parts.map((part) => target(document, part))];
    const merged = whole.map((part) => closable(document, part) as Node);
    return {
      type: 'object',
      properties: Object.assign({}, ...merged.map((part) => part['properties'] ?? {})) as Node,
      required: merged.flatMap((part) => (part['required'] as string[] | undefined) ?? []),
    };
  }
  const copy: Node = {};
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'nullable' || node['type'] !== undefined) copy[key] = closable(document, value);
  }
  if (isNode(node['properties']) && node['type'] === undefined) copy['type'] = 'object';
  return copy;
}

function target(document: Node, node: unknown): unknown {
  const ref = isNode(node) ? node['$ref'] : undefined;
  if (typeof ref !== 'string') return node;
  let here: unknown = document;
  for (const name of ref.slice(2).split('/')) here = (here as Node)[name];
  return target(document, here);
}

export interface PayPalDescription {
  judge(request: ArrivedRequest): Judgement | null;
  /** One sentence for each thing that the description does not allow in an answer. */
  answerProblems(method: string, template: string, status: number, body: unknown): string[];
}

/**
 * PayPal's official descriptions of February 2024 as the judge of requests, and of the double's own
 * answers. They were written for expressions without the `u` flag.
 */
export function paypalDescription(): PayPalDescription {
  const documents = ['vault', 'orders', 'payments', 'webhooks'].map(read);
  // `VaultTokenRequestType` of the official @paypal/paypal-server-sdk 2.5 has it; the description
  // of the vault has only the kind of token that came before.
  const token = ['components', 'schemas', 'token_id_request', 'properties', 'type'];
  let type: unknown = documents[0];
  for (const name of token) type = (type as Node)[name];
  (type as Node)['enum'] = ['BILLING_AGREEMENT', 'SETUP_TOKEN'];
  const whole = documents.map((document) => closable(document, document) as Node);
  const judges = whole.map(
    (document) => new Description(document, { body: 'json', closed: true, unicodeRegExp: false }),
  );
  const answers = whole.map((document, index) => {
    const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false });
    return ajv.addSchema(document, `answers${index}`);
  });
  const compiled = new Map<string, ValidateFunction>();
  return {
    judge(request) {
      for (const judge of judges) {
        const judged = judge.judge(request);
        if (judged !== null) return judged;
      }
      return null;
    },
    answerProblems(method, template, status, body) {
      const index = whole.findIndex((document) => isNode((document['paths'] as Node)[template]));
      const pointer = `/paths/${template.replaceAll('/', '~1')}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`;
      const id = `answers${index}#${encodeURI(pointer)}`;
      const check = compiled.get(id) ?? answers[index]?.compile({ $ref: id });
      if (!check) return [`${method} ${template}: no such answer is described`];
      compiled.set(id, check);
      if (check(body)) return [];
      return (check.errors ?? []).map(
        (error) => `${method} ${template} answer${error.instancePath}: ${error.message ?? ''}`,
      );
    },
  };
}
