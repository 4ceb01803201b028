import { NOT_SET, type Value } from '../architect/expression/value.ts';
import type { FlowRun } from './flow-run.ts';

const text = (value: string | null): Value =>
  value === null ? NOT_SET : { type: 'string', value };

/** By name in lower case. What a laptop has no answer to is NOT_SET, as outside of a queue. */
const BUILT_INS: Readonly<Record<string, (run: FlowRun) => Value>> = {
  'call.ani': ({ call }) => text(call.setup.ani),
  'call.calledaddress': ({ call }) => text(call.setup.dnis),
  'call.calledaddressoriginal': ({ call }) => text(call.setup.dnis),
  'call.conversationid': ({ call }) => text(call.setup.conversationId),
  'call.currentqueue': () => NOT_SET,
  'call.estimatedwaittime': () => NOT_SET,
  'call.externaltag': () => NOT_SET,
  'call.language': (run) => text(run.language),
  'call.positioninqueue': () => NOT_SET,
  'call.remotename': () => NOT_SET,
  'call.uuidata': () => NOT_SET,
  'flow.invocationdata': ({ entry }) => text(entry.invocationData),
  'flow.holdprompt': () => NOT_SET,
  'flow.istest': () => ({ type: 'boolean', value: false }),
  'flow.startdatetimeutc': ({ call }) => ({ type: 'datetime', value: call.answeredAt }),
  'flow.version': () => NOT_SET,
};

/** What a flow reads and does not write; `undefined` where Architect has no such variable. */
export function builtIn(run: FlowRun, scope: string, name: string): Value | undefined {
  return BUILT_INS[`${scope}.${name}`.toLowerCase()]?.(run);
}
