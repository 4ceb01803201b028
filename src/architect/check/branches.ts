import type { Action, CallTask, Choice, Flow, Menu, Setting } from '../model.ts';
import type { Report } from './finding.ts';
import { actionId, branchFor, pathsOf, reachedFrom, type FlowGraph } from './graph.ts';
import { actionsIn, everyAction, taskId } from './walk.ts';

/** Paths that are missing, have a wrong name, or are the same as another. */
export function checkBranches(flow: Flow, graph: FlowGraph, report: Report): void {
  const told = new PathsApart(graph);
  for (const { action } of everyAction(flow)) {
    checkFailure(action, told, report);
    if (action.kind === 'callTask') checkOutputPaths(flow, graph, action, report);
    if (action.kind === 'collectInput') {
      checkWait(action.noEntryTimeout, `noEntryTimeout of ${action.name}`, report);
      checkWait(action.interDigitTimeout, `interDigitTimeout of ${action.name}`, report);
    }
  }
  checkWait(flow.settings.noEntryTimeout, 'noEntryTimeout of the flow', report);
  checkWait(flow.settings.interDigitTimeout, 'interDigitTimeout of the flow', report);
  for (const menu of flow.menus) {
    checkMenuKeys(menu, report);
    checkWayOut(menu, report);
  }
}

/** Where each path of an action leads to, to see whether two are one. */
class PathsApart {
  readonly #graph: FlowGraph;

  constructor(graph: FlowGraph) {
    this.#graph = graph;
  }

  /** The first node of a path. */
  first(action: Action, label: string): string | null {
    const from = actionId(action.position);
    const edge = this.#graph.edges.find((one) => one.from === from && one.label === label);
    return edge?.to ?? null;
  }

  isDisconnect(id: string): boolean {
    return this.#graph.nodes.some((node) => node.id === id && node.type === 'disconnect');
  }

  /** True when `to` is reached from `from` without coming through the action again. */
  leadsTo(from: string, to: string, action: Action): boolean {
    const own = actionId(action.position);
    return reachedFrom(
      this.#graph,
      [from],
      ({ from: id, kind }) => id !== own && kind !== 'call' && kind !== 'jump',
    ).has(to);
  }
}

/**
 * An empty failure path is right where a success never gets to the same place: a loop that a success
 * leaves, for one.
 */
function checkFailure(action: Action, apart: PathsApart, report: Report): void {
  if (action.kind !== 'callData' && action.kind !== 'collectInput') return;
  const success = apart.first(action, 'success');
  if (success === null) return;
  // Nothing of its answer is taken: it does not matter whether there was one.
  if (action.kind === 'callData' && isOneWay(action)) return;
  for (const { label, branch } of pathsOf(action)) {
    if (label === 'success' || (branch !== null && branch.actions.length > 0)) continue;
    const to = apart.first(action, label);
    if (to === null || !apart.leadsTo(success, to, action)) continue;
    // A success that does something is told apart, unless a failure is cut off without a word.
    if (success !== to && !apart.isDisconnect(to)) continue;
    const rule = label === 'timeout' ? 'missing-timeout' : 'missing-failure';
    report.add(
      rule,
      action.position,
      success === to
        ? `${action.name} has nothing in its ${label} path, and goes on as after a success; say there what the caller hears or where the call goes.`
        : `${action.name} has nothing in its ${label} path, and the caller is cut off without a word; say there what the caller hears.`,
    );
  }
}

/** A notice to somebody else: no output is bound. */
function isOneWay(action: Action & { kind: 'callData' }): boolean {
  return (
    action.successOutputs.every(({ variable }) => variable === null) &&
    (action.success === null || action.success.actions.length === 0)
  );
}

function checkOutputPaths(flow: Flow, graph: FlowGraph, action: CallTask, report: Report): void {
  const task = flow.tasks.find(({ refId }) => refId === action.target.refId);
  if (task === undefined) return;
  const ends = actionsIn(task.actions).filter((inner) => inner.kind === 'endTask');
  const reached = reachedFrom(graph, [taskId(task.refId)], ({ kind }) => kind !== 'call');
  const named = [
    ...new Set(
      ends
        .filter(({ position }) => reached.has(actionId(position)))
        .flatMap(({ outputPath }) => outputPath ?? []),
    ),
  ];
  for (const name of named) {
    // A flow that gives its call no branch at all does not look at how the task ended.
    if (action.paths.length === 0 || branchFor(action, name, task.outputPaths) !== null) continue;
    report.add(
      'output-path-unhandled',
      action.position,
      `${action.name} has no branch for the output path ${name} of ${task.name}; add it.`,
    );
  }
  const known = ['default', ...named, ...task.outputPaths].map((name) => name.toLowerCase());
  for (const { name, position } of action.paths) {
    if (known.includes(name.toLowerCase())) continue;
    report.add(
      'output-path-unknown',
      position,
      `${task.name} never ends by the output path ${name}; correct the name, or take the branch away.`,
    );
  }
}

/** Genesys help, Collect Input action: 1 to 99 s. */
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 99_000;

function checkWait(value: Setting, what: string, report: Report): void {
  if (value.kind !== 'literal' || value.literal.kind !== 'duration') return;
  const { durationMs } = value.literal;
  if (durationMs >= WAIT_MIN_MS && durationMs <= WAIT_MAX_MS) return;
  report.add(
    'timeout-range',
    value.position,
    `${what} is ${durationMs / 1000} s; make it 1 to 99 s.`,
  );
}

function checkMenuKeys(menu: Menu, report: Report): void {
  const keys = new Map<string, Choice>();
  for (const choice of menu.choices) {
    if (choice.key === null) continue;
    const before = keys.get(choice.key);
    if (before === undefined) keys.set(choice.key, choice);
    else {
      report.add(
        'menu-key-twice',
        choice.position,
        `${choice.name} has the key ${choice.key}, as ${before.name} in line ${before.position.line} has; give it another one.`,
      );
    }
  }
}

function checkWayOut(menu: Menu, report: Report): void {
  const stays = ({ actions }: Choice): boolean => {
    const [first] = actions;
    if (first?.kind === 'repeatMenu') return true;
    return first?.kind === 'jumpToMenu' && first.target.refId === menu.refId;
  };
  if (menu.noSelection !== null || !menu.choices.every(stays)) return;
  report.add(
    'menu-no-way-out',
    menu.position,
    menu.choices.length === 0
      ? `${menu.name} has no choices, so a caller can only wait until it gives up; add one.`
      : `Every choice of ${menu.name} leads back to it; add one that leads on.`,
  );
}
