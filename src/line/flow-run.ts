import type { Value } from '../architect/expression/value.ts';
import type { Action, Branch, Flow, Menu, Sequence } from '../architect/model.ts';
import { AudioQueue } from './audio-queue.ts';
import { builtIn } from './built-ins.ts';
import type { ActionPlace } from './call.ts';
import type { Conversation } from './conversation.ts';
import { ActionError, NEXT, type Step } from './step.ts';
import { Variables } from './variables.ts';

/**
 * "The maximum number of actions Architect runs per flow invocation is 10,000." Entering a menu
 * counts, entering a task does not.
 * @see https://help.mypurecloud.com/faqs/how-many-actions-can-i-run-in-a-flow/
 */
const ACTIONS_MAX = 10_000;

/** "Architect automatically increases the allowed action count by an additional 1,000." */
const ACTIONS_MORE_FOR_ERRORS = 1000;

/** How a flow was entered. */
export interface Entry {
  /** `Flow.InvocationData`; `null` where nothing was handed over. */
  readonly invocationData: string | null;
  /** True for the flow that answers the call, false after a transfer from another flow. */
  readonly first: boolean;
}

/** One run of one flow: its variables, its audio, its menus, and how much of its limit is left. */
export class FlowRun {
  readonly call: Conversation;
  readonly flow: Flow;
  readonly entry: Entry;
  readonly variables: Variables;
  readonly audio: AudioQueue;
  /** Menus that were entered, outermost first; the last one is open. */
  readonly menus: Menu[] = [];
  /** The task or menu that is played, by name. */
  part: string;
  /** The action that is played. */
  place: ActionPlace | null = null;
  /** True from the first error on: the next one disconnects. */
  handlingError = false;
  readonly #play: (run: FlowRun, actions: Sequence) => Promise<Step>;
  #actionsLeft = ACTIONS_MAX;

  /** @param play plays a sequence; given here so that actions can play their branches. */
  constructor(
    call: Conversation,
    flow: Flow,
    entry: Entry,
    play: (run: FlowRun, actions: Sequence) => Promise<Step>,
    audio = new AudioQueue(),
  ) {
    this.call = call;
    this.flow = flow;
    this.entry = entry;
    this.part = flow.name;
    this.audio = audio;
    this.#play = play;
    this.variables = new Variables((scope, name): Value | undefined => builtIn(this, scope, name));
  }

  get language(): string {
    return this.call.language ?? this.flow.defaultLanguage;
  }

  play(actions: Sequence): Promise<Step> {
    return this.#play(this, actions);
  }

  /** A path that the flow does not have, or leaves empty, rejoins. */
  playBranch(branch: Branch | null): Promise<Step> {
    return branch === null ? Promise.resolve(NEXT) : this.play(branch.actions);
  }

  enter(action: Action): void {
    this.count();
    const { name, type, position } = action;
    this.place = { flow: this.flow.name, part: this.part, name, type, position };
    this.call.tell({ kind: 'action_entered', action: this.place });
  }

  /** @throws ActionError above the limit, so that no loop and no ring of tasks runs for ever. */
  count(): void {
    if (this.#actionsLeft === 0) {
      this.audio.clear();
      throw new ActionError(
        `the flow has run ${ACTIONS_MAX} actions, which is Architect's limit; look for a loop without an end`,
      );
    }
    this.#actionsLeft -= 1;
    this.call.actionCount += 1;
  }

  /** A common module plays into the audio of the flow that calls it. */
  enterModule(module: Flow): FlowRun {
    return new FlowRun(this.call, module, this.entry, this.#play, this.audio);
  }

  /** Error handling that goes on with a menu or task gets some more actions, once. */
  allowErrorHandling(): void {
    this.#actionsLeft += ACTIONS_MORE_FOR_ERRORS;
  }
}
