import { Choices } from './choices.ts';
import { byId, element } from './dom.ts';
import { Journey } from './journey.ts';
import { Line } from './line.ts';
import type { CallEvent, FromLine, Setup } from './messages.ts';
import { offerMicrophone } from './microphone.ts';
import { Panels } from './panels.ts';
import { Picture } from './picture.ts';
import { KEYS, Sound } from './sound.ts';
import { Transcript } from './transcript.ts';

const LETTERS: Readonly<Record<string, string>> = {
  '2': 'ABC',
  '3': 'DEF',
  '4': 'GHI',
  '5': 'JKL',
  '6': 'MNO',
  '7': 'PQRS',
  '8': 'TUV',
  '9': 'WXYZ',
};
const NAMES: Readonly<Record<string, string>> = { '*': 'Star', '#': 'Pound' };

/** Keys shown in the display at the same time. */
const SHOWN_KEYS_MAX = 20;

/** What the other end does, and what it means for a key. */
const HINTS = {
  nothing: '',
  speaks: 'Speaking; a key interrupts',
  'speaks on': 'Speaking; this has to be heard to its end',
  listens: 'Listening',
} as const;

const OVER: Readonly<Record<string, string>> = {
  hung_up: 'You hung up',
  disconnected: 'The call has ended',
  transferred: 'With an agent',
  returned_to_agent: 'Back with the agent',
  failed: 'The line broke',
};

class Phone {
  readonly #sound = new Sound();
  readonly #transcript = new Transcript();
  readonly #journey = new Journey();
  readonly #panels = new Panels();
  readonly #picture: Picture;
  readonly #choices: Choices;
  readonly #display = byId('display', HTMLElement);
  readonly #state = byId('state', HTMLElement);
  readonly #time = byId('time', HTMLElement);
  readonly #keyed = byId('keyed', HTMLElement);
  readonly #lock = byId('lock', HTMLElement);
  readonly #hint = byId('hint', HTMLElement);
  readonly #call = byId('call', HTMLButtonElement);
  readonly #hangUp = byId('hang-up', HTMLButtonElement);
  #line: Line | null = null;
  #secure = false;
  #stopListening: () => void = () => undefined;
  /** Of the first frame of the call. */
  #startedAt: number | null = null;

  constructor(setup: Setup) {
    this.#picture = new Picture(setup.flows, setup.startFlow);
    this.#choices = new Choices(setup, (keys) => {
      for (const key of keys) this.press(key);
    });
    this.#drawKeypad();
    this.#listen();
    // For whoever wants to know whether it really sounds: the energy of what is heard right now.
    Object.assign(globalThis, { tokenlineEarpiece: this.#sound.analyser });
  }

  press(key: string): void {
    this.#sound.tone(key);
    if (!this.#secure) this.#blink(key);
    if (this.#line === null) return;
    this.#line.key(key);
    const shown = (this.#keyed.textContent ?? '') + (this.#secure ? '•' : key);
    this.#keyed.textContent = shown.slice(-SHOWN_KEYS_MAX);
    this.#transcript.keyed(key, this.#secure);
    if (this.#secure) this.#journey.keyed();
  }

  /** Not while the line is private: somebody may be looking on. */
  #blink(key: string): void {
    const button = byId('keypad', HTMLElement).querySelector(`[data-key="${CSS.escape(key)}"]`);
    button?.animate([{ filter: 'brightness(0.85)' }, {}], { duration: 160 });
  }

  #drawKeypad(): void {
    const keypad = byId('keypad', HTMLElement);
    for (const key of KEYS) {
      const button = element('button', 'key');
      button.type = 'button';
      button.dataset['key'] = key;
      if (NAMES[key] !== undefined) button.ariaLabel = NAMES[key];
      button.append(
        element('span', 'key-digit', key),
        element('span', 'key-letters', LETTERS[key]),
      );
      button.addEventListener('click', () => {
        void this.#sound.wake();
        this.press(key);
      });
      keypad.append(button);
    }
  }

  #listen(): void {
    this.#call.addEventListener('click', () => void this.#begin());
    this.#hangUp.addEventListener('click', () => this.#line?.hangUp());
    document.addEventListener('keydown', (event) => {
      const typing = event.target instanceof HTMLInputElement && event.target.type !== 'radio';
      if (typing || event.target instanceof HTMLSelectElement) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (KEYS.includes(event.key)) this.press(event.key);
    });
    const words = byId('words', HTMLInputElement);
    byId('say', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say(words.value.trim());
      words.value = '';
    });
    this.#stopListening = offerMicrophone(byId('microphone', HTMLButtonElement), {
      allowed: () => this.#line !== null && !this.#secure,
      said: (text) => this.#say(text),
    });
    const volume = byId('volume', HTMLInputElement);
    const mute = byId('mute', HTMLButtonElement);
    const set = (): void => {
      const share = mute.ariaPressed === 'true' ? 0 : Number(volume.value) / 100;
      this.#sound.setVolume(share);
    };
    volume.addEventListener('input', set);
    mute.addEventListener('click', () => {
      mute.ariaPressed = String(mute.ariaPressed !== 'true');
      set();
    });
    set();
  }

  #say(text: string): void {
    if (this.#line === null || text === '') return;
    this.#line.say(text);
    this.#transcript.said(text);
  }

  async #begin(): Promise<void> {
    await this.#sound.wake();
    this.#clear();
    this.#busy(true);
    this.#tell('Calling');
    this.#startedAt = null;
    const line = new Line(
      this.#choices.chosen(),
      (message) => this.#take(line, message),
      () => this.#over(line, 'failed'),
    );
    this.#line = line;
    requestAnimationFrame((now) => this.#tick(now));
  }

  #clear(): void {
    this.#transcript.clear();
    this.#journey.clear();
    this.#panels.clear();
    this.#picture.clear();
    this.#keyed.textContent = '';
    this.#private(false);
  }

  #busy(on: boolean): void {
    this.#call.disabled = on;
    this.#hangUp.disabled = !on;
    this.#choices.lock(on);
    (on ? this.#hangUp : this.#call).focus();
  }

  #take(line: Line, message: FromLine): void {
    if (line !== this.#line) return;
    if (message.type === 'play') {
      this.#transcript.pause();
      this.#keyed.textContent = '';
      this.#hear(message.bargeIn ? 'speaks' : 'speaks on');
      void this.#sound
        .play(message.pieces, ({ words }) => this.#transcript.heard(words))
        .then((heard) => {
          if (!heard) return;
          this.#hear('listens');
          line.heard(message.id);
        });
    }
    if (message.type === 'stop') {
      this.#sound.stop();
      this.#hear('listens');
    }
    if (message.type === 'event') this.#event(message.event);
    if (message.type === 'with_agent') this.#withAgent(message.address);
    if (message.type === 'over') this.#over(line, message.how);
  }

  /** The call goes on with a person, at a desktop of its own; `null` where it does not. */
  #withAgent(address: string | null): void {
    byId('with-agent', HTMLElement).hidden = address === null;
    if (address === null) return;
    byId('agent-desktop', HTMLAnchorElement).href = address;
    this.#hear('nothing');
    this.#tell('With an agent');
  }

  #event(event: CallEvent): void {
    if (event.kind === 'answered') this.#tell('In a call');
    if (event.kind === 'action_entered') this.#picture.at(event.action);
    if (event.kind === 'menu_entered') this.#picture.in(event.flow, event.menu);
    if (event.kind === 'secure') this.#private(event.on);
    if (event.kind === 'flow_entered') this.#withAgent(null);
    this.#transcript.take(event);
    this.#journey.take(event);
    this.#panels.take(event);
  }

  /** What the other end does: a key interrupts it, or has to wait. */
  #hear(what: keyof typeof HINTS): void {
    this.#display.dataset['hears'] = what;
    this.#hint.textContent = HINTS[what];
  }

  #private(on: boolean): void {
    this.#secure = on;
    if (on) this.#stopListening();
    this.#display.dataset['secure'] = String(on);
    this.#lock.hidden = !on;
    this.#keyed.textContent = '';
  }

  #over(line: Line, how: string): void {
    if (line !== this.#line) return;
    this.#withAgent(null);
    this.#line = null;
    line.close();
    if (how !== 'transferred') this.#sound.stop();
    this.#private(false);
    this.#hear('nothing');
    const words = OVER[how] ?? 'The call has ended';
    this.#tell(words);
    this.#transcript.remark(words, how === 'failed' ? 'trouble' : 'end');
    this.#busy(false);
  }

  #tell(text: string): void {
    this.#state.textContent = text;
  }

  /** The time of the call, as often as the screen is drawn anyway. */
  #tick(now: number): void {
    if (this.#line === null) return;
    this.#startedAt ??= now;
    const seconds = Math.floor((now - this.#startedAt) / 1000);
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (this.#time.textContent !== text) this.#time.textContent = text;
    requestAnimationFrame((later) => this.#tick(later));
  }
}

const answer = await fetch('/phone/setup');
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from our own server
const setup = (await answer.json()) as Setup;
const phone = new Phone(setup);
document.documentElement.dataset['ready'] = String(phone instanceof Phone);
