import type { Decision, Loop, Switch } from '../architect/model.ts';
import type { FlowRun } from './flow-run.ts';
import { settingBoolean, settingInteger } from './settings.ts';
import { ActionError, NEXT, type Step } from './step.ts';

export async function playDecision(run: FlowRun, action: Decision): Promise<Step> {
  const yes = settingBoolean(run, action.condition, 'the condition');
  if (yes === null) throw new ActionError('the condition is not set', action.condition.position);
  return run.playBranch(yes ? action.yes : action.no);
}

/** The first case that is true; a case that is not set is not. */
export async function playSwitch(run: FlowRun, action: Switch): Promise<Step> {
  const taken = action.cases.find(({ value }) => settingBoolean(run, value, 'a case') === true);
  return run.playBranch(taken?.branch ?? action.otherwise);
}

export async function playLoop(run: FlowRun, action: Loop): Promise<Step> {
  const count = settingInteger(run, action.count, 'the loop count');
  if (count === null) throw new ActionError('the loop count is not set', action.count.position);
  for (let index = 0; index < count; index += 1) {
    // A body without actions would otherwise be a loop that no limit ends.
    if (index > 0) run.count();
    if (action.indexVariable !== null) {
      run.variables.write(action.indexVariable, { type: 'integer', value: index });
    }
    const step = await run.playBranch(action.body);
    if (step.kind === 'loop_exit') break;
    if (step.kind !== 'next' && step.kind !== 'loop_next') return step;
  }
  return NEXT;
}
