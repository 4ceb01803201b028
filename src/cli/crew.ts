import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../system/clock.ts';
import type { Environment } from '../system/config.ts';
import type { Role } from './banner.ts';
import { keepChild, type Child } from './child.ts';
import { CommandFailed } from './exit.ts';

/**
 * How long a child may take until it answers. The bridge makes its database at the first start,
 * which takes several seconds on a small machine.
 */
const READY_MS_MAX: Readonly<Record<Role, number>> = {
  sandbox: 10_000,
  bridge: 60_000,
  tokenizer: 10_000,
  line: 10_000,
};
/** After this time without readiness a line says that we still wait. */
const PATIENCE_MS = 10_000;

/**
 * The order of stopping, with the time each has to finish what is in flight: cards first, so that
 * the bridge is still there to learn their outcome. A request's budget is 27 s (design §6.2).
 */
const STOP_ORDER: readonly (readonly [Role, number])[] = [
  ['line', 5_000],
  ['tokenizer', 30_000],
  ['bridge', 40_000],
  ['sandbox', 5_000],
];

/** Fills memory that was freed, so that no copy of a digit outlives its buffer (mallopt(3)). */
const MALLOC_PERTURB = '165';

/** Nothing of the parent's environment but what finds programs and says how text is written. */
function childEnvironment(env: Environment): Record<string, string> {
  return {
    PATH: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    MALLOC_PERTURB_: MALLOC_PERTURB,
  };
}

export interface CrewMeans {
  readonly clock: Clock;
  readonly env: Environment;
  /** Tells the operator something. */
  readonly say: (line: string) => void;
}

/** The child processes of one parent. */
export class Crew {
  readonly #means: CrewMeans;
  readonly #children = new Map<Role, Child>();

  constructor(means: CrewMeans) {
    this.#means = means;
  }

  /** @returns the port that it listens on. */
  async start(role: Role, settings: unknown): Promise<number> {
    const { clock, env, say } = this.#means;
    const module = new URL(`${role}-process${extname(import.meta.url)}`, import.meta.url);
    const child = keepChild({
      name: role,
      entry: fileURLToPath(module),
      // A loader has to come along; an inspector must not.
      execArgv: process.execArgv.filter((flag) => !/^--(inspect|debug)/.test(flag)),
      env: childEnvironment(env),
      settings,
      clock,
      say,
    });
    this.#children.set(role, child);
    let giveUp: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => (giveUp = reject));
    const remark = clock.after(PATIENCE_MS, () => say(`still waiting for ${role} …`));
    const limit = clock.after(READY_MS_MAX[role], () => {
      const seconds = READY_MS_MAX[role] / 1000;
      giveUp(new CommandFailed(`${role} was not ready within ${seconds} s; see its log above.`));
    });
    try {
      return await Promise.race([child.ready, late]);
    } catch (error) {
      if (error instanceof CommandFailed) throw error;
      throw new CommandFailed(error instanceof Error ? error.message : `${role} did not start`);
    } finally {
      remark.cancel();
      limit.cancel();
    }
  }

  /** In order, each given its time. */
  async stop(): Promise<void> {
    for (const [role, graceMs] of STOP_ORDER) await this.#children.get(role)?.stop(graceMs);
  }

  kill(): void {
    for (const child of this.#children.values()) child.kill();
  }
}
