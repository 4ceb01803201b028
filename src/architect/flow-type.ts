import type { FlowType } from './model.ts';

/** The types of flow that are read, with one sentence each. */
export const FLOW_TYPES: Readonly<Record<FlowType, string>> = {
  inboundCall: 'A call that comes in.',
  outboundCall: 'A call that a campaign makes.',
  inqueueCall: 'A call while it waits in a queue.',
  secureCall: 'The part of a call that takes secrets: nobody listens and nothing is recorded.',
  commonModule: 'Actions that several flows share.',
};

/** The other types that Architect has (flow scripting SDK, July 2026): refused by name. */
export const OTHER_FLOW_TYPES = [
  'bot',
  'botFlow',
  'digitalBot',
  'digitalBotFlow',
  'emailSend',
  'inboundChat',
  'inboundEmail',
  'inboundShortMessage',
  'inqueueEmail',
  'inqueueShortMessage',
  'speech',
  'surveyInvite',
  'voice',
  'voiceSurvey',
  'voicemail',
  'workflow',
  'workitem',
];

export function isFlowType(word: string): word is FlowType {
  return Object.hasOwn(FLOW_TYPES, word);
}

/** What a flow of each type may have beside what all have. */
export const HAS_MENUS: Readonly<Record<FlowType, boolean>> = {
  inboundCall: true,
  outboundCall: true,
  secureCall: true,
  inqueueCall: false,
  commonModule: false,
};
