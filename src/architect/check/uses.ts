import type {
  Action,
  AudioSetting,
  CollectInput,
  Flow,
  Input,
  ParticipantData,
  ReadParticipantData,
  Setting,
  Transfer,
  Variable,
  Written,
} from '../model.ts';
import type { ArchitectType } from '../expression/value.ts';
import type { Position } from '../position.ts';
import { everyAction, type Section } from './walk.ts';

/** What becomes of a value: the taint rules go by it. */
export type Sink =
  | 'audio'
  | 'condition'
  | 'loop-count'
  | 'assignment'
  | 'call-data'
  | 'call-data-secure'
  | 'participant-data'
  | 'screen-pop'
  | 'task-input'
  | 'module-input'
  | 'transfer'
  | 'extract'
  | 'initial-value'
  | 'other';

/** An expression, and where its value goes. */
export interface Use {
  readonly written: Written;
  readonly sink: Sink;
  /** For a message: `input number of data action Find`. */
  readonly what: string;
  /** What Architect wants here; `null` where it is not known, or anything goes. */
  readonly wanted: ArchitectType | null;
  /** Whose `Task.` variables are meant; `null` for the flow's own settings. */
  readonly section: Section | null;
  readonly action: Action | null;
}

/** A variable that is given a value. */
export interface Write {
  readonly variable: string;
  readonly position: Position;
  readonly section: Section;
  readonly action: Action;
  /** What is written; `null` where only Genesys knows, or it depends. */
  readonly type: ArchitectType | null;
}

type Part = readonly [
  what: string,
  value: Setting | AudioSetting,
  sink: Sink,
  wanted: ArchitectType | null,
];

/** Every expression of a flow that is evaluated. */
export function usesOf(flow: Flow): readonly Use[] {
  const own: readonly Part[] = [
    ['the initial greeting', flow.initialGreeting, 'audio', 'audio'],
    [
      'the audio of the error handling',
      flow.settings.errorHandling.preHandlingAudio,
      'audio',
      'audio',
    ],
    ['noEntryTimeout of the flow', flow.settings.noEntryTimeout, 'other', 'duration'],
    ['interDigitTimeout of the flow', flow.settings.interDigitTimeout, 'other', 'duration'],
    ['menuSelectionTimeout of the flow', flow.settings.menuSelectionTimeout, 'other', 'duration'],
    ['repeatCount of the flow', flow.settings.menuRepeatCount, 'other', 'integer'],
    ...flow.menus.flatMap(({ name, audio, repeatAudio, selectionTimeout, repeatCount }): Part[] => [
      [`the audio of menu ${name}`, audio, 'audio', 'audio'],
      [`the repeated audio of menu ${name}`, repeatAudio, 'audio', 'audio'],
      [`menuSelectionTimeout of menu ${name}`, selectionTimeout, 'other', 'duration'],
      [`repeatCount of menu ${name}`, repeatCount, 'other', 'integer'],
    ]),
    ...flow.variables.map(initialPart),
  ];
  const taskInitials = flow.tasks.flatMap((task) =>
    task.variables.map((variable) => ({ part: initialPart(variable), task })),
  );
  const places = everyAction(flow);
  const sectionOf = new Map(places.map(({ section }) => [section.task, section]));
  return [
    ...own.flatMap((part) => used(part, null, null)),
    ...taskInitials.flatMap(({ part, task }) => used(part, sectionOf.get(task) ?? null, null)),
    ...places.flatMap(({ action, section }) =>
      partsOf(action).flatMap((part) => used(part, section, action)),
    ),
  ];
}

function initialPart({ name, initial, type }: Variable): Part {
  return [`the initial value of ${name}`, initial, 'initial-value', type];
}

function used(
  [what, value, sink, wanted]: Part,
  section: Section | null,
  action: Action | null,
): readonly Use[] {
  if (value.kind !== 'expression') return [];
  return [{ written: value, sink, what, wanted, section, action }];
}

function inputParts(inputs: readonly Input[], sink: Sink, of: string): Part[] {
  return inputs.map(({ name, value }): Part => [`\`${name}\` of ${of}`, value, sink, null]);
}

/** The values that an action takes. */
export function partsOf(action: Action): readonly Part[] {
  const of = action.name;
  switch (action.kind) {
    case 'playAudio':
      return [[`the audio of ${of}`, action.audio, 'audio', 'audio']];
    case 'collectInput':
      return collectParts(action);
    case 'callData':
      return [
        ...inputParts(action.inputs, action.secure ? 'call-data-secure' : 'call-data', of),
        [`the timeout of ${of}`, action.timeout, 'other', 'duration'],
        [`the processing prompt of ${of}`, action.processingPrompt, 'audio', 'audio'],
      ];
    case 'decision':
      return [[`the condition of ${of}`, action.condition, 'condition', 'boolean']];
    case 'switch':
      return action.cases.map(({ value }, index): Part => [
        `case ${index + 1} of ${of}`,
        value,
        'condition',
        'boolean',
      ]);
    case 'loop':
      // Published flows have a Boolean here, so Architect takes more than the Integer of its help.
      return [[`the loop count of ${of}`, action.count, 'loop-count', null]];
    case 'updateData':
      return action.statements.map(({ variable, value, type }): Part => [
        `what ${of} puts into ${variable}`,
        value,
        'assignment',
        type,
      ]);
    case 'callTask':
    case 'jumpToTask':
    case 'jumpToMenu':
      return inputParts(action.inputs, 'task-input', of);
    case 'setParticipantData':
    case 'getParticipantData':
      return attributeParts(action);
    case 'transfer':
      return transferParts(action);
    case 'setLanguage':
      return [[`the language of ${of}`, action.language, 'other', null]];
    case 'callCommonModule':
      return inputParts(action.inputs, 'module-input', of);
    case 'setScreenPop':
      return inputParts(action.inputs, 'screen-pop', of);
    case 'lookup':
    case 'notPlayed':
      return inputParts(
        action.settings,
        action.type === 'extractSecureData' ? 'extract' : 'other',
        of,
      );
    case 'loopNext':
    case 'loopExit':
    case 'endTask':
    case 'previousMenu':
    case 'repeatMenu':
    case 'disconnect':
    case 'returnToAgent':
      return [];
  }
}

function attributeParts(action: ParticipantData | ReadParticipantData): readonly Part[] {
  const name = `an attribute's name in ${action.name}`;
  if (action.kind === 'getParticipantData') {
    return action.attributes.map((one): Part => [name, one.name, 'participant-data', 'string']);
  }
  return action.attributes.flatMap((one): Part[] => [
    [name, one.name, 'participant-data', 'string'],
    [`an attribute of ${action.name}`, one.value, 'participant-data', 'string'],
  ]);
}

function transferParts(action: Transfer): readonly Part[] {
  const of = action.name;
  return [
    [`the target of ${of}`, action.target, 'transfer', null],
    [`the audio before ${of}`, action.preTransferAudio, 'audio', 'audio'],
    [`the audio of failure of ${of}`, action.failureTransferAudio, 'audio', 'audio'],
    [`connectTimeout of ${of}`, action.connectTimeout, 'transfer', 'duration'],
    [`the priority of ${of}`, action.priority, 'transfer', 'integer'],
    ...action.skills.map((skill): Part => [`a skill of ${of}`, skill, 'transfer', null]),
    [`the language skill of ${of}`, action.languageSkill, 'transfer', null],
    [`the invocation data of ${of}`, action.invocationData, 'transfer', 'string'],
    ...inputParts(action.settings, 'transfer', of),
  ];
}

function collectParts(action: CollectInput): readonly Part[] {
  const of = action.name;
  return [
    [`the audio of ${of}`, action.audio, 'audio', 'audio'],
    [`the verification audio of ${of}`, action.verificationAudio, 'audio', 'audio'],
    [`interDigitTimeout of ${of}`, action.interDigitTimeout, 'other', 'duration'],
    [`noEntryTimeout of ${of}`, action.noEntryTimeout, 'other', 'duration'],
    [`acceptJustStar of ${of}`, action.acceptJustStar, 'other', 'boolean'],
    [`acceptJustPound of ${of}`, action.acceptJustPound, 'other', 'boolean'],
  ];
}

/** Every place that gives a variable a value. */
export function writesOf(flow: Flow): readonly Write[] {
  return everyAction(flow).flatMap(({ action, section }) =>
    written(action).flatMap(({ variable, type = null, position = action.position }) =>
      variable === null ? [] : [{ variable, type, position, section, action }],
    ),
  );
}

interface Filled {
  readonly variable: string | null;
  readonly type?: ArchitectType | null;
  readonly position?: Position;
}

function written(action: Action): readonly Filled[] {
  if (action.kind === 'collectInput') {
    return [{ variable: action.into === '' ? null : action.into }];
  }
  if (action.kind === 'callData') {
    return [...action.successOutputs, ...action.failureOutputs];
  }
  if (action.kind === 'loop') {
    return [{ variable: action.indexVariable, type: 'integer' }];
  }
  if (action.kind === 'updateData') {
    return action.statements;
  }
  if (action.kind === 'getParticipantData') {
    return action.attributes.map((attribute) => ({ ...attribute, type: 'string' as const }));
  }
  if (
    action.kind === 'callTask' ||
    action.kind === 'callCommonModule' ||
    action.kind === 'lookup' ||
    action.kind === 'notPlayed'
  ) {
    return [...action.outputs, ...plainVariables(action)];
  }
  if (action.kind === 'transfer') {
    return action.failureOutputs;
  }
  return [];
}

/**
 * `variable: Task.x` of an action whose shape nobody has published: it may be given a value, and
 * whether it is cannot be known.
 */
function plainVariables(action: Action): readonly Filled[] {
  if (action.kind !== 'notPlayed' && action.kind !== 'lookup') return [];
  return action.settings.flatMap(({ name, value, position }) =>
    value.kind === 'literal' &&
    value.literal.kind === 'plain' &&
    typeof value.literal.value === 'string' &&
    /(^|\.)\w*[vV]ariable$/.test(name) &&
    /^[A-Za-z]\w*\.[^\s.]+$/.test(value.literal.value)
      ? [{ variable: value.literal.value, position }]
      : [],
  );
}
