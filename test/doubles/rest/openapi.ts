import type { Json } from './double.ts';

/** The parts of which the doubles' descriptions are made: closed objects, everything spelled out. */

export const text = { type: 'string', minLength: 1 };
export const digits = (min: number, max: number): Json => ({
  type: 'string',
  pattern: `^[0-9]{${min},${max}}$`,
});

export function object(properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}

export function header(name: string, schema: Json): Json {
  return { in: 'header', name, required: true, schema };
}

export function query(name: string): Json {
  return { in: 'query', name, required: true, schema: text };
}

export function operation(parameters: readonly Json[], media: string | null, body: Json | null) {
  return {
    parameters,
    ...(media !== null &&
      body !== null && { requestBody: { content: { [media]: { schema: body } } } }),
  };
}
