import type { Action, Branch, Flow, Menu, Sequence, Task } from '../model.ts';
import type { Position } from '../position.ts';

/** Actions that run in one frame of `Task.` variables: a task, a choice of a menu, a start. */
export interface Section {
  /** Unlike every other of the flow. */
  readonly id: string;
  /** For people: `task Start`, `choice 1 of menu Main`. */
  readonly label: string;
  readonly task: Task | null;
  readonly actions: Sequence;
  readonly position: Position;
}

export interface ActionPlace {
  readonly action: Action;
  readonly section: Section;
}

/** Sections in the order of the model: own start, tasks, menus' choices, error handling. */
export function sectionsOf(flow: Flow): readonly Section[] {
  const { position, action } = flow.settings.errorHandling;
  return [
    ...(flow.startUp === null
      ? [
          {
            id: 'start',
            label: `flow ${flow.name}`,
            task: null,
            actions: flow.startUpActions,
            position: flow.position,
          },
        ]
      : []),
    ...flow.tasks.map((task) => ({
      id: taskId(task.refId),
      label: `task ${task.name}`,
      task,
      actions: task.actions,
      position: task.position,
    })),
    ...flow.menus.flatMap((menu) =>
      menu.choices.map((choice, index) => ({
        id: choiceId(menu.refId, index),
        label: `choice ${choice.name} of menu ${menu.name}`,
        task: null,
        actions: choice.actions,
        position: choice.position,
      })),
    ),
    ...flow.menus.flatMap((menu) =>
      menu.noSelection === null || defaultChoice(menu) !== null
        ? []
        : [
            {
              id: `no-selection:${menu.refId}`,
              label: `no selection of menu ${menu.name}`,
              task: null,
              actions: menu.noSelection.actions,
              position: menu.noSelection.position,
            },
          ],
    ),
    { id: 'errors', label: 'error handling', task: null, actions: [action], position },
  ];
}

/** The choice that also follows when nothing is chosen, by its index. */
export function defaultChoice({ choices, noSelection }: Menu): number | null {
  const index = choices.findIndex(({ actions }) => actions === noSelection?.actions);
  return index === -1 ? null : index;
}

export const taskId = (refId: string): string => `task:${refId}`;
export const menuId = (refId: string): string => `menu:${refId}`;
export const choiceId = (menu: string, index: number): string => `choice:${menu}:${index}`;

/** Every path out of an action that the flow has written. */
export function branchesOf(action: Action): readonly Branch[] {
  switch (action.kind) {
    case 'collectInput':
      return written(action.success, action.failure);
    case 'callData':
      return written(action.success, action.failure, action.timedOut);
    case 'decision':
      return written(action.yes, action.no);
    case 'switch':
      return [...action.cases.map(({ branch }) => branch), ...written(action.otherwise)];
    case 'loop':
      return written(action.body);
    case 'transfer':
      return written(action.failure);
    case 'callTask':
    case 'callCommonModule':
    case 'lookup':
    case 'notPlayed':
      return action.paths;
    case 'playAudio':
    case 'loopNext':
    case 'loopExit':
    case 'updateData':
    case 'endTask':
    case 'jumpToTask':
    case 'jumpToMenu':
    case 'previousMenu':
    case 'repeatMenu':
    case 'setParticipantData':
    case 'getParticipantData':
    case 'disconnect':
    case 'returnToAgent':
    case 'setLanguage':
    case 'setScreenPop':
      return [];
  }
}

function written(...branches: readonly (Branch | null)[]): readonly Branch[] {
  return branches.filter((branch) => branch !== null);
}

/** An action and everything inside of it, outermost first. */
export function actionsIn(actions: Sequence): readonly Action[] {
  return actions.flatMap((action) => [
    action,
    ...branchesOf(action).flatMap((branch) => actionsIn(branch.actions)),
  ]);
}

export function everyAction(flow: Flow): readonly ActionPlace[] {
  return sectionsOf(flow).flatMap((section) =>
    actionsIn(section.actions).map((action) => ({ action, section })),
  );
}
