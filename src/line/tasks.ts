import type {
  Branch,
  CallTask,
  Input,
  Jump,
  Menu,
  PreviousMenu,
  Reference,
  Sequence,
  Task,
  Variable,
} from '../architect/model.ts';
import { NOT_SET, type Value } from '../architect/expression/value.ts';
import type { FlowRun } from './flow-run.ts';
import { settingValue } from './settings.ts';
import { ActionError, type Step } from './step.ts';

/** Inputs and outputs are named with their scope or without: `Task.PlanId`, `PlanId`. */
function bare(name: string): string {
  return name.toLowerCase().replace(/^task\./, '');
}

export function taskOf(run: FlowRun, { refId, text, position }: Reference): Task {
  const task = run.flow.tasks.find((candidate) => candidate.refId === refId);
  if (task === undefined) throw new ActionError(`there is no task ${text}`, position);
  return task;
}

/**
 * Plays a task in a frame of its own, whose secrets are zeroed whichever way it is left.
 *
 * @param inputs by bare name.
 * @param leave reads the outputs while they are still there, if the task came to its end.
 */
export async function playTask(
  run: FlowRun,
  task: Task,
  inputs: ReadonlyMap<string, Value>,
  leave: () => void = () => {},
): Promise<Step> {
  return inTask(run, task.name, async () => {
    declareAll(run, task.variables, (name) => inputs.get(bare(name)));
    const step = await run.play(task.actions);
    if (step.kind === 'next' || step.kind === 'end_task') leave();
    return step;
  });
}

/** Initial values may use variables that are declared later, so all are declared first. */
export function declareAll(
  run: FlowRun,
  variables: readonly Variable[],
  given: (name: string) => Value | undefined = () => undefined,
): void {
  for (const variable of variables) run.variables.declare(variable);
  for (const { name, type, initial, isInput } of variables) {
    const input = isInput ? given(name) : undefined;
    run.variables.write(name, input ?? settingValue(run, initial, type, name));
  }
}

/** Actions that a menu choice has in place of a task. */
export function playInline(run: FlowRun, name: string, actions: Sequence): Promise<Step> {
  return inTask(run, name, () => run.play(actions));
}

async function inTask(run: FlowRun, name: string, play: () => Promise<Step>): Promise<Step> {
  const { part } = run;
  run.part = name;
  run.variables.openTask();
  run.call.tell({ kind: 'task_entered', flow: run.flow.name, task: name });
  try {
    return await play();
  } finally {
    run.variables.closeTask();
    run.part = part;
    run.call.tell({ kind: 'task_left', flow: run.flow.name, task: name });
  }
}

/** Read in the frame of whoever calls. A secure variable cannot be an input (Architect). */
function inputsOf(run: FlowRun, inputs: readonly Input[]): Map<string, Value> {
  return new Map(
    inputs.map(({ name, value }) => [bare(name), settingValue(run, value, null, name)]),
  );
}

export async function playCallTask(run: FlowRun, action: CallTask): Promise<Step> {
  const task = taskOf(run, action.target);
  const inputs = inputsOf(run, action.inputs);
  const outputs: Value[] = [];
  const step = await playTask(run, task, inputs, () => {
    for (const { name } of action.outputs) outputs.push(readOutput(run, task, name));
  });
  if (step.kind === 'loop_next' || step.kind === 'loop_exit') {
    throw new ActionError(`${step.kind} of ${task.name} stands outside of a loop`);
  }
  if (step.kind !== 'next' && step.kind !== 'end_task') return step;
  action.outputs.forEach(({ variable }, index) => {
    if (variable !== null) run.variables.write(variable, outputs[index] ?? NOT_SET);
  });
  return run.playBranch(pathOf(action, task, step.kind === 'next' ? null : step.outputPath));
}

/** "Output variables cannot be set to secure" (Architect's validation): reading one is refused. */
function readOutput(run: FlowRun, task: Task, name: string): Value {
  const declared = task.variables.find((variable) => bare(variable.name) === bare(name));
  if (declared === undefined) throw new ActionError(`${task.name} has no output ${name}`);
  const dot = declared.name.indexOf('.');
  return run.variables.read(declared.name.slice(0, dot), declared.name.slice(dot + 1)) ?? NOT_SET;
}

/** A task that ends without naming a path takes the one that is called default, or its first. */
function pathOf(action: CallTask, task: Task, outputPath: string | null): Branch | null {
  const wanted = [outputPath ?? 'default', ...(outputPath === null ? task.outputPaths : [])];
  for (const name of wanted) {
    const path = action.paths.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (path !== undefined) return path;
  }
  return null;
}

export function playJump(run: FlowRun, action: Jump): Step {
  if (action.kind === 'jumpToTask') {
    const task = taskOf(run, action.target);
    return { kind: 'task', task, inputs: inputsOf(run, action.inputs) };
  }
  return { kind: 'menu', menu: menuOf(run, action.target) };
}

export function menuOf(run: FlowRun, { refId, text, position }: Reference): Menu {
  const menu = run.flow.menus.find((candidate) => candidate.refId === refId);
  if (menu === undefined) throw new ActionError(`there is no menu ${text}`, position);
  return menu;
}

export function playPreviousMenu(run: FlowRun, action: PreviousMenu): Step {
  const open = run.menus.at(-1);
  if (open === undefined) throw new ActionError('no menu has been entered');
  const previous = run.menus.at(-2);
  return { kind: 'menu', menu: action.kind === 'repeatMenu' ? open : (previous ?? open) };
}
