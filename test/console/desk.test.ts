import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { approved, Caller } from '../whole/caller.ts';
import { System, until } from '../whole/system.ts';
import { openBrowser } from './browser.ts';
import { Desk } from './desk.ts';

/** What a page of the console is called, and words that it shows once it has its data. */
const PAGES = [
  ['live', 'Live', 'Above the line'],
  ['switch', 'Switch', 'The very next call hears it'],
  ['deliveries', 'Deliveries', 'Send again'],
] as const;

let system: System;
let browser: Browser;

before(async () => {
  system = await System.start({ engine: 'pglite' });
  await system.ready();
  browser = await openBrowser();
  // One event that billing never wants, and calls that came to different ends.
  await system.script([{ operation: 'billing', behave: 'status:410' }]);
  approved(await new Caller(system).enrol());
  await until('the dead letter', async () =>
    (await system.gauge('deliveries_dead')) === 1 ? true : null,
  );
  approved(await new Caller(system).enrol());
  await new Caller(system).consent();
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

describe('the console in a browser', () => {
  for (const dark of [false, true]) {
    for (const [path, title, words] of PAGES) {
      test(`${title} has its data, and axe has nothing to complain about ${dark ? 'at night' : 'by day'}`, async () => {
        const desk = await Desk.open({ browser, system }, 'Otto Operator', path, dark);
        await desk.page.getByRole('heading', { name: title, level: 1 }).waitFor();
        await desk.shows(words);
        await desk.isSound(`console-${path}-${dark ? 'dark' : 'light'}.png`);
        await desk.close();
      });
    }
  }

  test('a dead letter is sent again, and is gone', async () => {
    const desk = await Desk.open({ browser, system }, 'Otto Operator', 'deliveries');
    await desk.page.getByRole('button', { name: 'Send again' }).click();
    await desk.shows('is being sent again');
    await until('its delivery', async () =>
      (await system.gauge('deliveries_dead')) + (await system.gauge('deliveries_waiting')) === 0
        ? true
        : null,
    );
    await desk.page.reload();
    await desk.shows('Billing has taken everything that was due');
    await desk.close();
  });

  test('the switch is thrown by keys alone, and the very next call hears it', async () => {
    const desk = await Desk.open({ browser, system }, 'Otto Operator', 'switch');
    await desk.shows('The very next call hears it');
    const { page } = desk;
    await page.getByLabel('Why').focus();
    await page.keyboard.type('The gateway is being repaired');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('calls go to people').waitFor();
    const next = new Caller(system);
    const answer = await system.ask('bridge', 'POST', '/v1/availability', {
      interaction_id: next.interactionId,
    });
    assert.equal(answer.body['reason'], 'switched_off');
    await page.getByLabel('Why').fill('It is repaired');
    await page.getByRole('button', { name: 'Switch automated payments on' }).click();
    await page.getByText('calls are taken').waitFor();
    await desk.close();
  });

  test('who only watches sees no way to change anything', async () => {
    const desk = await Desk.open({ browser, system }, 'Vera Viewer', 'switch');
    await desk.shows('Automated payments');
    await desk.page.getByText('staff:').first().waitFor();
    assert.equal(await desk.page.getByRole('button', { name: /Switch automated/ }).count(), 0);
    await desk.page.getByRole('link', { name: 'Deliveries' }).click();
    await desk.page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    assert.equal(await desk.page.getByRole('button', { name: 'Send again' }).count(), 0);
    await desk.close();
  });

  test('who signs out is out', async () => {
    const desk = await Desk.open({ browser, system }, 'Vera Viewer', 'live');
    await desk.page.getByRole('button', { name: 'Sign out' }).click();
    await desk.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await desk.close();
  });
});
