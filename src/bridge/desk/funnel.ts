import {
  FUNNEL_DAYS_MAX,
  FUNNEL_STEPS,
  type Funnel,
  type FunnelCount,
  type FunnelQuestion,
  type FunnelStep,
  type FunnelView,
} from '../../contract/funnel.ts';
import { Fault } from '../../payment/fault.ts';
import { LANGUAGES } from '../../payment/language.ts';
import { daysAfter, momentIn } from '../../payment/local-time.ts';
import { dateIn } from '../../payment/plan.ts';
import {
  readFunnel,
  type FurthestCount,
  type StoredFunnel,
  type WhatCount,
} from '../../store/funnel.ts';
import { momentOf } from '../asked-time.ts';
import type { Bridge } from '../bridge.ts';

/** Nobody tells the bridge of a hang-up: a call that says nothing for so long has ended. */
const SILENCE_MS = 15 * 60_000;

const DAY_MS = 86_400_000;

const LAST = FUNNEL_STEPS.length - 1;

function sumOf(rows: readonly FurthestCount[], wanted: (row: FurthestCount) => boolean): number {
  return rows.filter(wanted).reduce((sum, { count }) => sum + count, 0);
}

function stepOf(rows: readonly FurthestCount[], at: number, median: number | null): FunnelStep {
  const here = (how: FurthestCount['how']): number =>
    sumOf(rows, (row) => row.furthest === at && row.how === how);
  return {
    step: FUNNEL_STEPS[at] ?? 'greeting',
    reached: sumOf(rows, ({ furthest }) => furthest >= at),
    left: at === LAST ? 0 : here('left'),
    to_agent: here('to_agent'),
    under_way: at === LAST ? 0 : here('under_way'),
    median_s: median,
  };
}

/** The most frequent first; of equals, in the order of the alphabet. */
function countsOf(rows: readonly WhatCount[]): FunnelCount[] {
  const counts = new Map<string, number>();
  for (const { what, count } of rows) counts.set(what, (counts.get(what) ?? 0) + count);
  return [...counts]
    .map(([what, count]) => ({ what, count }))
    .sort((one, other) => other.count - one.count || (one.what < other.what ? -1 : 1));
}

/** @param language `null` for all of them together. */
function funnelOf(stored: StoredFunnel, language: string | null): Funnel {
  const own = <T extends { readonly language: string }>(rows: readonly T[]): readonly T[] =>
    rows.filter((row) => language === null || row.language === language);
  const rows = own(stored.furthest);
  const { medians = [] } = stored.medians.find((row) => row.language === language) ?? {};
  return {
    language: language ?? '',
    calls: sumOf(rows, () => true),
    steps: FUNNEL_STEPS.map((_, at) => stepOf(rows, at, medians[at - 1] ?? null)),
    refused: rows
      .filter(({ furthest, how }) => furthest === 1 && how === 'left')
      .reduce((sum, { refused }) => sum + refused, 0),
    cards: countsOf(own(stored.cards)),
    agents: countsOf(own(stored.agents)),
  };
}

/** The time that somebody asks for. @throws {Fault} where it makes no sense. */
function spanOf(
  { merchant: { timeZone } }: Bridge,
  { days, from, to }: FunnelQuestion,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  if (days !== undefined) {
    const first = daysAfter(dateIn(timeZone, nowMs), 1 - days);
    return { fromMs: momentIn(timeZone, first, 0), toMs: nowMs + 1 };
  }
  const [fromMs, toMs] = [momentOf(from, 'from'), momentOf(to, 'to')];
  if (fromMs === null || toMs === null)
    throw new Fault('bad_request', 'Give days, or from and to.');
  if (fromMs >= toMs) throw new Fault('bad_request', 'from has to be before to.');
  if (toMs - fromMs > FUNNEL_DAYS_MAX * DAY_MS) {
    throw new Fault('bad_request', `Ask for ${FUNNEL_DAYS_MAX} days at most.`);
  }
  return { fromMs, toMs };
}

/** Where callers drop off, of the calls that began in a time. */
export async function funnel(bridge: Bridge, asked: FunnelQuestion): Promise<FunnelView> {
  const nowMs = bridge.clock.now();
  const { fromMs, toMs } = spanOf(bridge, asked, nowMs);
  const stored = await readFunnel(bridge.store, fromMs, toMs, nowMs - SILENCE_MS);
  const spoken = LANGUAGES.filter((language) =>
    stored.furthest.some((row) => row.language === language),
  );
  return {
    at: new Date(nowMs).toISOString(),
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    all: funnelOf(stored, null),
    languages: spoken.map((language) => funnelOf(stored, language)),
    other_calls: stored.otherCalls,
  };
}
