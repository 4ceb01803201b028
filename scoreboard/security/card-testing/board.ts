import { seededRandomness } from '../../../test/randomness.ts';
import type { Board, BoardResult, BoardRun, Violation } from '../../board.ts';
import { attackEndsMs, callsOf, Cards, STRATEGIES, type Call, type Strategy } from './callers.ts';
import { Judge } from './judge.ts';
import { PaymentLine } from './line.ts';

/** Calls between two words about how far it is. */
const TELL_EVERY = 100;

/** One call from its beginning to its end. */
async function played(
  line: PaymentLine,
  cards: Cards,
  judge: Judge,
  call: Call,
  interactionId: string,
): Promise<void> {
  const reason = await line.call(interactionId, call.ani);
  if (reason !== 'available') {
    if (reason !== 'too_many_attempts') judge.fail('I12', `${call.kind} was told ${reason}`);
    return judge.called(call, false);
  }
  for (const [n, declined] of call.declines.entries()) {
    const facts = { interactionId, customerId: call.customer, attempt: n + 1 };
    const heard = await line.card(facts, cards.of(call), declined);
    judge.heard(call, line.nowMs, declined, heard);
    if (!heard.atGateway) return judge.called(call, false);
  }
  judge.called(call, true);
}

async function world(
  strategy: Strategy,
  { size, seed }: BoardRun,
  tell: (done: number, total: number) => void,
): Promise<{ judge: Judge; figures: BoardResult['figures']; cards: number }> {
  const random = seededRandomness(seed + STRATEGIES.indexOf(strategy));
  const line = await PaymentLine.open(seed);
  const cards = new Cards(random);
  const calls = callsOf(strategy, size, random);
  const judge = new Judge(strategy, attackEndsMs(strategy, size));
  for (const [n, call] of calls.entries()) {
    await line.waitUntil(call.atMs);
    await played(line, cards, judge, call, `call-${n}`);
    if (n % TELL_EVERY === 0) tell(n, calls.length);
  }
  const sounded = line.world.alarms().filter((event) => event === 'card_testing.suspected').length;
  if ((strategy.hurts !== 'nobody') !== sounded > 0) {
    judge.fail('alarm', `the alarm sounded ${sounded} times`);
  }
  const figures = judge.conclude(strategy.attempts[size]);
  return { judge, figures, cards: calls.length };
}

async function run(board: BoardRun): Promise<BoardResult> {
  const { replay, progress } = board;
  const chosen = STRATEGIES.filter(({ name }) => replay === null || replay === name);
  const violations: Violation[] = [];
  let figures: BoardResult['figures'] = {};
  let runs = 0;
  for (const [at, strategy] of chosen.entries()) {
    const tell = (done: number, total: number): void =>
      progress(at * 100 + Math.floor((100 * done) / total), chosen.length * 100, strategy.name);
    const shown = await world(strategy, board, tell);
    runs += shown.cards;
    violations.push(...shown.judge.violations);
    figures = { ...figures, ...shown.figures };
  }
  progress(1, 1);
  return { runs, violations, figures };
}

export const cardTestingBoard: Board = {
  id: 'S5',
  title: 'card testing',
  proves:
    'Whoever tries stolen cards, under whatever numbers and customers, gets no more of them to the gateway than the limits allow, and nobody else is sent to a person, except callers whose cards cannot be told from theirs.',
  run,
};
