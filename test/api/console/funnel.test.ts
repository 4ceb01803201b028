import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Funnel, FunnelView } from '../../../src/contract/funnel.ts';
import { daysAfter, momentIn } from '../../../src/payment/local-time.ts';
import { dateIn } from '../../../src/payment/plan.ts';
import { Caller } from '../../bridge/caller.ts';
import type { World } from '../../bridge/world.ts';
import { problemOf } from '../running-api.ts';
import { runConsole, type RunningConsole } from './running-console.ts';

const MINUTE_MS = 60_000;

async function ask({ browser }: RunningConsole, from: number, to: number): Promise<FunnelView> {
  const query = new URLSearchParams({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
  const response = await browser.go(`/console/api/funnel?${query.toString()}`);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as FunnelView;
}

/** A caller who has been greeted; each step takes the seconds that it is given. */
class Walker {
  readonly caller: Caller;
  readonly world: World;

  private constructor(world: World, caller: Caller) {
    this.world = world;
    this.caller = caller;
  }

  static async greeted(world: World, language: 'en-us' | 'es-us' = 'en-us'): Promise<Walker> {
    const walker = new Walker(world, new Caller(world, { language }));
    await walker.caller.availability();
    return walker;
  }

  async hears(seconds = 10): Promise<string> {
    await this.world.pass(seconds * 1_000);
    return (await this.caller.disclose()).disclosure_id;
  }

  async agrees(seconds = 20): Promise<void> {
    const disclosure = await this.hears();
    await this.world.pass(seconds * 1_000);
    await this.caller.press(disclosure, '1');
  }

  async keys(seconds = 30): Promise<string> {
    await this.agrees();
    await this.world.pass(seconds * 1_000);
    return (await this.caller.card()).token_id;
  }

  async enrols(seconds = 5): Promise<string> {
    const token = await this.keys();
    await this.world.pass(seconds * 1_000);
    const answer = await this.caller.subscribe(token);
    assert.equal(answer.outcome, 'approved');
    return answer.subscription_id;
  }
}

/**
 * Eleven calls. English: one enrols, one hangs up at once, one says no, one agrees and leaves, one's
 * card is declined twice before a person takes over, one wants a person at once. Spanish: one enrols,
 * one's card is declined and they leave, one is under way. And two that are about subscriptions.
 */
async function play(world: World): Promise<void> {
  const enrolled = await Walker.greeted(world);
  const subscription = await enrolled.enrols();
  await Walker.greeted(world);
  const unwilling = await Walker.greeted(world);
  await unwilling.caller.press(await unwilling.hears(), '2');
  await (await Walker.greeted(world)).agrees();
  world.gateway.will('tokenise', { does: 'decline', code: 'card_declined' });
  world.gateway.will('tokenise', { does: 'decline', code: 'insufficient_funds' });
  const declined = await Walker.greeted(world);
  await declined.keys();
  await declined.caller.card({ attempt: 2, card_mac: 'mac-of-another', pan_mac: 'another' });
  await declined.caller.handOff('too_many_attempts');
  await (await Walker.greeted(world)).caller.handOff('caller_asked');

  await (await Walker.greeted(world, 'es-us')).enrols();
  world.gateway.will('tokenise', { does: 'decline', code: 'insufficient_funds' });
  await (await Walker.greeted(world, 'es-us')).keys();

  const changing = new Caller(world, { customer: enrolled.caller.customer });
  await changing.availability();
  const { token_id: token } = await changing.card();
  await changing.change('change_card', subscription, { payment_method_token: token });
  const leaving = new Caller(world, { customer: enrolled.caller.customer });
  await leaving.availability();
  await leaving.change('cancel', subscription);

  await world.pass(20 * MINUTE_MS);
  await (await Walker.greeted(world, 'es-us')).hears();
}

function figures({ steps }: Funnel): Record<string, number[]> {
  return Object.fromEntries(
    steps.map(({ step, reached, left, to_agent: agent, under_way: way }) => [
      step,
      [reached, left, agent, way],
    ]),
  );
}

test('the funnel is what somebody counts by hand', async (t) => {
  const running = await runConsole(t);
  const { world, browser } = running;
  await Walker.greeted(world);
  await world.pass(MINUTE_MS);
  const from = world.clock.now();
  await play(world);
  await browser.signIn('vera');
  const to = world.clock.now() + 1;
  const view = await ask(running, from, to);

  assert.equal(view.all.calls, 9);
  assert.equal(view.other_calls, 2);
  assert.deepEqual(figures(view.all), {
    greeting: [9, 1, 1, 0],
    terms: [7, 1, 0, 1],
    consent: [5, 1, 0, 0],
    card: [4, 1, 1, 0],
    enrolment: [2, 0, 0, 0],
    enrolled: [2, 0, 0, 0],
  });
  assert.deepEqual(
    view.languages.map(({ language, calls }) => [language, calls]),
    [
      ['en-us', 6],
      ['es-us', 3],
    ],
  );
  const [english, spanish] = view.languages;
  assert.ok(english && spanish);
  assert.deepEqual(figures(english), {
    greeting: [6, 1, 1, 0],
    terms: [4, 1, 0, 0],
    consent: [3, 1, 0, 0],
    card: [2, 0, 1, 0],
    enrolment: [1, 0, 0, 0],
    enrolled: [1, 0, 0, 0],
  });
  assert.deepEqual(figures(spanish), {
    greeting: [3, 0, 0, 0],
    terms: [3, 0, 0, 1],
    consent: [2, 0, 0, 0],
    card: [2, 1, 0, 0],
    enrolment: [1, 0, 0, 0],
    enrolled: [1, 0, 0, 0],
  });
  assert.deepEqual([view.all.refused, english.refused, spanish.refused], [1, 1, 0]);
  assert.deepEqual(view.all.cards, [
    { what: 'approved', count: 2 },
    { what: 'insufficient_funds', count: 2 },
    { what: 'card_declined', count: 1 },
  ]);
  assert.deepEqual(spanish.cards, [
    { what: 'approved', count: 1 },
    { what: 'insufficient_funds', count: 1 },
  ]);
  assert.deepEqual(view.all.agents, [
    { what: 'caller_asked', count: 1 },
    { what: 'too_many_attempts', count: 1 },
  ]);
  const seconds = english.steps.map(({ median_s: median }) => median && Math.round(median));
  assert.deepEqual(seconds.slice(0, 5), [null, 10, 20, 30, 5]);
});

test('a call with nothing for a quarter of an hour has ended', async (t) => {
  const running = await runConsole(t);
  const { world, browser } = running;
  const from = world.clock.now();
  await Walker.greeted(world);
  await browser.signIn('vera');
  const at = async (): Promise<number[] | undefined> =>
    figures((await ask(running, from, from + 1)).all)['greeting'];
  await world.pass(15 * MINUTE_MS - 1);
  assert.deepEqual(await at(), [1, 0, 0, 1]);
  await browser.signIn('vera');
  await world.pass(MINUTE_MS);
  assert.deepEqual(await at(), [1, 1, 0, 0]);
});

test('days are the merchant’s, from midnight, today included', async (t) => {
  const running = await runConsole(t);
  const { world, browser } = running;
  await browser.signIn('vera');
  const midnightOf = (date: string): number => momentIn(world.bridge.merchant.timeZone, date, 0);
  const today = dateIn(world.bridge.merchant.timeZone, world.clock.now());
  for (const [days, first] of [
    [1, today],
    [7, daysAfter(today, -6)],
  ] as const) {
    const response = await browser.go(`/console/api/funnel?days=${days}`);
    const view = (await response.json()) as FunnelView;
    assert.equal(Date.parse(view.from), midnightOf(first));
    assert.equal(Date.parse(view.to), world.clock.now() + 1);
  }
});

test('a time that makes no sense is refused, and no time without calls is an error', async (t) => {
  const running = await runConsole(t);
  const { world, browser } = running;
  await browser.signIn('otto');
  const now = world.clock.now();
  const empty = await ask(running, now, now + 1);
  assert.deepEqual([empty.all.calls, empty.languages, empty.all.cards], [0, [], []]);
  assert.equal(empty.all.steps[1]?.median_s, null);
  for (const query of [
    '',
    '?days=0',
    '?days=367',
    '?days=7.5',
    '?from=x&to=y',
    '?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  ]) {
    assert.equal((await browser.go(`/console/api/funnel${query}`)).status, 400, query);
  }
  const years = '?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z';
  const answer = await browser.go(`/console/api/funnel${years}`);
  assert.match((await problemOf(answer)).detail, /366 days/);
});
