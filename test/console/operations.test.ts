import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { StoryView } from '../../src/contract/console-operations.ts';
import { approved, Caller } from '../whole/caller.ts';
import { System, until } from '../whole/system.ts';
import { violations } from './axe.ts';
import { ARTEFACTS, openBrowser } from './browser.ts';
import { Desk } from './desk.ts';

/** The sandbox declines it: https://docs.stripe.com/testing. */
const DECLINED = '4000000000009995';

let system: System;
let browser: Browser;
/** The enrolment whose answer was lost, and the call that it belongs to. */
let doubtful: { id: string; caller: Caller };
let settled: string;
let subscription: string;

/** A caller who hears and decides, so that the call takes time as calls do. */
async function slowCall(): Promise<Caller> {
  const caller = new Caller(system);
  await caller.availability();
  await wait(1_200);
  await caller.consent();
  await wait(2_500);
  await caller.script('verify', ['decline:Insufficient_Funds']);
  await caller.tokenise(1, DECLINED);
  await wait(3_000);
  await caller.script('verify', ['delay:250']);
  approved(await caller.tokenise(2));
  await wait(600);
  return caller;
}

async function lost(caller: Caller): Promise<string> {
  await caller.script('subscribe', ['reset-after']);
  const { body } = await caller.subscribe();
  assert.equal(body['outcome'], 'in_doubt', JSON.stringify(body));
  return String(body['operation_id']);
}

before(async () => {
  system = await System.start({ engine: 'pglite' });
  await system.ready();
  browser = await openBrowser();
  const enrolled = new Caller(system);
  subscription = String(approved(await enrolled.enrol()).body['subscription_id']);
  approved(await new Caller(system).enrol());
  approved(
    await system.ask('bridge', 'POST', `/v1/subscriptions/${subscription}/pause`, {
      interaction_id: enrolled.interactionId,
    }),
  );
  // One whose truth settle finds, and then one at a gateway that cannot be asked any more.
  settled = await lost(await slowCall());
  await until('the settled one', async () => {
    const { body } = await system.ask('bridge', 'GET', `/v1/operations/${settled}`);
    return body['outcome'] === 'approved' ? true : null;
  });
  await system.script(Array.from({ length: 400 }, () => ({ operation: 'lookup', behave: 'hang' })));
  const caller = await slowCall();
  doubtful = { id: await lost(caller), caller };
  await system.ask('bridge', 'POST', '/v1/handoffs', {
    interaction_id: caller.interactionId,
    reason: 'in_doubt',
  });
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

function open(person: string, path: string, dark = false): Promise<Desk> {
  return Desk.open({ browser, system }, person, path, dark);
}

const ANSWER_MS = 21_000;
const OPEN_MS = 12_000_000;

/** The same call with an enrolment that took the gateway long, and settle even longer. */
function overlong(view: StoryView): StoryView {
  const later = (iso: string, ms: number): string => new Date(Date.parse(iso) + ms).toISOString();
  const operations = view.operations.map((one) => {
    if (one.operation_id !== settled) return one;
    const answered = later(one.asked_at, ANSWER_MS);
    const ended = later(answered, OPEN_MS);
    return { ...one, latency_ms: ANSWER_MS, answered_at: answered, ended_at: ended };
  });
  const moved = ANSWER_MS + OPEN_MS;
  const events = view.events.map((event) => ({
    ...event,
    made_at: later(event.made_at, moved),
    at: later(event.at, moved),
  }));
  return { ...view, operations, events, latency_ms_max: 15_000 };
}

/** The gateway's own id of what it has done for a call. */
async function referenceOf(caller: Caller): Promise<string> {
  const { subscriptions } = await system.ledger();
  const found = subscriptions.find((one) => one['customer_id'] === caller.customerId);
  const reference = found?.['subscription_id'];
  assert.equal(typeof reference, 'string');
  return String(reference);
}

/** What is looked at: the address below `/console/`, and words that stand there with the data. */
const PAGES: readonly {
  readonly name: string;
  readonly title: string;
  readonly place: () => readonly [path: string, words: string];
}[] = [
  { name: 'operations', title: 'Operations', place: () => ['operations', doubtful.id] },
  {
    name: 'story-settled',
    title: 'a story that settle has ended',
    place: () => [`operations/${settled}`, 'looking it up at the gateway showed: approved'],
  },
  {
    name: 'story-in-doubt',
    title: 'a story in doubt',
    place: () => [`operations/${doubtful.id}`, 'the gateway did not answer'],
  },
  { name: 'subscriptions', title: 'Subscriptions', place: () => ['subscriptions', 'every month'] },
  {
    name: 'subscription',
    title: 'one subscription',
    place: () => [`subscriptions/${subscription}`, 'The caller pressed 1'],
  },
];

describe('operations and subscriptions in a browser', () => {
  for (const dark of [false, true]) {
    const when = dark ? 'at night' : 'by day';
    const shade = dark ? 'dark' : 'light';
    for (const { name, title, place } of PAGES) {
      test(`${title} has its data, and axe has nothing to complain about ${when}`, async () => {
        const [path, words] = place();
        const desk = await open('Otto Operator', path, dark);
        await desk.shows(words);
        assert.deepEqual(await violations(desk.page), []);
        const file = join(ARTEFACTS, `console-${name}-${shade}.png`);
        await desk.page.screenshot({ path: file, fullPage: true });
        await desk.close();
      });
    }
  }

  test('an answer above the line and a wait of hours are seen at a glance', async () => {
    const desk = await open('Vera Viewer', 'operations');
    const response = await desk.page.request.get(
      `http://127.0.0.1:${system.ports.bridge}/console/api/operations/story?id=${settled}`,
    );
    const view = (await response.json()) as StoryView;
    const address = '**/console/api/operations/story?id=*';
    await desk.page.route(address, (route) => route.fulfill({ json: overlong(view) }));
    await desk.page.goto(`http://127.0.0.1:${system.ports.bridge}/console/operations/${settled}`);
    await desk.shows('above the line of 15.0 s');
    await desk.shows('It was open for 3 h 20 min');
    assert.equal(await desk.page.locator('.time-limit').count(), 1);
    assert.equal(await desk.page.locator('.time-break').count(), 1);
    await desk.shows('shortened: 3 h 20 min');
    const file = join(ARTEFACTS, 'console-story-long-light.png');
    await desk.page.screenshot({ path: file, fullPage: true });
    await desk.close();
  });

  test('an operation is found by what is asked for, and leads to its story and back', async () => {
    const desk = await open('Vera Viewer', 'operations');
    const { page } = desk;
    await page.getByLabel('Any id').fill(doubtful.caller.interactionId);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/operations?id=*');
    await page.locator('tbody tr').nth(5).waitFor();
    assert.equal(await page.locator('tbody tr').count(), 6);
    await page.getByLabel('State').selectOption('in_doubt');
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByRole('link', { name: doubtful.id }).click();
    await page.waitForURL(`**/console/operations/${doubtful.id}`);
    await desk.shows('In words');
    await desk.shows('A card was keyed');
    assert.equal(await page.getByRole('button', { name: 'Propose' }).count(), 0);
    await page.goBack();
    await desk.shows('Newest first');
    await desk.close();
  });

  test('Live leads to the story of what is in doubt', async () => {
    const desk = await open('Vera Viewer', 'live');
    await desk.page.getByRole('link', { name: doubtful.id }).click();
    await desk.shows('At a glance');
    await desk.close();
  });

  test('two people end by hand what no look can tell, by keys alone', async () => {
    const { id, caller } = doubtful;
    const first = await open('Otto Operator', `operations/${id}`);
    const { page } = first;
    await page.getByRole('button', { name: 'Propose it' }).focus();
    await page.keyboard.press('Enter');
    await first.shows('Say how it has ended');
    await page.getByLabel('It happened').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.type(await referenceOf(caller));
    await page.keyboard.press('Tab');
    await page.keyboard.type('The gateway answers no look-up since noon');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Its own page of subscriptions, which shows it as active');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await first.shows('another person has to confirm it');
    assert.equal(await page.getByRole('button', { name: 'Confirm' }).count(), 0);

    const second = await open('Olga', `operations/${id}`, true);
    await second.shows('staff:otto says: it happened');
    assert.deepEqual(await violations(second.page), []);
    const file = join(ARTEFACTS, 'console-by-hand-dark.png');
    await second.page.screenshot({ path: file, fullPage: true });
    await second.page.getByRole('button', { name: 'Confirm: end it so' }).click();
    await second.shows('two people ended it by hand: approved');
    // Who is still looking hears it by the stream, and the caller at the next poll.
    await first.shows('two people ended it by hand: approved');
    await first.shows('nothing of it is open');
    const { body } = await system.ask('bridge', 'GET', `/v1/operations/${id}`);
    assert.equal(body['outcome'], 'approved');
    await until('its delivery', async () =>
      (await system.gauge('deliveries_waiting')) === 0 ? true : null,
    );
    const events = (await system.billing()).filter((event) =>
      JSON.stringify(event).includes(caller.customerId),
    );
    assert.equal(events.length, 1);
    await first.close();
    await second.close();
  });
});
