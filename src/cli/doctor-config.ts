import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgres } from '../store/postgres.ts';
import { openLog } from '../system/log.ts';
import { systemRandomness } from '../system/randomness.ts';
import type { Clock } from '../system/clock.ts';
import { SANDBOX_CLIENTS } from '../system/config-defaults.ts';
import type { Config, Listen, TlsFiles } from '../system/config.ts';
import { ConfigError } from '../system/yaml-file.ts';
import { rolesIn, type Role } from './banner.ts';
import { readPorts } from './data-dir.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { gatewayChecks } from './doctor-gateway.ts';
import { genesysChecks } from './doctor-genesys.ts';
import { CommandFailed } from './exit.ts';
import { holdPort } from './ports.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from './prompts.ts';

/** What the configuration says, and whether this machine is as it wants it. */
export async function configChecks(
  config: Config,
  file: string | null,
  clock: Clock,
): Promise<Diagnosis[]> {
  const roles = rolesIn(config);
  const { bridge, tokenizer } = config;
  return [
    ok('config', `${file ?? 'defaults'}, ${config.mode} mode, capture: ${config.capture}`),
    ...config.warnings.map((says) =>
      trouble('warn', 'config.variable', says, 'A slip that is ignored in silence.', 'Correct it.'),
    ),
    dataDirectory(config.data),
    await database(config, clock),
    encryption('bridge', bridge, bridge.tls, config.mode, clock.now()),
    ...(roles.includes('tokenizer')
      ? [encryption('tokenizer', tokenizer, tokenizer.tls, config.mode, clock.now())]
      : []),
    credentials(config),
    ...keyFiles(config),
    ...(await gatewayChecks(config, clock)),
    ...(await genesysChecks(config, clock)),
    prompts(config),
    plans(config),
    ...(await Promise.all(roles.map((role) => port(role, config)))),
  ];
}

function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return null;
  }
}

function dataDirectory(data: string): Diagnosis {
  const check = 'data.permissions';
  const mode = modeOf(data);
  if (mode === null) return ok(check, `${data} is made at the first start`);
  if ((mode & 0o077) === 0) return ok(check, `${data} is open to this user alone`);
  return trouble(
    'fail',
    check,
    `${data} is open to others (mode ${mode.toString(8)})`,
    'PCI DSS 7.2: keys and payment records are for those who need them.',
    `Run: chmod 700 ${data}`,
  );
}

async function database(config: Config, clock: Clock): Promise<Diagnosis> {
  const check = 'database.durable';
  const why = 'An operation whose intent was lost in a power cut could be carried out twice.';
  const live = config.mode === 'live';
  if (config.databaseUrl === null) {
    if (!live) return ok(check, 'embedded: for trying things out, on one machine');
    const says = 'live mode has no database';
    return trouble('fail', check, says, why, 'Set database_url to PostgreSQL with fsync on.');
  }
  const log = openLog('doctor', () => undefined, clock);
  try {
    const ports = { clock, randomness: systemRandomness, log };
    const store = await openPostgres(config.databaseUrl, ports);
    await store.close();
    if (store.durable) return ok(check, 'PostgreSQL answers, and commits are on disk');
    const todo = 'Set fsync = on and synchronous_commit = on.';
    return trouble(live ? 'fail' : 'warn', check, 'PostgreSQL runs without fsync', why, todo);
  } catch (error) {
    const name = error instanceof Error ? error.message : 'error';
    return trouble('fail', check, name, 'Nothing works without it.', 'Check database_url.');
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** A month is enough to get a new one, and short enough not to be a standing remark. */
const CERTIFICATE_LEFT_MS = 30 * 24 * 3_600_000;

/** Exported for its tests: certificates of other days. */
export function encryption(
  role: 'bridge' | 'tokenizer',
  listen: Listen,
  tls: TlsFiles | null,
  mode: Config['mode'],
  nowMs: number,
): Diagnosis {
  const check = `tls.${role}`;
  const why = 'PCI DSS 4.2.1: card data and credentials are encrypted on every open network.';
  if (tls === null) {
    if (isLoopback(listen.host))
      return ok(check, `on ${listen.host} only, behind a proxy or alone`);
    const says = `${listen.host} is reachable from outside, without TLS`;
    const todo = `Set ${role}.tls, or listen on 127.0.0.1 behind a proxy that ends TLS.`;
    return trouble(mode === 'live' ? 'fail' : 'warn', check, says, why, todo);
  }
  try {
    const certificate = new X509Certificate(readFileSync(tls.certFile));
    if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(tls.keyFile)))) {
      const says = 'certificate and key do not belong together';
      return trouble('fail', check, says, why, `Correct ${role}.tls.`);
    }
    const endsAtMs = Date.parse(certificate.validTo);
    const until = certificate.validTo;
    if (endsAtMs > nowMs + CERTIFICATE_LEFT_MS) return ok(check, `certificate until ${until}`);
    const state = endsAtMs > nowMs ? 'warn' : 'fail';
    return trouble(state, check, `the certificate ends ${until}`, why, 'Renew it.');
  } catch {
    const says = `${tls.certFile} or ${tls.keyFile} cannot be read, or is no PEM`;
    return trouble('fail', check, says, why, `Correct ${role}.tls.`);
  }
}

function credentials(config: Config): Diagnosis {
  const check = 'credentials';
  const known = new Set<string>(SANDBOX_CLIENTS.map((client) => client.secret));
  const wellKnown = config.clients.filter((client) => known.has(client.secret));
  const open = [config.bridge, config.tokenizer].some((listen) => !isLoopback(listen.host));
  if (wellKnown.length === 0) return ok(check, `${config.clients.length} clients of your own`);
  if (!open) return ok(check, 'those of the sandbox, on this machine only');
  return trouble(
    'warn',
    check,
    'the sandbox’s secrets, which everybody knows, are reachable from outside',
    'PCI DSS 2.2.2 and 8.6.2: no default secrets.',
    'Give the clients secrets of their own, or listen on 127.0.0.1.',
  );
}

function keyFiles(config: Config): Diagnosis[] {
  const files = {
    'keys.ledger': config.ledger.keyFile ?? join(config.data, 'keys', 'ledger.pem'),
    'keys.access': config.access.keyFile ?? join(config.data, 'keys', 'access.pem'),
  };
  return Object.entries(files).map(([check, path]) => {
    const mode = modeOf(path);
    if (mode === null) return ok(check, `${path} is made at the first start`);
    if ((mode & 0o077) === 0) return ok(check, `${path} is open to this user alone`);
    return trouble(
      'fail',
      check,
      `${path} is open to others (mode ${mode.toString(8)})`,
      'PCI DSS 3.6.1 and 10.3.4: who has the key can sign a ledger of their own.',
      `Run: chmod 600 ${path}, or remove it where somebody may have copied it.`,
    );
  });
}

function prompts(config: Config): Diagnosis {
  const check = 'prompts';
  try {
    const tables = loadPrompts(config.prompts ?? BUILT_IN_PROMPTS);
    return ok(check, `complete in ${Object.keys(tables).join(' and ')}`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const why = 'A caller would hear silence, or not hear what has to be said before consent.';
    return trouble('fail', check, error.problems.join('; '), why, 'Correct the file.');
  }
}

function plans(config: Config): Diagnosis {
  const prices = config.plans.map(({ id, price }) => `${id} (${price.currency})`);
  return ok('plans', prices.join(', '));
}

async function port(role: Role, config: Config): Promise<Diagnosis> {
  const check = `port.${role}`;
  const listen = config[role];
  try {
    const held = await holdPort(role, listen);
    await held.release();
    return ok(check, listen.port === 0 ? 'any free one' : `${held.port} is free`);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (readPorts(config.data)[role] === listen.port) return ok(check, `${listen.port} is ours`);
    const why = 'The process cannot listen there.';
    return trouble('fail', check, error.message, why, 'Do as it says.');
  }
}
