import type { Flow } from '../architect/model.ts';
import { audioOf, enqueue, playQueued } from './audio.ts';
import type { Fault } from './call.ts';
import type { Conversation } from './conversation.ts';
import { FlowRun, type Entry } from './flow-run.ts';
import { playMenu } from './menu.ts';
import { playAction, playSequence } from './sequence.ts';
import { ActionError, ended, FlowFault, type Leaving, type Step } from './step.ts';
import { declareAll, menuOf, playInline, playTask, taskOf } from './tasks.ts';

/**
 * Plays one flow from its greeting to the point where it is left.
 *
 * @throws HungUp when the caller is gone.
 */
export async function playFlow(call: Conversation, flow: Flow, entry: Entry): Promise<Leaving> {
  const run = new FlowRun(call, flow, entry, playSequence);
  call.tell({ kind: 'flow_entered', flow: flow.name, type: flow.type });
  try {
    let step = await withErrorHandling(run, () => start(run));
    while (step.kind !== 'leave') {
      const from = step;
      step = await withErrorHandling(run, () => goOn(run, from));
    }
    return step.leaving;
  } finally {
    run.variables.wipe();
  }
}

/** The initial greeting, and the task or menu that the flow starts with. */
async function start(run: FlowRun): Promise<Step> {
  const { flow } = run;
  declareAll(run, flow.variables);
  run.audio.add(audioOf(run, flow.initialGreeting), null);
  if (flow.startUp === null) return playInline(run, flow.name, flow.startUpActions);
  return flow.startUp.kind === 'task'
    ? { kind: 'task', task: taskOf(run, flow.startUp), inputs: new Map() }
    : { kind: 'menu', menu: menuOf(run, flow.startUp) };
}

/** Where a task or menu led. */
async function goOn(run: FlowRun, step: Exclude<Step, { kind: 'leave' }>): Promise<Step> {
  switch (step.kind) {
    case 'task':
      return playTask(run, step.task, step.inputs);
    case 'menu':
      return playMenu(run, step.menu);
    case 'loop_next':
    case 'loop_exit':
      throw new ActionError(
        'an action that goes on with a loop, or leaves it, stands outside of one',
      );
    case 'next':
    case 'end_task':
      return disconnect(run, {
        message: `${run.flow.name} came to the end of its actions without an action that ends the call`,
        position: run.place?.position ?? run.flow.position,
      });
  }
}

async function withErrorHandling(run: FlowRun, play: () => Promise<Step>): Promise<Step> {
  try {
    return await play();
  } catch (error) {
    return handleError(run, faultOf(run, error));
  }
}

function faultOf(run: FlowRun, error: unknown): Fault {
  if (error instanceof FlowFault) return error.fault;
  if (!(error instanceof ActionError)) throw error;
  const position = error.position ?? run.place?.position ?? run.flow.position;
  return { message: `${run.part}: ${error.message}`, position };
}

/**
 * The flow's error handling: its audio, and one action. An error on that way disconnects.
 * @see https://help.mypurecloud.com/faqs/how-many-actions-can-i-run-in-a-flow/
 */
async function handleError(run: FlowRun, fault: Fault): Promise<Step> {
  run.call.tell({ kind: 'error', flow: run.flow.name, fault });
  if (run.handlingError) {
    await run.call.setup.telephone.hangUp();
    return ended({ kind: 'disconnected', fault });
  }
  run.handlingError = true;
  run.allowErrorHandling();
  const { preHandlingAudio, action } = run.flow.settings.errorHandling;
  return withErrorHandling(run, async () => {
    enqueue(run, preHandlingAudio);
    const step = await playAction(run, action);
    if (step.kind === 'task' || step.kind === 'menu') return step;
    if (step.kind !== 'leave') return disconnect(run, fault);
    const { leaving } = step;
    if (leaving.kind === 'flow' || leaving.how.kind !== 'disconnected') return step;
    return ended({ kind: 'disconnected', fault: leaving.how.fault ?? fault });
  });
}

/** "A built-in Disconnect" stands at the end of every task that has no end of its own. */
async function disconnect(run: FlowRun, fault: Fault): Promise<Step> {
  await playQueued(run);
  await run.call.setup.telephone.hangUp();
  return ended({ kind: 'disconnected', fault });
}
