import type { Action, Branch, Flow, Menu, Sequence, Task } from '../../architect/model.ts';
import type { FlowSet } from '../call.ts';

/** A line of a part: an action, or the name of a path that leads to the actions below it. */
export interface PictureRow {
  readonly kind: 'action' | 'path';
  /** Line of the flow's file; with the flow's name it is the action of the call's events. */
  readonly line: number;
  readonly depth: number;
  readonly name: string;
  /** The action's key in the YAML; empty for a path. */
  readonly type: string;
  /** Name of the part that it leads to, or empty. */
  readonly leadsTo: string;
  readonly secure: boolean;
}

/** A task or a menu. */
export interface PicturePart {
  readonly name: string;
  readonly kind: 'task' | 'menu' | 'start';
  readonly rows: readonly PictureRow[];
  /** Names of the parts that it leads to, each once. */
  readonly leadsTo: readonly string[];
  /** How far it is from the start: the parts of a column are drawn above each other. */
  readonly column: number;
}

export interface FlowPicture {
  readonly name: string;
  readonly secure: boolean;
  readonly parts: readonly PicturePart[];
  /** Names of the flows that it transfers to. */
  readonly flows: readonly string[];
}

/** Everything that a page needs to draw the flows, and nothing of what they do with data. */
export function pictureOf(flows: FlowSet): FlowPicture[] {
  return [...flows.values()].map((flow) => flowPicture(flow, flows));
}

function flowPicture(flow: Flow, flows: FlowSet): FlowPicture {
  const names = new Map<string, string>();
  for (const part of [...flow.tasks, ...flow.menus]) names.set(part.refId, part.name);
  const start = flow.startUpActions.length === 0 ? [] : [startPart(flow, names)];
  const parts = [
    ...start,
    ...flow.tasks.map((task) => taskPart(task, names)),
    ...flow.menus.map((menu) => menuPart(menu, names)),
  ];
  const first = names.get(flow.startUp?.refId ?? '') ?? parts[0]?.name ?? '';
  const columns = columnsFrom(first, parts);
  const last = Math.max(0, ...columns.values());
  const targets = parts.flatMap((part) => part.rows.map((row) => row.leadsTo));
  return {
    name: flow.name,
    secure: flow.type === 'secureCall',
    parts: parts.map((part) => ({ ...part, column: columns.get(part.name) ?? last + 1 })),
    flows: [...new Set(targets.filter((name) => name !== flow.name && flows.has(name)))],
  };
}

type Names = ReadonlyMap<string, string>;
type Part = Omit<PicturePart, 'column'>;

function partOf(name: string, kind: Part['kind'], rows: readonly PictureRow[]): Part {
  const leadsTo = [...new Set(rows.map((row) => row.leadsTo))].filter((to) => to !== '');
  return { name, kind, rows, leadsTo };
}

function startPart(flow: Flow, names: Names): Part {
  return partOf(flow.name, 'start', rowsOf(flow.startUpActions, 0, names));
}

function taskPart(task: Task, names: Names): Part {
  return partOf(task.name, 'task', rowsOf(task.actions, 0, names));
}

function menuPart(menu: Menu, names: Names): Part {
  const choices = menu.choices.flatMap((choice) => [
    pathRow(`${choice.key ?? '“”'}  ${choice.name}`, choice.position.line, 0),
    ...rowsOf(choice.actions, 1, names),
  ]);
  const none = menu.noSelection === null ? [] : branchRows(menu.noSelection, 0, names);
  return partOf(menu.name, 'menu', [...choices, ...none]);
}

function pathRow(name: string, line: number, depth: number): PictureRow {
  return { kind: 'path', line, depth, name, type: '', leadsTo: '', secure: false };
}

function branchRows(branch: Branch, depth: number, names: Names): PictureRow[] {
  if (branch.actions.length === 0) return [];
  return [
    pathRow(branch.name, branch.position.line, depth),
    ...rowsOf(branch.actions, depth + 1, names),
  ];
}

function rowsOf(actions: Sequence, depth: number, names: Names): PictureRow[] {
  return actions.flatMap((action) => [
    {
      kind: 'action' as const,
      line: action.position.line,
      depth,
      name: action.name,
      type: action.type,
      leadsTo: targetOf(action, names),
      secure: action.kind === 'callData' && action.secure,
    },
    ...pathsOf(action).flatMap((branch) => branchRows(branch, depth, names)),
  ]);
}

function targetOf(action: Action, names: Names): string {
  if (action.kind === 'transfer') {
    const { target } = action;
    const named = target.kind === 'literal' && target.literal.kind === 'named';
    return named ? target.literal.name : '';
  }
  const jumps =
    action.kind === 'callTask' || action.kind === 'jumpToTask' || action.kind === 'jumpToMenu';
  return jumps ? (names.get(action.target.refId) ?? '') : '';
}

/** The paths out of an action, in the order in which they are told. */
function pathsOf(action: Action): readonly Branch[] {
  if ('paths' in action) return action.paths;
  if (action.kind === 'switch') {
    return present(...action.cases.map(({ branch }) => branch), action.otherwise);
  }
  if (action.kind === 'decision') return present(action.yes, action.no);
  if (action.kind === 'loop') return present(action.body);
  return present(
    'success' in action ? action.success : null,
    'failure' in action ? action.failure : null,
    'timedOut' in action ? action.timedOut : null,
  );
}

function present(...branches: readonly (Branch | null)[]): Branch[] {
  return branches.filter((branch) => branch !== null);
}

/** Breadth first: a part stands one column behind the first that leads to it. */
function columnsFrom(first: string, parts: readonly Part[]): Map<string, number> {
  const columns = new Map([[first, 0]]);
  const waiting = [first];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const here = columns.get(name) ?? 0;
    for (const to of parts.find((part) => part.name === name)?.leadsTo ?? []) {
      if (columns.has(to) || !parts.some((part) => part.name === to)) continue;
      columns.set(to, here + 1);
      waiting.push(to);
    }
  }
  return columns;
}
