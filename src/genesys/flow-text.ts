import { isMap, isScalar, parseDocument, visit, type Pair } from 'yaml';

/** Something of the organisation that a flow names: it has to be there when the flow is published. */
export interface Use {
  readonly kind: 'data action' | 'user prompt' | 'queue' | 'skill' | 'flow';
  /** As the file has it. */
  readonly name: string;
}

export interface FlowInFile {
  /** `inboundCall` or `secureCall`. */
  readonly root: string;
  readonly name: string;
  readonly description: string;
  /** Each once. */
  readonly uses: readonly Use[];
  /** The text with other names in it; lines stay where they are. */
  rename(names: FlowNames): string;
}

/** What stands in the organisation for what stands in the file. */
export interface FlowNames {
  readonly name: string;
  readonly description: string;
  readonly division: string;
  /** Of data actions: the name of their integration, as the file has it. */
  category(inFile: string): string;
  of(use: Use): string;
}

interface Slot {
  readonly start: number;
  readonly end: number;
  readonly text: (names: FlowNames) => string;
}

/** Reads a flow in Archy's YAML, as far as names of the organisation stand in it. */
export function readFlowNames(text: string): FlowInFile {
  const document = parseDocument(text);
  const contents: unknown = document.contents;
  const first = isMap(contents) ? contents.items[0] : undefined;
  const flow = first?.value;
  if (!isMap(flow)) throw new TypeError('a flow is one key with a map below it');
  const slots: Slot[] = [];
  const uses = new Map<string, Use>();
  const put = (node: unknown, word: (names: FlowNames) => string): string => {
    if (!isScalar(node) || !node.range) return '';
    const [start, end] = node.range;
    slots.push({ start, end, text: (names) => plain(word(names)) });
    return String(node.value);
  };
  const use = (kind: Use['kind'], node: unknown, name = textOf(node)): void => {
    if (name === '') return;
    const named: Use = { kind, name };
    uses.set(`${kind} ${name}`, named);
    put(node, (names) => (kind === 'user prompt' ? `Prompt.${names.of(named)}` : names.of(named)));
  };
  const name = put(flow.get('name', true), (names) => names.name);
  const description = put(flow.get('description', true), (names) => names.description);
  put(flow.get('division', true), (names) => names.division);
  visit(flow, {
    Pair: (_, pair) => {
      seePair(pair, use, put);
    },
  });
  return {
    root: textOf(first?.key),
    name,
    description,
    uses: [...uses.values()],
    rename: (names) => renamed(text, slots, names),
  };
}

function seePair(
  { key, value }: Pair,
  use: (kind: Use['kind'], node: unknown, name?: string) => void,
  put: (node: unknown, word: (names: FlowNames) => string) => string,
): void {
  const at = (node: unknown, ...path: string[]): unknown =>
    isMap(node) ? node.getIn(path, true) : undefined;
  switch (textOf(key)) {
    case 'prompt': {
      const word = textOf(value);
      if (word.startsWith('Prompt.')) use('user prompt', value, word.slice('Prompt.'.length));
      return;
    }
    case 'category': {
      const category = isMap(value) ? value.items[0] : undefined;
      const inFile = textOf(category?.key);
      put(category?.key, (names) => names.category(inFile));
      const actions = at(category?.value, 'dataAction');
      if (isMap(actions)) for (const action of actions.items) use('data action', action.key);
      return;
    }
    case 'targetQueue':
      return use('queue', at(value, 'lit', 'name'));
    case 'acdSkill':
      return use('skill', at(value, 'lit', 'name'));
    case 'targetFlow':
      return use('flow', at(value, 'name'));
    default:
  }
}

function textOf(node: unknown): string {
  if (!isScalar(node)) return '';
  const { value } = node;
  return typeof value === 'string' ? value : '';
}

/** As YAML needs no quotes for it, and with quotes (JSON's are YAML's) otherwise. */
function plain(word: string): string {
  const bare = /^[A-Za-z_](?:[\w .]*[\w.])?$/.test(word);
  // Words that some reader of YAML takes for a truth value or for nothing.
  const meant = /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(word);
  return bare && !meant ? word : JSON.stringify(word);
}

function renamed(text: string, slots: readonly Slot[], names: FlowNames): string {
  let out = '';
  let from = 0;
  for (const slot of slots.toSorted((one, other) => one.start - other.start)) {
    out += text.slice(from, slot.start) + slot.text(names);
    from = slot.end;
  }
  return out + text.slice(from);
}
