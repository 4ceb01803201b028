import { SDK, type Rule } from './rule.ts';

const SECURE = 'Genesys help, "Secure call flows"; PCI DSS 4.0, 3.3.1 and 3.4.1';
const VALIDATION =
  'Architect’s own validation: "Secure variables cannot be used here." (flow scripting SDK 0.0.18)';

const secretRule = (says: string, why: string, bad: string, good: string): Rule => ({
  severity: 'error',
  says,
  why,
  source: VALIDATION,
  bad,
  good,
  final: true,
});

/** The one way that a secret may go. */
export const DATA_ACTION =
  'callDataSecure:\n  category: { Vault: { dataAction: { Tokenise: { inputs: { pan: { exp: Flow.Pan } } } } } }';

/** Rules about secrets: card data, and whatever else a flow has declared `isSecure`. */
export const SECRET_RULES = {
  'card-data-not-secure': {
    severity: 'error',
    says: 'A flow collects what looks like card data, and its variable is not `isSecure` or the flow is not a secureCall flow.',
    why: 'Outside of a secure flow the digits are recorded, shown to whoever monitors the call, and kept in the logs of the flow.',
    source: SECURE,
    bad: 'collectInput:\n  inputData: { var: Task.CardDigits }    # stringVariable without isSecure\n  inputAudio: { tts: Please enter your card number. }',
    good: 'variables:\n  - stringVariable: { name: Task.CardDigits, isSecure: true, initialValue: { noValue: true } }',
  },
  'secret-read-back': {
    severity: 'error',
    says: 'The keys of a secret are read back to the caller.',
    why: 'Everybody near the telephone hears the card number.',
    source: SECURE,
    bad: 'collectInput:\n  inputData: { var: Flow.Pan }\n  verificationType: individualDigits',
    good: 'collectInput:\n  inputData: { var: Flow.Pan }\n  verificationType: none',
    final: true,
  },
  'secret-in-audio': {
    severity: 'error',
    says: 'An audio expression reads a secret.',
    why: 'Architect allows it, and the caller’s surroundings hear it.',
    source: SECURE,
    bad: 'playAudio: { audio: { exp: ToAudioTTS(Flow.Pan) } }',
    good: 'playAudio: { audio: { exp: ToAudioTTS(Flow.LastFour) } }    # LastFour came from the data action',
    final: true,
  },
  'secret-in-call-data': secretRule(
    'A plain Call Data Action is given a secret.',
    'Only secure data actions keep their inputs out of the logs of the integration.',
    'callData:\n  category: { Vault: { dataAction: { Tokenise: { inputs: { pan: { exp: Flow.Pan } } } } } }',
    DATA_ACTION,
  ),
  'secret-expression': {
    severity: 'error',
    says: 'An input of callDataSecure does more with a secret than to take it, or a part of it by Left, Right or Substring.',
    why: 'Whatever computes with a secret makes copies of it that nobody wipes. A part can be sent; the rest is the work of the data action.',
    source: 'Tokenline’s design: secrets are bytes from the first key to the request',
    bad: 'inputs: { pan: { exp: Append(Flow.Pan, "") } }',
    good: 'inputs: { pan: { exp: Flow.Pan }, month: { exp: "Left(Flow.Expiry, 2)" } }',
    final: true,
  },
  'secret-in-participant-data': secretRule(
    'Participant data is given a secret.',
    'Participant data stays with the conversation, and agents, reports and other flows read it.',
    'setParticipantData:\n  attributes: [{ attribute: { name: { lit: pan }, value: { exp: Flow.Pan } } }]',
    'setParticipantData:\n  attributes: [{ attribute: { name: { lit: token }, value: { exp: Flow.Token } } }]',
  ),
  'secret-in-screen-pop': secretRule(
    'A screen pop is given a secret.',
    'It is on the screen of an agent then.',
    'setScreenPop: { screenPopScript: { Pay: { inputs: { pan: { exp: Flow.Pan } } } } }',
    'setScreenPop: { screenPopScript: { Pay: { inputs: { token: { exp: Flow.Token } } } } }',
  ),
  'secret-in-update-data': secretRule(
    'Update Data reads a secret.',
    'Its value leaves the secure variable: the next action may log it.',
    'updateData:\n  statements: [{ string: { variable: Flow.Copy, value: { exp: Flow.Pan } } }]',
    DATA_ACTION,
  ),
  'secret-in-condition': secretRule(
    'A decision, a switch or a loop count reads a secret.',
    'The way that a call took is in its history, and tells about the value.',
    'decision: { condition: { exp: "Length(Flow.Pan) == 16" } }',
    'decision: { condition: { exp: Flow.Route == "retry" } }    # the data action has judged the digits',
  ),
  'secret-in-task-input': secretRule(
    'A task or common module is given a secret.',
    'An input cannot be secure, so the secret lies in a plain variable there.',
    'callTask: { taskInputs: { Task.Digits: { exp: Flow.Pan } } }',
    'Read Flow.Pan in the task itself: a variable of the flow is there in all of its tasks.',
  ),
  'secret-in-transfer': secretRule(
    'A transfer is given a secret: its target, its invocation data, or a setting.',
    'Invocation data and routing data are kept with the conversation.',
    'transferToFlowSecure: { invocationData: { exp: Flow.Pan } }',
    'transferToFlowSecure: { invocationData: { exp: Flow.SessionId } }',
  ),
  'secret-elsewhere': secretRule(
    'Another action or setting reads a secret: a log, an outcome, a lookup, an initial value, a time-out.',
    'Secure variables may be read by secure data actions alone.',
    'setFlowOutcome: { flowOutcomeValue: { exp: Flow.Pan } }',
    DATA_ACTION,
  ),
  'extract-secure-data': {
    severity: 'error',
    says: 'Extract Secure Data makes a secret readable.',
    why: 'Genesys asks for an acknowledgement that what is sensitive may be logged. The last four digits come as well from the answer of a data action.',
    source: SDK,
    bad: 'extractSecureData: { statements: [{ string: { variable: Flow.LastFour, value: { exp: "Right(Flow.Pan, 4)" } } }] }',
    good: `${DATA_ACTION}    # with card_last4 among its successOutputs`,
    final: true,
  },
  'secure-input-or-output': {
    severity: 'error',
    says: 'A secure variable is an input or an output.',
    why: 'Architect refuses it: "Output variables cannot be set to secure".',
    source: VALIDATION,
    bad: 'stringVariable: { name: Task.Digits, isSecure: true, isInput: true }',
    good: 'stringVariable: { name: Flow.Digits, isSecure: true }',
    final: true,
  },
  'secure-variable-outside': {
    severity: 'error',
    says: 'A secure variable stands in a flow that is no secureCall flow.',
    why: 'Architect refuses it: "Secure variables are not supported in flows of type X".',
    source: VALIDATION,
    bad: 'inboundCall:\n  variables: [{ stringVariable: { name: Flow.Pan, isSecure: true } }]',
    good: 'secureCall:\n  variables: [{ stringVariable: { name: Flow.Pan, isSecure: true } }]',
    final: true,
  },
  'secure-action-outside': {
    severity: 'error',
    says: 'callDataSecure, extractSecureData or returnToAgent stands in a flow that is no secureCall flow.',
    why: 'Architect has these actions in secure flows only.',
    source: SDK,
    bad: 'inboundCall:\n  tasks: [{ task: { actions: [{ returnToAgent: { name: Back } }] } }]',
    good: 'secureCall:\n  tasks: [{ task: { actions: [{ returnToAgent: { name: Back } }] } }]',
  },
  'return-to-agent': {
    severity: 'error',
    says: 'A secure flow that another flow transfers to ends with Return to Agent.',
    why: 'There is no agent to return to: "should only be used in secure call flows initiated by an agent".',
    source: 'Genesys help, "Return to Agent action"',
    bad: 'transferToFlowSecure: { targetFlow: { name: Card } }    # and Card has returnToAgent',
    good: 'Two flows with the same tasks: one ends with Return to Agent, the other with a transfer.',
  },
  'secure-transfer-silent': {
    severity: 'warning',
    says: 'A transfer in a secure flow has no message before it.',
    why: 'When it fails the call is disconnected, and the caller never hears a word.',
    source:
      'Genesys help, "Transfer to Flow action": in a secure flow the failure path is not taken',
    bad: 'transferToAcd: { targetQueue: { lit: { name: Payments } } }',
    good: 'transferToAcd: { targetQueue: { lit: { name: Payments } }, preTransferAudio: { tts: One moment. } }',
  },
  'secure-transfer-failure': {
    severity: 'warning',
    says: 'A transfer in a secure flow has a failure path with actions, which never run.',
    why: 'In a secure flow a failed transfer disconnects the call. Ask before you enter the flow whether somebody is there.',
    source:
      'Genesys help, "Transfer to Flow action": in a secure flow the failure path is not taken',
    bad: 'transferToAcd:\n  outputs: { failure: { actions: [{ playAudio: { audio: { tts: Sorry. } } }] } }',
    good: 'transferToAcd:\n  preTransferAudio: { tts: One moment. }',
  },
} as const satisfies Readonly<Record<string, Rule>>;
