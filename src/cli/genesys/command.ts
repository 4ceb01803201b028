import { Option, type Command } from 'commander';
import type { DeployFlags } from './deploy.ts';
import type { DestroyFlags } from './destroy.ts';
import type { ExportFlags } from './export.ts';
import { askAtTerminal } from './question.ts';
import type { GenesysMeans } from './sign-in.ts';

/** What every command of `tokenline genesys` is given. */
interface Given extends GenesysMeans {
  /** The configuration that was named, or the one that is taken by itself. */
  readonly configFile: (named: string | undefined) => string | null;
  readonly done: (code: number) => void;
}

const HELP = `
Everything that an organisation needs, in the order in which one thing needs the other: credential,
integration, data actions, skills, queue, user prompts, flows, call route. What is wanted stands in the
section genesys of tokenline.yaml; what is there is what Genesys says. There is no file of state.
With capture: direct there is a second integration, with the credential under direct; what only another
way of capture used is removed when the flows have been published.

Whose an object is:
  Descriptions, and the notes of the integration, end with [tokenline], or [tokenline:test] with the prefix
  test. Data actions are ours by their integration, the credential by its name. Skills have no mark: they are
  made where they are missing and never removed. An object with one of our names and without the mark is
  not touched: plan says so, and --adopt takes it over. A queue of that name is used as it is.

  A flow's description also has a short hash, such as [tokenline abcdefghijklmnop]: of its text and of
  everything that it names, because a flow cannot be read back without an export.

Examples:
  $ tokenline genesys sign-in                is the OAuth client right, and which permissions does it need?
  $ tokenline genesys plan                   what would be made and changed; changes nothing
  $ tokenline genesys apply                  makes and changes it; run it again after a cut, it goes on
  $ tokenline genesys apply --json | jq .error
  $ TOKENLINE_GENESYS_PREFIX=test tokenline genesys apply     a second environment beside the first
  $ tokenline genesys export                 are the published flows what we have here?
  $ tokenline genesys destroy                removes what is ours, after the organisation's name was typed

Exit codes:
  0  done, or nothing to do
  1  Genesys refused something (the message has the call, its code and the permission), something has
     to be decided first, or something could not be removed
  2  command line or configuration wrong
`;

export function genesysCommands(program: Command, given: Given): void {
  const genesys = program
    .command('genesys')
    .description('put Tokenline into an organisation of Genesys Cloud')
    .addHelpText('after', HELP);
  const file = ({ config }: ConfigFlag): string | null => given.configFile(config);
  withConfig(genesys.command('sign-in'))
    .description('sign in, say which organisation it is, and which permissions are needed')
    .action(async (flags: ConfigFlag) => {
      const { genesysSignIn } = await import('./sign-in.ts');
      given.done(await genesysSignIn(given, file(flags)));
    });
  deploying(genesys.command('plan'))
    .description('say what apply would make, change and remove; changes nothing')
    .action(async (flags: DeployFlags & ConfigFlag) => {
      const { genesysPlan } = await import('./deploy.ts');
      given.done(await genesysPlan(given, file(flags), flags));
    });
  deploying(genesys.command('apply'))
    .description('make the organisation as it is wanted')
    .action(async (flags: DeployFlags & ConfigFlag) => {
      const { genesysApply } = await import('./deploy.ts');
      given.done(await genesysApply(given, file(flags), flags));
    });
  withConfig(genesys.command('destroy'))
    .description('remove what carries our mark; never a queue with members, or what others use')
    .option('--yes', 'do not ask for the name of the organisation')
    .option('--json', 'what was removed and what stays, as JSON')
    .action(async (flags: DestroyFlags & ConfigFlag) => {
      const { genesysDestroy } = await import('./destroy.ts');
      given.done(await genesysDestroy(given, file(flags), flags, askAtTerminal));
    });
  withConfig(genesys.command('export'))
    .description('fetch the published flows and compare them with ours; changes nothing')
    .option('--out <folder>', 'where they are written', 'genesys-export')
    .option('--from <folder>', 'flows that Archy has exported, under the names of our files')
    .option('--all', 'list also what differs without meaning')
    .option('--json', 'the comparison as JSON')
    .action(async (flags: ExportFlags & ConfigFlag) => {
      const { genesysExport } = await import('./export.ts');
      given.done(await genesysExport(given, file(flags), flags));
    });
}

interface ConfigFlag {
  readonly config?: string;
}

function deploying(command: Command): Command {
  return withConfig(command)
    .option('--adopt', 'take over what has our names and not our mark, and change it')
    .option('--json', 'as JSON');
}

function withConfig(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-c, --config <file>',
        'configuration (default: TOKENLINE_CONFIG, ./tokenline.yaml)',
      ),
    )
    .addHelpText('after', '\n"tokenline genesys --help" says whose an object is, with examples.');
}
