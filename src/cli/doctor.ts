import type { Clock } from '../system/clock.ts';
import { ConfigError, loadConfig, type Config, type Environment } from '../system/config.ts';
import { trouble, type Diagnosis } from './diagnosis.ts';
import { configChecks } from './doctor-config.ts';
import { machineChecks } from './doctor-machine.ts';
import { EXIT } from './exit.ts';
import type { Paint } from './paint.ts';
import type { Terminal } from './terminal.ts';

export interface DoctorMeans {
  readonly clock: Clock;
  readonly env: Environment;
  readonly terminal: Terminal;
}

/** @returns exit code 1 where anything failed. */
export async function doctor(
  means: DoctorMeans,
  file: string | null,
  asJson: boolean,
): Promise<number> {
  const found = await diagnose(means, file);
  const { terminal } = means;
  if (asJson) terminal.out(JSON.stringify(found, null, 2));
  else for (const line of report(found, terminal.paint)) terminal.out(line);
  return found.some(({ state }) => state === 'fail') ? EXIT.failed : EXIT.ok;
}

export async function diagnose(
  { clock, env }: DoctorMeans,
  file: string | null,
): Promise<readonly Diagnosis[]> {
  const machine = machineChecks(env, clock.now());
  let config: Config;
  try {
    config = loadConfig(file, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const wrong = error.problems.map((problem) =>
      trouble(
        'fail',
        'config',
        problem,
        'Nothing starts with a configuration that is wrong.',
        'Correct it; tokenline.example.yaml describes every key.',
      ),
    );
    return [...machine, ...wrong];
  }
  return [...machine, ...(await configChecks(config, file, clock))];
}

function report(found: readonly Diagnosis[], paint: Paint): string[] {
  const colour = { ok: paint.green, warn: paint.yellow, fail: paint.red };
  const width = Math.max(...found.map(({ check }) => check.length));
  const lines = found.flatMap(({ check, state, says, why, todo }) => {
    const head = `${colour[state](state.padEnd(4))}  ${check.padEnd(width)}  ${says}`;
    const indent = ' '.repeat(8 + width);
    return state === 'ok' ? [head] : [head, `${indent}${paint.dim(why)}`, `${indent}${todo}`];
  });
  const count = (state: Diagnosis['state']): number =>
    found.filter((diagnosis) => diagnosis.state === state).length;
  return [...lines, '', `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed`];
}
