import { anyBranches, define, readBase, type ActionType } from '../action-type.ts';
import type { TreeNode } from '../document.ts';
import type { CallData } from '../model.ts';
import { required, type Property } from '../property.ts';
import type { Reading } from '../reading.ts';
import { readProperties, shape, type Properties, type Values } from '../shape.ts';
import { anything, audio, bindings, inputs, setting } from '../value-property.ts';

const dataActionBody = shape(
  { inputs: inputs(), successOutputs: bindings(), failureOutputs: bindings() },
  (values) => values,
);

/** Category and data action are keys, by their names: `{Tokenline: {dataAction: {Look up: {…}}}}`. */
const category: Property<
  Pick<CallData, 'category' | 'action' | 'inputs' | 'successOutputs' | 'failureOutputs'>
> = {
  form: '{category: {dataAction: {name: {inputs, successOutputs, failureOutputs}}}}',
  required: false,
  read: (node, { what, position }, reading) => {
    const outer = node === null ? null : reading.onlyEntry(node, what);
    const inner = outer === null ? null : dataActionEntry(outer.value, outer.key, what, reading);
    const place = { what: `data action \`${inner?.key ?? ''}\``, position };
    return {
      category: outer?.key ?? '',
      action: inner?.key ?? '',
      ...dataActionBody.read(inner?.value ?? null, place, reading),
    };
  },
};

function dataActionEntry(node: TreeNode, category: string, what: string, reading: Reading) {
  const fields = reading.fields(node, `category \`${category}\` of ${what}`);
  const dataAction = fields.take('dataAction');
  fields.end();
  if (dataAction === null) {
    fields.missing('dataAction', 'one data action of that category, by its name');
    return null;
  }
  return reading.onlyEntry(dataAction, `\`dataAction\` of ${what}`);
}

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
      ...dataAction,
      timeout,
      processingPrompt,
      success,
      failure,
      timedOut,
    }),
  });
}

interface NamedBody {
  readonly name: string;
  readonly body: TreeNode | null;
}

/** `{Name of it: …}`: Archy names modules, tables and scripts by a key. */
const byName: Property<NamedBody> = {
  form: '{name: …}',
  required: false,
  read: (node, { what }, reading) => {
    const entry = node === null ? null : reading.onlyEntry(node, what);
    return { name: entry?.key ?? '', body: entry?.value ?? null };
  },
};

/** Reads what stands under a name with properties of its own. */
function readBody<P extends Properties>(
  body: TreeNode | null,
  what: string,
  reading: Reading,
  properties: P,
): Values<P> {
  const fields = reading.fields(body ?? NOTHING, what);
  const values = readProperties(fields, properties);
  fields.end();
  return values;
}

const NOTHING: TreeNode = { kind: 'map', entries: [], position: { file: '', line: 0, column: 0 } };

const callCommonModule: Omit<ActionType, 'family'> = {
  key: 'callCommonModule',
  says: 'Runs a common module, another flow that gives values back.',
  played: 'played',
  spelling: 'export',
  properties: { commonModule: required(byName) },
  paths: null,
  read: (fields) => {
    const base = readBase(fields, 'callCommonModule');
    const { commonModule } = readProperties(fields, { commonModule: required(byName) });
    const { reading } = fields;
    const what = `common module \`${commonModule.name}\``;
    // A version stands between name and values: `ver_latestPublished`.
    const version = commonModule.body === null ? null : reading.onlyEntry(commonModule.body, what);
    const values = readBody(version?.value ?? null, what, reading, {
      inputs: inputs(),
      outputs: bindings(),
    });
    return {
      ...base,
      kind: 'callCommonModule',
      module: commonModule.name,
      ...values,
      paths: anyBranches(fields),
    };
  },
};

const setScreenPop: Omit<ActionType, 'family'> = {
  key: 'setScreenPop',
  says: 'Chooses the script that the agent sees, and its values.',
  played: 'answered',
  spelling: 'export',
  properties: { screenPopScript: required(byName) },
  paths: [],
  read: (fields) => {
    const base = readBase(fields, 'setScreenPop');
    const { screenPopScript } = readProperties(fields, { screenPopScript: required(byName) });
    const what = `screen pop script \`${screenPopScript.name}\``;
    const values = readBody(screenPopScript.body, what, fields.reading, { inputs: inputs() });
    return { ...base, kind: 'setScreenPop', script: screenPopScript.name, inputs: values.inputs };
  },
};

const dataTableLookup: Omit<ActionType, 'family'> = {
  key: 'dataTableLookup',
  says: 'Finds a row of a data table by its key.',
  played: 'answered',
  spelling: 'export',
  properties: { dataTable: required(byName), lookupValue: required(setting()) },
  paths: ['found', 'notFound', 'failure'],
  read: (fields) => {
    const base = readBase(fields, 'dataTableLookup');
    const { dataTable, lookupValue } = readProperties(fields, {
      dataTable: required(byName),
      lookupValue: required(setting()),
    });
    const what = `data table \`${dataTable.name}\``;
    const { foundOutputs, failureOutputs } = readBody(dataTable.body, what, fields.reading, {
      foundOutputs: bindings(),
      failureOutputs: bindings(),
    });
    const { position } = base;
    const named: TreeNode = {
      kind: 'text',
      value: dataTable.name,
      source: dataTable.name,
      position,
    };
    const table = anything().read(named, { what, position }, fields.reading).settings;
    return {
      ...base,
      kind: 'lookup',
      settings: [
        ...table.map((setting) => ({ ...setting, name: 'dataTable' })),
        { name: 'lookupValue', value: lookupValue, position },
      ],
      outputs: [...foundOutputs, ...failureOutputs],
      paths: anyBranches(fields),
    };
  },
};

export const DATA = [
  callDataAction('callData', 'Sends values to a data action and takes its answer.', 'export'),
  callDataAction(
    'callDataSecure',
    'The same for a data action that is marked secure: the only way out for secure variables.',
    'sdk',
  ),
  callCommonModule,
  setScreenPop,
  dataTableLookup,
];
