import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Config } from '../system/config.ts';
import { CAPTURE_MODES } from '../payment/capture.ts';
import { gatewayPlaceOf } from './integrations.ts';
import { BUILT_IN_PROMPTS } from './prompts.ts';
import { gatewayOrigin } from './settings.ts';
import { bridgeOrigin, sandboxOrigin, tokenizerOrigin, type Places } from './places.ts';

const shut = { additionalProperties: false };
const text = Type.String({ minLength: 1 });

/** Everything that the line process is told: one JSON document on its standard input. */
export const LineSettings = Type.Object(
  {
    host: text,
    /** 0 is any free one. */
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    /** Where the data actions and the scripts of the make-believe gateway go. */
    bridge: text,
    tokenizer: text,
    sandbox: text,
    /** The client that the data actions ask for their access token. */
    client: Type.Object({ id: text, secret: text }, shut),
    capture: Type.Enum([...CAPTURE_MODES]),
    /** Used where the flow itself sends cards to it. */
    gateway: Type.Object(
      {
        name: text,
        url: text,
        apiKey: Type.String(),
        clientId: Type.String(),
        clientSecret: Type.String(),
      },
      shut,
    ),
    /** Directory of the prompts. */
    prompts: text,
  },
  shut,
);
export type LineSettings = Static<typeof LineSettings>;

/** @throws TypeError naming the keys that are wrong, never their values. */
export function readLineSettings(document: unknown): LineSettings {
  if (Value.Check(LineSettings, document)) return document;
  const where = Value.Errors(LineSettings, document).map(
    (error) => `${error.instancePath || '/'} ${error.message}`,
  );
  throw new TypeError(`the line's settings are wrong: ${[...new Set(where)].join('; ')}`);
}

export function lineSettings(config: Config, places: Places): LineSettings {
  const flows = config.clients.find(({ scopes }) => scopes.includes('calls'));
  return {
    host: config.line.host,
    port: places.linePort,
    bridge: bridgeOrigin(config, places),
    tokenizer: tokenizerOrigin(config, places),
    sandbox: sandboxOrigin(config, places),
    client: { id: flows?.id ?? 'none', secret: flows?.secret ?? 'none' },
    capture: config.capture,
    gateway: gatewayPlaceOf(config, gatewayOrigin(config, places)),
    prompts: config.prompts ?? BUILT_IN_PROMPTS,
  };
}
