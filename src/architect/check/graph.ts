import type { Action, Branch, CallTask, Flow, Menu, Sequence } from '../model.ts';
import type { Position } from '../position.ts';
import { choiceId, defaultChoice, menuId, sectionsOf, taskId, type Section } from './walk.ts';

export type NodeKind =
  | 'start'
  /** Where the flow's error handling begins: every action can lead here. */
  | 'errors'
  | 'task'
  | 'menu'
  | 'choice'
  | 'action'
  /** The last action of a section has been done, and none of them left the flow. */
  | 'run_off'
  /** The call leaves the flow: disconnected, transferred, given back. */
  | 'leave';

/** A node of a flow's picture. Plain data: it can be sent to a browser as it is. */
export interface GraphNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  /** The YAML key of an action; otherwise as `kind`. */
  readonly type: string;
  /** `id` of the task, menu or choice that it stands in; its own where it is one. */
  readonly section: string;
  readonly position: Position;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Name of the path: `success`, `yes`, `case 1`, `1`, …; empty for the next action in order. */
  readonly label: string;
  /** `call` goes into a task that comes back; what follows then is a `path` or `next` of its own. */
  readonly kind: 'next' | 'path' | 'jump' | 'call' | 'choice';
}

export interface FlowGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const START = 'start-of-flow';
export const ERRORS = 'error-handling';
export const runOffId = (section: string): string => `end-of:${section}`;

/** An action's node, by its place: what the line reports while it plays. */
export function actionId({ line, column }: Position): string {
  return `action:${line}:${column}`;
}

/**
 * The control flow of a flow. A branch that does not leave goes on behind its action; a path that the
 * flow has not written does so at once. A called task is entered by a `call` edge, and goes on
 * in its caller only by the ends that it can come to.
 */
export function graphOf(flow: Flow): FlowGraph {
  let ends: TaskEnds = new Map();
  // Tasks that come back make other tasks come back: at most as many rounds as there are tasks.
  for (let round = 0; round <= flow.tasks.length; round += 1) {
    const graph = new Drawing(flow, ends).graph();
    const next = endsOf(flow, graph);
    if (sizeOf(next) === sizeOf(ends)) return graph;
    ends = next;
  }
  return new Drawing(flow, ends).graph();
}

/** By task: the output paths by which it can come back. An end without a name is ''. */
type TaskEnds = ReadonlyMap<string, ReadonlySet<string>>;

const sizeOf = (ends: TaskEnds): number =>
  [...ends.values()].reduce((sum, paths) => sum + paths.size, 0);

function endsOf(flow: Flow, graph: FlowGraph): TaskEnds {
  const outputs = new Map<string, string>();
  for (const section of sectionsOf(flow)) {
    for (const [id, path] of endTasksIn(section.actions)) outputs.set(id, path);
  }
  return new Map(
    flow.tasks.map(({ refId }) => {
      const id = taskId(refId);
      const reached = reachedFrom(graph, [id], ({ kind }) => kind !== 'call' && kind !== 'jump');
      const named = [...reached].flatMap((node) => outputs.get(node) ?? []);
      return [refId, new Set(reached.has(runOffId(id)) ? [...named, ''] : named)] as const;
    }),
  );
}

function endTasksIn(actions: Sequence): readonly (readonly [string, string])[] {
  return actions.flatMap((action) =>
    action.kind === 'endTask'
      ? [[actionId(action.position), action.outputPath ?? ''] as const]
      : pathsOf(action).flatMap(({ branch }) => endTasksIn(branch?.actions ?? [])),
  );
}

/** Ids that can be reached along edges that `follow` takes. */
export function reachedFrom(
  { edges }: FlowGraph,
  from: readonly string[],
  follow: (edge: GraphEdge) => boolean = () => true,
): ReadonlySet<string> {
  const out = new Map<string, GraphEdge[]>();
  for (const edge of edges.filter(follow)) {
    const others = out.get(edge.from);
    if (others === undefined) out.set(edge.from, [edge]);
    else others.push(edge);
  }
  const reached = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const { to } of out.get(id) ?? []) open.push(to);
  }
  return reached;
}

interface Path {
  readonly label: string;
  /** `null` where the flow has not written it. */
  readonly branch: Branch | null;
}

/** The ways that an action can go. Without any it goes on with the next, or leaves. */
export function pathsOf(action: Action): readonly Path[] {
  const path = (label: string, branch: Branch | null): Path => ({ label, branch });
  if (action.kind === 'collectInput') {
    return [path('success', action.success), path('failure', action.failure)];
  }
  if (action.kind === 'callData') {
    return [
      path('success', action.success),
      path('failure', action.failure),
      path('timeout', action.timedOut),
    ];
  }
  if (action.kind === 'decision') {
    return [path('yes', action.yes), path('no', action.no)];
  }
  if (action.kind === 'switch') {
    return [
      ...action.cases.map(({ branch }) => path(branch.name, branch)),
      path('default', action.otherwise),
    ];
  }
  if (action.kind === 'loop') {
    return [path('loop', action.body)];
  }
  if (action.kind === 'transfer') {
    return [path('failure', action.failure)];
  }
  if (
    action.kind === 'callTask' ||
    action.kind === 'callCommonModule' ||
    action.kind === 'lookup' ||
    action.kind === 'notPlayed'
  ) {
    return action.paths.map((branch) => path(branch.name, branch));
  }
  return [];
}

/** Where a sequence goes on from: behind it, and at a loop's turn and exit. */
interface Ways {
  readonly after: string;
  readonly loopNext: string | null;
  readonly loopExit: string | null;
}

class Drawing {
  readonly #flow: Flow;
  readonly #ends: TaskEnds;
  readonly #nodes: GraphNode[] = [];
  readonly #edges: GraphEdge[] = [];

  constructor(flow: Flow, ends: TaskEnds) {
    this.#flow = flow;
    this.#ends = ends;
  }

  graph(): FlowGraph {
    const { startUp, position, name, menus, settings } = this.#flow;
    this.#node(START, 'start', name, START, position);
    this.#node(ERRORS, 'errors', 'error handling', 'errors', settings.errorHandling.position);
    for (const menu of menus) this.#menu(menu);
    for (const section of sectionsOf(this.#flow)) this.#section(section);
    if (startUp !== null) {
      const id = startUp.kind === 'task' ? taskId(startUp.refId) : menuId(startUp.refId);
      this.#edge(START, id, '', 'next');
    }
    const known = new Set(this.#nodes.map(({ id }) => id));
    // A reference that leads nowhere is a problem of reading; the picture goes without it.
    const edges = this.#edges.filter(({ from, to }) => known.has(from) && known.has(to));
    return { nodes: this.#nodes, edges };
  }

  #node(
    id: string,
    kind: NodeKind,
    label: string,
    section: string,
    position: Position,
    type: string = kind,
  ): void {
    this.#nodes.push({ id, kind, label, type, section, position });
  }

  #edge(from: string, to: string, label: string, kind: GraphEdge['kind']): void {
    this.#edges.push({ from, to, label, kind });
  }

  #section({ id, label, task, actions, position }: Section): void {
    if (task !== null) this.#node(id, 'task', task.name, id, position);
    const head = id === 'start' ? START : id === 'errors' ? ERRORS : id;
    const after = runOffId(id);
    this.#node(after, 'run_off', `end of ${label}`, id, position);
    const ways = { after, loopNext: null, loopExit: null };
    this.#edge(head, this.#sequence(actions, ways, id), '', 'next');
  }

  #menu(menu: Menu): void {
    const id = menuId(menu.refId);
    this.#node(id, 'menu', menu.name, id, menu.position);
    menu.choices.forEach((choice, index) => {
      const at = choiceId(menu.refId, index);
      this.#node(at, 'choice', choice.name, id, choice.position);
      this.#edge(id, at, choice.key ?? 'spoken', 'choice');
    });
    if (menu.noSelection === null) {
      const end = `leave:${id}`;
      this.#node(end, 'leave', 'disconnect', id, menu.position);
      this.#edge(id, end, 'no selection', 'path');
      return;
    }
    const index = defaultChoice(menu);
    if (index === null) {
      const at = `no-selection:${menu.refId}`;
      this.#node(at, 'choice', 'no selection', id, menu.noSelection.position);
      this.#edge(id, at, 'no selection', 'path');
    } else {
      this.#edge(id, choiceId(menu.refId, index), 'no selection', 'path');
    }
  }

  /** Draws actions in order. @returns the node that it begins with. */
  #sequence(actions: Sequence, ways: Ways, section: string): string {
    let next = ways.after;
    for (const action of actions.toReversed()) {
      next = this.#action(action, { ...ways, after: next }, section);
    }
    return next;
  }

  #action(action: Action, ways: Ways, section: string): string {
    const { name, type, position } = action;
    const id = actionId(position);
    this.#node(id, 'action', name, section, position, type);
    const leaves = this.#leaving(action, id, section);
    if (leaves !== null) {
      if (leaves === 'nowhere') return id;
      this.#edge(id, leaves, '', 'jump');
      return id;
    }
    if (action.kind === 'loopNext' || action.kind === 'loopExit') {
      const to = action.kind === 'loopNext' ? ways.loopNext : ways.loopExit;
      // Outside of a loop it does nothing that could be drawn.
      this.#edge(id, to ?? ways.after, '', 'next');
      return id;
    }
    if (action.kind === 'callTask') {
      this.#callTask(action, id, ways, section);
      return id;
    }
    const paths = pathsOf(action);
    const inner = action.kind === 'loop' ? { after: id, loopNext: id, loopExit: ways.after } : ways;
    for (const { label, branch } of paths) {
      this.#edge(id, this.#sequence(branch?.actions ?? [], inner, section), label, 'path');
    }
    if (goesOnWithout(action)) this.#edge(id, ways.after, paths.length === 0 ? '' : 'else', 'next');
    return id;
  }

  /** Where an action leaves to; `null` if it goes on. */
  #leaving(action: Action, id: string, section: string): string | null {
    if (action.kind === 'jumpToTask') {
      return taskId(action.target.refId);
    }
    if (action.kind === 'jumpToMenu') {
      return menuId(action.target.refId);
    }
    if (action.kind === 'previousMenu' || action.kind === 'repeatMenu') {
      return this.#menuOf(section) ?? 'nowhere';
    }
    if (action.kind === 'endTask') {
      return 'nowhere';
    }
    if (action.kind === 'disconnect' || action.kind === 'returnToAgent') {
      this.#leave(id, action.name, section, action.position);
      return 'nowhere';
    }
    if (action.kind === 'transfer') {
      this.#leave(id, action.name, section, action.position);
      // A secure flow's call is disconnected when a transfer fails (help: Transfer to Flow).
      return this.#flow.type === 'secureCall' ? 'nowhere' : null;
    }
    return null;
  }

  #leave(from: string, label: string, section: string, position: Position): void {
    const id = `leave:${from}`;
    this.#node(id, 'leave', label, section, position);
    this.#edge(from, id, '', 'next');
  }

  /** The menu that a choice belongs to. Which one came before is known only when it runs. */
  #menuOf(section: string): string | null {
    const menu = this.#flow.menus.find(({ refId, choices }) =>
      choices.some((_, index) => choiceId(refId, index) === section),
    );
    return menu === undefined ? null : menuId(menu.refId);
  }

  #callTask(action: CallTask, id: string, ways: Ways, section: string): void {
    this.#edge(id, taskId(action.target.refId), '', 'call');
    const ends = this.#ends.get(action.target.refId) ?? new Set<string>();
    const task = this.#flow.tasks.find(({ refId }) => refId === action.target.refId);
    const taken = new Set([...ends].map((end) => branchFor(action, end, task?.outputPaths ?? [])));
    for (const branch of action.paths) {
      const first = this.#sequence(branch.actions, ways, section);
      if (taken.has(branch)) this.#edge(id, first, branch.name, 'path');
    }
    if (taken.has(null)) this.#edge(id, ways.after, '', 'next');
  }
}

/** The branch of a call that takes an end of the task; `null` goes on behind the call. */
export function branchFor(
  action: CallTask,
  end: string,
  outputPaths: readonly string[],
): Branch | null {
  const wanted = end === '' ? ['default', ...outputPaths.slice(0, 1)] : [end];
  for (const name of wanted) {
    const branch = action.paths.find((path) => path.name.toLowerCase() === name.toLowerCase());
    if (branch !== undefined) return branch;
  }
  return null;
}

/** True for an action behind which the flow goes on even if none of its written paths does. */
function goesOnWithout(action: Action): boolean {
  if (action.kind === 'loop') {
    return true;
  }
  if (
    action.kind === 'callCommonModule' ||
    action.kind === 'lookup' ||
    action.kind === 'notPlayed'
  ) {
    // Paths of theirs that the flow has not written.
    return true;
  }
  return pathsOf(action).length === 0;
}
