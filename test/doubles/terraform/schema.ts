import { readFileSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

const Argument = Type.Object(
  {
    use: Type.Enum(['required', 'optional', 'computed']),
    /** Terraform's own notation: `"string"`, `["map","string"]`. */
    type: Type.Unknown(),
    sensitive: Type.Optional(Type.Boolean()),
    one_of: Type.Optional(Type.Array(Type.String())),
    range: Type.Optional(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })),
    /** A pattern that each element matches. */
    each: Type.Optional(Type.String()),
    default: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);

const Arguments = Type.Record(Type.String(), Argument);

const Nested = Type.Object({
  nesting: Type.Enum(['list', 'set']),
  max: Type.Optional(Type.Integer()),
  attributes: Arguments,
});

const Resource = Type.Object({
  attributes: Arguments,
  blocks: Type.Record(Type.String(), Nested),
});

const ProviderSchema = Type.Object({
  provider: Type.String(),
  version: Type.String(),
  commit: Type.String(),
  resources: Type.Record(Type.String(), Resource),
});

export type Argument = Static<typeof Argument>;
export type Resource = Static<typeof Resource>;
export type ProviderSchema = Static<typeof ProviderSchema>;

/** What the provider's documents say of the resources that our module uses. */
export function readProviderSchema(): ProviderSchema {
  const file = new URL('provider-schema.json', import.meta.url);
  return Value.Parse(ProviderSchema, JSON.parse(readFileSync(file, 'utf8')));
}
