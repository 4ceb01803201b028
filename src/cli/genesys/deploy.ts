import { Place } from '../../genesys/place.ts';
import { applyPlan, planOf, refusedOf, type Finding, type Step } from '../../genesys/plan.ts';
import { PlatformRefused } from '../../genesys/refusal.ts';
import type { Config } from '../../system/config.ts';
import { EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { findingJson, planLines, stepLine, totalsOf } from './report.ts';
import { organisationOf, withPlatform, type GenesysMeans } from './sign-in.ts';
import { wantedOf } from './wanted.ts';

export interface DeployFlags {
  readonly adopt?: true;
  readonly json?: true;
}

/** Where all of this happens, for a heading. */
export interface Scene {
  readonly place: Place;
  readonly organisation: string;
  readonly config: Config;
}

/** Opens everything that plan, apply and destroy need, and says where they are. */
export function withScene<T>(
  means: GenesysMeans,
  file: string | null,
  flags: DeployFlags,
  work: (scene: Scene) => Promise<T>,
): Promise<T> {
  return withPlatform(means, file, async (platform, config) => {
    const wanted = wantedOf(config, flags.adopt === true);
    const organisation = await organisationOf(platform);
    const { prefix, apiUrl } = config.genesys;
    if (flags.json !== true) {
      const environment = prefix === null ? '' : `, names with ${prefix}_`;
      means.terminal.out(`Organisation ${organisation} at ${apiUrl}${environment}`);
      means.terminal.out('');
    }
    const place = new Place(platform, wanted, means.clock);
    return await work({ place, organisation, config });
  });
}

async function looked({ place }: Scene, { progress }: Terminal): Promise<Finding[]> {
  try {
    return await planOf(place, (done, of) => progress(`looked at ${done} of ${of}`));
  } finally {
    progress(null);
  }
}

function json(scene: Scene, more: Readonly<Record<string, unknown>>): string {
  const { organisation, config } = scene;
  const { apiUrl: api, prefix } = config.genesys;
  return JSON.stringify({ organisation, api, prefix, ...more }, null, 2);
}

/** @returns exit code 1 where a person has to decide about something first. */
export function genesysPlan(
  means: GenesysMeans,
  file: string | null,
  flags: DeployFlags,
): Promise<number> {
  const { terminal } = means;
  return withScene(means, file, flags, async (scene) => {
    const findings = await looked(scene, terminal);
    if (flags.json) {
      const objects = findings.map(findingJson);
      terminal.out(json(scene, { objects, totals: totalsOf(findings) }));
    } else {
      for (const line of planLines(findings, terminal.paint)) terminal.out(line);
    }
    return refusedOf(findings).length > 0 ? EXIT.failed : EXIT.ok;
  });
}

/** @returns exit code 1 where something has to be decided first, or Genesys did not do something. */
export function genesysApply(
  means: GenesysMeans,
  file: string | null,
  flags: DeployFlags,
): Promise<number> {
  const { terminal } = means;
  return withScene(means, file, flags, async (scene) => {
    const findings = await looked(scene, terminal);
    const refused = refusedOf(findings);
    if (refused.length > 0) {
      if (flags.json) terminal.out(json(scene, { objects: findings.map(findingJson), steps: [] }));
      else for (const reason of refused) terminal.note(reason);
      terminal.note('Nothing has been changed.');
      return EXIT.failed;
    }
    const steps: Step[] = [];
    const told = {
      begun: ({ kind, name }: Finding['part'], at: number, of: number) =>
        terminal.progress(`${at} of ${of}: ${kind} ${name}`),
      done: (step: Step) => {
        steps.push(step);
        terminal.progress(null);
        if (!flags.json) terminal.out(stepLine(step, terminal.paint));
      },
    };
    try {
      await applyPlan(scene.place, findings, told);
    } catch (error) {
      terminal.progress(null);
      if (!(error instanceof PlatformRefused)) throw error;
      if (flags.json)
        terminal.out(json(scene, { steps: steps.map(stepJson), error: errorJson(error) }));
      terminal.note(error.message);
      const due = findings.filter(({ look }) => look.verdict !== 'left').length;
      terminal.note(`${steps.length} of ${due} done. The next apply goes on from here.`);
      return EXIT.failed;
    }
    if (flags.json) {
      terminal.out(json(scene, { steps: steps.map(stepJson), totals: totalsOf(findings) }));
    } else {
      terminal.out(summaryOf(findings, steps));
    }
    return EXIT.ok;
  });
}

function summaryOf(findings: readonly Finding[], steps: readonly Step[]): string {
  const { left } = totalsOf(findings);
  if (steps.length === 0) return `All ${left} objects are as wanted: nothing was changed.`;
  return `\nDone: ${steps.length} objects put right, ${left} were as wanted.`;
}

export function stepJson({ kind, name, verdict, tookMs }: Step): Readonly<Record<string, unknown>> {
  return { kind, name, verdict, took_ms: Math.round(tookMs) };
}

/** What a machine can act on; the message has it in words. */
export function errorJson({ call, answer, permissions, message }: PlatformRefused) {
  return {
    call,
    status: answer?.status ?? null,
    code: answer?.code ?? null,
    correlation_id: answer?.correlationId ?? null,
    permissions,
    message,
  };
}
