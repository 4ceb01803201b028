import { NOT_SET, type JsonValue, type Value } from '../architect/expression/value.ts';
import type { Binding, CallData, Input } from '../architect/model.ts';
import { SecretBytes } from '../card/secret.ts';
import { audioOf, playQueued } from './audio.ts';
import type { DataActionResult } from './call.ts';
import type { FlowRun } from './flow-run.ts';
import { secureInput } from './secure.ts';
import { settingDurationMs, settingValue } from './settings.ts';
import type { Step } from './step.ts';
import { fromJson, typeOfJson } from './values.ts';
import { secureUse } from './variables.ts';

type Inputs = Record<string, Value | SecretBytes>;

/** Call Data Action and Call Secure Data Action: success, failure, timeout, and no detail. */
export async function playCallData(run: FlowRun, action: CallData): Promise<Step> {
  run.audio.add(audioOf(run, action.processingPrompt), run.place);
  await playQueued(run);
  const timeoutMs = settingDurationMs(run, [action.timeout], 'the timeout');
  const inputs: Inputs = {};
  try {
    for (const input of action.inputs) inputs[input.name] = inputOf(run, action, input);
  } catch (error) {
    wipe(inputs);
    throw error;
  }
  const result = await runAction(run, action, inputs, timeoutMs);
  if (result.kind === 'timeout') return run.playBranch(action.timedOut);
  if (result.kind === 'failure') return run.playBranch(action.failure);
  for (const binding of action.successOutputs) bind(run, binding, result.outputs);
  return run.playBranch(action.success);
}

function inputOf(run: FlowRun, action: CallData, { value }: Input): Value | SecretBytes {
  const secret = action.secure && value.kind === 'expression' ? secureInput(run, value) : null;
  return secret ?? settingValue(run, value);
}

function wipe(inputs: Readonly<Inputs>): void {
  for (const input of Object.values(inputs)) if (input instanceof SecretBytes) input.zero();
}

/**
 * A caller who hangs up is not waited for, but what was begun runs on, as it does in Genesys: so its
 * secrets are copies, and they are zeroed when it has ended.
 */
async function runAction(
  run: FlowRun,
  { category, action, secure }: CallData,
  inputs: Inputs,
  timeoutMs: number | null,
): Promise<DataActionResult> {
  const { call } = run;
  const { clock, dataActions } = call.setup;
  call.tell({
    kind: 'data_action_started',
    category,
    action,
    secure,
    inputs: Object.keys(inputs),
  });
  const startedMs = clock.monotonicMs();
  const running = dataActions
    .run({ category, action, secure, inputs }, timeoutMs)
    .finally(() => wipe(inputs));
  const result = await call.whileOnTheLine(running);
  const latencyMs = clock.monotonicMs() - startedMs;
  call.tell({ kind: 'data_action_ended', action, result, latencyMs });
  return result;
}

/** A missing output leaves its variable NOT_SET. */
function bind(
  run: FlowRun,
  { name, variable }: Binding,
  outputs: Readonly<Record<string, JsonValue>>,
): void {
  if (variable === null) return;
  if (run.variables.isSecure(variable)) throw secureUse(variable);
  const json = outputs[name];
  const type = run.variables.typeOf(variable) ?? (json === undefined ? null : typeOfJson(json));
  run.variables.write(variable, type === null ? NOT_SET : fromJson(json, type, variable));
}
