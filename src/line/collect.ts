import type { CollectInput } from '../architect/model.ts';
import { NOT_SET } from '../architect/expression/value.ts';
import { SecretBytes } from '../card/secret.ts';
import { enqueue, playQueued } from './audio.ts';
import type { FlowRun } from './flow-run.ts';
import { readBack } from './read-back.ts';
import { settingBoolean, settingDurationMs } from './settings.ts';
import { HungUp, type Step } from './step.ts';
import type { KeyCode } from './telephone.ts';
import { secureUse } from './variables.ts';

/** Genesys: 5 s until the first key, 3 s between two. */
const NO_ENTRY_MS = 5000;
const INTER_DIGIT_MS = 3000;

const ZERO: KeyCode = 48;
const NINE: KeyCode = 57;
const STAR: KeyCode = 42;
const POUND: KeyCode = 35;

/** Where digits go as they are keyed: text that a flow may read, or bytes that it may not. */
interface Digits {
  readonly length: number;
  append(code: KeyCode): void;
}

class PlainDigits implements Digits {
  text = '';

  get length(): number {
    return this.text.length;
  }

  append(code: KeyCode): void {
    this.text += String.fromCharCode(code);
  }
}

/** What one Collect Input goes by, its settings read. */
interface Rules {
  readonly min: number;
  readonly max: number;
  readonly terminator: KeyCode | null;
  readonly keepTerminator: boolean;
  readonly acceptJust: ReadonlySet<KeyCode>;
  readonly noEntryMs: number;
  readonly interDigitMs: number;
}

function rulesOf(run: FlowRun, action: CollectInput): Rules {
  const { settings } = run.flow;
  const acceptJust = new Set<KeyCode>();
  if (settingBoolean(run, action.acceptJustStar, 'accept just *') === true) acceptJust.add(STAR);
  if (settingBoolean(run, action.acceptJustPound, 'accept just #') === true) acceptJust.add(POUND);
  return {
    min: action.min,
    max: action.max,
    terminator: action.terminator?.charCodeAt(0) ?? null,
    keepTerminator: action.keepTerminator,
    acceptJust,
    noEntryMs:
      settingDurationMs(run, [action.noEntryTimeout, settings.noEntryTimeout], 'no entry') ??
      NO_ENTRY_MS,
    interDigitMs:
      settingDurationMs(
        run,
        [action.interDigitTimeout, settings.interDigitTimeout],
        'inter-digit',
      ) ?? INTER_DIGIT_MS,
  };
}

/**
 * Asks for digits. Global keys and words of menus do not count meanwhile, and keys beyond the last
 * digit stay for the next action.
 * @see https://help.mypurecloud.com/articles/collect-digits-data-action/
 */
export async function playCollectInput(run: FlowRun, action: CollectInput): Promise<Step> {
  const secure = run.variables.isSecure(action.into);
  if (secure && action.verification !== 'none') throw secureUse(action.into);
  const succeeded = secure ? await collectSecret(run, action) : await collectText(run, action);
  return run.playBranch(succeeded ? action.success : action.failure);
}

/** Each key goes from the telephone into the secret, by its code; no text of it ever exists. */
async function collectSecret(run: FlowRun, action: CollectInput): Promise<boolean> {
  const secret = SecretBytes.empty();
  run.variables.keepSecret(action.into, secret);
  const succeeded = await collect(run, action, secret, true);
  if (!succeeded) run.variables.write(action.into, NOT_SET);
  return succeeded;
}

async function collectText(run: FlowRun, action: CollectInput): Promise<boolean> {
  for (;;) {
    const digits = new PlainDigits();
    const succeeded = await collect(run, action, digits, false);
    const value = digits.text;
    run.variables.write(action.into, succeeded ? { type: 'string', value } : NOT_SET);
    if (!succeeded || (await readBack(run, action, value))) return succeeded;
    run.count();
  }
}

async function collect(
  run: FlowRun,
  action: CollectInput,
  digits: Digits,
  secure: boolean,
): Promise<boolean> {
  const rules = rulesOf(run, action);
  enqueue(run, action.audio);
  await playQueued(run);
  run.call.tell({ kind: 'listening', to: 'digits', secure });
  const succeeded = await keyed(run, rules, digits);
  run.call.tell({
    kind: 'collected',
    variable: action.into,
    secure,
    digitCount: digits.length,
    path: succeeded ? 'success' : 'failure',
  });
  return succeeded;
}

/** @returns whether what was keyed is what was asked for. */
async function keyed(run: FlowRun, rules: Rules, digits: Digits): Promise<boolean> {
  for (;;) {
    const waitMs = digits.length === 0 ? rules.noEntryMs : rules.interDigitMs;
    const event = await run.call.setup.telephone.next(waitMs, false);
    if (event === null) return digits.length > 0 && digits.length >= rules.min;
    if (event.kind === 'hung_up') throw new HungUp();
    if (event.kind !== 'key') continue;
    const { code } = event;
    if (code === rules.terminator && digits.length > 0) {
      const enough = digits.length >= rules.min;
      if (rules.keepTerminator) digits.append(code);
      return enough;
    }
    if (code < ZERO || code > NINE) {
      // "The opposite of the two causes the action to take a failure path", and alone it is taken
      // where the action says so.
      const accepted = digits.length === 0 && rules.acceptJust.has(code);
      if (accepted) digits.append(code);
      return accepted;
    }
    digits.append(code);
    if (digits.length === rules.max) return true;
  }
}
