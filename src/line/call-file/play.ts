import type { Position } from '../../architect/position.ts';
import type { CallEnd, CallEvent, FlowSet, PromptTexts } from '../call.ts';
import { playCall } from '../play-call.ts';
import type { SoundLengths } from '../speech/lengths.ts';
import { ScriptedCaller, type Failure, type Heard } from './caller.ts';
import { findDigits } from './digits.ts';
import { fatedActions, type FatedActions } from './fated-actions.ts';
import { judge } from './judge.ts';
import type { CallFile, Given } from './step.ts';
import { callerLine, transcriptLine } from './transcript.ts';
import {
  NotHere,
  type CallPlace,
  type CallWorld,
  type SystemGiven,
  type Unanswered,
} from './world.ts';

/** What all calls of a run share. */
export interface CallStage {
  readonly flows: FlowSet;
  /** The flow of a file that names none. */
  readonly startFlow: string;
  readonly promptTexts: PromptTexts;
  readonly lengths: SoundLengths;
  /** Called for every event as it happens, for whoever watches or listens. */
  readonly observe?: (event: CallEvent) => void;
}

/** A line of the file that does not hold, or something that holds for every file. */
export interface CallFailure {
  readonly position: Position;
  /** The line as it was written; empty for what the runner adds. */
  readonly text: string;
  readonly message: string;
  readonly heard: readonly Heard[];
}

/** Where a call has been, for whoever adds calls up: each once, in the order of the first time. */
export interface CallTrail {
  /** Every action that was entered, as `file:line`. */
  readonly actions: readonly string[];
  /** Every prompt that was played, as `en-us tokenline_greeting`. */
  readonly prompts: readonly string[];
}

export interface CallReport {
  readonly file: string;
  readonly title: string;
  readonly failures: readonly CallFailure[];
  readonly transcript: readonly string[];
  readonly trail: CallTrail;
  /** From answer to end, as a caller would have spent it. */
  readonly lineMs: number;
}

/** The number that was called, where nothing depends on it. */
const DNIS = '+13175550190';

/**
 * Plays a call file against a system, and judges what came of it. The last thing that it looks at is
 * in no file: that no card digit was left anywhere.
 */
export async function playCallFile(
  file: CallFile,
  world: CallWorld,
  stage: CallStage,
  interactionId: string,
): Promise<CallReport> {
  const call = new FileCall(file, world, stage, interactionId);
  return call.play();
}

class FileCall {
  readonly #file: CallFile;
  readonly #world: CallWorld;
  readonly #stage: CallStage;
  readonly #place: CallPlace;
  readonly #failures: CallFailure[] = [];
  readonly #transcript: string[] = [];
  readonly #events: CallEvent[] = [];
  #startedMs = 0;

  constructor(file: CallFile, world: CallWorld, stage: CallStage, interactionId: string) {
    this.#file = file;
    this.#world = world;
    this.#stage = stage;
    this.#place = { interactionId, ani: file.ani };
  }

  async play(): Promise<CallReport> {
    let lineMs = 0;
    try {
      await this.#prepare();
      if (this.#failures.length === 0) lineMs = (await this.#call()).durationMs;
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      this.#fail(this.#start(), '', error.message);
    }
    const { file, title } = this.#file;
    const trail = trailOf(this.#events);
    return { file, title, failures: this.#failures, transcript: this.#transcript, trail, lineMs };
  }

  #start(): Position {
    return { file: this.#file.file, line: 1, column: 1 };
  }

  #fail(position: Position, text: string, message: string, heard: readonly Heard[] = []): void {
    this.#failures.push({ position, text, message, heard });
  }

  async #prepare(): Promise<void> {
    const { flows } = this.#stage;
    if (!flows.has(this.#startFlow())) {
      const named = this.#file.givens.find(({ given }) => given.kind === 'flow');
      const known = [...flows.keys()].join(', ');
      const message = `there is no flow '${this.#startFlow()}'; there is ${known}`;
      return this.#fail(named?.position ?? this.#start(), named?.text ?? '', message);
    }
    for (const step of this.#file.givens) {
      if (!isForSystem(step.given)) continue;
      try {
        await this.#world.prepare([step.given], this.#place);
      } catch (error) {
        if (!(error instanceof NotHere)) throw error;
        this.#fail(step.position, step.text, error.message);
      }
    }
    // What was there before this call is counted from here, also where nothing is given.
    await this.#world.prepare([], this.#place);
  }

  #startFlow(): string {
    const { flows, startFlow } = this.#stage;
    const wanted = this.#given('flow')?.name ?? startFlow;
    if (flows.has(wanted)) return wanted;
    // A file may name the flow by its file, which is how its author knows it.
    const byFile = [...flows].find(([, flow]) => /([^/]+)\.ya?ml$/.exec(flow.file)?.[1] === wanted);
    return byFile?.[0] ?? wanted;
  }

  #given<K extends Given['kind']>(kind: K): Extract<Given, { kind: K }> | null {
    const isIt = (given: Given): given is Extract<Given, { kind: K }> => given.kind === kind;
    return this.#file.givens.map(({ given }) => given).find(isIt) ?? null;
  }

  async #call(): Promise<CallEnd> {
    const { clock, dataActions } = this.#world;
    const { flows, promptTexts, lengths } = this.#stage;
    this.#startedMs = clock.monotonicMs();
    const caller = new ScriptedCaller(this.#file, {
      clock,
      lengths,
      promptTexts,
      takesTransfers: this.#given('transfer_fails') === null,
      opensLink: (card) => this.#world.openLink(this.#place, card),
      did: (what) => this.#transcript.push(callerLine(clock.monotonicMs() - this.#startedMs, what)),
    });
    const givens = this.#file.givens.map(({ given }) => given);
    const fated = fatedActions(dataActions, givens, caller, clock);
    const invocationData = this.#given('invocation_data')?.text;
    const end = await playCall({
      flows,
      startFlow: this.#startFlow(),
      telephone: caller,
      dataActions: fated.dataActions,
      conversationId: this.#place.interactionId,
      ani: this.#place.ani,
      dnis: DNIS,
      ...(invocationData === undefined ? {} : { invocationData }),
      participantData: this.#attributes(),
      clock,
      observe: (event) => this.#observe(event, caller),
    });
    caller.finish();
    if (caller.failure !== null) this.#failOfCaller(caller.failure);
    await this.#judge(end, caller, fated);
    return end;
  }

  #attributes(): Record<string, string> {
    return Object.fromEntries(
      this.#file.givens.flatMap(({ given }) =>
        given.kind === 'attribute' ? [[given.name, given.value] as const] : [],
      ),
    );
  }

  #observe(event: CallEvent, caller: ScriptedCaller): void {
    caller.observe(event);
    this.#events.push(event);
    const line = transcriptLine(event, this.#stage.promptTexts);
    if (line !== null) this.#transcript.push(line);
    this.#stage.observe?.(event);
  }

  #failOfCaller({ step, message, heard }: Failure): void {
    this.#fail(step?.position ?? this.#lastMove(), step?.text ?? '', message, heard);
  }

  #lastMove(): Position {
    return this.#file.moves.at(-1)?.position ?? this.#start();
  }

  async #judge(end: CallEnd, caller: ScriptedCaller, fated: FatedActions): Promise<void> {
    const facts = await this.#world.facts(this.#place);
    const call = { place: this.#place, end, events: this.#events, facts };
    const mayFail = this.#file.expectations.some(
      ({ expectation: { kind, ...rest } }) =>
        kind === 'ended' && 'how' in rest && rest.how === 'the flow failed',
    );
    if (!mayFail && end.how.kind === 'disconnected' && end.how.fault !== null) {
      const { message, position } = end.how.fault;
      this.#fail(
        this.#lastMove(),
        '',
        `the flow failed at ${position.file}:${position.line}: ${message}`,
      );
    }
    for (const { expectation, position, text } of this.#file.expectations) {
      const instead = judge(expectation, call);
      if (instead !== null) this.#fail(position, text, instead);
    }
    this.#judgeGivens(facts.unanswered, fated.unused());
    const traces = {
      ...(await this.#world.traces(this.#place)),
      'participant attributes': JSON.stringify(end.participantData),
      'events of the call': JSON.stringify(this.#events),
      transcript: this.#transcript.join('\n'),
    };
    for (const found of findDigits(caller.keyed, traces)) this.#fail(this.#start(), '', found);
  }

  /** A given that nobody meets is a story that was not told. */
  #judgeGivens(unanswered: readonly Unanswered[], unused: readonly string[]): void {
    // After a failure the call has not gone as far as the file does.
    if (this.#failures.length > 0) return;
    for (const { operation, answer } of unanswered) {
      this.#failOfGiven(
        `the gateway was never asked for its answer ${answer} to ${operation}`,
        (given) =>
          given.kind === 'gateway' &&
          given.operation === operation &&
          given.answers.includes(answer),
      );
    }
    for (const action of unused) {
      this.#failOfGiven(
        `data action "${action}" did not run that often`,
        (given) => given.kind === 'data_action' && given.action === action,
      );
    }
  }

  /** The last line that gave it: what is given is met in the order of the lines. */
  #failOfGiven(message: string, isIt: (given: Given) => boolean): void {
    const step = this.#file.givens.findLast(({ given }) => isIt(given));
    this.#fail(step?.position ?? this.#start(), step?.text ?? '', message);
  }
}

function trailOf(events: readonly CallEvent[]): CallTrail {
  const actions = new Set<string>();
  const prompts = new Set<string>();
  for (const event of events) {
    if (event.kind === 'action_entered') {
      const { file, line } = event.action.position;
      actions.add(`${file}:${line}`);
    }
    if (event.kind !== 'playing') continue;
    for (const sound of event.sounds) {
      if (sound.kind === 'prompt') prompts.add(`${sound.language} ${sound.name}`);
    }
  }
  return { actions: [...actions], prompts: [...prompts] };
}

const FOR_SYSTEM: ReadonlySet<string> = new Set([
  'gateway',
  'away',
  'switched_off',
  'breaker_open',
  'subscribed',
  'changed',
  'cards_tried',
  'pay_link',
]);

function isForSystem(given: Given): given is SystemGiven {
  return FOR_SYSTEM.has(given.kind);
}
