import type { Flow, Variable } from '../model.ts';
import { taskId, type Section } from './walk.ts';

/** `Task.Pan` of one task is not that of another. Names are found in any case. */
export function variableKey(name: string, section: Pick<Section, 'id'> | null): string {
  const lower = name.toLowerCase();
  return lower.startsWith('task.') ? `${section?.id ?? 'flow'} ${lower}` : lower;
}

export interface Declared {
  readonly variable: Variable;
  readonly key: string;
}

/** Every variable that a flow declares. */
export function declaredIn(flow: Flow): readonly Declared[] {
  return [
    ...flow.variables.map((variable) => ({ variable, key: variableKey(variable.name, null) })),
    ...flow.tasks.flatMap(({ refId, variables }) =>
      variables.map((variable) => ({
        variable,
        key: variableKey(variable.name, { id: taskId(refId) }),
      })),
    ),
  ];
}

/** The variable of a task that an input or output means; the scope may be left out. */
export function taskVariableKey(refId: string, name: string): string {
  const scoped = /^task\./i.test(name) ? name : `Task.${name}`;
  return variableKey(scoped, { id: taskId(refId) });
}
