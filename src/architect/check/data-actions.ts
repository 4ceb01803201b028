import { typeText } from '../expression/static-type.ts';
import type { ArchitectType } from '../expression/value.ts';
import type { CallData, Flow } from '../model.ts';
import { nearest } from '../reading.ts';
import type { ContractField, DataActionContract, Known, Report } from './finding.ts';
import { declaredIn, variableKey } from './variable-key.ts';
import { everyAction, type Section } from './walk.ts';

/** Calls of data actions against the contracts that are known. Others are somebody else's. */
export function checkDataActions(flow: Flow, known: Known, report: Report): void {
  const types = new Map(declaredIn(flow).map(({ key, variable }) => [key, variable.type]));
  for (const { action, section } of everyAction(flow)) {
    if (action.kind !== 'callData') continue;
    const contract = known.dataActions.get(action.action.toLowerCase());
    if (contract === undefined) checkName(action, known, report);
    else checkCall(action, contract, section, types, report);
  }
}

function checkName({ action, category, position }: CallData, known: Known, report: Report): void {
  if (known.wholeCategory?.toLowerCase() !== category.toLowerCase()) return;
  const names = [...known.dataActions.values()].map(({ name }) => name);
  const near = nearest(action, names);
  report.add(
    'data-action-unknown',
    position,
    `${category} has no data action ${action}; ${near === null ? `it has ${names.join(', ')}.` : `did you mean ${near}?`}`,
  );
}

function checkCall(
  call: CallData,
  contract: DataActionContract,
  section: Section,
  types: ReadonlyMap<string, ArchitectType>,
  report: Report,
): void {
  const { name } = contract;
  if (call.secure !== contract.secure) {
    report.add(
      'data-action-secure',
      call.position,
      contract.secure
        ? `${name} is a secure data action; call it with callDataSecure.`
        : `${name} is not marked secure; mark it, or call it with callData and without secrets.`,
    );
  }
  checkInputs(call, contract, report);
  for (const { name: output, variable, position } of call.successOutputs) {
    const field = contract.outputs.get(output);
    if (field === undefined) {
      report.add(
        'data-action-output',
        position,
        `${name} has no output ${output}; ${suggestion(output, contract.outputs)}`,
      );
      continue;
    }
    const target = variable === null ? undefined : types.get(variableKey(variable, section));
    if (target === undefined || field.type === null || holds(field.type, target)) continue;
    report.add(
      'data-action-output',
      position,
      `${output} of ${name} is ${typeText(field.type)} and ${variable ?? ''} is ${typeText(target)}; bind it to a variable of its type.`,
    );
  }
}

/** An output is put into a variable of its own type, and a whole number into a decimal too. */
function holds(given: ArchitectType, target: ArchitectType): boolean {
  return typeText(given) === typeText(target) || (given === 'integer' && target === 'decimal');
}

function checkInputs(call: CallData, contract: DataActionContract, report: Report): void {
  const { name } = contract;
  for (const { name: input, position } of call.inputs) {
    if (contract.inputs.has(input)) continue;
    const near = nearest(input, contract.inputs.keys());
    if (contract.open && near === null) continue;
    report.add(
      'data-action-input',
      position,
      `${name} has no input ${input}; ${suggestion(input, contract.inputs)}`,
    );
  }
  const given = new Set(
    call.inputs.filter(({ value }) => value.kind !== 'none').map(({ name: input }) => input),
  );
  const missing = [...contract.inputs]
    .filter(([input, { required }]) => required && !given.has(input))
    .map(([input]) => input);
  if (missing.length === 0) return;
  report.add(
    'data-action-input',
    call.position,
    `${call.name} does not give ${missing.join(', ')}, which ${name} needs; add ${missing.length === 1 ? 'it' : 'them'}.`,
  );
}

function suggestion(name: string, fields: ReadonlyMap<string, ContractField>): string {
  const near = nearest(name, fields.keys());
  return near === null ? `it has ${[...fields.keys()].join(', ')}.` : `did you mean ${near}?`;
}

/** Reads the file of a data action. @returns why it is none, as a sentence, or the contract. */
export function readContract(text: string): DataActionContract | string {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return 'It is not JSON.';
  }
  const name = at(file, 'name');
  if (typeof name !== 'string') return 'It has no `name`.';
  const input = at(file, 'contract', 'input', 'inputSchema');
  const output = at(file, 'contract', 'output', 'successSchema');
  if (input === undefined || output === undefined) {
    return 'It has no `contract` with `input.inputSchema` and `output.successSchema`.';
  }
  return {
    name,
    secure: at(file, 'secure') === true,
    inputs: fieldsOf(input),
    outputs: fieldsOf(output),
    // Genesys passes what the contract names and nothing else: an unknown input is one too many.
    open: false,
  };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = Object.entries(inner).find(([name]) => name === key)?.[1];
  }
  return inner;
}

const TYPES: Readonly<Record<string, ArchitectType>> = {
  string: 'string',
  integer: 'integer',
  number: 'decimal',
  boolean: 'boolean',
};

function fieldsOf(schema: unknown): ReadonlyMap<string, ContractField> {
  const properties = at(schema, 'properties');
  const required = at(schema, 'required');
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return new Map(
    Object.entries(typeof properties === 'object' && properties !== null ? properties : {}).map(
      ([name, field]) => [name, { type: typeOf(field), required: needed.includes(name) }],
    ),
  );
}

/** `null` for an object: Architect takes it apart into names such as `a.b`. */
function typeOf(schema: unknown): ArchitectType | null {
  const type = at(schema, 'type');
  if (typeof type !== 'string') return null;
  if (type !== 'array') return TYPES[type] ?? null;
  const item = typeOf(at(schema, 'items'));
  return typeof item === 'string' ? { collectionOf: item } : null;
}
