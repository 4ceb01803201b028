import type { TreeNode } from './document.ts';
import type { Task, Variable } from './model.ts';
import { flag, text } from './property.ts';
import type { Reading } from './reading.ts';
import { readProperties } from './shape.ts';
import { architectType } from './type-word.ts';
import { setting, variableName } from './value-property.ts';

const VARIABLE = {
  description: text(),
  initialValue: setting(),
  isInput: flag(),
  isOutput: flag(),
  isSecure: flag(),
};

/** `variables: [{stringVariable: {name: Flow.x, …}}]`. */
export function readVariables(node: TreeNode | null, reading: Reading): readonly Variable[] {
  if (node === null) return [];
  return reading.list(node, '`variables`').flatMap((item) => readVariable(item, reading));
}

function readVariable(item: TreeNode, reading: Reading): readonly Variable[] {
  const entry = reading.onlyEntry(item, 'a variable');
  if (entry === null) return [];
  const type = architectType(/^(\w+)Variable$/.exec(entry.key)?.[1] ?? '');
  if (type === null) {
    reading.report(
      entry.keyPosition,
      'unknown-key',
      `\`${entry.key}\` is not a kind of variable that is known here; write one such as stringVariable.`,
    );
    return [];
  }
  const fields = reading.fields(entry.value, entry.key);
  const name = fields.take('name');
  const { initialValue, isInput, isOutput, isSecure } = readProperties(fields, VARIABLE);
  fields.end();
  if (name === null) fields.missing('name', 'the name of the variable, with its scope');
  const scoped = name === null ? null : variableName(name, `\`name\` of ${entry.key}`, reading);
  if (scoped === null) return [];
  return [
    {
      name: scoped,
      type,
      initial: initialValue,
      isInput,
      isOutput,
      isSecure,
      position: entry.keyPosition,
    },
  ];
}

/** `tasks: [{task: {…}}]`. */
export function readTasks(node: TreeNode | null, reading: Reading): readonly Task[] {
  if (node === null) return [];
  return reading.list(node, '`tasks`').flatMap((item) => {
    const entry = reading.onlyEntry(item, 'an item of `tasks`');
    if (entry === null) return [];
    if (entry.key !== 'task') {
      reading.report(entry.keyPosition, 'unknown-key', `Write \`task\` for \`${entry.key}\`.`);
      return [];
    }
    return [readTask(entry.value, entry.keyPosition, reading)];
  });
}

function readTask(node: TreeNode, position: Task['position'], reading: Reading): Task {
  const fields = reading.fields(node, 'task');
  const { name, refId } = readProperties(fields, {
    name: text(),
    refId: text(),
    description: text(),
    trackingId: text(),
  });
  const variables = readVariables(fields.take('variables'), reading);
  const outputPaths = readOutputPaths(fields.take('outputPaths'), reading);
  const actions = fields.take('actions');
  fields.end();
  if (actions === null) fields.missing('actions', 'what the task does');
  return {
    name: name === '' ? refId : name,
    refId: refId === '' ? name : refId,
    variables,
    outputPaths,
    actions: actions === null ? [] : reading.actions(actions, reading),
    position,
  };
}

/** Names, or `{outputPath: {name}}`: the key is known from tools that read exports, its form is not. */
function readOutputPaths(node: TreeNode | null, reading: Reading): readonly string[] {
  if (node === null) return [];
  return reading.list(node, '`outputPaths`').flatMap((item) => {
    if (item.kind === 'text') return item.value === null ? [] : [item.source];
    const entry = reading.onlyEntry(item, 'an output path');
    if (entry === null) return [];
    if (entry.key === 'name') return entry.value.kind === 'text' ? [entry.value.source] : [];
    const fields = reading.fields(entry.value, 'an output path');
    const name = fields.take('name');
    for (const key of ['refId', 'description', 'default', 'isDefault']) fields.take(key);
    fields.end();
    return name?.kind === 'text' ? [name.source] : [];
  });
}
