import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallEvent } from '../../line/call.ts';
import type { CallStage } from '../../line/call-file/play.ts';
import { soundText, transcriptLine } from '../../line/call-file/transcript.ts';
import { Handset } from '../../line/handset.ts';
import { playCall } from '../../line/play-call.ts';
import { systemClock } from '../../system/clock.ts';
import type { Environment } from '../../system/config.ts';
import { openLog } from '../../system/log.ts';
import { newId, systemRandomness } from '../../system/randomness.ts';
import type { CaptureMode } from '../../payment/capture.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { keysOfTerminal, LinesOfInput, type KeysOptions } from './caller-keys.ts';
import { KeptStore } from './kept-store.ts';
import { startOwnSystem, type OwnSystem } from './own-system.ts';
import { openRunningSystem } from './running-system.ts';
import { openStage } from './stage.ts';
import { speakStage, type SpokenStage } from './voice.ts';

export interface PhoneMeans {
  readonly env: Environment;
  readonly terminal: Terminal;
}

export interface PhoneFlags {
  readonly url?: string;
  readonly tokenizerUrl?: string;
  readonly ani: string;
  readonly capture: CaptureMode;
  readonly speak?: true;
  /** Name of the flow that answers, or of its file. */
  readonly flow?: string;
  readonly flows?: readonly string[];
}

/** The number that was called. */
const DNIS = '+13175550190';

/** A system of the call's own, in real time. */
async function ownSystem(capture: CaptureMode): Promise<OwnSystem> {
  const store = await KeptStore.open(openLog('phone', () => undefined, systemClock));
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-phone-'));
  const ground = { clock: systemClock, randomness: systemRandomness, store, directory };
  const parts = { ...ground, capture };
  const system = await startOwnSystem(parts);
  return {
    world: system.world,
    async close() {
      await system.close();
      await store.store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function startFlowOf({ flows, startFlow }: CallStage, wanted: string | undefined): string {
  if (wanted === undefined) return startFlow;
  for (const [name, { file }] of flows) {
    if (name === wanted || file.endsWith(`/${wanted}.yaml`)) return name;
  }
  const known = [...flows.keys()].join(', ');
  throw new CommandFailed(`--flow ${wanted}: there is no such flow; there is ${known}`, EXIT.usage);
}

/** A call in the terminal. @returns the exit code. */
export async function phone({ env, terminal }: PhoneMeans, flags: PhoneFlags): Promise<number> {
  const stage = openStage(flags.flows ?? [], flags.capture);
  const startFlow = startFlowOf(stage, flags.flow);
  const { url, tokenizerUrl } = flags;
  const remote =
    url === undefined
      ? null
      : {
          url,
          capture: flags.capture,
          ...(tokenizerUrl === undefined ? {} : { tokenizerUrl }),
        };
  const spoken = flags.speak === true ? await speakStage(stage, terminal.note) : null;
  if (remote === null) terminal.note('Starting a system of its own; one moment.');
  const system = remote === null ? await ownSystem(flags.capture) : openRunningSystem(remote, env);
  try {
    await makeCall({ stage, startFlow, system, ani: flags.ani, spoken }, terminal);
    return EXIT.ok;
  } finally {
    spoken?.close();
    await system.close();
  }
}

interface PhoneCall {
  readonly stage: CallStage;
  readonly startFlow: string;
  readonly system: OwnSystem;
  readonly ani: string;
  readonly spoken: SpokenStage | null;
}

async function makeCall(
  { stage, startFlow, system, ani, spoken }: PhoneCall,
  terminal: Terminal,
): Promise<void> {
  const { stdin, stdout } = process;
  const { paint } = terminal;
  let secure = false;
  const handset = new Handset({
    clock: systemClock,
    // Who pipes lines in does not listen.
    ...(spoken === null ? {} : { aloud: (sounds, cut) => spoken.aloud.say(sounds, cut) }),
    lengths: stdin.isTTY ? stage.lengths : { durationMs: () => 0 },
    hear: (sounds) =>
      terminal.out(
        paint.bold(sounds.map((sound) => soundText(sound, stage.promptTexts)).join(' ')),
      ),
    secured(on) {
      secure = on;
      terminal.out(paint.green(on ? '🔒 secure: keys are dots now' : '🔓 no longer secure'));
    },
    transferred: () => true,
  });
  const options: KeysOptions = {
    handset,
    isSecure: () => secure,
    echo: (text) => void stdout.write(text),
    note: terminal.note,
  };
  const lines = stdin.isTTY ? null : new LinesOfInput(stdin, options);
  const giveBack = stdin.isTTY ? keysOfTerminal(stdin, options) : (): void => void stdin.destroy();
  if (stdin.isTTY) terminal.note('Keys 0–9 * #.  : and words, then Enter, to speak.  h hangs up.');
  try {
    const end = await playCall({
      flows: stage.flows,
      startFlow,
      telephone: handset,
      dataActions: system.world.dataActions,
      conversationId: newId('call', systemRandomness).replace('_', '-'),
      ani,
      dnis: DNIS,
      clock: systemClock,
      observe(event) {
        if (event.kind === 'listening') lines?.listening();
        const shown = isShown(event) ? transcriptLine(event, stage.promptTexts) : null;
        if (shown !== null) terminal.out(paint.dim(shown));
      },
    });
    const seconds = Math.round(end.durationMs / 1_000);
    terminal.out(`The call is over after ${seconds} s: ${end.how.kind.replaceAll('_', ' ')}.`);
  } finally {
    giveBack();
  }
}

/** What is not on the terminal already. */
function isShown({ kind }: CallEvent): boolean {
  return ['data_action_ended', 'participant_data_set', 'transferred', 'error'].includes(kind);
}
