import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { CustomerId } from './fields.ts';

const optional = Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()]));

/**
 * What the merchant's directory answers to `GET {url}?ani=…` or `?customer_id=…`; 404 where it knows
 * nobody. Open: a CRM may say more than we ask.
 */
export const DirectoryAnswer = Type.Object({
  customer_id: CustomerId,
  language: optional,
  spoken_name: optional,
});
export type DirectoryAnswer = Static<typeof DirectoryAnswer>;

const compiled = Compile(DirectoryAnswer);

export function isDirectoryAnswer(value: unknown): value is DirectoryAnswer {
  return compiled.Check(value);
}
