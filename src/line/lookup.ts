import { NOT_SET, type Value } from '../architect/expression/value.ts';
import type { Lookup, ScreenPop } from '../architect/model.ts';
import { playQueued } from './audio.ts';
import type { LookupAnswer, LookupRequest } from './call.ts';
import type { FlowRun } from './flow-run.ts';
import { settingValue } from './settings.ts';
import { NEXT, type Step } from './step.ts';

/** What finds a thing by its name. */
const FIND = /^find(?!.*ById$)/;

/** Paths that the line takes where nobody answers for the organisation, the first that there is. */
const DEFAULT_PATHS = ['open', 'active', 'notFound', 'success'];

/**
 * Find Queue and the like take what was asked for as found: the queue `X` is the queue named X. Rows
 * of tables and contacts are not made up, and the organisation is open. So a flow runs on a laptop
 * that has no queues, and the event says that nobody was asked.
 */
function defaultAnswer({ type, settings, paths }: LookupRequest): LookupAnswer {
  const named = settings['findName'];
  if (FIND.test(type) && named !== undefined && named.type !== 'not_set') {
    return { path: 'found', outputs: { findResult: named } };
  }
  const path = DEFAULT_PATHS.find((name) => paths.includes(name)) ?? '';
  return { path, outputs: {} };
}

export async function playLookup(run: FlowRun, action: Lookup): Promise<Step> {
  if (action.type === 'flushAudio') await playQueued(run);
  const settings: Record<string, Value> = {};
  for (const { name, value } of action.settings) settings[name] = settingValue(run, value);
  const request: LookupRequest = {
    type: action.type,
    settings,
    paths: action.paths.map(({ name }) => name),
  };
  const asked = run.call.setup.organisation?.lookUp(request);
  const answer = asked === undefined ? null : await run.call.whileOnTheLine(asked);
  const { path, outputs } = answer ?? defaultAnswer(request);
  run.call.tell({ kind: 'looked_up', type: action.type, path, asked: answer !== null });
  for (const { name, variable } of action.outputs) {
    if (variable === null) continue;
    const value = outputs[name] ?? NOT_SET;
    run.variables.write(variable, asDeclared(value, run.variables.typeOf(variable)));
  }
  return run.playBranch(action.paths.find(({ name }) => name === path) ?? null);
}

/** A name is found as the thing of that name. */
function asDeclared(value: Value, type: ReturnType<FlowRun['variables']['typeOf']>): Value {
  if (value.type !== 'string') return value;
  if (type === 'queue' || type === 'skill' || type === 'user' || type === 'group') {
    return { type, name: value.value };
  }
  return value;
}

export function playScreenPop(run: FlowRun, action: ScreenPop): Step {
  const inputs: Record<string, Value> = {};
  for (const { name, value } of action.inputs) inputs[name] = settingValue(run, value);
  run.call.tell({ kind: 'screen_pop_set', script: action.script, inputs });
  return NEXT;
}
