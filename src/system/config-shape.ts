import { Type, type TEnum } from 'typebox';

/**
 * What the shape of the configuration file is made of. A `description` completes the sentence
 * "expected …".
 */

/** Closed: an unknown key is a slip that would otherwise be ignored in silence. */
export const shut = { additionalProperties: false };

export const text = (description: string, extra: Record<string, unknown> = {}) =>
  Type.String({ minLength: 1, description, ...extra });

export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const whole = (minimum: number, maximum: number, description?: string) =>
  Type.Integer({
    minimum,
    maximum,
    description: description ?? `a whole number from ${minimum} to ${maximum}`,
  });

export const milliseconds = (minimum: number, maximum: number) =>
  whole(minimum, maximum, `milliseconds, from ${minimum} to ${maximum}`);

/** The return type is spelled out: without it the words are lost from the file's type. */
export const words = <const T extends readonly string[]>(list: T): TEnum<[...T]> =>
  Type.Enum<[...T]>([...list], { description: `one of ${list.join(', ')}` });

export const url = text('an address that begins with http:// or https://', {
  pattern: '^https?://[^/]',
});
export const path = text('a path');
export const secret = text('a secret');
export const port = whole(0, 65_535, 'a port from 1 to 65535, or 0 for any free one');
