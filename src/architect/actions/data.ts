import { anyBranches, define, present, type ActionType } from '../action-type.ts';
import type { Setting } from '../model.ts';
import { required } from '../property.ts';
import { byName, shape } from '../shape.ts';
import { audio, bindings, inputs, setting } from '../value-property.ts';

const dataActionBody = shape(
  { inputs: inputs(), successOutputs: bindings(), failureOutputs: bindings() },
  (values) => values,
);

/** Category and data action are keys, by their names: `{Tokenline: {dataAction: {Look up: {…}}}}`. */
const category = byName(
  required(shape({ dataAction: required(byName(dataActionBody)) }, ({ dataAction }) => dataAction)),
);

function callDataAction(
  key: 'callData' | 'callDataSecure',
  says: string,
  spelling: ActionType['spelling'],
) {
  return define({
    key,
    says,
    spelling,
    properties: { category: required(category), timeout: setting(), processingPrompt: audio() },
    paths: ['success', 'failure', 'timeout'],
    build: (
      base,
      { category: dataAction, timeout, processingPrompt },
      { success, failure, timeout: timedOut },
    ) => ({
      ...base,
      kind: 'callData',
      secure: key === 'callDataSecure',
      category: dataAction.name,
      action: dataAction.body.name,
      ...dataAction.body.body,
      timeout,
      processingPrompt,
      success,
      failure,
      timedOut,
    }),
  });
}

const callCommonModule = define({
  key: 'callCommonModule',
  says: 'Runs a common module, another flow that gives values back.',
  spelling: 'export',
  properties: {
    // A version stands between name and values: `ver_latestPublished`.
    commonModule: required(
      byName(byName(shape({ inputs: inputs(), outputs: bindings() }, (values) => values))),
    ),
  },
  readPaths: anyBranches,
  build: (base, { commonModule }, _branches, paths) => ({
    ...base,
    kind: 'callCommonModule',
    module: commonModule.name,
    ...commonModule.body.body,
    paths,
  }),
});

const setScreenPop = define({
  key: 'setScreenPop',
  says: 'Chooses the script that the agent sees, and its values.',
  played: 'answered',
  spelling: 'export',
  properties: {
    screenPopScript: required(byName(shape({ inputs: inputs() }, (values) => values))),
  },
  build: (base, { screenPopScript }) => ({
    ...base,
    kind: 'setScreenPop',
    script: screenPopScript.name,
    ...screenPopScript.body,
  }),
});

const tableOutputs = shape(
  { foundOutputs: bindings(), failureOutputs: bindings() },
  ({ foundOutputs, failureOutputs }) => [...foundOutputs, ...failureOutputs],
);

const dataTableLookup = define({
  key: 'dataTableLookup',
  says: 'Finds a row of a data table by its key.',
  played: 'answered',
  spelling: 'export',
  properties: { dataTable: required(byName(tableOutputs)), lookupValue: required(setting()) },
  paths: ['found', 'notFound', 'failure'],
  build: (base, { dataTable, lookupValue }, branches) => {
    const { position } = base;
    const table: Setting = {
      kind: 'literal',
      literal: { kind: 'named', name: dataTable.name },
      position,
    };
    return {
      ...base,
      kind: 'lookup',
      settings: [
        { name: 'dataTable', value: table, position },
        { name: 'lookupValue', value: lookupValue, position },
      ],
      outputs: dataTable.body,
      paths: present(branches),
    };
  },
});

export const DATA = [
  callDataAction('callData', 'Sends values to a data action and takes its answer.', 'export'),
  callDataAction(
    'callDataSecure',
    'The same for a data action that is marked secure: the only way out for secure variables.',
    'name',
  ),
  callCommonModule,
  setScreenPop,
  dataTableLookup,
];
