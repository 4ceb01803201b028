import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { System } from '../whole/system.ts';
import { violations } from './axe.ts';
import { ARTEFACTS, openBrowser } from './browser.ts';

/** The disclosure alone takes half a minute, and no key interrupts it. */
const HEAR_MS_MAX = 90_000;
const CARD = '4242424242424242#';

let system: System;
let browser: Browser;

before(async () => {
  system = await System.start({ engine: 'pglite', limits: null });
  await system.ready();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

/** Whoever sits at a laptop, with the softphone in one tab and the agent's desktop in another. */
class Laptop {
  readonly phone: Page;

  constructor(phone: Page) {
    this.phone = phone;
  }

  async press(keys: string): Promise<void> {
    for (const key of keys) await this.phone.click(`[data-key="${key}"]`);
  }

  async hears(words: string): Promise<void> {
    const transcript = this.phone.locator('#transcript', { hasText: words });
    await transcript.waitFor({ timeout: HEAR_MS_MAX }).catch(async () => {
      const heard = await this.phone.innerText('#transcript');
      assert.fail(`"${words}" was not heard; the last was: ${heard.slice(-300)}`);
    });
  }

  /** Until what is said has ended and keys are taken. */
  async listens(): Promise<void> {
    await this.phone.waitForSelector('#display[data-hears=listens]', { timeout: HEAR_MS_MAX });
  }

  /** The agent's desktop, in the tab that its link opens. */
  async desktop(): Promise<Page> {
    await this.phone.locator('#with-agent').waitFor({ timeout: HEAR_MS_MAX });
    const opened = this.phone.context().waitForEvent('page');
    await this.phone.getByRole('link', { name: 'Open the agent’s desktop' }).click();
    return opened;
  }
}

test('a call on the softphone reaches an agent, who has the caller key a card', async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const phone = await context.newPage();
  const laptop = new Laptop(phone);
  await phone.goto(`http://127.0.0.1:${system.ports.bridge}/phone`);
  await phone.waitForSelector('html[data-ready=true]');
  await phone.check('#desktop');
  await phone.click('#call');
  await laptop.hears('For English, press 1');
  await laptop.press('1');
  await laptop.hears('To subscribe, press 1');
  await laptop.press('0');
  const desktop = await laptop.desktop();
  assert.deepEqual(await violations(phone), []);
  await phone.screenshot({ path: join(ARTEFACTS, 'softphone-with-agent.png') });

  const frame = desktop.frameLocator('iframe');
  const popup = desktop.waitForEvent('popup');
  await frame.getByRole('button', { name: 'Sign in with Genesys' }).click();
  await (await popup).getByRole('button', { name: 'Ana Agent' }).click();
  const stands = (name: string): Promise<void> =>
    frame.getByRole('heading', { name, level: 1 }).waitFor({ timeout: HEAR_MS_MAX });
  await stands('With you');
  await frame.getByRole('button', { name: 'Start secure card entry' }).click();
  await stands('Hearing the terms');
  await phone.bringToFront();
  await laptop.hears('Press 1 to agree');
  await laptop.listens();
  await laptop.press('1');
  await laptop.hears('Please enter your card number');
  await phone.locator('#lock').waitFor();
  await stands('Keying the card');
  await laptop.listens();
  await laptop.press(CARD);
  await laptop.hears('the expiration date');
  await laptop.press('1230');
  await laptop.hears('the security code');
  await laptop.press('123#');
  await stands('Enrolled');
  await frame.getByText('Visa ending in 4242').waitFor();
  await desktop.screenshot({ path: join(ARTEFACTS, 'agent-desktop.png') });
  await phone.locator('#with-agent').waitFor({ timeout: HEAR_MS_MAX });
  await phone.locator('#lock').waitFor({ state: 'hidden' });
  const held = `${await desktop.content()} ${await frame.locator('body').innerText()}`;
  assert.doesNotMatch(held.replaceAll(/\s/g, ''), /\d{12,}/);
  await phone.click('#hang-up');
  await frame.getByText('This call is not shown any more').waitFor({ timeout: HEAR_MS_MAX });
  await context.close();
});
