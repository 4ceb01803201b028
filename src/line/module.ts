import { NOT_SET, type Value } from '../architect/expression/value.ts';
import type { CallCommonModule } from '../architect/model.ts';
import type { FlowRun } from './flow-run.ts';
import { settingValue } from './settings.ts';
import { ActionError, type Step } from './step.ts';
import { declareAll, playInline, playTask, taskOf } from './tasks.ts';

function bare(name: string): string {
  return name.toLowerCase().replace(/^common\./, '');
}

/** Plays a common module, with variables of its own and the caller's audio and error handling. */
export async function playCallCommonModule(run: FlowRun, action: CallCommonModule): Promise<Step> {
  const module = run.call.setup.flows.get(action.module);
  if (module?.type !== 'commonModule') {
    throw new ActionError(`there is no common module ${action.module}`);
  }
  const inner = run.enterModule(module);
  try {
    const inputs = new Map<string, Value>(
      action.inputs.map(({ name, value }) => [bare(name), settingValue(run, value, null, name)]),
    );
    declareAll(inner, module.variables, (name) => inputs.get(bare(name)));
    const step = await (module.startUp === null
      ? playInline(inner, module.name, module.startUpActions)
      : playTask(inner, taskOf(inner, module.startUp), new Map()));
    if (step.kind === 'leave') return step;
    if (step.kind !== 'next' && step.kind !== 'end_task') {
      throw new ActionError(`${module.name} jumps out of its own task, which a module cannot`);
    }
    for (const { name, variable } of action.outputs) {
      if (variable === null) continue;
      run.variables.write(variable, inner.variables.read('Common', bare(name)) ?? NOT_SET);
    }
    const path = step.kind === 'end_task' ? step.outputPath?.toLowerCase() : undefined;
    return await run.playBranch(
      action.paths.find(({ name }) => name.toLowerCase() === path) ?? action.paths[0] ?? null,
    );
  } finally {
    inner.variables.wipe();
  }
}
