import { missingIn, type RestSettings } from '../gateway/rest/line.ts';
import { readMapping } from '../gateway/rest/rules.ts';
import type { RestMapping } from '../gateway/rest/mapping.ts';
import type { GatewayConfig } from '../system/config.ts';
import { webhookSecret } from '../system/standard-webhooks.ts';
import { ConfigError, readYaml } from '../system/yaml-file.ts';

/** @throws {ConfigError} with one sentence for each thing that is wrong, naming file and key. */
export function loadMapping(file: string | null): RestMapping {
  const reading = readMapping(file === null ? {} : readYaml(file));
  if (reading.kind === 'mapping') return reading.mapping;
  const name = file ?? 'the mapping';
  throw new ConfigError(
    reading.problems.map(({ key, sentence }) => `${name}: ${key}: ${sentence}`),
  );
}

/**
 * What both sides of a gateway named `rest` are told.
 *
 * @throws {ConfigError} for a mapping that is wrong, or a credential that it wants and is not there.
 */
export function restSettingsOf(config: GatewayConfig, origin: string): RestSettings {
  const settings: RestSettings = {
    mapping: loadMapping(config.mappingFile),
    origin: new URL(origin).origin,
    clientId: config.clientId,
    clientSecret: config.clientSecret,
    bearerToken: config.bearerToken,
    apiKey: config.apiKey,
    signing: config.signing,
  };
  const problems = missingIn(settings).map((key) =>
    key === 'signing'
      ? 'gateway.signing: the mapping has to say authorization: none, for a signature takes its place'
      : `gateway.${key}: the mapping of this gateway needs it`,
  );
  if (config.webhookSecret !== null && !isWebhookSecret(config.webhookSecret)) {
    problems.push('gateway.webhook_secret: expected whsec_ and the Base64 of 24 bytes or more');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return settings;
}

function isWebhookSecret(text: string): boolean {
  try {
    return webhookSecret(text).length > 0;
  } catch {
    return false;
  }
}
