import assert from 'node:assert/strict';
import { Caller, type TokenAnswer } from './caller.ts';
import { LIMITS, type World } from './world.ts';
import { withWorlds } from './worlds.ts';

const { binWindow, allWindow } = LIMITS.cardTesting;
const HOUR_MS = 3_600_000;
const ATTACKED = 'range-one';

/** A stranger with another number, customer and card each time: below every limit that counts. */
async function stranger(world: World, bin: string, fate: 'approved' | 'declined'): Promise<void> {
  if (fate === 'declined')
    world.gateway.will('tokenise', { does: 'decline', code: 'card_declined' });
  const answer = await new Caller(world).card({ bin_mac: bin });
  assert.equal(answer.outcome, fate);
}

async function strangers(world: World, bin: string, ...fates: readonly number[]): Promise<void> {
  const [approved = 0, declined = 0] = fates;
  for (let n = 0; n < approved; n++) await stranger(world, bin, 'approved');
  for (let n = 0; n < declined; n++) await stranger(world, bin, 'declined');
}

/** All cards of a window, the last `declined` of them declined, each of a range of its own. */
async function manyRanges(world: World, window: number, declined: number): Promise<void> {
  for (let n = 0; n < window; n++) {
    await stranger(world, world.name('range'), n < window - declined ? 'approved' : 'declined');
    // Which is the newest is told by its time.
    await world.clock.advance(1);
  }
}

/** Plays a card that must not be sent. */
async function refused(world: World, bin: string): Promise<TokenAnswer> {
  const asked = world.gateway.asked('tokenise').length;
  const answer = await new Caller(world).card({ bin_mac: bin });
  assert.deepEqual(
    [answer.outcome, answer.error_code, answer.route],
    ['failed', 'too_many_attempts', 'agent'],
  );
  assert.equal(world.gateway.asked('tokenise').length, asked, 'nothing was sent');
  return answer;
}

const half = binWindow / 2;

withWorlds((inWorld) => {
  inWorld('a range of cards that is mostly declined goes to a person', async (world) => {
    await strangers(world, ATTACKED, half - 1, half + 1);
    const answer = await refused(world, ATTACKED);
    assert.deepEqual(world.alarms(), ['card_testing.suspected']);
    assert.ok(world.counted.includes('card testing bin'));
    const entries = await world.rows(
      'select action, result from ledger where operation_id = $1',
      answer.operation_id,
    );
    assert.deepEqual(
      entries.map(({ action, result }) => `${String(action)} ${String(result)}`).sort(),
      ['tokenise.failed failure', 'tokenise.intent unknown'],
    );
    assert.equal((await new Caller(world).availability()).reason, 'available', 'of others nothing');
    await stranger(world, 'range-two', 'approved');
    // A number that is no PAN has no range.
    await stranger(world, '', 'approved');
  });

  inWorld('half of them may be declined, and so may nearly a window', async (world) => {
    await strangers(world, ATTACKED, half, half);
    await stranger(world, ATTACKED, 'approved');
    await strangers(world, 'range-two', 0, binWindow - 1);
    await stranger(world, 'range-two', 'approved');
    assert.deepEqual(world.alarms(), []);
  });

  inWorld('an hour later the range is free again, for as many', async (world) => {
    await strangers(world, ATTACKED, 0, binWindow);
    await world.clock.advance(HOUR_MS - 1);
    await refused(world, ATTACKED);
    await world.clock.advance(1);
    await strangers(world, ATTACKED, 0, binWindow);
    await refused(world, ATTACKED);
  });

  inWorld(
    'what a gateway did not answer, and what was never sent, is no decline',
    async (world) => {
      await strangers(world, ATTACKED, 0, binWindow - 1);
      for (let n = 0; n < 3; n++) {
        const answer = await new Caller(world).card({ bin_mac: ATTACKED, fault: 'invalid_cvv' });
        assert.equal(answer.error_code, 'invalid_cvv');
      }
      world.gateway.will('tokenise', ...Array.from({ length: 3 }, () => REFUSES));
      assert.equal((await new Caller(world).card({ bin_mac: ATTACKED })).outcome, 'failed');
      await stranger(world, ATTACKED, 'approved');
      await refused(world, ATTACKED);
    },
  );

  inWorld('a range whose cards are approved again is not held', async (world) => {
    await strangers(world, ATTACKED, 0, half);
    await strangers(world, ATTACKED, binWindow, half);
    await stranger(world, ATTACKED, 'approved');
  });

  inWorld(
    'when nearly all cards are declined it is said before anybody keys one',
    async (world) => {
      const most = LIMITS.cardTesting.allDeclineRateMax * allWindow;
      await manyRanges(world, allWindow, most);
      assert.equal((await new Caller(world).availability()).reason, 'available');
      await stranger(world, world.name('range'), 'declined');
      const answer = await new Caller(world).availability();
      assert.deepEqual([answer.reason, answer.route], ['too_many_attempts', 'agent']);
      await refused(world, world.name('range'));
      assert.ok(world.counted.includes('card testing all'));
      await world.clock.advance(HOUR_MS);
      assert.equal((await new Caller(world).availability()).reason, 'available');
    },
  );

  inWorld('the alarm sounds once a minute, and every refusal is counted', async (world) => {
    await strangers(world, ATTACKED, 0, binWindow);
    for (let n = 0; n < 3; n++) await refused(world, ATTACKED);
    assert.deepEqual(world.alarms(), ['card_testing.suspected']);
    await world.clock.advance(60_000);
    await refused(world, ATTACKED);
    assert.deepEqual(world.alarms(), ['card_testing.suspected', 'card_testing.suspected']);
    assert.equal(world.counted.filter((line) => line === 'card testing bin').length, 4);
  });

  inWorld(
    'a rate of 1 switches a limit off',
    async (world) => {
      await strangers(world, ATTACKED, 0, binWindow + allWindow);
      assert.equal((await new Caller(world).availability()).reason, 'available');
    },
    {
      limits: {
        cardTesting: { ...LIMITS.cardTesting, binDeclineRateMax: 1, allDeclineRateMax: 1 },
      },
    },
  );
});

const REFUSES = { does: 'unreachable' } as const;
