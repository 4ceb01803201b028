import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { approved, Caller } from '../whole/caller.ts';
import { System } from '../whole/system.ts';
import { openBrowser } from './browser.ts';
import { Desk } from './desk.ts';

let system: System;
let browser: Browser;

async function greeted(language: string): Promise<Caller> {
  const caller = new Caller(system);
  approved(
    await system.ask('bridge', 'POST', '/v1/availability', {
      interaction_id: caller.interactionId,
      language,
    }),
  );
  return caller;
}

async function handOff(caller: Caller, reason: string): Promise<void> {
  const body = { interaction_id: caller.interactionId, reason };
  approved(await system.ask('bridge', 'POST', '/v1/handoffs', body));
}

/** Fourteen calls: five enrol, and the others stop somewhere. */
async function play(): Promise<void> {
  for (const language of ['en-us', 'en-us', 'en-us', 'es-us', 'es-us']) {
    await (await greeted(language)).enrol();
  }
  for (const language of ['en-us', 'en-us', 'es-us']) {
    await handOff(await greeted(language), 'caller_asked');
  }
  for (const language of ['en-us', 'es-us']) await (await greeted(language)).consent();
  await greeted('en-us');
  for (const behave of ['decline:insufficient_funds', 'decline:card_declined']) {
    const caller = await greeted('en-us');
    await caller.consent();
    await caller.script('tokenize', [behave]);
    await caller.tokenise();
    await handOff(caller, 'too_many_attempts');
  }
  const changing = await greeted('en-us');
  approved(await changing.tokenise());
}

before(async () => {
  system = await System.start({ engine: 'pglite' });
  await system.ready();
  browser = await openBrowser();
  await play();
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

describe('the page Funnel in a browser', () => {
  for (const dark of [false, true]) {
    test(`Funnel shows where callers drop off, and is sound ${dark ? 'at night' : 'by day'}`, async () => {
      const desk = await Desk.open({ browser, system }, 'Vera Viewer', 'funnel', dark);
      const { page } = desk;
      await desk.shows('13 calls: 5 enrolled');
      await desk.shows('1 more was about a subscription');
      const steps = page.getByRole('table', { name: 'Calls by step' });
      await steps.getByRole('row', { name: 'Enrolled 5 38 %' }).waitFor();
      await steps.getByRole('row', { name: 'Greeting 13 100 % 100 % 0 3 1' }).waitFor();
      await page
        .getByRole('table', { name: 'Calls to a person by reason' })
        .getByRole('row', { name: 'caller asked 3 60 %' })
        .waitFor();
      await desk.isSound(`console-funnel-${dark ? 'dark' : 'light'}.png`);
      await page
        .getByLabel('Language', { exact: true })
        .selectOption({ label: 'Spanish (United States)' });
      await steps.getByRole('row', { name: 'Greeting 4 100 %' }).waitFor();
      await page.getByRole('button', { name: '30 days' }).click();
      await desk.shows('13 calls: 5 enrolled');
      await desk.close();
    });
  }
});
