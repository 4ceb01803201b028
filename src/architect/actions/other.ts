import {
  anyBranches,
  branchesOf,
  present,
  readBase,
  type ActionType,
  type Played,
} from '../action-type.ts';
import type { Binding, Branch, Input } from '../model.ts';
import { readProperties, type Properties } from '../shape.ts';
import { anything, type Found } from '../value-property.ts';

/**
 * Actions that the line does not really do: it answers those that ask or tell the organisation
 * something, and ends in an error at the others. Their properties are read for the values, variables
 * and actions in them.
 */
interface Plain {
  readonly key: string;
  readonly says: string;
  readonly played: Played;
  readonly spelling: ActionType['spelling'];
  /** Those that are known. An action that was never seen in YAML may have others. */
  readonly properties: readonly string[];
  readonly paths?: readonly string[];
}

const FOUND = ['found', 'notFound'];
const DONE = ['success', 'failure'];

function find(
  what: string,
  key: string,
  by: 'findName' | 'findId',
  spelling: ActionType['spelling'],
): Plain {
  return {
    key,
    says: `Finds ${what} by its ${by === 'findName' ? 'name' : 'id'}.`,
    played: 'answered',
    spelling,
    properties: [by, 'findResult'],
    paths: FOUND,
  };
}

function answered(
  key: string,
  says: string,
  spelling: ActionType['spelling'],
  properties: readonly string[],
  paths: readonly string[] = [],
): Plain {
  return { key, says, played: 'answered', spelling, properties, paths };
}

function unplayed(
  key: string,
  says: string,
  spelling: ActionType['spelling'],
  properties: readonly string[],
  paths: readonly string[] = [],
): Plain {
  return { key, says, played: 'named', spelling, properties, paths };
}

/** `lexBot` and its like hold region, name, language and alias as keys, and the paths of the intents. */
const BOT = ['sessionVariables', 'outputSessionVariables', 'inputText'];

const PLAIN: readonly Plain[] = [
  find('a queue', 'findQueue', 'findName', 'export'),
  find('a queue', 'findQueueById', 'findId', 'sdk'),
  find('a user', 'findUser', 'findName', 'sdk'),
  find('a user', 'findUserById', 'findId', 'sdk'),
  find('a group', 'findGroup', 'findName', 'sdk'),
  find('a skill', 'findSkill', 'findName', 'sdk'),
  find('a language skill', 'findLanguageSkill', 'findName', 'sdk'),
  find('a schedule', 'findSchedule', 'findName', 'sdk'),
  find('a schedule group', 'findScheduleGroup', 'findName', 'sdk'),
  find('an emergency group', 'findEmergencyGroup', 'findName', 'sdk'),
  find('a prompt of the organisation', 'findUserPrompt', 'findName', 'sdk'),
  find('a system prompt', 'findSystemPrompt', 'findName', 'sdk'),
  answered(
    'evaluateScheduleGroup',
    'Asks whether the organisation is open.',
    'export',
    ['evaluate', 'scheduleGroup', 'emergencyGroup', 'inServiceSchedules'],
    ['open', 'closed', 'holiday', 'emergency'],
  ),
  answered(
    'evaluateSchedule',
    'Asks whether one schedule is active.',
    'sdk',
    ['evaluate', 'schedule', 'scheduleTimeZone', 'emergencyGroup', 'evaluateEmergencyGroup'],
    ['active', 'inactive', 'emergency'],
  ),
  answered(
    'getExternalContact',
    'Finds a contact by its id.',
    'sdk',
    ['externalId', 'externalResult'],
    FOUND,
  ),
  answered(
    'getExternalOrganization',
    'Finds an external organisation.',
    'sdk',
    ['externalId', 'externalResult'],
    FOUND,
  ),
  answered(
    'getSIPHeaders',
    'Reads headers of the call from a BYOC trunk.',
    'sdk',
    ['sipHeaderNames', 'sipHeadersResult', 'failureOutputs'],
    DONE,
  ),
  answered(
    'getRawSIPHeaders',
    'Reads all headers of the call from a BYOC trunk.',
    'sdk',
    ['rawSIPHeadersResult', 'failureOutputs'],
    DONE,
  ),
  answered('setFlowOutcome', 'Notes how the flow ended, for reports.', 'name', [
    'flowOutcome',
    'flowOutcomeValue',
  ]),
  answered('initializeFlowOutcome', 'Begins to measure an outcome of the flow.', 'sdk', [
    'flowOutcome',
  ]),
  answered('addFlowMilestone', 'Notes a step of the flow, for reports.', 'name', [
    'flowOutcome',
    'milestone',
  ]),
  answered('enableParticipantRecord', 'Switches the recording of the caller.', 'name', ['enable']),
  answered(
    'setWrapupCode',
    'Sets the wrap-up code of the call.',
    'name',
    ['wrapupCode', 'failureOutputs'],
    DONE,
  ),
  answered('setUUIData', 'Gives user-to-user data to the next leg of the call.', 'sdk', [
    'uuiData',
    'mode',
  ]),
  answered(
    'setExternalTag',
    'Tags the conversation.',
    'sdk',
    ['externalTag', 'failureOutputs'],
    ['failure'],
  ),
  answered(
    'setWhisperAudio',
    'Chooses what the agent hears first.',
    'sdk',
    ['whisperAudio', 'failureOutputs'],
    DONE,
  ),
  answered(
    'setPriority',
    'Changes the priority in the queue.',
    'sdk',
    ['priority', 'failureOutputs'],
    DONE,
  ),
  answered(
    'setSkills',
    'Changes the skills that are asked of an agent.',
    'sdk',
    ['acdSkills', 'languageSkill', 'failureOutputs'],
    DONE,
  ),
  answered('setPostFlow', 'Chooses a flow that follows the call, such as a survey.', 'sdk', [
    'actionType',
    'targetFlow',
    'invocationData',
  ]),
  answered('clearPostFlow', 'Takes that choice back.', 'sdk', []),
  answered('flushAudio', 'Plays what is waiting before it goes on.', 'sdk', []),
  answered('audioMonitoring', 'Switches monitoring of the call.', 'sdk', ['enableMonitoring']),
  answered('transcription', 'Switches transcription of the call.', 'sdk', ['enableTranscription']),
  unplayed('extractSecureData', 'Makes secure data readable; refused by the checks.', 'sdk', [
    'statements',
    'acknowledgeSecureUsage',
  ]),
  unplayed(
    'encryptData',
    'Encrypts a value with a key of the organisation.',
    'sdk',
    ['dataToEncrypt', 'encryptedData', 'failureOutputs'],
    DONE,
  ),
  unplayed(
    'decryptData',
    'Decrypts such a value.',
    'sdk',
    ['dataToDecrypt', 'decryptedData', 'failureOutputs'],
    DONE,
  ),
  unplayed(
    'setSecuredData',
    'Keeps attributes under a key of the customer.',
    'sdk',
    ['attributes', 'conversationId', 'failureOutputs'],
    DONE,
  ),
  unplayed(
    'getSecuredData',
    'Reads such attributes.',
    'sdk',
    ['attributes', 'conversationId', 'failureOutputs'],
    DONE,
  ),
  unplayed('holdMusic', 'Plays music to a caller who waits in a queue.', 'export', [
    'prompt',
    'bargeInEnabled',
    'playStyle',
    'playDuration',
  ]),
  unplayed(
    'playAudioOnSilence',
    'Plays when the caller has stopped speaking.',
    'name',
    ['audio', 'silenceDuration', 'timeout', 'allowedRepeatCount', 'actualRepeatCount'],
    ['success', 'timeout'],
  ),
  unplayed(
    'detectSilence',
    'Waits until the caller has stopped speaking.',
    'name',
    ['silenceDuration', 'timeout'],
    ['success', 'timeout'],
  ),
  unplayed('wait', 'Waits.', 'name', ['duration']),
  unplayed(
    'dialByExtension',
    'Lets the caller key in an extension.',
    'name',
    ['extensionVariable', 'interDigitTimeout', 'repromptAudio', 'repromptCount'],
    ['failure', 'timeout'],
  ),
  unplayed('createCallback', 'Keeps the place in the queue for a call back.', 'sdk', [
    'callbackNumber',
    'calleeName',
    'queue',
    'scriptInputs',
  ]),
  unplayed('playEstimatedWaitTime', 'Says how long the wait is.', 'export', [
    'estimatedWaitTime',
    'estimatedWaitTimeAudio',
    'roundingInterval',
    'specificRoundingIntervals',
    'playbackMode',
  ]),
  unplayed('playPositionInQueue', 'Says how many callers are before this one.', 'sdk', [
    'positionInQueue',
    'positionInQueueAudio',
    'playbackMode',
  ]),
  unplayed('playUserGreeting', 'Plays the greeting that a user has recorded.', 'sdk', ['user']),
  unplayed('playUserName', 'Plays the name that a user has recorded.', 'sdk', ['user']),
  unplayed('callBotFlow', 'Talks with a bot flow of Genesys.', 'name', ['botFlow', ...BOT]),
  unplayed('callBotConnector', 'Talks with a bot behind a connector.', 'sdk', ['bot', ...BOT]),
  unplayed('callLexBot', 'Talks with an Amazon Lex bot.', 'sdk', ['lexBot', ...BOT]),
  unplayed('callLexV2Bot', 'Talks with an Amazon Lex V2 bot.', 'export', ['lexBot', ...BOT]),
  unplayed('callDialogflowBot', 'Talks with a Google Dialogflow ES agent.', 'sdk', [
    'dialogflowBot',
    ...BOT,
  ]),
  unplayed('callDialogflowCxBot', 'Talks with a Google Dialogflow CX agent.', 'sdk', [
    'dialogflowCxBot',
    ...BOT,
  ]),
  unplayed(
    'callAudioConnector',
    'Streams the call to a server of yours; not from secure flows.',
    'sdk',
    ['connectorId', ...BOT],
    DONE,
  ),
  unplayed(
    'callBridge',
    'Asks a bridge action, the forerunner of data actions.',
    'name',
    ['processingPrompt', 'timeout', 'category'],
    [...DONE, 'timeout'],
  ),
];

function plain({
  key,
  says,
  played,
  spelling,
  properties: keys,
  paths = [],
}: Plain): Omit<ActionType, 'family'> {
  const properties: Properties = Object.fromEntries(keys.map((name) => [name, anything()]));
  // What was never seen in an export may have other paths and keys than the SDK's names say.
  const isOpen = spelling !== 'export';
  return {
    key,
    says,
    played,
    spelling,
    properties,
    paths,
    read: (fields) => {
      const base = readBase(fields, key);
      const settings: Input[] = [];
      const outputs: Binding[] = [];
      const inner: Branch[] = [];
      const add = (name: string, found: Found): void => {
        const nameOf = (inner: string): string => (inner === '' ? name : `${name}.${inner}`);
        settings.push(...found.settings.map((input) => ({ ...input, name: nameOf(input.name) })));
        outputs.push(...found.outputs.map((output) => ({ ...output, name: nameOf(output.name) })));
        inner.push(...found.paths);
      };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every property is anything()
      const values = readProperties(fields, properties) as Readonly<Record<string, Found>>;
      for (const [name, found] of Object.entries(values)) add(name, found);
      const branches = isOpen ? anyBranches(fields) : present(branchesOf(fields, paths));
      for (const { key: other, keyPosition, value } of isOpen ? fields.takeRest() : []) {
        const place = { what: `\`${other}\` of ${fields.what}`, position: keyPosition };
        add(other, anything().read(value, place, fields.reading));
      }
      return {
        ...base,
        kind: played === 'answered' ? 'lookup' : 'notPlayed',
        settings,
        outputs,
        paths: [...branches, ...inner],
      };
    },
  };
}

export const OTHER = PLAIN.map(plain);
