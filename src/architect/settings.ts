import type { TreeNode } from './document.ts';
import type { Action, ErrorHandling, Flow, FlowSettings } from './model.ts';
import { flag, text, type Property } from './property.ts';
import type { Fields, Reading } from './reading.ts';
import { ACTION_TYPES } from './registry.ts';
import { readProperties, shape } from './shape.ts';
import { anything, audio, setting } from './value-property.ts';

/** Of the flow, and of one menu. */
export const SETTINGS_MENU = shape(
  {
    extensionDialingMaxDelay: setting(),
    listenForExtensionDialing: setting(),
    menuSelectionTimeout: setting(),
    repeatCount: setting(),
  },
  (values) => values,
);

const SPEECH = {
  completeMatchTimeout: setting(),
  incompleteMatchTimeout: setting(),
  maxSpeechLengthTimeout: setting(),
  minConfidenceLevel: setting(),
};

/** Of one menu. */
export const SETTINGS_SPEECH = shape(SPEECH, (values) => values);

const SETTINGS_SPEECH_FLOW = shape(
  {
    ...SPEECH,
    asrCompanyDir: text('none'),
    asrEnabledOnFlow: flag(),
    suppressRecording: flag(),
  },
  (values) => values,
);

const timeoutOnly = shape({ timeout: setting() }, (values) => values);
const promptOnly = shape({ processingPrompt: audio() }, (values) => values);
const connectOnly = shape({ connectTimeout: setting() }, (values) => values);

const SETTINGS_ACTION_DEFAULTS = shape(
  {
    callBridge: promptOnly,
    callData: promptOnly,
    callDataSecure: promptOnly,
    collectInput: shape(
      { noEntryTimeout: setting(), interDigitTimeout: setting() },
      (values) => values,
    ),
    detectSilence: timeoutOnly,
    dialByExtension: shape({ interDigitTimeout: setting() }, (values) => values),
    playAudioOnSilence: timeoutOnly,
    transferToFlowSecure: connectOnly,
    transferToGroup: connectOnly,
    transferToNumber: connectOnly,
    transferToUser: connectOnly,
  },
  (values) => values,
);

const SETTINGS_PROMPTS = shape(
  { ensureAudioInPrompts: flag(), promptMediaToValidate: anything() },
  (values) => values,
);

/**
 * What error handling may do: its key, and the action that it is. `disconnect` and `queue` are
 * seen in exports; all are the SDK's words (ArchEnums.EVENTS_FLOW_ERROR_HANDLING).
 */
const HANDLINGS: Readonly<Record<string, string>> = {
  disconnect: 'disconnect',
  queue: 'transferToAcd',
  menu: 'jumpToMenu',
  task: 'jumpToTask',
};

const errorHandling: Property<Action | null> = {
  form: Object.keys(HANDLINGS).join(' | '),
  required: false,
  read: (node, { what }, reading) => {
    const entry = node === null ? null : reading.onlyEntry(node, what);
    if (entry === null) return null;
    const [handling] =
      Object.entries(HANDLINGS).find(
        ([word, action]) => word === entry.key || action === entry.key,
      ) ?? [];
    const type = ACTION_TYPES.get(HANDLINGS[handling ?? ''] ?? '');
    if (handling !== entry.key || type === undefined) {
      const words = handling ?? Object.keys(HANDLINGS).join(', ');
      reading.report(
        entry.keyPosition,
        'unknown-key',
        `${what} has no \`${entry.key}\`; write ${words}.`,
      );
    }
    if (type === undefined) return null;
    const fields = reading.fields(entry.value, `\`${entry.key}\` of ${what}`);
    const action = type.read(fields);
    fields.end();
    return { ...action, position: entry.keyPosition };
  },
};

const SETTINGS_ERROR_HANDLING = shape(
  { errorHandling, preHandlingAudio: audio() },
  (values, { position }) => ({ ...values, position }),
);

/** The settings of a flow: key, what is in it, and one sentence. */
export const FLOW_SETTINGS = {
  settingsActionDefaults: SETTINGS_ACTION_DEFAULTS,
  settingsErrorHandling: SETTINGS_ERROR_HANDLING,
  settingsMenu: SETTINGS_MENU,
  settingsPrompts: SETTINGS_PROMPTS,
  settingsSpeechRec: SETTINGS_SPEECH_FLOW,
  settingsInQueueCall: shape({ holdMusic: audio() }, (values) => values),
  settingsOutboundCall: shape(
    { contactList: setting(), wrapupCode: setting() },
    (values) => values,
  ),
  settingsCommonModule: anything(),
};

export const SETTING_SENTENCES: Readonly<Record<keyof typeof FLOW_SETTINGS, string>> = {
  settingsActionDefaults:
    'Time-outs and prompts that actions take when they have none of their own.',
  settingsErrorHandling:
    'What the caller hears and where the call goes when an action ends in an error.',
  settingsMenu: 'How long menus wait for a choice and how often they repeat.',
  settingsPrompts: 'Which prompts Architect checks before it publishes.',
  settingsSpeechRec: 'Whether callers may speak, and how speech is recognised.',
  settingsInQueueCall: 'The music of an in-queue flow.',
  settingsOutboundCall: 'Contact list and wrap-up code of an outbound flow.',
  settingsCommonModule: 'Which flows may call a common module.',
};

export function readSettings(fields: Fields): FlowSettings {
  const values = readProperties(fields, FLOW_SETTINGS);
  const defaults = values.settingsActionDefaults;
  const { errorHandling: action, preHandlingAudio, position } = values.settingsErrorHandling;
  const handling: ErrorHandling = {
    preHandlingAudio,
    // Architect's own default.
    action: action ?? { kind: 'disconnect', name: 'Disconnect', type: 'disconnect', position },
    position,
  };
  return {
    noEntryTimeout: defaults.collectInput.noEntryTimeout,
    interDigitTimeout: defaults.collectInput.interDigitTimeout,
    menuSelectionTimeout: values.settingsMenu.menuSelectionTimeout,
    menuRepeatCount: values.settingsMenu.repeatCount,
    speechEnabled: values.settingsSpeechRec.asrEnabledOnFlow,
    errorHandling: handling,
  };
}

const TTS = anything();
const LANGUAGE = shape(
  { defaultLanguageSkill: setting(), textToSpeech: TTS, speechToText: TTS },
  () => null,
);

/** `supportedLanguages: {en-us: {…}}`, in the order of the file. */
export function readLanguages(node: TreeNode | null, reading: Reading): Flow['languages'] {
  if (node === null) return [];
  return reading
    .fields(node, '`supportedLanguages`')
    .takeRest()
    .map(({ key, keyPosition, value }) => {
      LANGUAGE.read(
        value,
        { what: `\`${key}\` of \`supportedLanguages\``, position: keyPosition },
        reading,
      );
      return key;
    });
}
