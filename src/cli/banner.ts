import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SANDBOX_CLIENTS } from '../system/config-defaults.ts';
import type { Config } from '../system/config.ts';
import type { Paint } from './paint.ts';
import { bridgeOrigin, lineOrigin, sandboxOrigin, tokenizerOrigin, type Places } from './places.ts';

export const ROLES = ['sandbox', 'bridge', 'tokenizer', 'line'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What runs: the sandbox and the telephone in the browser are for trying things, and without cards
 * on their way through Tokenline there is no card process.
 */
export function rolesIn({ mode, capture }: Pick<Config, 'mode' | 'capture'>): readonly Role[] {
  return ROLES.filter((role) => {
    if (role === 'tokenizer') return capture === 'bridge';
    return mode === 'sandbox' || role === 'bridge';
  });
}

/** Where cards go, for whoever reads what has started. */
const CARDS: Readonly<Record<Config['capture'], string>> = {
  bridge: 'through the tokenizer',
  direct: 'from the flow to the gateway; no process here ever has one',
  link: 'on a page of the gateway; no process here ever has one',
};

const WHAT: Readonly<Record<Role, string>> = {
  sandbox: 'make-believe gateway, billing and customers',
  bridge: 'calls, subscriptions, audit; no card digits',
  tokenizer: 'the only process that sees card digits',
  line: 'a telephone in the browser, which plays the flows',
};

/** What runs where, and what to try first. */
export function banner(
  config: Config,
  places: Places,
  roles: readonly Role[],
  paint: Paint,
): string[] {
  const sandbox = config.mode === 'sandbox';
  const mode = sandbox ? 'sandbox: nothing here moves money' : paint.yellow('live: real money');
  const origins: Readonly<Record<Role, string>> = {
    sandbox: sandboxOrigin(config, places),
    bridge: bridgeOrigin(config, places),
    tokenizer: tokenizerOrigin(config, places),
    line: lineOrigin(config, places),
  };
  const width = Math.max(...roles.map((role) => origins[role].length));
  return [
    '',
    `${paint.bold(`Tokenline ${places.version}`)}  ${mode}`,
    '',
    ...roles.map((role) => {
      const origin = paint.green(origins[role].padEnd(width));
      return `  ${role.padEnd(10)} ${origin}  ${paint.dim(WHAT[role])}`;
    }),
    '',
    ...clientLines(config),
    `  cards      ${CARDS[config.capture]} (capture: ${config.capture})`,
    `  data       ${config.data}${config.databaseUrl === null ? ' (embedded database)' : ''}`,
    ...(sandbox && roles.length === rolesIn(config).length
      ? tryLines(config, places, `${origins.line}/phone`, `${origins.bridge}/console`, paint)
      : []),
    '',
  ];
}

/** Secrets are shown where everybody knows them, and nowhere else. */
function clientLines(config: Config): string[] {
  const known = new Map<string, string>(SANDBOX_CLIENTS.map(({ id, secret }) => [id, secret]));
  return config.clients.map(({ id, secret, scopes }) => {
    const shown = known.get(id) === secret ? secret : '(as configured)';
    return `  client     ${id}  ${shown}  (${scopes.join(', ')})`;
  });
}

const DEFAULT_PORTS = { BRIDGE: 8080, TOKENIZER: 8081, SANDBOX: 8082 } as const;

function tryLines(
  { capture }: Config,
  places: Places,
  phone: string,
  desk: string,
  paint: Paint,
): string[] {
  const script = relative(
    process.cwd(),
    fileURLToPath(new URL('../../examples/enrol.sh', import.meta.url)),
  );
  const ports = {
    BRIDGE: places.bridgePort,
    TOKENIZER: places.tokenizerPort,
    SANDBOX: places.sandboxPort,
  };
  const variables = (['BRIDGE', 'TOKENIZER', 'SANDBOX'] as const)
    .filter((name) => ports[name] !== DEFAULT_PORTS[name])
    .map((name) => `TOKENLINE_${name}_PORT=${ports[name]} `);
  return [
    '',
    `  Call it:  ${paint.bold(paint.green(phone))}`,
    `  Watch it: ${paint.bold(paint.green(desk))}`,
    // The script sends its card to the tokenizer.
    ...(capture === 'bridge'
      ? [`  Enrol somebody with curl:  ${paint.bold(`${variables.join('')}${script}`)}`]
      : []),
    `  Stop with ${paint.bold('Ctrl-C')}.`,
  ];
}
