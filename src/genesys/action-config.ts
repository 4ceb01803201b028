import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { canonicalJson } from '../payment/fingerprint.ts';
import { CALLS } from './calls.ts';
import type * as models from './models.ts';
import type { Place } from './place.ts';
import type { ActionConfig, ActionFile } from './wanted.ts';

/** The files in which Genesys keeps an action's templates (the provider's `requesttemplate.vm`). */
const TEMPLATES = { request: 'requesttemplate.vm', success: 'successtemplate.vm' };

/** A published action with its templates. */
export interface PublishedAction {
  readonly action: Static<typeof models.Action>;
  readonly requestTemplate: string;
  readonly successTemplate: string;
}

export async function readAction(
  { platform }: Place,
  actionId: string,
  about: string,
): Promise<PublishedAction> {
  const query = { expand: 'contract', includeConfig: true };
  const action = await platform.send(CALLS.readAction, { names: { actionId }, query, about });
  const template = (fileName: string): Promise<string> =>
    platform.send(CALLS.readActionTemplate, { names: { actionId, fileName }, about });
  return {
    action,
    requestTemplate: await template(TEMPLATES.request),
    successTemplate: await template(TEMPLATES.success),
  };
}

const same = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other);

/** What differs, in words; empty where nothing does. */
export function configDifferences(published: PublishedAction, wanted: ActionConfig): string[] {
  const { request, response, timeoutSeconds } = published.action.config ?? {};
  const told: [boolean, string][] = [
    [
      request?.requestUrlTemplate === wanted.request.requestUrlTemplate,
      `the address is ${request?.requestUrlTemplate || 'not set'}`,
    ],
    [request?.requestType === wanted.request.requestType, `it asks with ${request?.requestType}`],
    [same(request?.headers ?? {}, wanted.request.headers), 'the headers are others'],
    [
      published.requestTemplate.trim() === wanted.request.requestTemplate.trim(),
      'the request is put together differently',
    ],
    [
      same(response?.translationMap ?? {}, wanted.response.translationMap) &&
        same(response?.translationMapDefaults ?? {}, wanted.response.translationMapDefaults) &&
        published.successTemplate.trim() === wanted.response.successTemplate.trim(),
      'the answer is read differently',
    ],
    [
      wanted.timeoutSeconds === undefined || timeoutSeconds === wanted.timeoutSeconds,
      `it gives up after ${timeoutSeconds ?? 60} s`,
    ],
  ];
  return told.filter(([right]) => !right).map(([, difference]) => difference);
}

const Property = Type.Object({
  type: Type.Optional(Type.Unknown()),
  items: Type.Optional(Type.Object({ type: Type.Optional(Type.Unknown()) })),
});

/** Names, types and what is required; descriptions mean nothing to a flow. */
function meaningOf(schema: {
  readonly required?: readonly string[] | null;
  readonly properties?: Readonly<Record<string, unknown>> | null;
}): string {
  const types = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const known = Value.Check(Property, property) ? property : {};
    return [name, [known.type, known.items?.type ?? null]];
  });
  const required = [...(schema.required ?? [])].toSorted();
  return canonicalJson({ required, types: Object.fromEntries(types) as unknown });
}

/** True where flows that were made for one can use the other. Neither can be changed once published. */
export function sameContract({ action }: PublishedAction, wanted: ActionFile): boolean {
  const { contract, secure } = action;
  const { input, output } = wanted.contract;
  return (
    (secure ?? false) === wanted.secure &&
    meaningOf(contract?.input?.inputSchema ?? {}) === meaningOf(input.inputSchema) &&
    meaningOf(contract?.output?.successSchema ?? {}) === meaningOf(output.successSchema)
  );
}
