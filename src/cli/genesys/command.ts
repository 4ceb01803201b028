import { Option, type Command } from 'commander';
import type { GenesysMeans } from './sign-in.ts';

/** What every command of `tokenline genesys` is given. */
interface Given extends GenesysMeans {
  /** The configuration that was named, or the one that is taken by itself. */
  readonly configFile: (named: string | undefined) => string | null;
  readonly done: (code: number) => void;
}

export function genesysCommands(program: Command, given: Given): void {
  const genesys = program
    .command('genesys')
    .description('put Tokenline into an organisation of Genesys Cloud');
  withConfig(genesys.command('sign-in'))
    .description('sign in, say which organisation it is, and which permissions are needed')
    .action(async ({ config }: { config?: string }) => {
      const { genesysSignIn } = await import('./sign-in.ts');
      given.done(await genesysSignIn(given, given.configFile(config)));
    });
}

function withConfig(command: Command): Command {
  return command.addOption(
    new Option(
      '-c, --config <file>',
      'configuration (default: TOKENLINE_CONFIG, ./tokenline.yaml)',
    ),
  );
}
