import type { MapNode, TextNode, TreeNode } from './document.ts';
import type { JsonValue } from './expression/value.ts';
import type { AudioSetting, Binding, Branch, Input, Literal, Setting } from './model.ts';
import type { Position } from './position.ts';
import type { Property } from './property.ts';
import { isNothing, type Reading } from './reading.ts';

/** The words of which a value has exactly one. `noValueWithNoFallback` is a processing prompt's. */
const VALUE_WORDS = ['lit', 'exp', 'noValue', 'noValueWithNoFallback', 'var', 'tts', 'prompt'];

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  milliseconds: 1,
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

interface ValueWord {
  readonly word: string;
  readonly node: TreeNode;
}

/** The one word of a value, if it is one of those that may stand here. */
function valueWord(
  node: TreeNode,
  what: string,
  allowed: readonly string[],
  reading: Reading,
): ValueWord | null {
  const wanted = allowed.map((word) => `\`${word}\``).join(', ');
  if (node.kind !== 'map') {
    if (isNothing(node))
      reading.report(node.position, 'one-value', `Give ${what} one of ${wanted}.`);
    else reading.wrongType(node, what, `a map with one of ${wanted}`);
    return null;
  }
  const words = node.entries.filter(({ key }) => VALUE_WORDS.includes(key));
  const [first] = words;
  for (const { key, keyPosition } of node.entries) {
    if (!VALUE_WORDS.includes(key)) {
      reading.report(
        keyPosition,
        'unknown-key',
        `${what} has no key \`${key}\`; it takes one of ${wanted}.`,
      );
    }
  }
  if (first === undefined || words.length > 1) {
    const now = words.length === 0 ? 'none' : words.map(({ key }) => `\`${key}\``).join(' and ');
    reading.report(
      node.position,
      'one-value',
      `Give ${what} exactly one of ${wanted}; it has ${now} now.`,
    );
    return null;
  }
  if (!allowed.includes(first.key)) {
    reading.report(
      first.keyPosition,
      'one-value',
      `${what} cannot be \`${first.key}\`; write one of ${wanted}.`,
    );
    return null;
  }
  return { word: first.key, node: first.value };
}

/** `lit`, `exp` or `noValue`. Absent is `none`. */
export function setting(): Property<Setting> {
  return {
    form: 'lit | exp | noValue',
    required: false,
    read: (node, { what, position }, reading) => {
      if (node === null) return { kind: 'none', position };
      const found = valueWord(node, what, ['lit', 'exp', 'noValue'], reading);
      return found === null
        ? { kind: 'none', position: node.position }
        : settingOf(found, what, reading);
    },
  };
}

function settingOf(found: ValueWord, what: string, reading: Reading): Setting {
  const { position } = found.node;
  if (found.word === 'exp') {
    const written = expressionOf(found.node, what, reading);
    return written === null ? { kind: 'none', position } : { kind: 'expression', ...written };
  }
  if (found.word === 'lit') {
    if (isNothing(found.node)) {
      reading.report(position, 'one-value', `Give ${what} a literal, or write \`noValue: true\`.`);
      return { kind: 'none', position };
    }
    return { kind: 'literal', literal: literalOf(found.node, what, reading), position };
  }
  if (found.node.kind !== 'text' || found.node.value !== true) {
    reading.wrongType(found.node, `\`${found.word}\` of ${what}`, '`true`');
  }
  return { kind: 'none', position };
}

function expressionOf(node: TreeNode, what: string, reading: Reading) {
  if (node.kind !== 'text') {
    reading.wrongType(
      node,
      `the expression of ${what}`,
      'text; quote it if it has braces, brackets or `: `',
    );
    return null;
  }
  return reading.expression(node.source, node.position);
}

export function literalOf(node: TreeNode, what: string, reading: Reading): Literal {
  if (node.kind === 'text') return { kind: 'plain', value: node.value ?? '' };
  if (node.kind === 'map') {
    const name = node.entries.find(({ key }) => key === 'name')?.value;
    if (
      name?.kind === 'text' &&
      name.value !== null &&
      node.entries.every(({ key }) => key === 'name' || key === 'id')
    ) {
      return { kind: 'named', name: name.source };
    }
    if (node.entries.length > 0 && node.entries.every(({ key }) => Object.hasOwn(UNITS_MS, key))) {
      return { kind: 'duration', durationMs: durationOf(node, what, reading) };
    }
  }
  return { kind: 'json', value: jsonOf(node) };
}

function durationOf(node: MapNode, what: string, reading: Reading): number {
  let durationMs = 0;
  for (const { key, value } of node.entries) {
    const amount = value.kind === 'text' ? value.value : null;
    if (typeof amount === 'number' && amount >= 0) durationMs += amount * (UNITS_MS[key] ?? 0);
    else reading.wrongType(value, `\`${key}\` of ${what}`, 'a number that is not negative');
  }
  return durationMs;
}

export function jsonOf(node: TreeNode): JsonValue {
  if (node.kind === 'text') return node.value;
  if (node.kind === 'list') return node.items.map(jsonOf);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, jsonOf(value)]));
}

/** `tts`, `prompt`, `exp` or `noValue`; `lit: {name: PromptSystem.x}` is a prompt too. */
export function audio(): Property<AudioSetting> {
  const words = ['tts', 'prompt', 'exp', 'noValue', 'noValueWithNoFallback', 'lit'];
  return {
    form: 'tts | prompt | exp | noValue',
    required: false,
    read: (node, { what, position }, reading) => {
      if (node === null) return { kind: 'none', position };
      const found = valueWord(node, what, words, reading);
      if (found === null) return { kind: 'none', position: node.position };
      if (found.word === 'tts') return spoken(found.node, what, reading);
      if (found.word === 'prompt') return promptOf(found.node, what, reading);
      const value = settingOf(found, what, reading);
      if (value.kind !== 'literal') return value;
      if (value.literal.kind === 'named') {
        return { kind: 'prompt', name: value.literal.name, position: value.position };
      }
      reading.wrongType(
        found.node,
        `\`lit\` of ${what}`,
        '`{name: PromptSystem.x}`; write words as `tts`',
      );
      return { kind: 'none', position: value.position };
    },
  };
}

function spoken(node: TreeNode, what: string, reading: Reading): AudioSetting {
  if (node.kind === 'text' && node.value !== null) {
    return { kind: 'tts', text: node.source, position: node.position };
  }
  reading.wrongType(
    node,
    `\`tts\` of ${what}`,
    'the words to say; quote them if they have `: ` or braces',
  );
  return { kind: 'none', position: node.position };
}

function promptOf(node: TreeNode, what: string, reading: Reading): AudioSetting {
  if (node.kind === 'text' && /^Prompt(System)?\../.test(node.source)) {
    return { kind: 'prompt', name: node.source, position: node.position };
  }
  reading.wrongType(node, `\`prompt\` of ${what}`, 'a name such as Prompt.x or PromptSystem.y');
  return { kind: 'none', position: node.position };
}

/** `{var: Task.x}`; `null` for `noValue` or nothing. */
export function variable(): Property<string | null> {
  return {
    form: 'var | noValue',
    required: false,
    read: (node, { what }, reading) => {
      if (node === null) return null;
      const found = valueWord(node, what, ['var', 'noValue'], reading);
      return found === null ? null : variableOf(found, what, reading);
    },
  };
}

function variableOf({ word, node }: ValueWord, what: string, reading: Reading): string | null {
  if (word !== 'var') return null;
  return variableName(node, what, reading);
}

/** A variable with its scope, as it stands in `var`, `variable` and `name`. */
export function variableName(node: TreeNode, what: string, reading: Reading): string | null {
  if (node.kind === 'text' && /^[A-Za-z]\w*\.[^\s.]+$/.test(node.source)) return node.source;
  reading.wrongType(node, what, 'a variable with its scope, such as Task.PlanId');
  return null;
}

/** A map whose keys are the flow's own names. */
function byName<T, U>(
  form: string,
  property: Property<T>,
  make: (name: string, value: T, position: Position) => U,
): Property<readonly U[]> {
  return {
    form,
    required: false,
    read: (node, { what }, reading) => {
      if (node === null) return [];
      const rest = reading.fields(node, what).takeRest();
      return rest.map(({ key, keyPosition, value }) => {
        const place = { what: `\`${key}\` of ${what}`, position: keyPosition };
        return make(key, property.read(value, place, reading), keyPosition);
      });
    },
  };
}

/** Outputs by name, each bound to a variable or to nothing. */
export function bindings(): Property<readonly Binding[]> {
  return byName('variables by name', variable(), (name, bound, position) => ({
    name,
    variable: bound,
    position,
  }));
}

/** Inputs by name. */
export function inputs(): Property<readonly Input[]> {
  return byName('values by name', setting(), (name, value, position) => ({
    name,
    value,
    position,
  }));
}

/** What is found in a part of the YAML whose shape is not told apart: values, and variables it fills. */
export interface Found {
  readonly settings: readonly Input[];
  readonly outputs: readonly Binding[];
  /** Actions in it, such as those that follow an intent of a bot. */
  readonly paths: readonly Branch[];
}

interface Finding {
  readonly settings: Input[];
  readonly outputs: Binding[];
  readonly paths: Branch[];
}

/**
 * Anything. Every `lit`, `exp`, `prompt` and `var` in it is found, with the path of keys as its
 * name, so that no expression, no variable and no action goes unseen.
 */
export function anything(): Property<Found> {
  return {
    form: 'anything',
    required: false,
    read: (node, { what }, reading) => {
      const found: Finding = { settings: [], outputs: [], paths: [] };
      if (node !== null) collect(node, what, '', found, reading);
      return found;
    },
  };
}

function collect(
  node: TreeNode,
  what: string,
  path: string,
  found: Finding,
  reading: Reading,
): void {
  if (node.kind === 'list') {
    node.items.forEach((item, index) => {
      collect(item, what, `${path}[${index}]`, found, reading);
    });
    return;
  }
  if (node.kind === 'text') {
    if (node.value !== null) found.settings.push(plainInput(path, node));
    return;
  }
  const words = node.entries.filter(({ key }) => VALUE_WORDS.includes(key));
  if (words.length > 1) {
    const now = words.map(({ key }) => `\`${key}\``).join(' and ');
    reading.report(node.position, 'one-value', `Give ${what} one value; it has ${now} now.`);
  }
  for (const { key, keyPosition, value } of node.entries) {
    const inside = path === '' ? key : `${path}.${key}`;
    if (key === 'actions' && value.kind === 'list') {
      const actions = reading.actions(value, reading);
      found.paths.push({ name: path, actions, position: keyPosition });
    } else if (key === 'var' || (key === 'variable' && value.kind === 'text')) {
      const name = variableName(value, `\`${key}\` of ${what}`, reading);
      found.outputs.push({ name: path, variable: name, position: keyPosition });
    } else if (['lit', 'exp', 'noValue', 'noValueWithNoFallback'].includes(key)) {
      const setting = settingOf({ word: key, node: value }, what, reading);
      if (setting.kind !== 'none')
        found.settings.push({ name: path, value: setting, position: keyPosition });
    } else {
      collect(value, what, inside, found, reading);
    }
  }
}

function plainInput(path: string, node: TextNode): Input {
  const { position } = node;
  return {
    name: path,
    value: { kind: 'literal', literal: { kind: 'plain', value: node.value ?? '' }, position },
    position,
  };
}
