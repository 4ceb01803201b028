import { Option, type Command } from 'commander';
import type { ExportFlags } from './export.ts';
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
  withConfig(genesys.command('export'))
    .description('fetch the published flows and compare them with ours; changes nothing')
    .option('--out <folder>', 'where they are written', 'genesys-export')
    .option('--from <folder>', 'flows that Archy has exported, under the names of our files')
    .option('--all', 'list also what differs without meaning')
    .option('--json', 'the comparison as JSON')
    .action(async ({ config, ...flags }: ExportFlags & { config?: string }) => {
      const { genesysExport } = await import('./export.ts');
      given.done(await genesysExport(given, given.configFile(config), flags));
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
