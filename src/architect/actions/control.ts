import { define, outputsOf, type ActionType } from '../action-type.ts';
import type { TreeNode } from '../document.ts';
import type { Branch, Switch, UpdateData } from '../model.ts';
import { named, reference, required, text, type Property } from '../property.ts';
import type { Fields, Reading } from '../reading.ts';
import { readBranch, readProperties, shape } from '../shape.ts';
import { architectType } from '../type-word.ts';
import { bindings, inputs, setting, variable, variableName } from '../value-property.ts';

const decision = define({
  key: 'decision',
  says: 'Goes one of two ways.',
  spelling: 'export',
  properties: { condition: required(setting()) },
  paths: ['yes', 'no'],
  build: (base, { condition }, { yes, no }) => ({ ...base, kind: 'decision', condition, yes, no }),
});

const switchCases: Property<readonly Switch['cases'][number][]> = {
  form: '[{case: {value, actions}}]',
  required: false,
  read: (node, { what }, reading) =>
    node === null
      ? []
      : reading.list(node, what).flatMap((item, index) => switchCase(item, index, reading)),
};

function switchCase(item: TreeNode, index: number, reading: Reading): Switch['cases'] {
  const what = `case ${index + 1} of the switch`;
  const entry = reading.onlyEntry(item, what);
  if (entry === null) return [];
  if (entry.key !== 'case') {
    reading.report(
      entry.keyPosition,
      'unknown-key',
      `Write \`case\` for \`${entry.key}\` in a switch.`,
    );
    return [];
  }
  const fields = reading.fields(entry.value, what);
  const { value } = readProperties(fields, { value: required(setting()) });
  const actions = fields.take('actions');
  fields.end();
  const branch: Branch = {
    name: `case ${index + 1}`,
    actions: actions === null ? [] : reading.actions(actions, reading),
    position: item.position,
  };
  return [{ value, branch }];
}

const otherwise: Property<Branch | null> = {
  form: '{actions}',
  required: false,
  read: (node, _place, reading) =>
    node === null ? null : readBranch('default', node, 'the switch', reading),
};

const evaluate = shape(
  { firstTrue: required(shape({ default: otherwise, cases: switchCases }, (values) => values)) },
  ({ firstTrue }) => firstTrue,
);

const switchAction = define({
  key: 'switch',
  says: 'Goes the way of the first case that is true.',
  spelling: 'export',
  properties: { evaluate: required(evaluate) },
  build: (base, values) => ({
    ...base,
    kind: 'switch',
    cases: values.evaluate.cases,
    otherwise: values.evaluate.default,
  }),
});

const loop = define({
  key: 'loop',
  says: 'Does its actions a number of times, counted from 0.',
  spelling: 'export',
  properties: { currentIndex: variable(), loopCount: required(setting()) },
  paths: ['loop'],
  build: (base, { currentIndex, loopCount }, { loop: body }) => ({
    ...base,
    kind: 'loop',
    indexVariable: currentIndex,
    count: loopCount,
    body,
  }),
});

function step(key: 'loopNext' | 'loopExit', says: string) {
  return define({
    key,
    says,
    spelling: 'export',
    properties: {},
    build: (base) => ({ ...base, kind: key }),
  });
}

const statements: Property<UpdateData['statements']> = {
  form: '[{string: {variable, value}}]',
  required: false,
  read: (node, { what }, reading) =>
    node === null ? [] : reading.list(node, what).flatMap((item) => statement(item, reading)),
};

function statement(item: TreeNode, reading: Reading): UpdateData['statements'] {
  const entry = reading.onlyEntry(item, 'a statement of updateData');
  if (entry === null) return [];
  const type = architectType(entry.key);
  if (type === null) {
    reading.report(
      entry.keyPosition,
      'unknown-key',
      `\`${entry.key}\` is not a type that is known here; write one such as string, integer or boolean.`,
    );
    return [];
  }
  const fields = reading.fields(entry.value, `the ${entry.key} statement`);
  const target = fields.take('variable');
  const { value } = readProperties(fields, { value: required(setting()) });
  fields.end();
  if (target === null) fields.missing('variable', 'the variable that is set, with its scope');
  const name =
    target === null ? null : variableName(target, `\`variable\` of ${fields.what}`, reading);
  return name === null ? [] : [{ type, variable: name, value, position: item.position }];
}

const updateData = define({
  key: 'updateData',
  says: 'Sets variables, one after the other.',
  spelling: 'export',
  properties: { statements: required(statements) },
  build: (base, values) => ({ ...base, kind: 'updateData', statements: values.statements }),
});

const callTask = define({
  key: 'callTask',
  says: 'Does a task and comes back by one of its output paths.',
  spelling: 'export',
  properties: {
    targetTaskRef: required(reference('task')),
    // Names of the SDK; no public export has them.
    taskInputs: inputs(),
    taskOutputs: bindings(),
  },
  readPaths: taskPaths,
  build: (base, { targetTaskRef, taskInputs, taskOutputs }, _branches, paths) => ({
    ...base,
    kind: 'callTask',
    target: targetTaskRef,
    inputs: taskInputs,
    outputs: taskOutputs,
    paths,
  }),
});

/** `outputs: {default: {actions}, paths: [{path: {name, actions}}]}`; plain names are read too. */
function taskPaths(fields: Fields): readonly Branch[] {
  const outputs = outputsOf(fields);
  if (outputs === null) return [];
  const { reading } = fields;
  const list = outputs.take('paths');
  const listed = list === null ? [] : reading.list(list, `\`paths\` of ${fields.what}`);
  return [
    ...outputs.takeRest().map(({ key, value }) => readBranch(key, value, fields.what, reading)),
    ...listed.flatMap((item) => taskPath(item, reading)),
  ];
}

function taskPath(item: TreeNode, reading: Reading): readonly Branch[] {
  const entry = reading.onlyEntry(item, 'a path of callTask');
  if (entry === null) return [];
  const fields = reading.fields(entry.value, 'a path of callTask');
  const { name } = readProperties(fields, { name: required(text()), refId: text() });
  const actions = fields.take('actions');
  fields.end();
  const sequence = actions === null ? [] : reading.actions(actions, reading);
  return [{ name, actions: sequence, position: entry.keyPosition }];
}

const endTask = define({
  key: 'endTask',
  says: 'Ends the task, by one of its output paths.',
  spelling: 'export',
  properties: { outputPath: named() },
  build: (base, { outputPath }) => ({
    ...base,
    kind: 'endTask',
    outputPath:
      outputPath.kind === 'literal' && outputPath.literal.kind === 'named'
        ? outputPath.literal.name
        : null,
  }),
});

const jumpToTask = define({
  key: 'jumpToTask',
  says: 'Goes to a task and does not come back.',
  spelling: 'name',
  properties: { targetTaskRef: required(reference('task')), taskInputs: inputs() },
  build: (base, { targetTaskRef, taskInputs }) => ({
    ...base,
    kind: 'jumpToTask',
    target: targetTaskRef,
    inputs: taskInputs,
  }),
});

const jumpToMenu = define({
  key: 'jumpToMenu',
  says: 'Opens a menu and does not come back.',
  spelling: 'export',
  properties: { targetMenuRef: required(reference('menu')) },
  build: (base, { targetMenuRef }) => ({
    ...base,
    kind: 'jumpToMenu',
    target: targetMenuRef,
    inputs: [],
  }),
});

function menuStep(
  key: 'previousMenu' | 'repeatMenu',
  says: string,
  spelling: ActionType['spelling'],
) {
  return define({ key, says, spelling, properties: {}, build: (base) => ({ ...base, kind: key }) });
}

/** Error handling writes `disconnect: {none: true}`. */
const none: Property<null> = { form: 'true', required: false, read: () => null };

const disconnect = define({
  key: 'disconnect',
  says: 'Hangs up.',
  spelling: 'export',
  properties: { none },
  build: (base) => ({ ...base, kind: 'disconnect' }),
});

const returnToAgent = define({
  key: 'returnToAgent',
  says: 'Gives the caller back to the agent who started the secure flow.',
  spelling: 'sdk',
  properties: {},
  build: (base) => ({ ...base, kind: 'returnToAgent' }),
});

/** A value, or the bare tag: the SDK takes both, and no export that has it is public. */
const language: ReturnType<typeof setting> = {
  form: 'lit | exp',
  required: false,
  read: (node, place, reading) =>
    node?.kind === 'text' && node.value !== null
      ? { kind: 'literal', literal: { kind: 'plain', value: node.source }, position: node.position }
      : setting().read(node, place, reading),
};

const setLanguage = define({
  key: 'setLanguage',
  says: 'Chooses the language of prompts and speech from here on.',
  spelling: 'name',
  properties: { language: required(language) },
  build: (base, values) => ({ ...base, kind: 'setLanguage', language: values.language }),
});

export const CONTROL = [
  decision,
  switchAction,
  loop,
  step('loopNext', 'Begins the next turn of the loop.'),
  step('loopExit', 'Leaves the loop.'),
  updateData,
  callTask,
  endTask,
  jumpToTask,
  jumpToMenu,
  menuStep('previousMenu', 'Goes back to the menu before.', 'export'),
  menuStep('repeatMenu', 'Plays the menu again.', 'name'),
  setLanguage,
  disconnect,
  returnToAgent,
];
