import { join } from 'node:path';
import { API_LIMITS, type ApiSettings } from '../api/settings.ts';
import type { BridgeLimits } from '../bridge/bridge.ts';
import type { GenesysLine } from '../bridge/seat/genesys-conversations.ts';
import type { Merchant } from '../payment/consent.ts';
import type { RestSettings } from '../gateway/rest/line.ts';
import type { LinkPolicy } from '../payment/link.ts';
import type { Language } from '../payment/language.ts';
import type { Plan } from '../payment/plan.ts';
import type { PromptTable } from '../payment/prompt.ts';
import type { SandboxSettings } from '../sandbox/settings.ts';
import type { Config, GatewayConfig, PlanConfig, TlsFiles } from '../system/config.ts';
import { SANDBOX_GATEWAY } from '../system/config-defaults.ts';
import { gatewayOriginOf } from '../system/config-gateway.ts';
import { ConfigError, readText } from '../system/yaml-file.ts';
import { TOKENIZER_LIMITS, type TokenizerSettings } from '../tokenizer/settings.ts';
import { CHECKPOINT_FILE, LEDGER_PUBLIC_KEY, SOCKET_FILE } from './data-dir.ts';
import { bridgeOrigin, lineOrigin, sandboxOrigin, type Places } from './places.ts';
import { restSettingsOf } from './rest-gateway.ts';
import { agentSettings, genesysSettings } from './agent-settings.ts';
import { consoleSettings, peopleSettings } from './console-settings.ts';

/** As `ledger.checkpoint_file`. */
const STANDARD_OUTPUT = '-';

/** Everything that the bridge process is told; plain data. */
export interface BridgeSettings {
  readonly mode: Config['mode'];
  readonly dataDir: string;
  /** `null` is the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly keepStatements: boolean;
  readonly databasePoolMax: number;
  readonly api: ApiSettings;
  readonly merchant: Merchant;
  readonly brands: readonly string[];
  readonly plans: readonly (Plan & Pick<PlanConfig, 'gatewayReference'>)[];
  readonly prompts: Readonly<Record<Language, PromptTable>>;
  readonly limits: BridgeLimits;
  readonly links: LinkPolicy;
  readonly gateway: GatewayConfig & { readonly url: string; readonly rest: RestSettings | null };
  /** PEM bundle for the gateway, or `null`. */
  readonly gatewayCa: string | null;
  readonly billing: { readonly url: string; readonly secret: string; readonly timeoutMs: number };
  readonly directory: { readonly url: string; readonly header: string | null } | null;
  /** Genesys as the agent's page asks it; `null` where there is no such page. */
  readonly genesys: GenesysLine | null;
  readonly ledger: {
    readonly keyFile: string;
    readonly publicKeyFile: string;
    /** `null` is standard output. */
    readonly checkpointFile: string | null;
    readonly checkpointEveryMs: number;
  };
  readonly accessKeyFile: string;
}

/** Of the internal line, where no address is configured. */
export function socketPath(config: Config): string {
  return join(config.data, SOCKET_FILE);
}

function internalOrigin(config: Config): string {
  if (config.internal.url !== null) return new URL(config.internal.url).origin;
  return `http+unix://${socketPath(config).split('/').map(encodeURIComponent).join('/')}`;
}

function pemOf(tls: TlsFiles | null): { cert: string; key: string } | null {
  return tls && { cert: readText(tls.certFile), key: readText(tls.keyFile) };
}

/** True where the make-believe gateway beside is the one that is spoken to. */
function isBeside({ mode, gateway }: Config): boolean {
  if (gateway.url !== null) return false;
  return gateway.name === 'sandbox' || (gateway.name === 'rest' && mode === 'sandbox');
}

function restOf(
  { gateway, capture }: Pick<Config, 'gateway' | 'capture'>,
  origin: string,
): RestSettings | null {
  if (gateway.name !== 'rest') return null;
  const rest = restSettingsOf(gateway, origin);
  if (capture === 'direct' && rest.mapping.look_up.tokenise === null) {
    throw new ConfigError([
      'capture: direct needs look_up.tokenise in the mapping: whose card it is that a flow has sent, ' +
        'only the gateway can say',
    ]);
  }
  return rest;
}

/** Where the gateway is: configured, or the sandbox beside. */
export function gatewayOrigin(config: Config, places: Places): string {
  const { name, url } = config.gateway;
  if (url !== null) return url;
  if (isBeside(config)) return sandboxOrigin(config, places);
  const own = gatewayOriginOf(name, config.mode);
  if (own !== null) return own;
  throw new ConfigError([`gateway.url: the gateway ${name} needs it`]);
}

function internalListen(config: Config): ApiSettings['internal'] {
  if (config.internal.url === null) return { socketPath: socketPath(config) };
  const { protocol, hostname, port } = new URL(config.internal.url);
  const secure = protocol === 'https:';
  if (secure && config.bridge.tls === null) {
    throw new ConfigError(['internal.url: https:// needs bridge.tls, whose certificate it shows']);
  }
  return {
    host: config.internal.host ?? hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port === '' ? (secure ? 443 : 80) : port),
    tls: secure ? pemOf(config.bridge.tls) : null,
  };
}

/** @throws {ConfigError} where a file cannot be read or a key is missing. */
export function bridgeSettings(
  config: Config,
  places: Places,
  prompts: Readonly<Record<Language, PromptTable>>,
): BridgeSettings {
  const { billing, directory, ledger, gateway, data } = config;
  const sandbox = config.mode === 'sandbox' ? sandboxOrigin(config, places) : null;
  const origin = gatewayOrigin(config, places);
  const billingUrl = billing.url ?? (sandbox && `${sandbox}/billing/events`);
  if (billingUrl === null || billing.secret === null) {
    throw new ConfigError(['billing: url and secret are needed']);
  }
  const directoryUrl = directory.url ?? (sandbox && `${sandbox}/directory`);
  const pages = consoleSettings(config, places);
  const agent = agentSettings(config, places);
  return {
    mode: config.mode,
    dataDir: data,
    databaseUrl: config.databaseUrl,
    keepStatements: config.keepStatements,
    databasePoolMax: config.databasePoolMax,
    api: {
      listen: { host: config.bridge.host, port: places.bridgePort, tls: pemOf(config.bridge.tls) },
      internal: internalListen(config),
      internalCredential: places.credential,
      clients: config.clients,
      version: places.version,
      capture: config.capture,
      limits: API_LIMITS,
      ...(config.mode === 'sandbox' ? { phone: `${lineOrigin(config, places)}/phone` } : {}),
      ...(pages === null ? {} : { console: pages }),
      ...(agent === null ? {} : { agent: agent.page }),
    },
    merchant: config.merchant,
    brands: config.merchant.brands,
    plans: config.plans,
    prompts,
    limits: config.limits,
    links: config.payLink,
    gateway: { ...gateway, url: origin, rest: restOf(config, origin) },
    gatewayCa: gateway.caFile === null ? null : readText(gateway.caFile),
    billing: { url: billingUrl, secret: billing.secret, timeoutMs: billing.timeoutMs },
    genesys: agent === null ? null : agent.line,
    directory: directoryUrl === null ? null : { url: directoryUrl, header: directory.header },
    ledger: {
      keyFile: ledger.keyFile ?? join(data, 'keys', 'ledger.pem'),
      publicKeyFile: join(data, LEDGER_PUBLIC_KEY),
      checkpointFile:
        ledger.checkpointFile === STANDARD_OUTPUT
          ? null
          : (ledger.checkpointFile ?? join(data, CHECKPOINT_FILE)),
      checkpointEveryMs: ledger.checkpointEveryMs,
    },
    accessKeyFile: config.access.keyFile ?? join(data, 'keys', 'access.pem'),
  };
}

/** @throws {ConfigError} where a file cannot be read. */
export function tokenizerSettings(
  config: Config,
  places: Places,
  prompts: Readonly<Record<Language, PromptTable>>,
): TokenizerSettings {
  const { gateway, limits } = config;
  const inDoubt = (language: Language): string => prompts[language].errors.in_doubt[0] ?? '';
  const credentials = {
    apiKey: gateway.apiKey,
    clientId: gateway.clientId,
    clientSecret: gateway.clientSecret,
    bearerToken: gateway.bearerToken,
  };
  const origin = gatewayOrigin(config, places);
  const rest = restOf(config, origin);
  const given = Object.entries(credentials).filter(
    (pair): pair is [string, string] => pair[1] !== null,
  );
  return {
    version: places.version,
    listen: {
      host: config.tokenizer.host,
      port: places.tokenizerPort,
      tls: pemOf(config.tokenizer.tls),
    },
    internal: {
      origin: internalOrigin(config),
      credential: places.credential,
      ca: config.internal.caFile === null ? null : readText(config.internal.caFile),
    },
    gateway: {
      name: gateway.name,
      origin,
      ca: gateway.caFile === null ? null : readText(gateway.caFile),
      credentials: Object.fromEntries(given),
      ...(rest !== null && { mapping: rest.mapping, signing: rest.signing }),
      ...(gateway.paypal.cardCountry !== null && { cardCountry: gateway.paypal.cardCountry }),
    },
    payConnector: config.tokenizer.payConnector,
    mode: config.mode === 'live' ? 'live' : 'test',
    timeZone: config.merchant.timeZone,
    brands: [...config.merchant.brands],
    deadlineMs: limits.deadlineMs,
    retry: { ...limits.retry },
    ...TOKENIZER_LIMITS,
    inDoubtTexts: { 'en-us': inDoubt('en-us'), 'es-us': inDoubt('es-us') },
  };
}

/** How long a bearer of the make-believe gateway lives: long enough to try things, short enough to expire. */
const SANDBOX_BEARER_S = 600;

/** The make-believe gateway's; where another gateway is used, its credentials stay out of the sandbox. */
function sandboxCredentials({ gateway }: Config): typeof SANDBOX_GATEWAY {
  const { name, apiKey, clientId, clientSecret, webhookSecret } = gateway;
  if (name !== 'sandbox') return SANDBOX_GATEWAY;
  return {
    api_key: apiKey ?? SANDBOX_GATEWAY.api_key,
    client_id: clientId ?? SANDBOX_GATEWAY.client_id,
    client_secret: clientSecret ?? SANDBOX_GATEWAY.client_secret,
    webhook_secret: webhookSecret ?? SANDBOX_GATEWAY.webhook_secret,
  };
}

export function sandboxSettings(config: Config, places: Places): SandboxSettings {
  const { billing } = config;
  const gateway = sandboxCredentials(config);
  if (billing.secret === null) throw new ConfigError(['billing.secret: the sandbox needs it']);
  return {
    host: config.sandbox.host,
    port: places.sandboxPort,
    dataDir: join(config.data, 'sandbox'),
    tls: null,
    timeZone: config.merchant.timeZone,
    gateway: {
      clientId: gateway.client_id,
      clientSecret: gateway.client_secret,
      apiKey: gateway.api_key,
      bearerSeconds: SANDBOX_BEARER_S,
    },
    verification: config.gateway.verification,
    subscriptions: config.gateway.recurring === 'gateway',
    webhook: {
      url: `${bridgeOrigin(config, places)}/v1/webhooks/${isBeside(config) ? config.gateway.name : 'sandbox'}`,
      secret: gateway.webhook_secret,
    },
    billingSecret: billing.secret,
    people: peopleSettings(config, places),
    genesys: genesysSettings(config, places),
  };
}
