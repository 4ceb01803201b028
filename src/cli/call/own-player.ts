import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playCallFile, type CallReport, type CallStage } from '../../line/call-file/play.ts';
import type { CallFile } from '../../line/call-file/step.ts';
import type { CaptureMode } from '../../payment/capture.ts';
import { systemClock } from '../../system/clock.ts';
import { openLog } from '../../system/log.ts';
import { watchQuiet, type Quiet } from '../../system/quiet.ts';
import { newId, systemRandomness, type Randomness } from '../../system/randomness.ts';
import { VirtualClock, type Pace } from '../../system/virtual-clock.ts';
import { KeptStore } from './kept-store.ts';
import { startOwnSystem } from './own-system.ts';

/** When a call is made that does not say when: a weekday, in the middle of a month. */
const CALL_AT_MS = Date.UTC(2026, 10, 25, 15);

/** Virtual time of one file, with what came before the call and what has to settle after it. */
const FILE_MS_MAX = 3_600_000;

/** Ids are new every time; what is random about waits is not, so that a call takes the same time. */
const RANDOMNESS: Randomness = {
  bytes: (count) => systemRandomness.bytes(count),
  fraction: () => 0.5,
};

/** A report, and how long it took to play. */
export interface TimedReport extends CallReport {
  readonly tookMs: number;
}

/** How the system of a file is configured. */
function settingsOf({ givens }: CallFile): Readonly<Record<string, string>> {
  for (const { given } of givens) {
    if (given.kind !== 'pay_link') continue;
    return given.use === 'only'
      ? { TOKENLINE_CAPTURE: 'link' }
      : { TOKENLINE_PAY_LINK_BESIDE_KEYPAD: 'true' };
  }
  return {};
}

/**
 * Plays call files one after the other, each on a system of its own whose time jumps. One in a
 * process: what it waits for is counted for the process as a whole.
 */
export class OwnPlayer {
  readonly #store: KeptStore;
  readonly #directory: string;
  readonly #quiet: Quiet;
  readonly #capture: CaptureMode;

  private constructor(store: KeptStore, directory: string, quiet: Quiet, capture: CaptureMode) {
    this.#store = store;
    this.#directory = directory;
    this.#quiet = quiet;
    this.#capture = capture;
  }

  static async open(capture: CaptureMode): Promise<OwnPlayer> {
    const store = await KeptStore.open(openLog('call', () => undefined, systemClock));
    const directory = mkdtempSync(join(tmpdir(), 'tokenline-call-'));
    return new OwnPlayer(store, directory, watchQuiet(), capture);
  }

  /** @param pace of its time; without it time jumps. */
  async play(file: CallFile, stage: CallStage, pace?: Pace): Promise<TimedReport> {
    const startedMs = systemClock.monotonicMs();
    const given = file.givens.map((step) => step.given).find(({ kind }) => kind === 'time');
    const clock = new VirtualClock(given?.kind === 'time' ? given.atMs : CALL_AT_MS);
    const { whenQuiet } = this.#quiet;
    const playing = this.#playOn(clock, file, stage);
    const report = await clock.passUntil(playing, whenQuiet, FILE_MS_MAX, pace);
    return { ...report, tookMs: Math.round(systemClock.monotonicMs() - startedMs) };
  }

  async #playOn(clock: VirtualClock, file: CallFile, stage: CallStage): Promise<CallReport> {
    const system = await startOwnSystem({
      clock,
      randomness: RANDOMNESS,
      store: this.#store,
      directory: this.#directory,
      settings: settingsOf(file),
      capture: this.#capture,
    });
    try {
      const interactionId = newId('call', RANDOMNESS).replace('_', '-');
      return await playCallFile(file, system.world, stage, interactionId);
    } finally {
      await system.close();
    }
  }

  async close(): Promise<void> {
    this.#quiet.close();
    await this.#store.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
