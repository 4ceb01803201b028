import type { Action, Flow, Sequence } from '../model.ts';
import type { Report } from './finding.ts';
import {
  actionId,
  ERRORS,
  reachedFrom,
  runOffId,
  START,
  type FlowGraph,
  type GraphEdge,
} from './graph.ts';
import {
  actionsIn,
  branchesOf,
  choiceId,
  menuId,
  sectionsOf,
  taskId,
  type Section,
} from './walk.ts';

/** Ways through a flow that lead nowhere, and parts that no way leads to. */
export function checkWays(flow: Flow, graph: FlowGraph, report: Report): void {
  const reached = reachedFrom(graph, startsOf(flow, graph));
  checkUnreached(flow, graph, reached, report);
  checkDeadEnds(flow, graph, reached, report);
  checkCircles(graph, reached, report);
  checkRecursion(flow, report);
  for (const section of sectionsOf(flow)) checkLoopSteps(section.actions, false, report);
}

/** A global key or word is heard wherever the flow listens, once its menu is one of the flow's. */
function startsOf(flow: Flow, graph: FlowGraph): readonly string[] {
  const own = reachedFrom(graph, [START, ERRORS]);
  const global = flow.menus.flatMap(({ refId, choices }) =>
    own.has(menuId(refId))
      ? choices.flatMap(({ globalKey, globalTerms }, index) =>
          globalKey || globalTerms ? [choiceId(refId, index)] : [],
        )
      : [],
  );
  return [START, ERRORS, ...global];
}

function checkUnreached(
  flow: Flow,
  graph: FlowGraph,
  reached: ReadonlySet<string>,
  report: Report,
): void {
  const drawn = new Set(graph.nodes.map(({ id }) => id));
  const missed = (actions: Sequence): void => {
    let told = false;
    for (const action of actions) {
      const id = actionId(action.position);
      if (reached.has(id)) {
        told = false;
        for (const branch of branchesOf(action)) missed(branch.actions);
      } else if (drawn.has(id)) {
        if (!told) {
          report.add(
            'unreachable-action',
            action.position,
            `No way leads to ${action.name}; take it away, or away what leaves before it.`,
          );
        }
        // What follows in order is reached as little.
        told = true;
      }
    }
  };
  for (const task of flow.tasks) {
    if (reached.has(taskId(task.refId))) continue;
    report.add(
      'unreachable-task',
      task.position,
      `No way leads to the task ${task.name}; call it, jump to it, or take it away.`,
    );
  }
  for (const menu of flow.menus) {
    if (reached.has(menuId(menu.refId))) continue;
    report.add(
      'unreachable-menu',
      menu.position,
      `No way leads to the menu ${menu.name}; jump to it, or take it away.`,
    );
  }
  for (const { id, actions } of sectionsOf(flow)) {
    if (id === 'start' || id === 'errors' || reached.has(id)) missed(actions);
  }
}

/**
 * Where the end of a section disconnects. A task that is called goes on in its caller, an in-queue
 * flow begins again, a common module comes back: those ends are in order.
 */
function checkDeadEnds(
  flow: Flow,
  graph: FlowGraph,
  reached: ReadonlySet<string>,
  report: Report,
): void {
  if (flow.type === 'inqueueCall' || flow.type === 'commonModule') return;
  const entered = new Set(
    graph.edges
      .filter(({ from, kind }) => kind !== 'call' && reached.has(from))
      .map(({ to }) => to),
  );
  for (const section of sectionsOf(flow)) {
    if (section.task !== null && !entered.has(section.id)) continue;
    if (section.id === 'errors') continue;
    const end = runOffId(section.id);
    if (!reached.has(end)) continue;
    // A choice that is one transfer: what the menu does when it fails is its own business.
    if (isOneTransfer(section)) continue;
    const [first, ...others] = lastBefore(section, graph, reached, end);
    if (first === undefined) continue;
    const more = others.length === 0 ? '' : ` (and ${others.length} more of its paths)`;
    report.add(
      'dead-end',
      first.position,
      `After ${first.name}${more} the ${section.label} is at its end, and Architect disconnects the caller without a word; end with a transfer, a jump, or a disconnect of your own.`,
    );
  }
}

function isOneTransfer({ id, actions }: Section): boolean {
  return id.startsWith('choice:') && actions.length === 1 && actions[0]?.kind === 'transfer';
}

/** What comes directly before the end of a section. */
function lastBefore(
  section: Section,
  graph: FlowGraph,
  reached: ReadonlySet<string>,
  end: string,
): readonly { readonly position: Action['position']; readonly name: string }[] {
  const before = new Set(
    graph.edges.filter(({ from, to }) => to === end && reached.has(from)).map(({ from }) => from),
  );
  const actions = actionsIn(section.actions).filter(({ position }) =>
    before.has(actionId(position)),
  );
  return actions.length === 0 ? [{ position: section.position, name: 'its beginning' }] : actions;
}

/** Circles that nothing leads out of. */
function checkCircles(graph: FlowGraph, reached: ReadonlySet<string>, report: Report): void {
  const edges = graph.edges.filter(({ from }) => reached.has(from));
  const nodeOf = new Map(graph.nodes.map((node) => [node.id, node]));
  const out = new Map<string, GraphEdge[]>();
  for (const edge of edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  // A node from which no leave and no end can be reached runs for ever.
  const back = edges.map(({ from, to, ...rest }) => ({ from: to, to: from, ...rest }));
  const isEnd = (id: string): boolean => (out.get(id) ?? []).length === 0;
  const ends = [...reached].filter(isEnd);
  const leaves = reachedFrom({ nodes: graph.nodes, edges: back }, ends);
  const endless = [...reached].filter((id) => !leaves.has(id));
  const circles = endless.filter((id) =>
    reachedFrom(
      graph,
      (out.get(id) ?? []).map(({ to }) => to),
    ).has(id),
  );
  const told = new Set<string>();
  for (const id of circles) {
    const node = nodeOf.get(id);
    if (told.has(id) || node === undefined || node.kind === 'choice') continue;
    const members = reachedFrom(graph, [id]);
    for (const member of members) told.add(member);
    report.add(
      'endless-loop',
      node.position,
      `From ${node.label} no way leads out of the flow, and the caller goes in a circle until Architect stops it after 10,000 actions; count the turns with a loop, or leave on some condition.`,
    );
  }
}

function checkRecursion(flow: Flow, report: Report): void {
  const calls = flow.tasks.map(({ refId, actions }) => ({
    refId,
    calls: actionsIn(actions).filter((action) => action.kind === 'callTask'),
  }));
  const called = new Map(calls.map((task) => [task.refId, task.calls.map((c) => c.target.refId)]));
  for (const { refId, calls: own } of calls) {
    const back = own.find(({ target }) => comesBack(called, target.refId, refId));
    if (back === undefined) continue;
    report.add(
      'task-recursion',
      back.position,
      `${back.name} calls a task that ends up in ${back.name} again before it comes back; use a loop, or a jump.`,
    );
  }
}

function comesBack(
  called: ReadonlyMap<string, readonly string[]>,
  from: string,
  to: string,
): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(called.get(id) ?? []));
  }
  return false;
}

function checkLoopSteps(actions: Sequence, inLoop: boolean, report: Report): void {
  for (const action of actions) {
    if (!inLoop && (action.kind === 'loopNext' || action.kind === 'loopExit')) {
      report.add(
        'loop-step-outside',
        action.position,
        `${action.name} stands outside of a loop; put it into one, or take it away.`,
      );
    }
    for (const branch of branchesOf(action)) {
      checkLoopSteps(branch.actions, inLoop || action.kind === 'loop', report);
    }
  }
}
