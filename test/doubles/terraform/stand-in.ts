import { join } from 'node:path';
import { serveGrpc } from './grpc.ts';
import { decode, encode, isList, recordOf, UNKNOWN, wordOf, type Value } from './msgpack.ts';
import { fieldsOf, message, type Field } from './protobuf.ts';
import { readProviderSchema, type Argument, type Resource } from './schema.ts';

/** Something that Terraform had made, changed or removed, with all its arguments. */
export interface Made {
  readonly type: string;
  readonly did: 'create' | 'update' | 'delete';
  readonly values: Readonly<Record<string, Value>>;
}

export interface StandIn {
  /** In the order in which Terraform asked for it. */
  readonly made: Made[];
  /** What makes Terraform talk to it instead of the real provider. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const PROVIDER = 'mypurecloud/genesyscloud';

/**
 * Stands in for Genesys Cloud's provider, so that a real Terraform reads, checks, plans and applies a
 * module with nothing behind it. It speaks version 5 of Terraform's plugin protocol
 * (docs/plugin-protocol/tfplugin5.proto of hashicorp/terraform) and knows the arguments that the
 * provider's documents list; what Genesys would say to them it does not know.
 */
export async function startStandIn(directory: string): Promise<StandIn> {
  const socket = join(directory, 'provider.sock');
  const { resources } = readProviderSchema();
  const made: Made[] = [];
  const close = await serveGrpc(socket, (method, request) =>
    answer(method.replace('/tfplugin5.Provider/', ''), fieldsOf(request), resources, made),
  );
  const reattach = {
    Protocol: 'grpc',
    ProtocolVersion: 5,
    Pid: process.pid,
    Test: true,
    Addr: { Network: 'unix', String: socket },
  };
  const environment = { TF_REATTACH_PROVIDERS: JSON.stringify({ [PROVIDER]: reattach }) };
  return { made, environment, close };
}

type Resources = Readonly<Record<string, Resource>>;

function answer(
  method: string,
  request: ReadonlyMap<number, Uint8Array>,
  resources: Resources,
  made: Made[],
): Uint8Array | null {
  const bytes = (field: number): Uint8Array => request.get(field) ?? new Uint8Array();
  const type = new TextDecoder().decode(bytes(1));
  const resource = (): Resource => resources[type] ?? { attributes: {}, blocks: {} };
  switch (method) {
    case 'GetSchema':
      return schemas(resources);
    case 'PrepareProviderConfig':
      return message([1, bytes(1)]);
    case 'Configure':
    case 'Stop':
      return message();
    case 'ValidateResourceTypeConfig':
      return message(...problemsOf(resource(), recordOf(valueOf(bytes(2)))));
    case 'UpgradeResourceState':
      // Both are JSON: the state as it was written, and the state as it is read.
      return message([1, message([2, fieldsOf(bytes(3)).get(1) ?? '{}'])]);
    case 'ReadResource':
      return message([1, bytes(2)]);
    case 'PlanResourceChange':
      return message([1, dynamic(planned(resource(), valueOf(bytes(3))))]);
    case 'ApplyResourceChange':
      return message([1, dynamic(applied(type, valueOf(bytes(2)), valueOf(bytes(3)), made))]);
    default:
      return null;
  }
}

const valueOf = (bytes: Uint8Array): Value => decode(fieldsOf(bytes).get(1) ?? Uint8Array.of(0xc0));

const dynamic = (value: Value): Uint8Array => message([1, encode(value)]);

function planned({ attributes }: Resource, proposed: Value): Value {
  if (proposed === null) return null;
  return Object.fromEntries(
    Object.entries(recordOf(proposed)).map(([name, value]) => [
      name,
      value === null && attributes[name]?.use === 'computed' ? UNKNOWN : value,
    ]),
  );
}

function applied(type: string, prior: Value, plan: Value, made: Made[]): Value {
  if (plan === null) {
    made.push({ type, did: 'delete', values: recordOf(prior) });
    return null;
  }
  const values = Object.fromEntries(
    Object.entries(recordOf(plan)).map(([name, value]) => [
      name,
      value === UNKNOWN ? `${type}.${made.length}` : value,
    ]),
  );
  made.push({ type, did: prior === null ? 'create' : 'update', values });
  return values;
}

/** What the provider itself would refuse; Terraform knows the rest from the schema. */
function problemsOf(resource: Resource, values: Readonly<Record<string, Value>>): Field[] {
  const nested = Object.entries(resource.blocks).flatMap(([block, { attributes }]) => {
    const blocks = values[block] ?? [];
    return isList(blocks) ? blocks.flatMap((one) => wrong(attributes, recordOf(one))) : [];
  });
  return [...wrong(resource.attributes, values), ...nested].map((text) => [
    1,
    message([1, 1], [2, text]),
  ]);
}

function wrong(
  attributes: Readonly<Record<string, Argument>>,
  values: Readonly<Record<string, Value>>,
): string[] {
  return Object.entries(attributes).flatMap(([name, { one_of, range, each }]) => {
    const value = values[name] ?? null;
    if (value === null || value === UNKNOWN) return [];
    if (one_of !== undefined && !one_of.includes(wordOf(value))) {
      return [`${name} is ${wordOf(value)}; it may be ${one_of.join(', ')}`];
    }
    if (range !== undefined && typeof value === 'number') {
      const [least = 0, most = 0] = range;
      if (value < least || value > most) return [`${name} is not from ${least} to ${most}`];
    }
    if (each === undefined || !isList(value)) return [];
    const pattern = new RegExp(each);
    return value.every((one) => pattern.test(wordOf(one))) ? [] : [`${name} is not well formed`];
  });
}

/** A block's arguments and blocks, as the protocol wants them. */
function block(attributes: Readonly<Record<string, Argument>>, blocks: Resource['blocks']) {
  return message(
    ...Object.entries(attributes).map(([name, { use, type, sensitive = false }]): Field => {
      const fields: Field[] = [
        [1, name],
        [2, JSON.stringify(type)],
        [4, use === 'required'],
        [5, use === 'optional'],
        [6, use === 'computed'],
        [7, sensitive],
      ];
      return [2, message(...fields)];
    }),
    ...Object.entries(blocks).map(([name, nested]): Field => {
      const NESTING = { list: 2, set: 3 } as const;
      const inner = block(nested.attributes, {});
      const limits: Field[] = [
        [3, NESTING[nested.nesting]],
        [5, nested.max ?? 0],
      ];
      return [3, message([1, name], [2, inner], ...limits)];
    }),
  );
}

function schemas(resources: Resources): Uint8Array {
  const text = { use: 'optional', type: 'string' } as const;
  const provider = { oauthclient_id: text, oauthclient_secret: text, aws_region: text };
  return message(
    [1, message([2, block(provider, {})])],
    ...Object.entries(resources).map(([name, { attributes, blocks }]): Field => [
      2,
      message([1, name], [2, message([1, 1], [2, block(attributes, blocks)])]),
    ]),
  );
}
