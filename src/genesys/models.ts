import { Type, type TSchema } from 'typebox';

/**
 * What is read from the answers of the platform API, and no more: each is a part of the type of the
 * same name in `purecloud-platform-client-v2` 262.0.0 (a test compares them, member by member).
 */

const id = Type.String({ minLength: 1 });
const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const text = maybe(Type.String());
const whole = maybe(Type.Number());
const flag = maybe(Type.Boolean());
const texts = Type.Record(Type.String(), Type.String());

const Named = Type.Object({ id: maybe(id), name: text });

export const Organization = Type.Object({ id, name: text });

export const AuthzDivision = Type.Object({ id, name: text });

export const CredentialInfo = Type.Object({
  id,
  name: text,
  modifiedDate: text,
  type: maybe(Named),
});

export const IntegrationConfiguration = Type.Object({
  name: Type.String(),
  version: Type.Number(),
  properties: Type.Unknown(),
  advanced: Type.Unknown(),
  notes: text,
  credentials: maybe(Type.Record(Type.String(), Named)),
});

export const Integration = Type.Object({
  id,
  name: text,
  intendedState: text,
  integrationType: maybe(Type.Object({ id })),
});

const JsonSchemaDocument = Type.Object({
  required: maybe(Type.Array(Type.String())),
  properties: maybe(Type.Record(Type.String(), Type.Unknown())),
});

export const Action = Type.Object({
  id,
  name: text,
  integrationId: text,
  category: text,
  version: whole,
  secure: flag,
  contract: maybe(
    Type.Object({
      input: maybe(Type.Object({ inputSchema: maybe(JsonSchemaDocument) })),
      output: maybe(Type.Object({ successSchema: maybe(JsonSchemaDocument) })),
    }),
  ),
  config: maybe(
    Type.Object({
      timeoutSeconds: whole,
      request: maybe(
        Type.Object({
          requestUrlTemplate: text,
          requestType: text,
          requestTemplate: text,
          headers: maybe(texts),
        }),
      ),
      response: maybe(
        Type.Object({
          translationMap: maybe(texts),
          translationMapDefaults: maybe(texts),
          successTemplate: text,
        }),
      ),
    }),
  ),
});

export const DraftValidationResult = Type.Object({
  valid: flag,
  errors: maybe(Type.Array(Type.Object({ message: text }))),
});

export const RoutingSkill = Type.Object({ id, name: Type.String(), state: text });

export const Queue = Type.Object({
  id,
  name: text,
  description: text,
  memberCount: whole,
  skillEvaluationMethod: text,
  suppressInQueueCallRecording: flag,
});

export const PromptAsset = Type.Object({ language: text, ttsString: text, text });

export const Prompt = Type.Object({
  id,
  name: Type.String(),
  description: text,
  resources: maybe(Type.Array(PromptAsset)),
});

const Person = Type.Object({ id: maybe(id), name: text });

const FlowVersion = Type.Object({
  id: maybe(id),
  commitVersion: text,
  createdBy: maybe(Person),
  createdByClient: maybe(Named),
});

export const Flow = Type.Object({
  id,
  name: Type.String(),
  type: text,
  description: text,
  deleted: flag,
  lockedUser: maybe(Person),
  publishedVersion: maybe(FlowVersion),
  savedVersion: maybe(FlowVersion),
});

export const RegisterArchitectJobResponse = Type.Object({
  id,
  presignedUrl: Type.String(),
  headers: maybe(texts),
});

const ArchitectJobMessage = Type.Object({ type: text, text });

export const ArchitectJobStateResponse = Type.Object({
  status: text,
  flow: maybe(Type.Object({ id })),
  messages: maybe(Type.Array(ArchitectJobMessage)),
});

export const RegisterArchitectExportJobResponse = Type.Object({ id });

export const ArchitectExportJobStateResponse = Type.Object({
  status: text,
  downloadUrl: text,
  messages: maybe(Type.Array(ArchitectJobMessage)),
});

export const IVR = Type.Object({
  id,
  name: Type.String(),
  description: text,
  version: whole,
  state: text,
  dnis: maybe(Type.Array(Type.String())),
  openHoursFlow: maybe(Named),
});

/** Who uses something: a flow, a queue, a call route. */
export const Dependency = Type.Object({ id: maybe(id), name: text, type: text, deleted: flag });
