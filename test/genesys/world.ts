import { wantedOf } from '../../src/cli/genesys/wanted.ts';
import { removalsOf, type Removal } from '../../src/genesys/destroy.ts';
import { Place, type Look } from '../../src/genesys/place.ts';
import { applyPlan, planOf, type Finding, type Step } from '../../src/genesys/plan.ts';
import { openPlatform } from '../../src/genesys/platform.ts';
import type { Wanted } from '../../src/genesys/wanted.ts';
import { loadConfig } from '../../src/system/config.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startGenesysDouble,
  type GenesysDouble,
} from '../doubles/genesys/double.ts';
import { HastyClock, patientWeb } from './hasty-clock.ts';

const known = new Map<string, Wanted>();

/** What a configuration with these keys of `genesys` wants; the files are read once. */
export function wantedWith(keys: Readonly<Record<string, string>> = {}, adopt = false): Wanted {
  const all = {
    bridge_url: 'https://pay.example.com',
    tokenizer_url: 'https://cards.example.com',
    client_id: CLIENT_ID,
    phone_numbers: '+13175550100',
    ...keys,
  };
  const env = Object.fromEntries(
    Object.entries(all).map(([key, value]) => [`TOKENLINE_GENESYS_${key.toUpperCase()}`, value]),
  );
  const key = JSON.stringify([env, adopt]);
  const wanted = known.get(key) ?? wantedOf(loadConfig(null, env), adopt);
  known.set(key, wanted);
  return wanted;
}

export interface World {
  readonly double: GenesysDouble;
  readonly clock: HastyClock;
  /** A look at everything, by a process that knows nothing yet. */
  plan(wanted?: Wanted): Promise<Finding[]>;
  /** Plan and apply. */
  apply(wanted?: Wanted): Promise<Step[]>;
  removals(wanted?: Wanted): Promise<Removal[]>;
  /** Removes what may go; what stays, as `kind name: why`. */
  destroy(wanted?: Wanted): Promise<string[]>;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const double = await startGenesysDouble();
  const { origin } = double;
  const clock = new HastyClock();
  const settings = {
    apiUrl: origin,
    loginUrl: origin,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secrets: [CLIENT_SECRET],
  };
  async function fresh<T>(wanted: Wanted, work: (place: Place) => Promise<T>): Promise<T> {
    const platform = openPlatform(settings, clock, patientWeb());
    try {
      return await work(new Place(platform, wanted, clock));
    } finally {
      await platform.close();
    }
  }
  const quiet = { begun: () => {}, done: () => {} };
  return {
    double,
    clock,
    plan: (wanted = wantedWith()) => fresh(wanted, (place) => planOf(place, () => {})),
    apply: (wanted = wantedWith()) =>
      fresh(wanted, async (place) => applyPlan(place, await planOf(place, () => {}), quiet)),
    removals: (wanted = wantedWith()) => fresh(wanted, removalsOf),
    destroy: (wanted = wantedWith()) =>
      fresh(wanted, async (place) => {
        const removals = await removalsOf(place);
        for (const removal of removals) if (removal.kept === null) await removal.remove();
        return removals.flatMap(({ kind, name, kept }) =>
          kept === null ? [] : [`${kind} ${name}: ${kept}`],
        );
      }),
    close: () => double.close(),
  };
}

/** What is not as it is wanted: `change queue Payment_Support_Group: its description is another`. */
export function dueOf(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ part, look }) =>
    look.verdict === 'left' ? [] : [`${look.verdict} ${part.kind} ${part.name}${saidOf(look)}`],
  );
}

function saidOf(look: Look): string {
  if (look.verdict === 'change') return `: ${look.differences.join('; ')}`;
  return look.verdict === 'refused' ? `: ${look.reason}` : '';
}

/** Everything that the organisation holds, without the order in which it came. */
export function contentsOf({ org }: GenesysDouble): Record<string, unknown> {
  const namesOf = (kept: ReadonlyMap<string, { readonly name?: string }>): string[] =>
    [...kept.values()].map(({ name }) => name ?? '').toSorted();
  return {
    credentials: namesOf(org.credentials),
    integrations: namesOf(org.integrations),
    actions: namesOf(org.actions),
    drafts: namesOf(org.drafts),
    skills: namesOf(org.skills),
    queues: namesOf(org.queues),
    prompts: [...org.prompts.values()]
      .map(
        ({ name, resources }) =>
          `${name}: ${(resources ?? []).map((one) => one.ttsString).join('|')}`,
      )
      .toSorted(),
    flows: namesOf(org.flows),
    routes: [...org.callRoutes.values()].map(({ name, dnis }) => `${name} ${dnis?.join()}`),
  };
}
