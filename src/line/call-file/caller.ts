import type { Sound } from '../../architect/expression/value.ts';
import { sleep, type Clock } from '../../system/clock.ts';
import type { ActionPlace, CallEvent, PromptTexts } from '../call.ts';
import type { SoundLengths } from '../speech/lengths.ts';
import type { CallerEvent, KeyCode, Telephone, TransferTarget } from '../telephone.ts';
import type { CallFile, EnteredCard, Move, Step } from './step.ts';
import { plainWords } from './words.ts';

/** What a key costs at normal speed. */
const KEY_MS = 400;
/** What a word or a sentence of the caller costs. */
const SPEECH_MS = 1_000;
/** How far into a prompt a caller interrupts it. */
const INTERRUPT_MS = 1_000;

/** How long a caller waits for what a card on a page leads to, such as its decline. */
const PAGE_MS = 30_000;

/** Something that was played, with the action of the flow that it came from. */
export interface Heard {
  readonly text: string;
  readonly action: ActionPlace | null;
}

/** Why a call is not what its file says, and where the file says it. */
export interface Failure {
  readonly step: Step | null;
  readonly message: string;
  /** What was heard instead, where that explains it. */
  readonly heard: readonly Heard[];
}

const NOTHING_MORE =
  'the flow waits for the caller, and the file has nothing more; add "hangs up", "waits" or what the caller does';

type MoveStep = Extract<Step, { verb: 'move' }>;

export interface CallerSetup {
  readonly clock: Clock;
  readonly lengths: SoundLengths;
  readonly promptTexts: PromptTexts;
  readonly takesTransfers: boolean;
  /** Enters a card on a page. @returns what was in the way, or `null`. */
  readonly opensLink: (card: EnteredCard) => Promise<string | null>;
  /** Told of every key and word at once. */
  readonly did: (what: string) => void;
}

/**
 * A telephone with a caller who does what a call file says: hears every prompt to its end, acts when
 * the flow listens, and gives up at the first thing that is not as the file has it.
 */
export class ScriptedCaller implements Telephone {
  readonly #setup: CallerSetup;
  readonly #moves: MoveStep[];
  readonly #keys: KeyCode[] = [];
  /** Played since the last move. */
  #heard: Heard[] = [];
  #silentUntilMs: number | null = null;
  /** Keys since something was played: who has begun to dial may stop. */
  #dialled = 0;
  #patientUntilMs = 0;
  #secure = false;
  #failure: Failure | null = null;
  #ended = false;
  #end: () => void = () => {};
  readonly whenEnded: Promise<void>;
  #playing: { readonly sounds: readonly Sound[]; readonly action: ActionPlace | null } | null =
    null;
  readonly transfers: TransferTarget[] = [];
  /** Every run of keys, for the search for card digits. */
  readonly keyed: string[] = [];
  #hungUp = false;

  constructor(file: CallFile, setup: CallerSetup) {
    this.#setup = setup;
    this.#moves = [...file.moves];
    this.whenEnded = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  get hungUp(): boolean {
    return this.#hungUp;
  }

  get failure(): Failure | null {
    return this.#failure;
  }

  /** Takes note of what the flow is about to play. */
  observe(event: CallEvent): void {
    if (event.kind === 'playing') this.#playing = event;
  }

  async play(
    sounds: readonly Sound[],
    { bargeIn }: { readonly bargeIn: boolean },
  ): Promise<'heard' | 'interrupted' | 'hung_up'> {
    if (this.#ended || this.#hangsUpNow()) return 'hung_up';
    if (bargeIn && this.#keys.length > 0) return 'interrupted';
    this.#hear(sounds);
    this.#dialled = 0;
    const lengthMs = sounds.reduce((sum, sound) => sum + this.#setup.lengths.durationMs(sound), 0);
    const interrupted = await this.#interrupts(lengthMs);
    if (interrupted && bargeIn && !this.#ended) return 'interrupted';
    await this.#listen(interrupted ? lengthMs - INTERRUPT_MS : lengthMs);
    return this.#ended || this.#hangsUpNow() ? 'hung_up' : 'heard';
  }

  async next(waitMs: number, listening: boolean): Promise<CallerEvent | null> {
    let leftMs = waitMs;
    for (;;) {
      if (this.#ended || this.#hangsUpNow()) return { kind: 'hung_up' };
      const key = this.#keys.shift();
      if (key !== undefined) {
        this.#dialled += 1;
        await sleep(this.#setup.clock, KEY_MS);
        return { kind: 'key', code: key };
      }
      const waitedMs = await this.#keepSilent(leftMs);
      if (waitedMs === 'over') return null;
      leftMs -= waitedMs;
      if (waitedMs > 0) continue;
      const step = this.#nextMove();
      if (step === 'silent') {
        await this.#listen(leftMs);
        return this.#ended ? { kind: 'hung_up' } : null;
      }
      if (step?.move.kind === 'says') return this.#say(step, step.move.words, listening);
      if (step?.move.kind === 'dials') this.#dial(step.move);
      if (step?.move.kind === 'opens_link') await this.#openLink(step, step.move.card);
    }
  }

  flush(): void {
    this.#keys.length = 0;
  }

  secure(on: boolean): void {
    this.#secure = on;
  }

  async transfer(target: TransferTarget): Promise<boolean> {
    if (!this.#setup.takesTransfers) return false;
    this.transfers.push(target);
    this.#over();
    return true;
  }

  async hangUp(): Promise<void> {
    this.#over();
  }

  /** Whether the caller goes while this action runs. */
  hangsUpDuring(action: string): boolean {
    const move = this.#next()?.move;
    return move?.kind === 'hangs_up' && move.during === action && this.#unheard() === null;
  }

  /** The caller hangs up. */
  leave(): void {
    this.#moves.splice(0, this.#hearsCount() + 1);
    this.#hungUp = true;
    this.#setup.did('hangs up');
    this.#over();
  }

  /** The call is over: what has not been done or heard by now will never be. */
  finish(): void {
    if (this.#failure !== null) return;
    const unheard = this.#unheard();
    if (unheard !== null) return this.#notHeard(unheard);
    const next = this.#next();
    if (next !== null) this.#fail(next, 'the call was over before the caller could do this');
  }

  #over(): void {
    this.#ended = true;
    this.#end();
  }

  #hear(sounds: readonly Sound[]): void {
    const action = this.#playing?.sounds === sounds ? this.#playing.action : null;
    const text = sounds.map((sound) => this.#wordsOf(sound)).join(' ');
    this.#heard.push({ text, action });
  }

  #wordsOf(sound: Sound): string {
    if (sound.kind === 'silence') return '';
    if (sound.kind === 'speech') return sound.text;
    const { promptTexts } = this.#setup;
    return promptTexts(sound.name, sound.language) ?? `[no text for ${sound.name}]`;
  }

  /** Time in which the caller may be cut off, but does nothing. */
  async #listen(forMs: number): Promise<void> {
    const cut = new AbortController();
    void this.whenEnded.then(() => cut.abort());
    if (forMs > 0) await sleep(this.#setup.clock, forMs, cut.signal);
  }

  /** How many lines tell what is heard before the caller does the next thing. */
  #hearsCount(): number {
    const count = this.#moves.findIndex(({ move }) => move.kind !== 'hears');
    return count < 0 ? this.#moves.length : count;
  }

  /** The next thing to do. */
  #next(): MoveStep | null {
    return this.#moves[this.#hearsCount()] ?? null;
  }

  /** The first line before the next thing to do that does not hold by now. */
  #unheard(): MoveStep | null {
    const all = this.#heard.map(({ text }) => plainWords(text)).join(' ');
    let from = 0;
    for (const step of this.#moves.slice(0, this.#hearsCount())) {
      if (step.move.kind !== 'hears') break;
      const words = plainWords(step.move.words);
      const at = step.move.wanted ? all.indexOf(words, from) : all.indexOf(words);
      if (step.move.wanted === at < 0) return step;
      if (step.move.wanted) from = at + words.length;
    }
    return null;
  }

  #hangsUpNow(): boolean {
    const move = this.#next()?.move;
    if (move?.kind !== 'hangs_up' || move.during !== null) return false;
    if (this.#unheard() !== null) return false;
    this.leave();
    return true;
  }

  /** Dials into a prompt, where the file says so. */
  async #interrupts(lengthMs: number): Promise<boolean> {
    const move = this.#next()?.move;
    if (move?.kind !== 'dials' || !move.interrupts || this.#unheard() !== null) return false;
    await this.#listen(Math.min(INTERRUPT_MS, lengthMs));
    if (this.#ended) return false;
    this.#moves.splice(0, this.#hearsCount() + 1);
    this.#dial(move);
    return true;
  }

  /** @returns how long it was waited, or `over` when the flow's patience ended first. */
  async #keepSilent(leftMs: number): Promise<number | 'over'> {
    if (this.#silentUntilMs === null) return 0;
    const { clock } = this.#setup;
    const silentMs = this.#silentUntilMs - clock.monotonicMs();
    if (silentMs >= leftMs) {
      await this.#listen(leftMs);
      if (!Number.isFinite(silentMs)) this.#silentUntilMs = null;
      return this.#ended ? leftMs : 'over';
    }
    this.#silentUntilMs = null;
    if (silentMs <= 0) return 0;
    await this.#listen(silentMs);
    return silentMs;
  }

  /** What to do now that the flow listens; `null` to look again, `silent` to let it go on. */
  #nextMove(): MoveStep | 'silent' | null {
    const unheard = this.#unheard();
    const step = this.#next();
    if (unheard !== null || step === null) {
      // Who has dialled may wait for the flow to notice that no further digit comes.
      if (this.#dialled > 0 || this.#isPatient()) return 'silent';
      if (unheard !== null) this.#notHeard(unheard);
      else this.#fail(null, NOTHING_MORE);
      return null;
    }
    if (step.move.kind === 'hangs_up') {
      this.#fail(step, `"${step.move.during ?? ''}" did not run before the flow waited again`);
      return null;
    }
    this.#moves.splice(0, this.#hearsCount() + 1);
    if (step.move.kind === 'waits') {
      this.#moved();
      const { durationMs } = step.move;
      const nowMs = this.#setup.clock.monotonicMs();
      this.#silentUntilMs = durationMs === null ? Number.POSITIVE_INFINITY : nowMs + durationMs;
      return null;
    }
    return step;
  }

  #dial({ keys }: Extract<Move, { kind: 'dials' }>): void {
    this.#moved();
    this.keyed.push(keys.replaceAll(/[^0-9]/g, ''));
    this.#setup.did(`dials ${this.#secure ? keys.replaceAll(/[0-9]/g, '•') : keys}`);
    for (const key of keys) this.#keys.push(key.charCodeAt(0));
  }

  async #say(step: MoveStep, words: string, listening: boolean): Promise<CallerEvent> {
    this.#moved();
    this.#setup.did(`says ${words}`);
    await sleep(this.#setup.clock, SPEECH_MS);
    if (listening) return { kind: 'speech', text: words };
    this.#fail(step, 'the flow listens to keys only here, not to words');
    return { kind: 'hung_up' };
  }

  /** Who has entered a card on a page waits for the flow to notice. */
  #isPatient(): boolean {
    return this.#unheard() !== null && this.#setup.clock.monotonicMs() < this.#patientUntilMs;
  }

  async #openLink(step: MoveStep, card: EnteredCard): Promise<void> {
    this.#moved();
    this.#patientUntilMs = this.#setup.clock.monotonicMs() + PAGE_MS;
    this.keyed.push(card.number);
    this.#setup.did('opens the link and pays');
    const inTheWay = await this.#setup.opensLink(card);
    if (inTheWay !== null) this.#fail(step, inTheWay);
  }

  #moved(): void {
    this.#heard = [];
  }

  #notHeard(step: MoveStep): void {
    const words = step.move.kind === 'hears' ? step.move.words : '';
    const wanted = step.move.kind !== 'hears' || step.move.wanted;
    this.#fail(step, wanted ? `did not hear "${words}"` : `heard "${words}"`, this.#heard);
  }

  /** The caller hangs up: what would follow says nothing any more. */
  #fail(step: Step | null, message: string, heard: readonly Heard[] = this.#heard): void {
    this.#failure ??= { step, message, heard: [...heard] };
    this.#over();
  }
}
