import { InvalidArgumentError, Option, type Command } from 'commander';
import { CAPTURE_MODES } from '../payment/capture.ts';
import type { CallFlags, CallMeans } from './call/command.ts';
import type { PhoneFlags, PhoneMeans } from './call/phone.ts';

const HELP = `
A call file is a story of one call, a test, and a page of documentation:

  A caller mistypes the security code once, corrects it, and is enrolled.

  given    gateway answers cvv_mismatch, then approved
  ANI      +13175550100
  hears    "Press 1 to agree"
  dials    1
  hears    "card number"
  dials    4242 4242 4242 4242 #
  hears    "security code"
  dials    123
  hangs up
  then     outcome is enrolled
  then     billing received 1 subscription.created

  Line 1 is the title. "hears" is what was played since the caller's last move; case, spaces and
  punctuation do not count. "--" opens a remark. Every verb, and everything that may be given or
  expected, is in docs/reference/call-files.md; a line that is not understood says what may stand
  there. At the end of every call the runner looks for card digits in logs, tables, files, events and
  participant attributes, whatever the file says.

Examples:
  $ tokenline call test/calls/*.call                  each on a system of its own, time jumping
  $ tokenline call enrol.call --transcript            who says what, also where it passes
  $ tokenline call enrol.call --speak                 the call as it sounds
  $ tokenline call enrol.call --flow my-flows/        against flows of your own
  $ tokenline call enrol.call --url http://127.0.0.1:8080 --sandbox-url http://127.0.0.1:8082
`;

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError('Expected a number from 1 to 64.');
}

/** Whose flows are played, and which processes there are. */
function captureOption(): Option {
  return new Option('--capture <way>', 'how cards get to the gateway')
    .choices([...CAPTURE_MODES])
    .default('bridge');
}

/** `tokenline call`. */
export function callCommand(
  program: Command,
  means: CallMeans,
  done: (code: number) => void,
): void {
  program
    .command('call')
    .description('play call files against the flows, and say what is not as they have it')
    .argument('<file...>', 'call files')
    .option('--flow <path...>', 'flow files or folders (default: the flows of this package)')
    .addOption(captureOption())
    .option('--jobs <n>', 'calls at a time (default: one a core)', countOf)
    .option('--transcript', 'who says what, also of calls that pass')
    .option('--speak', 'play the prompts aloud, one call at a time')
    .option('--url <address>', 'a running bridge, in real time (default: a system for each file)')
    .option('--tokenizer-url <address>', 'its tokenizer (default: http://127.0.0.1:8081)')
    .option('--sandbox-url <address>', 'its sandbox: what is given of gateway and billing needs it')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: CallFlags) => {
      const { call } = await import('./call/command.ts');
      done(await call(means, files, flags));
    });
}

const PHONE_HELP = `
Keys 0 to 9, * and # are the telephone's. ":" begins words that Enter says, "h" hangs up. Where the
input is no terminal, it is read line by line: one line each time the flow listens.

The language is asked for by the flow, and where nothing is keyed it is that of the account: there is
no option for it, because no caller of Genesys brings one along. +13175550101 is an account in Spanish.

--speak plays the prompts through the first of pw-play, paplay, aplay, afplay, ffplay and play that
works here. Without it, prompts of a pipe take no time.

Examples:
  $ tokenline phone                                   a system of its own, Ada's number
  $ tokenline phone --ani +13175550101                Lucía calls
  $ tokenline phone --url http://127.0.0.1:8080       the system of "tokenline serve"
  $ printf '1\\n1\\nh\\n' | tokenline phone            without a terminal
`;

/** `tokenline phone`. */
export function phoneCommand(
  program: Command,
  means: PhoneMeans,
  done: (code: number) => void,
): void {
  program
    .command('phone')
    .description('make a call in the terminal: prompts are printed, keys are typed')
    .option('--ani <number>', 'the number that calls, E.164; empty is withheld', '+13175550100')
    .option('--speak', 'play the prompts aloud as well')
    .addOption(captureOption())
    .option('--flow <name>', 'the flow that answers (default: recurring-payments)')
    .option('--flows <path...>', 'flow files or folders (default: the flows of this package)')
    .option('--url <address>', 'a running bridge (default: a system of its own)')
    .option('--tokenizer-url <address>', 'its tokenizer (default: http://127.0.0.1:8081)')
    .addHelpText('after', PHONE_HELP)
    .action(async (flags: PhoneFlags) => {
      const { phone } = await import('./call/phone.ts');
      done(await phone(means, flags));
    });
}
