import type { Board, Size, Violation } from '../board.ts';
import { seedOf } from './board.ts';
import { Caller } from './caller.ts';
import type { Rates } from './faults.ts';
import { GuideClient } from './guide-client.ts';
import { Judge } from './judge.ts';
import { Stage } from './stage.ts';
import { System } from './system.ts';

/** What the guide's own reference run was measured with: each of the four, for each request. */
const SHARES = [0.01, 0.1];
const RUNS: Readonly<Record<Size, number>> = { short: 150, full: 5_000 };
const ENDS_MS = 3_600_000;
/** Whoever is in doubt gets the time that the liveness board gives. */
const REST_MS = 120_000;
const PLAN = 'recurring_monthly_premium';

/** What one way of enrolling has done to callers. */
interface Harm {
  /** Callers with two subscriptions or more. */
  doubles: number;
  /** Callers who pay and were told that it had failed. */
  untrue: number;
}

function ratesAt(share: number): Rates {
  return {
    '503_before_commit': share,
    time_out_before_commit: share,
    '503_after_commit': share,
    time_out_after_commit: share,
  };
}

function note(harm: Harm, subscriptions: number, told: string): void {
  if (subscriptions > 1) harm.doubles += 1;
  if (subscriptions > 0 && told === 'failed') harm.untrue += 1;
}

function worldOf(seed: number, share: number): System {
  const stage = new Stage(seed, () => ratesAt(share), false);
  return new System(stage, { bridges: 1, recurring: 'gateway' });
}

async function asTheGuide(seed: number, share: number, harm: Harm): Promise<void> {
  const { stage, gateway } = worldOf(seed, share);
  stage.faults.on = true;
  const told = await stage.until(new GuideClient(gateway).enrol('ada'), ENDS_MS);
  note(harm, gateway.books.subscriptions.size, told);
}

async function asTokenline(seed: number, share: number, harm: Harm): Promise<void> {
  const system = worldOf(seed, share);
  const { stage, gateway } = system;
  const judge = new Judge(system);
  await system.opened();
  stage.faults.on = true;
  await stage.until(new Caller(system, judge, 'call', 'ada').enrol(PLAN), ENDS_MS);
  system.heal();
  await stage.pass(REST_MS);
  const enrolments = judge.told.filter(
    ({ step, answer }) => step === 'subscribe' || answer.kind === 'subscribe',
  );
  note(harm, gateway.books.subscriptions.size, enrolments.at(-1)?.answer.outcome ?? 'nothing');
}

/** R12: the guide's own algorithm in the same worlds. A harness that it passes would be blind. */
export const BASELINE: Board = {
  id: 'R12',
  title: "the guide's algorithm, beside",
  proves:
    "In worlds in which the guide's own algorithm charges callers twice, and callers who were told that it failed, Tokenline does neither.",
  async run({ size, seed, progress }) {
    const count = RUNS[size];
    const figures: Record<string, number> = {};
    const violations: Violation[] = [];
    const breaks = (promise: string, what: string): void =>
      void violations.push({ promise, what, replay: '' });
    for (const [at, share] of SHARES.entries()) {
      const guide: Harm = { doubles: 0, untrue: 0 };
      const tokenline: Harm = { doubles: 0, untrue: 0 };
      for (let n = 0; n < count; n += 1) {
        const world = seedOf(seed, 'safety', n);
        await asTheGuide(world, share, guide);
        await asTokenline(world, share, tokenline);
        progress(at * count + n, SHARES.length * count);
      }
      const name = `${share * 100} % each`;
      const perThousand = (cases: number): number => Math.round((cases / count) * 10_000) / 10;
      figures[`${name}, guide: two subscriptions per 1000`] = perThousand(guide.doubles);
      figures[`${name}, guide: charged though told failed per 1000`] = perThousand(guide.untrue);
      figures[`${name}, Tokenline: two subscriptions per 1000`] = perThousand(tokenline.doubles);
      figures[`${name}, Tokenline: charged though told failed per 1000`] = perThousand(
        tokenline.untrue,
      );
      if (guide.doubles === 0) {
        breaks('board', `at ${name} the guide's algorithm did no harm: the worlds are blind`);
      }
      if (tokenline.doubles > 0) breaks('I1', `at ${name}: ${tokenline.doubles} callers have two`);
      if (tokenline.untrue > 0) breaks('I5', `at ${name}: ${tokenline.untrue} were told untruth`);
    }
    return { runs: SHARES.length * count * 2, violations, figures };
  },
};
