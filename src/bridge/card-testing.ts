import type { Declines } from '../store/declines.ts';
import type { Bridge } from './bridge.ts';

/**
 * When cards are taken to be tested: whoever tries stolen cards under ever new numbers is below every
 * limit that counts somebody, but most of the cards are declined.
 */
export interface CardTestingPolicy {
  /** Cards of one range that are looked back at, within an hour. */
  readonly binWindow: number;
  /** The share of declines among them above which cards of the range go to a person. */
  readonly binDeclineRateMax: number;
  /** The same for all cards. */
  readonly allWindow: number;
  readonly allDeclineRateMax: number;
}

/** Whose declines were too many: cards of one range, or all. */
export type SuspectedCards = 'bin' | 'all';

/** True when the window is full and too much of it was declined. */
function tooMany({ answered, declined }: Declines, window: number, rateMax: number): boolean {
  return answered >= window && declined > rateMax * answered;
}

/** Whether cards are being tested, as far as the newest answers of the gateway say. */
export function suspectedCards(
  declines: { readonly ofBin?: Declines; readonly ofAll: Declines },
  policy: CardTestingPolicy,
): SuspectedCards | null {
  const { ofBin, ofAll } = declines;
  if (tooMany(ofAll, policy.allWindow, policy.allDeclineRateMax)) return 'all';
  if (ofBin && tooMany(ofBin, policy.binWindow, policy.binDeclineRateMax)) return 'bin';
  return null;
}

const ALARM_EVERY_MS = 60_000;

/** When a process last raised the alarm, by what it was about. */
const alarmedAtMs = new WeakMap<Bridge, Map<SuspectedCards, number>>();

/** Counts a refusal, and raises the alarm; an attack is one alarm a minute, not one an attempt. */
export function tellSuspicion(bridge: Bridge, of: SuspectedCards, interactionId: string): void {
  bridge.metrics.cardTestingSuspected(of);
  const raised = alarmedAtMs.get(bridge) ?? new Map<SuspectedCards, number>();
  alarmedAtMs.set(bridge, raised);
  const nowMs = bridge.clock.monotonicMs();
  const lastMs = raised.get(of);
  if (lastMs !== undefined && nowMs - lastMs < ALARM_EVERY_MS) return;
  raised.set(of, nowMs);
  bridge.log.alarm('card_testing.suspected', { kind: of, interactionId });
}
