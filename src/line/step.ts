import type { Value } from '../architect/expression/value.ts';
import type { Flow, Menu, Task } from '../architect/model.ts';
import type { Position } from '../architect/position.ts';
import type { CallEnd, Fault } from './call.ts';

/** How a flow is left: into another flow, or out of all of them. */
export type Leaving =
  | { readonly kind: 'flow'; readonly flow: Flow; readonly invocationData: string | null }
  | { readonly kind: 'end'; readonly how: CallEnd['how'] };

/** Where a flow goes on after an action, or after a sequence of them. */
export type Step =
  /** Behind it. A branch that ends so rejoins at the next sibling of its action. */
  | { readonly kind: 'next' }
  | { readonly kind: 'loop_next' | 'loop_exit' }
  | { readonly kind: 'end_task'; readonly outputPath: string | null }
  /** A jump: whatever task or menu is under way is left for good. */
  | { readonly kind: 'task'; readonly task: Task; readonly inputs: ReadonlyMap<string, Value> }
  | { readonly kind: 'menu'; readonly menu: Menu }
  | { readonly kind: 'leave'; readonly leaving: Leaving };

export const NEXT: Step = { kind: 'next' };

export function ended(how: CallEnd['how']): Step {
  return { kind: 'leave', leaving: { kind: 'end', how } };
}

/**
 * An action that cannot go on: Architect's error event, which the flow's error handling takes.
 * Failures that have a branch of their own are no errors.
 */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  /** Where it happened, if that is more exact than the action. */
  readonly position: Position | null;

  constructor(message: string, position: Position | null = null) {
    super(message);
    this.position = position;
  }
}

/** An {@link ActionError} with the action that it came from. */
export class FlowFault extends Error {
  override readonly name = 'FlowFault';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

/**
 * The caller is gone. Thrown, not returned, because it ends everything that is under way at once;
 * on its way up each task wipes its variables.
 */
export class HungUp extends Error {
  override readonly name = 'HungUp';
}
