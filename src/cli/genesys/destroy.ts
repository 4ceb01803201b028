import { removalsOf, type Removal } from '../../genesys/destroy.ts';
import { PlatformRefused } from '../../genesys/refusal.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { errorJson, stepJson, withScene, type DeployFlags } from './deploy.ts';
import { objectLine, stepLine } from './report.ts';
import type { GenesysMeans } from './sign-in.ts';

export interface DestroyFlags extends DeployFlags {
  readonly yes?: true;
}

/** Asks a person at the terminal; `null` where there is none. */
export type Ask = (question: string) => Promise<string | null>;

/**
 * Removes what carries our mark, from the call route down to the credential.
 *
 * @returns exit code 1 where something of ours has to stay.
 */
export function genesysDestroy(
  means: GenesysMeans,
  file: string | null,
  flags: DestroyFlags,
  ask: Ask,
): Promise<number> {
  const { terminal, clock } = means;
  return withScene(means, file, flags, async ({ place, organisation }) => {
    const removals = await removalsOf(place);
    const going = removals.filter(({ kept }) => kept === null);
    const staying = removals.filter(({ kept }) => kept !== null);
    if (!flags.json) tell(removals, terminal);
    if (going.length > 0 && flags.yes !== true) await confirm(organisation, going.length, ask);
    const steps: Readonly<Record<string, unknown>>[] = [];
    for (const removal of going) {
      const { kind, name } = removal;
      const startMs = clock.monotonicMs();
      try {
        await removal.remove();
      } catch (error) {
        if (!(error instanceof PlatformRefused)) throw error;
        if (flags.json) terminal.out(JSON.stringify({ steps, error: errorJson(error) }, null, 2));
        terminal.note(`${kind} ${name}: ${error.message}`);
        terminal.note(`${steps.length} of ${going.length} removed. Run it again for the rest.`);
        return EXIT.failed;
      }
      const at = steps.length + 1;
      const tookMs = clock.monotonicMs() - startMs;
      const step = { kind, name, verdict: 'remove', at, of: going.length, tookMs } as const;
      if (!flags.json) terminal.out(stepLine(step, terminal.paint));
      steps.push(stepJson(step));
    }
    if (flags.json) {
      const kept = staying.map(({ kind, name, kept: because }) => ({ kind, name, because }));
      terminal.out(JSON.stringify({ organisation, steps, kept }, null, 2));
    } else {
      terminal.out(
        `\n${steps.length} removed, ${staying.length} kept. Skills stay: agents may have them.`,
      );
    }
    return staying.length > 0 ? EXIT.failed : EXIT.ok;
  });
}

function tell(removals: readonly Removal[], { out, paint }: Terminal): void {
  if (removals.length === 0) out('There is nothing that "tokenline genesys" has made.');
  for (const { kind, name, kept } of removals) {
    if (kept === null) out(objectLine('remove', kind, name, paint));
    else out(`${objectLine('left', kind, name, paint)}: stays, ${kept}`);
  }
}

async function confirm(organisation: string, count: number, ask: Ask): Promise<void> {
  const typed = await ask(
    `\nType ${organisation} to remove these ${count} objects from it; anything else changes nothing: `,
  );
  if (typed === null) {
    throw new CommandFailed(
      'Nothing was removed: destroy asks for the name of the organisation, and here is nobody to type it. Give --yes.',
      EXIT.usage,
    );
  }
  if (typed.trim() !== organisation) {
    throw new CommandFailed('Nothing was removed: that is not the name of the organisation.');
  }
}
