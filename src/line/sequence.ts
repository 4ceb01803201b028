import type { Action, Sequence } from '../architect/model.ts';
import { enqueue } from './audio.ts';
import { playDecision, playLoop, playSwitch } from './branching.ts';
import { playCallData } from './call-data.ts';
import { playCollectInput } from './collect.ts';
import {
  playGetParticipantData,
  playSetLanguage,
  playSetParticipantData,
  playUpdateData,
} from './data.ts';
import type { FlowRun } from './flow-run.ts';
import { playLookup, playScreenPop } from './lookup.ts';
import { playCallCommonModule } from './module.ts';
import { ActionError, FlowFault, NEXT, type Step } from './step.ts';
import { playCallTask, playJump, playPreviousMenu } from './tasks.ts';
import { playEnding, playTransfer } from './transfer.ts';

/** Plays actions in order until one of them goes somewhere else. */
export async function playSequence(run: FlowRun, actions: Sequence): Promise<Step> {
  for (const action of actions) {
    const step = await playAction(run, action);
    if (step.kind !== 'next') return step;
  }
  return NEXT;
}

/** @throws FlowFault for Architect's error event; HungUp. */
export async function playAction(run: FlowRun, action: Action): Promise<Step> {
  // Gives the stack back, so that tasks may nest as deep as the limit of actions lets them.
  await Promise.resolve();
  try {
    run.call.checkLine();
    run.enter(action);
    return await play(run, action);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    const position = error.position ?? action.position;
    const message = `${action.type} "${action.name}": ${error.message}`;
    throw new FlowFault({ message, position });
  }
}

/** What each kind of action does. */
function play(run: FlowRun, action: Action): Step | Promise<Step> {
  switch (action.kind) {
    case 'playAudio':
      enqueue(run, action.audio);
      return NEXT;
    case 'collectInput':
      return playCollectInput(run, action);
    case 'callData':
      return playCallData(run, action);
    case 'decision':
      return playDecision(run, action);
    case 'switch':
      return playSwitch(run, action);
    case 'loop':
      return playLoop(run, action);
    case 'loopNext':
      return { kind: 'loop_next' };
    case 'loopExit':
      return { kind: 'loop_exit' };
    case 'updateData':
      return playUpdateData(run, action);
    case 'callTask':
      return playCallTask(run, action);
    case 'endTask':
      return { kind: 'end_task', outputPath: action.outputPath };
    case 'jumpToTask':
    case 'jumpToMenu':
      return playJump(run, action);
    case 'previousMenu':
    case 'repeatMenu':
      return playPreviousMenu(run, action);
    case 'setParticipantData':
      return playSetParticipantData(run, action);
    case 'getParticipantData':
      return playGetParticipantData(run, action);
    case 'transfer':
      return playTransfer(run, action);
    case 'disconnect':
    case 'returnToAgent':
      return playEnding(run, action);
    case 'setLanguage':
      return playSetLanguage(run, action);
    case 'lookup':
      return playLookup(run, action);
    case 'callCommonModule':
      return playCallCommonModule(run, action);
    case 'setScreenPop':
      return playScreenPop(run, action);
    case 'notPlayed':
      throw new ActionError('the line reads this action but does not play it');
  }
}
