import type { Piece } from './messages.ts';

/** Row and column of the keypad in hertz (ITU-T Q.23). */
const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477];
export const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

const TONE_S = 0.16;
/** Each of the two; together they stay well below the voice. */
const TONE_GAIN = 0.09;
const FADE_S = 0.008;

interface Playing {
  readonly sources: Set<AudioScheduledSourceNode>;
  /** Shows what has not begun yet. */
  readonly showRest: () => void;
  stopped: boolean;
}

/** The earpiece: clips one after the other, key tones, volume. */
export class Sound {
  readonly #context = new AudioContext();
  readonly #volume = this.#context.createGain();
  /** What comes out; a test reads its energy. */
  readonly analyser = this.#context.createAnalyser();
  readonly #kept = new Map<string, Promise<AudioBuffer | null>>();
  #playing: Playing | null = null;

  constructor() {
    this.#volume.connect(this.analyser);
    this.analyser.connect(this.#context.destination);
  }

  /** Browsers keep a page silent until somebody has clicked in it. */
  async wake(): Promise<void> {
    if (this.#context.state !== 'running') await this.#context.resume();
  }

  setVolume(share: number): void {
    // Heard loudness goes with the square, roughly.
    this.#volume.gain.setTargetAtTime(share * share, this.#context.currentTime, 0.02);
  }

  tone(key: string): void {
    const place = KEYS.indexOf(key);
    const start = this.#context.currentTime;
    const gain = this.#context.createGain();
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(TONE_GAIN, start + FADE_S);
    gain.gain.setValueAtTime(TONE_GAIN, start + TONE_S - FADE_S);
    gain.gain.linearRampToValueAtTime(0, start + TONE_S);
    gain.connect(this.#volume);
    for (const frequency of [ROWS_HZ[Math.floor(place / 3)], COLUMNS_HZ[place % 3]]) {
      const tone = this.#context.createOscillator();
      tone.frequency.value = frequency ?? 0;
      tone.connect(gain);
      tone.start(start);
      tone.stop(start + TONE_S);
    }
  }

  /**
   * Plays pieces in order; all are fetched at once, so that the second is there when the first ends.
   *
   * @param each is told of a piece when it begins.
   * @returns whether everything has been heard.
   */
  async play(pieces: readonly Piece[], each: (piece: Piece) => void): Promise<boolean> {
    // The line has gone on without us: what it said must not be lost.
    this.#playing?.showRest();
    this.stop();
    let begun = 0;
    const playing: Playing = {
      sources: new Set(),
      showRest: () => pieces.slice(begun).forEach(each),
      stopped: false,
    };
    this.#playing = playing;
    const buffers = pieces.map((piece) => this.#buffer(piece));
    for (const [index, piece] of pieces.entries()) {
      const buffer = await buffers[index];
      if (playing.stopped) return false;
      begun = index + 1;
      each(piece);
      if (buffer) await this.#one(playing, buffer);
      if (playing.stopped) return false;
    }
    this.#playing = null;
    return true;
  }

  stop(): void {
    if (this.#playing === null) return;
    this.#playing.stopped = true;
    for (const source of this.#playing.sources) source.stop();
    this.#playing = null;
  }

  #one(playing: Playing, buffer: AudioBuffer): Promise<void> {
    return new Promise((resolve) => {
      const source = this.#context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.#volume);
      source.addEventListener('ended', () => {
        playing.sources.delete(source);
        resolve();
      });
      playing.sources.add(source);
      source.start();
    });
  }

  #buffer(piece: Piece): Promise<AudioBuffer | null> {
    if (piece.kind === 'silence') {
      const rate = this.#context.sampleRate;
      const length = Math.max(1, Math.round(((piece.durationMs ?? 0) / 1000) * rate));
      return Promise.resolve(this.#context.createBuffer(1, length, rate));
    }
    const key = piece.key ?? '';
    const kept = this.#kept.get(key) ?? this.#fetched(key);
    this.#kept.set(key, kept);
    return kept;
  }

  /** A clip that does not come is passed over: its words are shown all the same. */
  async #fetched(key: string): Promise<AudioBuffer | null> {
    try {
      const answer = await fetch(`/phone/clips/${key}.wav`);
      if (!answer.ok) return null;
      return await this.#context.decodeAudioData(await answer.arrayBuffer());
    } catch {
      return null;
    }
  }
}
