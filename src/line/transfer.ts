import type { Ending, Flow, Transfer } from '../architect/model.ts';
import { enqueue, playQueued } from './audio.ts';
import type { FlowRun } from './flow-run.ts';
import {
  neededText,
  settingDurationMs,
  settingInteger,
  settingText,
  settingValue,
} from './settings.ts';
import { ActionError, ended, type Leaving, type Step } from './step.ts';
import type { TransferTarget } from './telephone.ts';

/** Why a transfer did not come about, in the words of its failure outputs. */
interface Refusal {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** Every transfer: its audio, the attempt, and what follows a failure. */
export async function playTransfer(run: FlowRun, action: Transfer): Promise<Step> {
  const target = neededText(run, action.target, 'the target');
  const connectMs = settingDurationMs(run, [action.connectTimeout], 'the connect timeout');
  enqueue(run, action.preTransferAudio);
  await playQueued(run);
  const result =
    action.to === 'flow' || action.to === 'flowSecure'
      ? toFlow(run, action, target)
      : await toTarget(run, targetOf(run, action, target), connectMs);
  if ('kind' in result) return { kind: 'leave', leaving: result };
  return refused(run, action, target, result);
}

function targetOf(run: FlowRun, action: Transfer, name: string): TransferTarget {
  if (action.to === 'number') return { kind: 'number', number: name };
  if (action.to !== 'acd') return { kind: 'other', name };
  const skills = action.skills.flatMap((skill) => skillNames(run, skill));
  const language = settingText(run, action.languageSkill, 'the language skill');
  return {
    kind: 'queue',
    queue: name,
    skills: language === null ? skills : [...skills, language],
    priority: settingInteger(run, action.priority, 'the priority') ?? 0,
  };
}

/** A setting of skills is one skill or a collection of them. */
function skillNames(run: FlowRun, setting: Transfer['skills'][number]): string[] {
  const value = settingValue(run, setting);
  if (value.type !== 'collection') return [settingText(run, setting, 'a skill') ?? []].flat();
  return value.items.flatMap((item) => {
    if (item.type === 'string') return [item.value];
    return 'name' in item ? [item.name] : [];
  });
}

async function toTarget(
  run: FlowRun,
  target: TransferTarget,
  connectMs: number | null,
): Promise<Leaving | Refusal> {
  const { call } = run;
  const accepted = await call.whileOnTheLine(call.setup.telephone.transfer(target, connectMs));
  call.tell({ kind: 'transferred', target, accepted });
  return accepted
    ? { kind: 'end', how: { kind: 'transferred', target } }
    : { errorType: 'TransferFailed', errorMessage: 'the target did not take the call' };
}

/** Secure flows are entered by Transfer to Secure Flow and other flows by Transfer to Flow. */
function toFlow(run: FlowRun, action: Transfer, name: string): Leaving | Refusal {
  const flow: Flow | undefined = run.call.setup.flows.get(name);
  const secure = action.to === 'flowSecure';
  if (flow === undefined) {
    return { errorType: 'FlowNotFound', errorMessage: `there is no flow ${name}` };
  }
  if ((flow.type === 'secureCall') !== secure || flow.type === 'commonModule') {
    return { errorType: 'FlowType', errorMessage: `${name} is a flow of type ${flow.type}` };
  }
  const invocationData = secure
    ? settingText(run, action.invocationData, 'the invocation data')
    : null;
  return { kind: 'flow', flow, invocationData };
}

/**
 * "If the transfer fails in a secure call flow, the failure path is overridden": the transfer is
 * blind, and the caller is disconnected.
 */
async function refused(
  run: FlowRun,
  action: Transfer,
  target: string,
  refusal: Refusal,
): Promise<Step> {
  if (run.flow.type === 'secureCall') {
    const message = `${action.type} "${action.name}" to ${target} failed in a secure flow (${refusal.errorMessage}): its failure path does not count and the call is disconnected`;
    await run.call.setup.telephone.hangUp();
    return ended({ kind: 'disconnected', fault: { message, position: action.position } });
  }
  for (const { name, variable } of action.failureOutputs) {
    const value = name === 'errorType' ? refusal.errorType : refusal.errorMessage;
    if (variable !== null) run.variables.write(variable, { type: 'string', value });
  }
  enqueue(run, action.failureTransferAudio);
  return run.playBranch(action.failure);
}

export async function playEnding(run: FlowRun, action: Ending): Promise<Step> {
  await playQueued(run);
  const { telephone } = run.call.setup;
  if (action.kind === 'disconnect') {
    await telephone.hangUp();
    return ended({ kind: 'disconnected', fault: null });
  }
  // "Should only be used in secure call flows initiated by an agent."
  if (run.flow.type !== 'secureCall' || !run.entry.first) {
    throw new ActionError('no agent has sent the caller here, so there is none to return to');
  }
  const accepted = await run.call.whileOnTheLine(telephone.transfer({ kind: 'agent' }, null));
  run.call.tell({ kind: 'transferred', target: { kind: 'agent' }, accepted });
  if (accepted) return ended({ kind: 'returned_to_agent' });
  const message = `${action.type} "${action.name}": the agent is gone, and with them the caller`;
  await telephone.hangUp();
  return ended({ kind: 'disconnected', fault: { message, position: action.position } });
}
