import type { FlowType } from '../model.ts';
import type { ArchitectType } from './value.ts';

/** A variable that Architect itself fills. */
export interface BuiltIn {
  readonly scope: string;
  readonly name: string;
  readonly type: ArchitectType;
  /** Where it exists. */
  readonly flowTypes: readonly FlowType[];
  readonly sentence: string;
}

const CALLS: readonly FlowType[] = ['inboundCall', 'outboundCall', 'inqueueCall', 'secureCall'];
const IN_QUEUE: readonly FlowType[] = ['inqueueCall'];

function builtIn(
  name: string,
  type: ArchitectType,
  sentence: string,
  flowTypes: readonly FlowType[] = CALLS,
): BuiltIn {
  const [scope = '', rest = ''] = name.split('.');
  return { scope, name: rest, type, flowTypes, sentence };
}

/**
 * Built-in variables of voice flows: names and types from
 * https://help.mypurecloud.com/articles/architect-default-variables/ and from the variable lists in
 * `purecloud-flow-scripting-api-sdk-javascript` 0.0.18, which has `Flow.InvocationData` for secure
 * flows. Left out are those whose types (campaign, contact, contact list) are not modelled. In which
 * flow types the others exist is unchecked, but for what the names say.
 */
export const BUILT_INS: readonly BuiltIn[] = [
  builtIn('Call.Ani', 'string', 'The number that calls.'),
  builtIn('Call.CalledAddress', 'string', 'The number that led into this flow.'),
  builtIn('Call.CalledAddressOriginal', 'string', 'The number that was called first.'),
  builtIn('Call.ConversationId', 'string', 'The id of the conversation.'),
  builtIn('Call.ExternalTag', 'string', 'The external tag of the conversation.'),
  builtIn('Call.Language', 'string', 'The language of the call: en-us.'),
  builtIn('Call.RemoteName', 'string', 'The name that came with the call.'),
  builtIn('Call.UUIData', 'string', 'User-to-user information of the trunk.'),
  builtIn('Call.CurrentQueue', 'queue', 'The queue in which the call waits.', IN_QUEUE),
  builtIn('Call.EstimatedWaitTime', 'duration', 'How long it will still wait.', IN_QUEUE),
  builtIn('Call.PositionInQueue', 'integer', 'Its place in the queue, from 1.', IN_QUEUE),
  builtIn('Flow.HoldPrompt', 'prompt', 'What is played while it waits.', IN_QUEUE),
  builtIn('Flow.InvocationData', 'string', 'What the transferring flow gave.', ['secureCall']),
  builtIn('Flow.IsTest', 'boolean', 'True when the flow is run as a test.'),
  builtIn('Flow.StartDateTimeUtc', 'datetime', 'When the flow began.'),
  builtIn('Flow.Version', 'string', 'The version of the flow.'),
];

/** The type of a built-in variable in a flow, by its name in any case; `undefined` if there is none. */
export function builtInType(
  flowType: FlowType,
  scope: string,
  name: string,
): ArchitectType | undefined {
  const wanted = `${scope}.${name}`.toLowerCase();
  return BUILT_INS.find(
    (entry) =>
      `${entry.scope}.${entry.name}`.toLowerCase() === wanted && entry.flowTypes.includes(flowType),
  )?.type;
}
