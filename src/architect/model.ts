import type { Expression } from './expression/ast.ts';
import type { ArchitectType, JsonValue } from './expression/value.ts';
import type { Position } from './position.ts';

/** Flow types that are read. Those for messages and mail have other actions and are refused by name. */
export type FlowType =
  'inboundCall' | 'outboundCall' | 'inqueueCall' | 'secureCall' | 'commonModule';

/** An expression with its text and the place of the text. */
export interface Written {
  readonly text: string;
  readonly expression: Expression;
  readonly position: Position;
}

/** A literal of the YAML: text, number, boolean, a duration, or the name of a thing. */
export type Literal =
  | { readonly kind: 'plain'; readonly value: string | number | boolean }
  | { readonly kind: 'duration'; readonly durationMs: number }
  /** `lit: {name: Payment_Support_Group}`. */
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'json'; readonly value: JsonValue };

/** `lit`, `exp` or `noValue`. */
export type Setting =
  | { readonly kind: 'literal'; readonly literal: Literal; readonly position: Position }
  | ({ readonly kind: 'expression' } & Written)
  | { readonly kind: 'none'; readonly position: Position };

/** `tts`, `prompt`, `exp` or `noValue`. A prompt keeps its prefix: `Prompt.x`, `PromptSystem.y`. */
export type AudioSetting =
  | { readonly kind: 'tts'; readonly text: string; readonly position: Position }
  | { readonly kind: 'prompt'; readonly name: string; readonly position: Position }
  | ({ readonly kind: 'expression' } & Written)
  | { readonly kind: 'none'; readonly position: Position };

/** The variable that an output is bound to; `null` for `noValue`. */
export interface Binding {
  readonly name: string;
  readonly variable: string | null;
  readonly position: Position;
}

/** A named input of a data action, task, module or screen pop. */
export interface Input {
  readonly name: string;
  readonly value: Setting;
  readonly position: Position;
}

export interface Variable {
  /** With its scope: `Flow.CustomerId`, `Task.PlanId`, `State.x`, `Common.y`. */
  readonly name: string;
  readonly type: ArchitectType;
  readonly initial: Setting;
  readonly isInput: boolean;
  readonly isOutput: boolean;
  /** Architect lets it be read by secure data actions, Extract Secure Data and audio alone. */
  readonly isSecure: boolean;
  readonly position: Position;
}

/** A reference to a task or menu, resolved: its `refId`. */
export interface Reference {
  readonly kind: 'task' | 'menu';
  readonly refId: string;
  /** As it was written. */
  readonly text: string;
  readonly position: Position;
}

/** Actions in order. A branch that does not end the flow goes on behind the action that it is part of. */
export type Sequence = readonly Action[];

/** A path out of an action, by its name in the YAML: `success`, `failure`, `yes`, `loop`, … */
export interface Branch {
  readonly name: string;
  readonly actions: Sequence;
  readonly position: Position;
}

interface ActionBase {
  /** `name` of the action; its type where the flow gives none. */
  readonly name: string;
  /** Its key in the YAML: the SDK's class name without `ArchAction`, first letter small. */
  readonly type: string;
  readonly position: Position;
}

export interface PlayAudio extends ActionBase {
  readonly kind: 'playAudio';
  readonly audio: AudioSetting;
}

export interface CollectInput extends ActionBase {
  readonly kind: 'collectInput';
  /** The variable that takes the digits, with its scope. */
  readonly into: string;
  /** `exact: n` is min = max = n without a terminator. 1 to 40 (Genesys SDK). */
  readonly min: number;
  readonly max: number;
  /** `0`…`9`, `*`, `#`; `null` where there is none. */
  readonly terminator: string | null;
  readonly interDigitTimeout: Setting;
  readonly noEntryTimeout: Setting;
  readonly audio: AudioSetting;
  readonly keepTerminator: boolean;
  readonly acceptJustStar: Setting;
  readonly acceptJustPound: Setting;
  /** What is read back to the caller. Card data takes `none` alone. */
  readonly verification: 'none' | 'individualDigits' | 'numeric';
  /** Asked with what was read back. */
  readonly verificationAudio: AudioSetting;
  readonly success: Branch | null;
  readonly failure: Branch | null;
}

export interface CallData extends ActionBase {
  readonly kind: 'callData';
  /** `callDataSecure`: the only action that a secure variable may go to. */
  readonly secure: boolean;
  readonly category: string;
  readonly action: string;
  readonly inputs: readonly Input[];
  readonly successOutputs: readonly Binding[];
  readonly failureOutputs: readonly Binding[];
  readonly timeout: Setting;
  readonly processingPrompt: AudioSetting;
  readonly success: Branch | null;
  readonly failure: Branch | null;
  readonly timedOut: Branch | null;
}

export interface Decision extends ActionBase {
  readonly kind: 'decision';
  readonly condition: Setting;
  readonly yes: Branch | null;
  readonly no: Branch | null;
}

export interface Switch extends ActionBase {
  readonly kind: 'switch';
  /** The first case whose value is true. */
  readonly cases: readonly { readonly value: Setting; readonly branch: Branch }[];
  readonly otherwise: Branch | null;
}

export interface Loop extends ActionBase {
  readonly kind: 'loop';
  /** Counts from 0. */
  readonly indexVariable: string | null;
  readonly count: Setting;
  readonly body: Branch | null;
}

export interface LoopStep extends ActionBase {
  readonly kind: 'loopNext' | 'loopExit';
}

export interface UpdateData extends ActionBase {
  readonly kind: 'updateData';
  readonly statements: readonly {
    readonly type: ArchitectType;
    readonly variable: string;
    readonly value: Setting;
    readonly position: Position;
  }[];
}

export interface CallTask extends ActionBase {
  readonly kind: 'callTask';
  readonly target: Reference;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Binding[];
  /** By the name of the task's output path. */
  readonly paths: readonly Branch[];
}

export interface EndTask extends ActionBase {
  readonly kind: 'endTask';
  readonly outputPath: string | null;
}

export interface Jump extends ActionBase {
  readonly kind: 'jumpToTask' | 'jumpToMenu';
  readonly target: Reference;
  /** Of a task. */
  readonly inputs: readonly Input[];
}

export interface PreviousMenu extends ActionBase {
  readonly kind: 'previousMenu' | 'repeatMenu';
}

export interface ParticipantData extends ActionBase {
  readonly kind: 'setParticipantData';
  readonly attributes: readonly {
    readonly name: Setting;
    readonly value: Setting;
    readonly position: Position;
  }[];
}

export interface ReadParticipantData extends ActionBase {
  readonly kind: 'getParticipantData';
  readonly attributes: readonly {
    readonly name: Setting;
    readonly variable: string | null;
    readonly position: Position;
  }[];
}

/** Every transfer out of the flow. In a secure flow its failure disconnects the call. */
export interface Transfer extends ActionBase {
  readonly kind: 'transfer';
  readonly to: 'acd' | 'flow' | 'flowSecure' | 'number' | 'user' | 'group' | 'voicemail';
  /** A queue, flow, number or user: `{name}` or an expression. */
  readonly target: Setting;
  readonly preTransferAudio: AudioSetting;
  readonly failureTransferAudio: AudioSetting;
  readonly connectTimeout: Setting;
  /** `acd` only. */
  readonly priority: Setting;
  readonly skills: readonly Setting[];
  readonly languageSkill: Setting;
  /** `flowSecure` only: becomes `Flow.InvocationData`, must not be sensitive. */
  readonly invocationData: Setting;
  /** What else it is given and the line does not use: preferred agents, a voicemail's greeting, … */
  readonly settings: readonly Input[];
  readonly failureOutputs: readonly Binding[];
  readonly failure: Branch | null;
}

export interface Ending extends ActionBase {
  readonly kind: 'disconnect' | 'returnToAgent';
}

export interface SetLanguage extends ActionBase {
  readonly kind: 'setLanguage';
  readonly language: Setting;
}

/** Sets, reads or logs something of the organisation; see `settings` for what exactly. */
export interface Lookup extends ActionBase {
  readonly kind: 'lookup';
  readonly settings: readonly Input[];
  readonly outputs: readonly Binding[];
  readonly paths: readonly Branch[];
}

export interface CallCommonModule extends ActionBase {
  readonly kind: 'callCommonModule';
  readonly module: string;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Binding[];
  readonly paths: readonly Branch[];
}

export interface ScreenPop extends ActionBase {
  readonly kind: 'setScreenPop';
  readonly script: string;
  readonly inputs: readonly Input[];
}

/** Read, checked and named, but not played by the line: `line` stops there with its name. */
export interface NotPlayed extends ActionBase {
  readonly kind: 'notPlayed';
  readonly settings: readonly Input[];
  readonly outputs: readonly Binding[];
  readonly paths: readonly Branch[];
}

export type Action =
  | PlayAudio
  | CollectInput
  | CallData
  | Decision
  | Switch
  | Loop
  | LoopStep
  | UpdateData
  | CallTask
  | EndTask
  | Jump
  | PreviousMenu
  | ParticipantData
  | ReadParticipantData
  | Transfer
  | Ending
  | SetLanguage
  | Lookup
  | CallCommonModule
  | ScreenPop
  | NotPlayed;

export interface Task {
  readonly name: string;
  readonly refId: string;
  readonly variables: readonly Variable[];
  /** Names of its output paths. */
  readonly outputPaths: readonly string[];
  readonly actions: Sequence;
  readonly position: Position;
}

export interface Choice {
  readonly name: string;
  /** `0`…`9`, `*`, `#`; `null` for a choice that is spoken only. */
  readonly key: string | null;
  /** Also while another menu is open or a task of this one runs. */
  readonly globalKey: boolean;
  /** Words by language. */
  readonly terms: Readonly<Record<string, readonly string[]>>;
  readonly globalTerms: boolean;
  /** What it does: an inline task's actions, or one action. */
  readonly actions: Sequence;
  readonly position: Position;
}

export interface Menu {
  readonly name: string;
  readonly refId: string;
  readonly audio: AudioSetting;
  readonly choices: readonly Choice[];
  /** Played before the choices are waited for again; `none` repeats `audio`. */
  readonly repeatAudio: AudioSetting;
  readonly selectionTimeout: Setting;
  readonly repeatCount: Setting;
  /** What follows when nothing was chosen; Architect's default is to disconnect. */
  readonly noSelection: Branch | null;
  readonly position: Position;
}

/** What a flow does when an action ends in an error that no branch takes. */
export interface ErrorHandling {
  readonly preHandlingAudio: AudioSetting;
  /** One action: disconnect, a jump, or a transfer. */
  readonly action: Action;
  readonly position: Position;
}

export interface FlowSettings {
  /** Architect's default is 5 s. */
  readonly noEntryTimeout: Setting;
  /** Architect's default is 3 s. */
  readonly interDigitTimeout: Setting;
  /** Default 10 s. */
  readonly menuSelectionTimeout: Setting;
  /** Default 3. */
  readonly menuRepeatCount: Setting;
  readonly speechEnabled: boolean;
  readonly errorHandling: ErrorHandling;
}

/** One Architect flow. */
export interface Flow {
  readonly type: FlowType;
  readonly name: string;
  readonly description: string;
  readonly defaultLanguage: string;
  readonly languages: readonly string[];
  readonly initialGreeting: AudioSetting;
  /** `null` for a flow that starts with its own actions (`startUpTaskActions`). */
  readonly startUp: Reference | null;
  readonly startUpActions: Sequence;
  readonly variables: readonly Variable[];
  readonly tasks: readonly Task[];
  readonly menus: readonly Menu[];
  readonly settings: FlowSettings;
  readonly file: string;
  readonly position: Position;
}
