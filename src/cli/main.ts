#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../system/clock.ts';
import { CLIENT_ID, CLIENT_SECRET, CONFIG_FILE } from '../system/config-env.ts';
import { ConfigError, environment, loadConfig } from '../system/config.ts';
import { systemRandomness } from '../system/randomness.ts';
import { StartRefused } from '../system/start-refused.ts';
import type { AuditMeans } from './audit.ts';
import type { Selectors } from '../bridge/story.ts';
import { ROLES, type Role } from './banner.ts';
import { callCommand, phoneCommand } from './call-command.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { CHECK_FORMATS, CHECK_HELP, type CheckFlags } from './check-options.ts';
import { genesysCommands } from './genesys/command.ts';
import { callable } from './ports.ts';
import { openTerminal } from './terminal.ts';
import { productVersion } from './version.ts';

// Each command is loaded when it is called: --help and a slip are answered at once.
const env = environment();
const terminal = openTerminal(env['NO_COLOR']);

/** The file that was named, or `tokenline.yaml` here, or none. */
function configFile(named: string | undefined): string | null {
  const chosen = named ?? ((env[CONFIG_FILE] ?? '') || undefined);
  return chosen ?? (existsSync('tokenline.yaml') ? 'tokenline.yaml' : null);
}

const configOption = (): Option =>
  new Option('-c, --config <file>', 'configuration (default: TOKENLINE_CONFIG, ./tokenline.yaml)');

function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

const HELP = `
Examples:
  $ tokenline serve                                   everything, on made-up defaults
  $ tokenline serve --config tokenline.yaml           as configured
  $ tokenline serve --role tokenizer -c line.yaml     one process of several hosts
  $ tokenline call test/calls/*.call                  the flows, played with made-up callers
  $ tokenline phone                                   a call in this terminal
  $ tokenline doctor                                  what is missing, and what to do about it
  $ tokenline check genesys/flows                     what is wrong with Architect flows
  $ tokenline genesys plan                            what an organisation of Genesys Cloud lacks
  $ tokenline genesys export                          are the published flows what we deployed?
  $ tokenline audit find --gateway-transaction-id txn_…
  $ tokenline audit export --interaction-id … --out evidence.json
  $ tokenline audit verify --file evidence.json --public-key ledger.pub.pem

Environment:
  TOKENLINE_CONFIG            the configuration file
  TOKENLINE_DATA              directory of everything that is kept (tokenline-data)
  TOKENLINE_DATABASE_URL      PostgreSQL; without it, an embedded database
  TOKENLINE_BRIDGE_PORT       8080
  TOKENLINE_TOKENIZER_PORT    8081
  TOKENLINE_SANDBOX_PORT      8082
  TOKENLINE_CLIENT_ID         the client that serve knows, and that audit is
  TOKENLINE_CLIENT_SECRET     its secret
  Every key of the configuration has a variable: limits.deadline_ms is TOKENLINE_LIMITS_DEADLINE_MS.
  tokenline.example.yaml describes all of them.

Exit codes:
  0  done    1  a check failed, or it could not be done    2  command line or configuration wrong
`;

function selectorsOf(command: Command): Command {
  return command
    .option('--gateway-transaction-id <id>', 'the gateway’s id of the transaction')
    .option('--interaction-id <id>', 'the call; in Genesys, the conversation id')
    .option('--subscription-id <id>', 'the subscription')
    .option('--operation-id <id>', 'one request to the gateway')
    .option('--from <time>', 'UTC, inclusive: 2026-11-23 or 2026-11-23T12:00:00Z')
    .option('--to <time>', 'UTC, exclusive');
}

function connectionOf(command: Command): Command {
  return command
    .option('--url <address>', 'the bridge (default: where the configuration has it)')
    .option('--ca <file>', 'PEM file of a private certificate authority')
    .addOption(configOption());
}

interface ConnectionFlags {
  readonly url?: string;
  readonly ca?: string;
  readonly config?: string;
}

/**
 * Where the bridge is, and where this machine keeps the ledger's public key. The client variables
 * are the auditor's own here, and not the first client of the configuration.
 */
function auditMeans(flags: ConnectionFlags): { means: AuditMeans; url: string } {
  const others = { ...env, [CLIENT_ID]: undefined, [CLIENT_SECRET]: undefined };
  const config = loadConfig(configFile(flags.config), others);
  const { host, port, tls } = config.bridge;
  const local = `${tls === null ? 'http' : 'https'}://${callable(host)}:${port}`;
  const means = { clock: systemClock, env, terminal, data: config.data };
  return { means, url: flags.url ?? local };
}

function auditCommands(program: Command, done: (code: number) => void): void {
  const audit = program
    .command('audit')
    .description('find one transaction, prove it, and check the whole ledger');
  connectionOf(selectorsOf(audit.command('find')))
    .description('tell the whole story of a transaction, a call or a subscription')
    .option('--json', 'entries as JSON')
    .action(async (flags: Selectors & ConnectionFlags & { json?: true }) => {
      const { json, url: _url, ca, config: _config, ...selectors } = flags;
      const { means, url } = auditMeans(flags);
      const connection = ca === undefined ? { url } : { url, ca };
      const { auditFind } = await import('./audit.ts');
      done(await auditFind(means, connection, selectors, json === true));
    });
  connectionOf(selectorsOf(audit.command('export')))
    .description('write entries with their proof to a file that can be checked offline')
    .option('--out <file>', 'where to; - is standard output', 'tokenline-evidence.json')
    .action(async (flags: Selectors & ConnectionFlags & { out: string }) => {
      const { out, url: _url, ca, config: _config, ...selectors } = flags;
      const { means, url } = auditMeans(flags);
      const connection = ca === undefined ? { url } : { url, ca };
      const { auditExport } = await import('./audit.ts');
      done(await auditExport(means, connection, selectors, out));
    });
  connectionOf(audit.command('verify'))
    .description('recompute every hash and check every signature; names the row that fails')
    .option('--file <file>', 'a file of "audit export", instead of a running bridge')
    .option('--public-key <file...>', 'public keys that you trust (default: the data directory’s)')
    .option('--checkpoints <file>', 'shipped checkpoints (default: the data directory’s)')
    .action(
      async (
        flags: ConnectionFlags & { file?: string; publicKey?: string[]; checkpoints?: string },
      ) => {
        const { means, url } = auditMeans(flags);
        const { file, ca, publicKey = [], checkpoints } = flags;
        const options = {
          url,
          publicKey,
          ...(file === undefined ? {} : { file }),
          ...(ca === undefined ? {} : { ca }),
          ...(checkpoints === undefined ? {} : { checkpoints }),
        };
        const { auditVerify } = await import('./audit.ts');
        done(await auditVerify(means, options));
      },
    );
}

function commandLine(done: (code: number) => void): Command {
  const program = new Command('tokenline')
    .description(
      'Recurring payments by phone: a secure IVR that keeps a token, never a card digit.',
    )
    .version(productVersion(), '-v, --version')
    .helpOption('-h, --help')
    .showSuggestionAfterError()
    .showHelpAfterError('(tokenline --help explains the commands)')
    .addHelpText('after', HELP)
    .exitOverride();
  program
    .command('serve')
    .description(
      'run the bridge, the tokenizer and, in sandbox mode, the sandbox and the softphone',
    )
    .addOption(configOption())
    .addOption(
      new Option('--role <role>', 'one process alone')
        .choices(ROLES)
        .argParser((text: string): Role => {
          if (isRole(text)) return text;
          throw new InvalidArgumentError(`The roles are ${ROLES.join(', ')}.`);
        }),
    )
    .action(async (flags: { config?: string; role?: Role }) => {
      const means = { clock: systemClock, randomness: systemRandomness, env, terminal };
      const { serve } = await import('./serve.ts');
      done(await serve(means, configFile(flags.config), flags.role ?? null));
    });
  program
    .command('card-settings')
    .description('write the settings of a tokenizer that runs alone, in an image of its own')
    .addOption(configOption())
    .requiredOption('--out <file>', 'where to, for this user alone; - is standard output')
    .action(async (flags: { config?: string; out: string }) => {
      const means = { randomness: systemRandomness, env, terminal };
      const { cardSettings } = await import('./card-settings.ts');
      done(cardSettings(means, configFile(flags.config), flags.out));
    });
  callCommand(program, { clock: systemClock, env, terminal }, done);
  phoneCommand(program, { env, terminal }, done);
  auditCommands(program, done);
  program
    .command('doctor')
    .description('check this machine and the configuration, and say what to do')
    .addOption(configOption())
    .option('--json', 'the findings as JSON')
    .action(async (flags: { config?: string; json?: true }) => {
      const means = { clock: systemClock, env, terminal };
      const { doctor } = await import('./doctor.ts');
      done(await doctor(means, configFile(flags.config), flags.json === true));
    });
  checkCommand(program, done);
  genesysCommands(program, { clock: systemClock, env, terminal, configFile, done });
  return program;
}

function checkCommand(program: Command, done: (code: number) => void): void {
  program
    .command('check')
    .description('read Architect flows and say what is wrong with them; needs no organisation')
    .argument('[flow...]', 'files and folders; - is standard input')
    .option('--data-actions <folder>', 'data actions as exported (default: Tokenline’s own)')
    .option('--prompts <folder>', 'texts of user prompts in YAML, to find prompts that are missing')
    .option(
      '--substitute <key=value|file...>',
      'values for {{key}}, or a YAML or JSON file of them',
    )
    .addOption(
      new Option('--format <format>', 'how findings are printed')
        .choices(CHECK_FORMATS)
        .default('text'),
    )
    .option('--strict', 'warnings count as errors')
    .option('--rules', 'list the rules')
    .option('--explain <rule>', 'say why a rule is there, with an example')
    .addHelpText('after', CHECK_HELP)
    .action(async (flows: string[], flags: CheckFlags) => {
      const { check } = await import('./check.ts');
      done(check(terminal, flows, flags));
    });
}

/** What a failure says to its user, and the exit code. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ConfigError) {
    for (const problem of error.problems) terminal.note(problem);
    return EXIT.usage;
  }
  if (error instanceof StartRefused) {
    terminal.note(error.message);
    return EXIT.failed;
  }
  if (error instanceof CommandFailed) {
    terminal.note(error.message);
    return error.exitCode;
  }
  terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}

try {
  const program = commandLine((code) => {
    process.exitCode = code;
  });
  await program.parseAsync();
} catch (error) {
  process.exitCode = tell(error);
}
