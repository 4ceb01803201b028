import { Value } from 'typebox/value';
import { resolve } from 'node:path';
import { directOf, type CaptureMode, type DirectConfig } from './config-capture.ts';
import { shapeProblems } from './config-check.ts';
import { defaultsOf } from './config-defaults.ts';
import {
  isTree,
  joined,
  readEnvironment,
  withFirstClient,
  withSecretFiles,
  type Environment,
  type Tree,
} from './config-env.ts';
import { ConfigFile } from './config-file.ts';
import { signingOf, type GatewayName, type SigningConfig } from './config-gateway.ts';
import { genesysOf, type GenesysConfig } from './config-genesys.ts';
import { payLinkOf, type PayLinkConfig } from './config-link.ts';
import { meaningProblems } from './config-rules.ts';
import { ConfigError, readYaml } from './yaml-file.ts';

export { ConfigError } from './yaml-file.ts';
export type { Environment } from './config-env.ts';

/** A listening address. Port 0 is any free one. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export type Scope = ConfigFile['clients'][number]['scopes'][number];

export interface ClientConfig {
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly Scope[];
}

/** A plan in the shape of `payment/plan.ts`. */
export interface PlanConfig {
  readonly id: string;
  readonly name: ConfigFile['plans'][number]['name'];
  readonly price: { readonly amountMinor: number; readonly currency: string };
  readonly interval: ConfigFile['plans'][number]['interval'];
  readonly trialDays: number;
  /** What the gateway calls it: Stripe's price id; `null` where it has no name of its own. */
  readonly gatewayReference: string | null;
}

export interface PayPalConfig {
  readonly webhookId: string | null;
  /** ISO 3166-1 alpha-2, or `null` where postal codes are not checked. */
  readonly cardCountry: string | null;
}

export interface GatewayConfig {
  readonly name: GatewayName;
  /** `null` is the gateway's own address, or the sandbox that runs beside. */
  readonly url: string | null;
  readonly apiKey: string | null;
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  /** A bearer that stays as it is; only `rest`. */
  readonly bearerToken: string | null;
  readonly webhookSecret: string | null;
  /** Path of the file that says what a gateway is like; `null` is the guide's own. Only `rest`. */
  readonly mappingFile: string | null;
  readonly signing: SigningConfig | null;
  readonly caFile: string | null;
  readonly verification: boolean;
  /** Who makes the charges after the first, where the gateway leaves the choice. */
  readonly recurring: 'gateway' | 'tokenline';
  /** Milliseconds; `null` is what the gateway's adapter holds for proof. */
  readonly absenceIsProofAfterMs: number | null;
  readonly stripe: ConfigFile['gateway']['stripe'];
  readonly paypal: PayPalConfig;
}

/** In the shape of `bridge/bridge.ts`. */
export interface LimitsConfig {
  readonly deadlineMs: number;
  readonly settleDelaysMs: readonly number[];
  readonly lookMsMax: number;
  readonly deliverDelaysMs: readonly number[];
  readonly waitMsMax: number;
  readonly cardTriesPerCall: number;
  readonly cardTriesPerAniHour: number;
  readonly cardTriesPerAniDay: number;
  readonly cardTriesPerCustomerDay: number;
  readonly cardTriesPerCardDay: number;
  readonly cardTesting: {
    readonly binWindow: number;
    readonly binDeclineRateMax: number;
    readonly allWindow: number;
    readonly allDeclineRateMax: number;
  };
  readonly retry: {
    readonly retriesMax: number;
    readonly firstDelayMs: number;
    readonly delayMsMax: number;
  };
  readonly breaker: {
    readonly latencyMsMax: number;
    readonly slowCalls: number;
    readonly errorRateMax: number;
    readonly window: number;
    readonly openMs: number;
    readonly probeMs: number;
  };
  readonly charges: {
    readonly hour: number;
    readonly retryDays: readonly number[];
    readonly afterLastTry: 'past_due' | 'cancel';
    readonly againAfterMs: number;
  };
}

/** Everything that can be set. Plain data: it can be sent to a child process as JSON. */
export interface Config {
  readonly mode: ConfigFile['mode'];
  /** Absolute path of the data directory. */
  readonly data: string;
  /** `null` is the embedded database in the data directory. */
  readonly databaseUrl: string | null;
  /** Whether PostgreSQL keeps statements prepared. */
  readonly keepStatements: boolean;
  /** Connections of one bridge to PostgreSQL. */
  readonly databasePoolMax: number;
  /** Directory of the prompts; `null` is the one that comes with the package. */
  readonly prompts: string | null;
  readonly merchant: {
    readonly name: string;
    readonly supportPhone: string;
    readonly timeZone: string;
    readonly brands: ConfigFile['merchant']['brands'];
  };
  readonly bridge: Listen & { readonly tls: TlsFiles | null };
  readonly tokenizer: Listen & {
    readonly tls: TlsFiles | null;
    /** HTTP Basic of the pay-connector door; `null` where it is shut. */
    readonly payConnector: { readonly username: string; readonly password: string } | null;
  };
  readonly sandbox: Listen;
  /** The softphone; sandbox mode only. */
  readonly line: Listen;
  readonly internal: {
    readonly url: string | null;
    /** Where the bridge listens; `null` is the host of `url`. */
    readonly host: string | null;
    readonly credential: string | null;
    readonly caFile: string | null;
  };
  readonly clients: readonly ClientConfig[];
  /** How a card gets to the gateway. */
  readonly capture: CaptureMode;
  /** What the secure data action names itself with at the gateway; `capture: direct` only. */
  readonly direct: DirectConfig;
  readonly gateway: GatewayConfig;
  readonly billing: {
    readonly url: string | null;
    readonly secret: string | null;
    readonly timeoutMs: number;
  };
  readonly directory: { readonly url: string | null; readonly header: string | null };
  readonly plans: readonly PlanConfig[];
  readonly payLink: PayLinkConfig;
  readonly limits: LimitsConfig;
  readonly ledger: {
    readonly keyFile: string | null;
    readonly checkpointFile: string | null;
    readonly checkpointEveryMs: number;
  };
  readonly access: { readonly keyFile: string | null };
  readonly signIn: {
    /** `null`: no console in live mode, the sandbox's own provider in sandbox mode. */
    readonly issuer: string | null;
    readonly clientId: string | null;
    readonly clientSecret: string | null;
    /** `null` is the bridge's own address. */
    readonly publicUrl: string | null;
    readonly personClaim: string;
    readonly groupsClaim: string;
    readonly roles: ConfigFile['sign_in']['roles'];
    readonly amr: readonly string[];
    readonly idleMs: number;
    readonly sessionMsMax: number;
  };
  readonly genesys: GenesysConfig;
  /** Things that are no error and still deserve a look. */
  readonly warnings: readonly string[];
}

/** The environment of this process; the only place of the product that looks at it. */
export function environment(): Environment {
  return process.env;
}

/**
 * Reads the configuration: the defaults of its mode, the file on top, the environment on top of
 * both. Every key has a variable: `TOKENLINE_`, then the key in capitals with `_` for each dot, so
 * that `limits.deadline_ms` is `TOKENLINE_LIMITS_DEADLINE_MS`. Lists are written with commas, lists
 * of objects as JSON; a secret may be given as `…_file`, or `…_FILE`, with the path of its file.
 * `TOKENLINE_CLIENT_ID` and `TOKENLINE_CLIENT_SECRET` stand for the first client.
 *
 * @param file path of a YAML file; `null` for none.
 * @throws {ConfigError} with one sentence for each thing that is wrong, naming file or variable, key,
 *   and what is expected.
 */
export function loadConfig(file: string | null, env: Environment): Config {
  const written = file === null ? {} : withSecretFiles(readYaml(file), file);
  const name = file ?? 'the configuration';
  if (!isTree(written)) throw new ConfigError([`${name}: expected keys and values`]);
  const reading = readEnvironment(ConfigFile, env);
  const chosen = joined(written, reading.tree);
  const mode = isTree(chosen) && chosen['mode'] === 'live' ? 'live' : 'sandbox';
  const gateway = isTree(chosen) && isTree(chosen['gateway']) ? chosen['gateway'] : {};
  const whole = joined(defaultsOf(mode, gateway['name'] ?? 'sandbox'), chosen);
  const tree: Tree = withFirstClient(isTree(whole) ? whole : {}, env);
  const sourceOf = (key: string): string => reading.from.get(key.split('[')[0] ?? '') ?? name;
  if (!Value.Check(ConfigFile, tree)) throw new ConfigError(shapeProblems(tree, sourceOf));
  const problems = meaningProblems(tree).map(
    ({ key, sentence }) => `${sourceOf(key)}: ${key}: ${sentence}`,
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const warnings = reading.unknown.map(
    (variable) => `${variable}: this variable means nothing to Tokenline; it is ignored`,
  );
  return assemble(tree, [...warnings, ...apartWarnings(tree)]);
}

/** Bridges that share a database and sign with keys of their own do not know each other's. */
function apartWarnings({ mode, database_url, internal, access, ledger }: ConfigFile): string[] {
  if (mode !== 'live' || database_url === null || internal.url === null) return [];
  const keys = { 'access.key_file': access.key_file, 'ledger.key_file': ledger.key_file };
  return Object.entries(keys)
    .filter(([, file]) => file === null)
    .map(
      ([key]) =>
        `${key}: this bridge signs with a key in its own data directory; give several bridges one ` +
        'file, or each refuses what another has signed',
    );
}

function assemble(file: ConfigFile, warnings: readonly string[]): Config {
  const { merchant, billing, ledger } = file;
  const tls = (pair: ConfigFile['bridge']['tls']): TlsFiles | null =>
    pair && { certFile: pair.cert_file, keyFile: pair.key_file };
  return {
    mode: file.mode,
    data: resolve(file.data),
    databaseUrl: file.database_url,
    keepStatements: file.database_prepared_statements,
    databasePoolMax: file.database_pool_max,
    prompts: file.prompts,
    merchant: {
      name: merchant.name,
      supportPhone: merchant.support_phone,
      timeZone: merchant.time_zone,
      brands: merchant.brands,
    },
    bridge: { ...file.bridge, tls: tls(file.bridge.tls) },
    tokenizer: tokenizerOf(file.tokenizer, tls(file.tokenizer.tls)),
    sandbox: file.sandbox,
    line: file.line,
    internal: {
      url: file.internal.url,
      host: file.internal.host,
      credential: file.internal.credential,
      caFile: file.internal.ca_file,
    },
    clients: file.clients,
    capture: file.capture,
    direct: directOf(file.direct),
    gateway: gatewayOf(file.gateway),
    billing: { url: billing.url, secret: billing.secret, timeoutMs: billing.timeout_ms },
    directory: file.directory,
    plans: file.plans.map((plan) => ({
      id: plan.id,
      name: plan.name,
      price: { amountMinor: plan.price.amount_minor, currency: plan.price.currency },
      interval: plan.interval,
      trialDays: plan.trial_days,
      gatewayReference: plan.gateway_reference ?? null,
    })),
    limits: limitsOf(file.limits),
    payLink: payLinkOf(file.pay_link, file.capture),
    ledger: {
      keyFile: ledger.key_file,
      checkpointFile: ledger.checkpoint_file,
      checkpointEveryMs: ledger.checkpoint_every_ms,
    },
    access: { keyFile: file.access.key_file },
    signIn: signInOf(file.sign_in),
    genesys: genesysOf(file.genesys),
    warnings,
  };
}

function gatewayOf(gateway: ConfigFile['gateway']): GatewayConfig {
  return {
    name: gateway.name,
    url: gateway.url,
    apiKey: gateway.api_key,
    clientId: gateway.client_id,
    clientSecret: gateway.client_secret,
    bearerToken: gateway.bearer_token,
    webhookSecret: gateway.webhook_secret,
    mappingFile: gateway.mapping_file,
    signing: signingOf(gateway.signing),
    caFile: gateway.ca_file,
    verification: gateway.verification,
    recurring: gateway.recurring,
    absenceIsProofAfterMs: gateway.absence_is_proof_after_ms,
    stripe: gateway.stripe,
    paypal: {
      webhookId: gateway.paypal.webhook_id,
      cardCountry: gateway.paypal.card_country,
    },
  };
}

function signInOf(signIn: ConfigFile['sign_in']): Config['signIn'] {
  return {
    issuer: signIn.issuer,
    clientId: signIn.client_id,
    clientSecret: signIn.client_secret,
    publicUrl: signIn.public_url,
    personClaim: signIn.person_claim,
    groupsClaim: signIn.groups_claim,
    roles: signIn.roles,
    amr: signIn.amr,
    idleMs: signIn.idle_ms,
    sessionMsMax: signIn.session_ms_max,
  };
}

function tokenizerOf(
  { host, port, pay_connector: payConnector }: ConfigFile['tokenizer'],
  tls: TlsFiles | null,
): Config['tokenizer'] {
  return { host, port, tls, payConnector };
}

function limitsOf(limits: ConfigFile['limits']): LimitsConfig {
  const { retry, breaker, charges, card_testing: cardTesting } = limits;
  return {
    deadlineMs: limits.deadline_ms,
    settleDelaysMs: limits.settle_delays_ms,
    lookMsMax: limits.look_ms_max,
    deliverDelaysMs: limits.deliver_delays_ms,
    waitMsMax: limits.wait_ms_max,
    cardTriesPerCall: limits.card_tries_per_call,
    cardTriesPerAniHour: limits.card_tries_per_ani_hour,
    cardTriesPerAniDay: limits.card_tries_per_ani_day,
    cardTriesPerCustomerDay: limits.card_tries_per_customer_day,
    cardTriesPerCardDay: limits.card_tries_per_card_day,
    cardTesting: {
      binWindow: cardTesting.bin_window,
      binDeclineRateMax: cardTesting.bin_decline_rate_max,
      allWindow: cardTesting.all_window,
      allDeclineRateMax: cardTesting.all_decline_rate_max,
    },
    retry: {
      retriesMax: retry.retries_max,
      firstDelayMs: retry.first_delay_ms,
      delayMsMax: retry.delay_ms_max,
    },
    breaker: {
      latencyMsMax: breaker.latency_ms_max,
      slowCalls: breaker.slow_calls,
      errorRateMax: breaker.error_rate_max,
      window: breaker.window,
      openMs: breaker.open_ms,
      probeMs: breaker.probe_ms,
    },
    charges: {
      hour: charges.hour,
      retryDays: charges.retry_days,
      afterLastTry: charges.after_last_try,
      againAfterMs: charges.again_after_ms,
    },
  };
}
