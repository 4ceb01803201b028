import { parseFlowDocument, type MapEntry } from './document.ts';
import { FLOW_TYPES, HAS_MENUS, isFlowType, OTHER_FLOW_TYPES } from './flow-type.ts';
import { readTasks, readVariables } from './declaration.ts';
import { readMenus } from './menu.ts';
import type { Flow, FlowType, Menu, Reference, Task } from './model.ts';
import type { Problem } from './position.ts';
import { reference, required, text } from './property.ts';
import { nearest, Reading, type Fields } from './reading.ts';
import { readActions } from './sequence.ts';
import { readLanguages, readSettings } from './settings.ts';
import { readProperties } from './shape.ts';
import { audio } from './value-property.ts';

/** What was found in a file. A flow with problems is for checks and pictures, not to be played. */
export interface ReadFlow {
  /** `null` where there is no flow to speak of; then there are problems. */
  readonly flow: Flow | null;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
}

/**
 * Reads an Architect flow in Archy's YAML. Never throws for what is in the text.
 *
 * @param file as it is to appear in messages.
 * @param substitutions values for `{{key}}`; a key without one is a problem. Without this argument
 *   placeholders stay as they are, as text, wherever text may stand.
 */
export function readFlow(
  text: string,
  file: string,
  substitutions?: Readonly<Record<string, string>>,
): ReadFlow {
  const document = parseFlowDocument(text, file, substitutions);
  if (document.root === null) return { flow: null, problems: inOrder(document.problems) };
  const reading = new Reading(readActions);
  const start = { file, line: 1, column: 1 };
  const root = document.root.kind === 'map' ? document.root.entries : [];
  const entry = flowEntry(root, reading, start);
  const flow = entry === null ? null : readBody(entry.entry, entry.type, file, reading);
  return { flow, problems: inOrder([...document.problems, ...reading.problems]) };
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (left, right) =>
      left.position.line - right.position.line || left.position.column - right.position.column,
  );
}

function flowEntry(
  entries: readonly MapEntry[],
  reading: Reading,
  start: Problem['position'],
): { readonly entry: MapEntry; readonly type: FlowType } | null {
  const [first, second] = entries;
  const known = Object.keys(FLOW_TYPES).join(', ');
  if (first === undefined) {
    reading.report(start, 'flow-type', `The file has no flow; its one top key is one of ${known}.`);
    return null;
  }
  if (second !== undefined) {
    reading.report(
      second.keyPosition,
      'flow-type',
      'A file has one flow; put this one into a file of its own.',
    );
  }
  const { key, keyPosition } = first;
  if (isFlowType(key)) return { entry: first, type: key };
  const near = nearest(key, Object.keys(FLOW_TYPES));
  const message = OTHER_FLOW_TYPES.includes(key)
    ? `This flow is of type ${key}; only flows for calls are read here: ${known}.`
    : `\`${key}\` is no type of flow; ${near === null ? `write one of ${known}.` : `did you mean ${near}?`}`;
  reading.report(keyPosition, 'flow-type', message);
  return null;
}

const FLOW_PROPERTIES = {
  name: required(text()),
  description: text(),
  // Read, and without meaning for a call.
  division: text(),
  defaultLanguage: text('en-us'),
  initialGreeting: audio(),
};

/** The keys of a flow beside its settings, with one sentence each. */
export const FLOW_KEYS: Readonly<Record<string, string>> = {
  name: 'Its name in Genesys Cloud; has to be there.',
  description: 'For people.',
  division: 'Of the organisation; without meaning for a call.',
  defaultLanguage: 'Language of prompts and speech until `setLanguage`.',
  supportedLanguages: 'All its languages, each with its voice.',
  initialGreeting: 'What the caller hears first.',
  startUpRef: 'The task or menu that it begins with, such as `./tasks/task[refId]`.',
  startUpTaskActions: 'Instead of it, the actions of an in-queue flow or a common module.',
  variables: 'Variables of the flow: `Flow.x`, `Common.x`.',
  tasks: 'Tasks, with variables, output paths and actions of their own.',
  menus: 'Menus, with their choices.',
  referencedObjects: 'Written by newer exports; not read.',
};

function readBody(
  { value, keyPosition }: MapEntry,
  type: FlowType,
  file: string,
  reading: Reading,
): Flow {
  const fields = reading.fields(value, type);
  const { division: _division, ...values } = readProperties(fields, FLOW_PROPERTIES);
  fields.take('referencedObjects');
  const languages = readLanguages(fields.take('supportedLanguages'), reading);
  const variables = readVariables(fields.take('variables'), reading);
  const settings = readSettings(fields);
  const menus = HAS_MENUS[type] ? menusOf(fields) : [];
  const tasks = readTasks(fields.take('tasks'), reading);
  const start = startOf(fields, type);
  fields.end();
  const allMenus = [...menus, ...reading.subMenus];
  uniqueRefIds('task', tasks, reading);
  uniqueRefIds('menu', allMenus, reading);
  resolve(tasks, allMenus, reading);
  return {
    type,
    ...values,
    languages: languages.length === 0 ? [values.defaultLanguage] : languages,
    ...start,
    variables,
    tasks,
    menus: allMenus,
    settings,
    file,
    position: keyPosition,
  };
}

function menusOf(fields: Fields): readonly Menu[] {
  const node = fields.take('menus');
  return node === null ? [] : readMenus(node, fields.reading);
}

/** Flows with menus start with one task or menu, the others with actions of their own. */
function startOf(fields: Fields, type: FlowType): Pick<Flow, 'startUp' | 'startUpActions'> {
  const { reading } = fields;
  if (!HAS_MENUS[type]) {
    const node = fields.take('startUpTaskActions');
    if (node === null) fields.missing('startUpTaskActions', 'the actions that it begins with');
    return { startUp: null, startUpActions: node === null ? [] : reading.actions(node, reading) };
  }
  const node = fields.take('startUpRef');
  if (node === null) {
    fields.missing(
      'startUpRef',
      'the task or menu that it begins with, such as ./tasks/task[refId]',
    );
    return { startUp: null, startUpActions: [] };
  }
  const kind =
    node.kind === 'text' && /(menu|menuSubMenu)\[[^\]]*\]$/.test(node.source) ? 'menu' : 'task';
  const place = { what: '`startUpRef`', position: node.position };
  const startUp = reference(kind).read(node, place, reading);
  return { startUp: startUp.refId === '' ? null : startUp, startUpActions: [] };
}

function uniqueRefIds(
  kind: Reference['kind'],
  items: readonly (Task | Menu)[],
  reading: Reading,
): void {
  const lines = new Map<string, number>();
  for (const { refId, position } of items) {
    const before = lines.get(refId);
    if (refId === '') {
      reading.report(
        position,
        'missing-key',
        `Give this ${kind} a \`refId\` or a \`name\`, so that it can be found.`,
      );
    } else if (before !== undefined) {
      reading.report(
        position,
        'duplicate-ref-id',
        `Give this ${kind} a \`refId\` of its own; the one in line ${before} is called ${refId} too.`,
      );
    }
    lines.set(refId, before ?? position.line);
  }
}

function resolve(tasks: readonly Task[], menus: readonly Menu[], reading: Reading): void {
  for (const { kind, refId, text: path, position } of reading.references) {
    const items = kind === 'task' ? tasks : menus;
    if (items.some((item) => item.refId === refId)) continue;
    const near = nearest(
      refId,
      items.map((item) => item.refId),
    );
    reading.report(
      position,
      'unresolved-reference',
      `The flow has no ${kind} \`${refId}\`, which ${path} names; ${near === null ? 'add it or correct the path.' : `did you mean ${near}?`}`,
    );
  }
}
