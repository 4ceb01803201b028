import assert from 'node:assert/strict';
import type { Sound, Value } from '../../src/architect/expression/value.ts';
import type { Flow } from '../../src/architect/model.ts';
import { readFlow } from '../../src/architect/read.ts';
import { SecretBytes } from '../../src/card/secret.ts';
import type {
  CallEnd,
  CallEvent,
  CallSetup,
  DataActionRequest,
  DataActionResult,
  DataActions,
} from '../../src/line/call.ts';
import { playCall } from '../../src/line/play-call.ts';
import { ManualClock } from '../clock.ts';
import { TestTelephone } from './test-telephone.ts';

/** Longer than any call of these tests. */
const LONG_MS = 60 * 60 * 1000;

/** An input as a test compares it: text and numbers as they are, a secret in brackets. */
export type SeenInput = string | number | boolean | null;

/** Data actions that a test answers. What they were given is kept as it was at that moment. */
export class TestDataActions implements DataActions {
  readonly requests: { action: string; inputs: Record<string, SeenInput> }[] = [];
  /** Those that were lent, to see that they are wiped. */
  readonly secrets: SecretBytes[] = [];
  readonly timeouts: (number | null)[] = [];
  readonly #answer: (request: DataActionRequest) => Promise<DataActionResult> | DataActionResult;

  constructor(
    answer: (request: DataActionRequest) => Promise<DataActionResult> | DataActionResult,
  ) {
    this.#answer = answer;
  }

  async run(request: DataActionRequest, timeoutMs: number | null): Promise<DataActionResult> {
    this.timeouts.push(timeoutMs);
    const inputs = Object.entries(request.inputs).map(([name, input]) => [name, this.#seen(input)]);
    this.requests.push({ action: request.action, inputs: Object.fromEntries(inputs) as never });
    return this.#answer(request);
  }

  #seen(input: Value | SecretBytes): SeenInput {
    if (input instanceof SecretBytes) {
      this.secrets.push(input);
      return `[${Buffer.from(input.reveal()).toString('latin1')}]`;
    }
    if (input.type === 'not_set') return null;
    return 'value' in input ? (input.value as SeenInput) : null;
  }
}

export function flowOf(yaml: string, file = 'flow.yaml'): Flow {
  const { flow, problems } = readFlow(yaml, file, {});
  assert.deepEqual(problems, []);
  assert.ok(flow);
  return flow;
}

/** Lines of YAML, moved to the right. */
function indented(lines: string, by: number): string {
  return lines
    .replace(/^\n+|\s+$/g, '')
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}`)
    .join('\n');
}

export interface FlowParts {
  readonly type?: 'inboundCall' | 'secureCall';
  readonly name?: string;
  /** YAML list of variables of the flow. */
  readonly variables?: string;
  /** YAML list of variables of the start task. */
  readonly taskVariables?: string;
  /** Further tasks: YAML list items. */
  readonly tasks?: string;
  readonly menus?: string;
  /** Further top members of the flow, such as `settingsErrorHandling`. */
  readonly settings?: string;
  /** Where the flow starts, if not with the start task. */
  readonly startUpRef?: string;
  readonly languages?: readonly string[];
}

/** A flow whose start task does `actions`, a YAML list. */
export function flowThat(actions: string, parts: FlowParts = {}): Flow {
  const { type = 'inboundCall', name = 'Front', languages = ['en-us', 'es-us'] } = parts;
  const yaml = [
    `${type}:`,
    `  name: ${name}`,
    '  defaultLanguage: en-us',
    `  startUpRef: ${parts.startUpRef ?? `/${type}/tasks/task[start]`}`,
    '  supportedLanguages:',
    ...languages.map((language) => `    ${language}: {defaultLanguageSkill: {noValue: true}}`),
    ...(parts.settings === undefined ? [] : [indented(parts.settings, 2)]),
    ...(parts.variables === undefined ? [] : ['  variables:', indented(parts.variables, 4)]),
    ...(parts.menus === undefined ? [] : ['  menus:', indented(parts.menus, 4)]),
    '  tasks:',
    '    - task:',
    '        name: Start',
    '        refId: start',
    ...(parts.taskVariables === undefined
      ? []
      : ['        variables:', indented(parts.taskVariables, 10)]),
    '        actions:',
    indented(actions, 10),
    ...(parts.tasks === undefined ? [] : [indented(parts.tasks, 4)]),
    '',
  ].join('\n');
  return flowOf(yaml);
}

/** Words that a caller heard, prompts by their name. */
export function words(sounds: readonly Sound[]): string[] {
  return sounds.flatMap((sound) => {
    if (sound.kind === 'speech') return [sound.text];
    return sound.kind === 'prompt' ? [`<${sound.name}>`] : [];
  });
}

export interface Playing {
  readonly clock: ManualClock;
  readonly telephone: TestTelephone;
  readonly events: CallEvent[];
  readonly setup: CallSetup;
  readonly call: Promise<CallEnd>;
  /** Lets time pass until the call has ended. */
  end(): Promise<CallEnd>;
  heard(): string[];
  of<K extends CallEvent['kind']>(kind: K): Extract<CallEvent, { kind: K }>[];
}

/** Begins a call on a telephone that the test moves. */
export function playing(
  flows: Flow | readonly Flow[],
  options: Partial<Omit<CallSetup, 'flows'>> = {},
): Playing {
  const clock = new ManualClock();
  const telephone = new TestTelephone(clock);
  const events: CallEvent[] = [];
  const all = Array.isArray(flows) ? (flows as readonly Flow[]) : [flows as Flow];
  const setup: CallSetup = {
    flows: new Map(all.map((flow) => [flow.name, flow])),
    startFlow: all[0]?.name ?? '',
    telephone,
    dataActions: new TestDataActions(() => ({ kind: 'failure', reason: 'no test answers this' })),
    conversationId: 'conversation_a',
    ani: '+1 317 555 0100',
    dnis: '+1 317 555 0199',
    clock,
    observe: (event) => void events.push(event),
    ...options,
  };
  const call = playCall(setup);
  // Who looks at it later is told then.
  call.catch(() => {});
  return {
    clock,
    telephone,
    events,
    setup,
    call,
    async end() {
      await clock.advance(LONG_MS);
      return call;
    },
    heard: () => words(telephone.heard),
    of: (kind) => events.filter((event) => event.kind === kind) as never,
  };
}

/** `- playAudio` that says one text. */
export function say(text: string): string {
  return `- playAudio: {name: Say, audio: {tts: ${text}}}`;
}

/** Why the call was disconnected, where nobody meant it to be. */
export function faultOf(end: CallEnd): string {
  return end.how.kind === 'disconnected' ? (end.how.fault?.message ?? '') : '';
}
