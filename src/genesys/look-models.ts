import { Type, type TSchema } from 'typebox';

/**
 * What `doctor` reads of the answers beyond `models.ts`, and no more: each is a part of the type of the
 * same name in `purecloud-platform-client-v2` 262.0.0 (a test compares them, member by member).
 */

const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const text = maybe(Type.String());
const flag = maybe(Type.Boolean());

/** `features` is a map in `Organization`; `pci` is one of the members of `OrganizationFeatures`. */
export const Organization = Type.Object({
  name: text,
  features: maybe(Type.Record(Type.String(), Type.Unknown())),
});

const AuthzGrantPolicy = Type.Object({
  domain: text,
  entityName: text,
  actions: maybe(Type.Array(Type.String())),
});

export const AuthzSubject = Type.Object({
  grants: maybe(
    Type.Array(
      Type.Object({
        role: maybe(Type.Object({ name: text, policies: maybe(Type.Array(AuthzGrantPolicy)) })),
      }),
    ),
  ),
});

const Limit = Type.Object({ key: text, value: maybe(Type.Number()) });
export const LimitsEntityListing = Type.Object({ entities: maybe(Type.Array(Limit)) });

/** Each property as `{"value": {"instance": …}}`. */
export const TrunkBase = Type.Object({
  id: text,
  name: Type.String(),
  trunkType: Type.String(),
  managed: flag,
  properties: maybe(Type.Record(Type.String(), Type.Unknown())),
});

export const ExecutionDataFlowSettingsResponse = Type.Object({ enabled: flag });

const FlowCharacteristics = Type.Object({
  executionInputOutputs: flag,
  communications: flag,
  variables: flag,
});

const FlowLogLevel = Type.Object({ level: text, characteristics: maybe(FlowCharacteristics) });

export const FlowSettingsResponse = Type.Object({
  id: text,
  logLevelCharacteristics: maybe(FlowLogLevel),
});

export const Queue = Type.Object({
  name: text,
  memberCount: maybe(Type.Number()),
  suppressInQueueCallRecording: flag,
  enableTranscription: flag,
});
