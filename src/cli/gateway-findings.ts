import { ok, trouble, type Diagnosis } from './diagnosis.ts';

/** Events older than five minutes are refused, so a clock that is a minute off deserves a look. */
const SKEW_MS_WARN = 30_000;
const SKEW_MS_FAIL = 240_000;

/**
 * @param aheadMs our clock less the gateway's; `null` where it did not say what time it is there.
 * @param gateway its name as a person writes it.
 */
export function clockFinding(aheadMs: number | null, gateway: string): Diagnosis {
  const check = 'gateway.clock';
  if (aheadMs === null) return ok(check, `${gateway} did not say what time it is`);
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const says = `${seconds} s ${aheadMs >= 0 ? 'ahead of' : 'behind'} ${gateway}’s`;
  if (Math.abs(aheadMs) < SKEW_MS_WARN) return ok(check, says);
  const why = 'Events are refused when their signature is five minutes from our time.';
  const state = Math.abs(aheadMs) < SKEW_MS_FAIL ? 'warn' : 'fail';
  return trouble(state, check, says, why, 'Synchronise the clock of this machine (NTP).');
}

export interface RightFinding {
  readonly check: string;
  readonly right: 'given' | 'missing' | 'unclear';
  readonly given: string;
  readonly missing: string;
  readonly why: string;
  /** Whom to ask for what; without a full stop. */
  readonly todo: string;
  readonly unclear: string;
  /** Where to look when the answer is one that is not known. */
  readonly look: string;
}

export function rightFinding(finding: RightFinding): Diagnosis {
  const { check, right, why } = finding;
  switch (right) {
    case 'given':
      return ok(check, finding.given);
    case 'missing':
      return trouble('fail', check, finding.missing, why, finding.todo);
    case 'unclear':
      return trouble('warn', check, finding.unclear, why, finding.look);
  }
}
