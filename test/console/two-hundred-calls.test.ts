import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { ROOT, System, until } from '../whole/system.ts';
import { violations } from './axe.ts';
import { ARTEFACTS, openBrowser } from './browser.ts';
import { Desk } from './desk.ts';
import { playTwoHundredCalls } from './two-hundred-calls.ts';

const run = promisify(execFile);

/** As a caller hears it who rings right after the switch was thrown. */
const NEXT_CALL = `The very next caller hears that payments are off.

ANI      +13175550100
hears    "For English, press 1"
dials    1
hears    "We are not taking payments by keypad right now"
then     outcome is agent
then     participant attribute payment_error_code is switched_off
`;

let system: System;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'tl-200-'));

before(async () => {
  // Nobody is to be in doubt because the machine is busy.
  system = await System.start({ engine: 'pglite', limits: { deadline_ms: 20_000 } });
  await system.ready();
  browser = await openBrowser();
  await system.script([{ operation: 'billing', behave: 'status:410' }]);
  await playTwoHundredCalls(system);
  await until('everything that billing takes to be delivered', async () => {
    const waiting = await system.gauge('deliveries_waiting');
    return waiting === 0 && (await system.gauge('deliveries_dead')) === 1 ? true : null;
  });
});

after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await browser?.close();
  await system?.stop();
});

describe('the console after two hundred calls', () => {
  for (const dark of [false, true]) {
    test(`every page of the menu has its data ${dark ? 'at night' : 'by day'}`, async () => {
      const desk = await Desk.open({ browser, system }, 'Ada Admin', 'live', dark);
      const { page } = desk;
      await desk.shows('Above the line');
      const titles = await page.locator('#nav a').allTextContents();
      assert.ok(titles.length >= 5, titles.join(', '));
      for (const title of titles) {
        await page.locator('#nav').getByRole('link', { name: title, exact: true }).click();
        await page.getByRole('heading', { name: title, level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        assert.deepEqual(await violations(page), [], title);
        const file = `console-200-${title.toLowerCase()}-${dark ? 'dark' : 'light'}.png`;
        await page.screenshot({ path: join(ARTEFACTS, file), fullPage: true });
      }
      await desk.close();
    });
  }

  test('what is shown is what was played', async () => {
    const desk = await Desk.open({ browser, system }, 'Ada Admin', 'subscriptions');
    // Ten of each story: thirteen stories of twenty subscribe, one of them cancels.
    const { subscriptions } = await system.ledger();
    const isCancelled = subscriptions.map(({ changes }) =>
      changes.some(({ verb }) => verb === 'cancel'),
    );
    assert.deepEqual([isCancelled.length, isCancelled.filter(Boolean).length], [130, 10]);
    await desk.shows('120 active, 10 cancelled');
    await desk.page.getByRole('link', { name: 'Live', exact: true }).click();
    // From the greeting to a person; nobody is in the middle of an enrolment.
    const calls = await desk.page.locator('.bars').innerText();
    assert.deepEqual(calls.match(/\d+/g)?.map(Number), [10, 20, 10, 10, 0, 130, 20]);
    await desk.close();
  });

  test('the switch is thrown, and the very next call file hears it', async () => {
    const desk = await Desk.open({ browser, system }, 'Otto Operator', 'switch');
    const { page } = desk;
    await page.getByLabel('Why').fill('The gateway is being repaired');
    await page.getByRole('button', { name: 'Switch automated payments off' }).click();
    await page.getByText('calls go to people').waitFor();
    const file = join(folder, 'next.call');
    writeFileSync(file, NEXT_CALL);
    const { bridge, tokenizer } = system.ports;
    const { stdout } = await run(process.execPath, [
      join(ROOT, 'dist', 'cli', 'main.js'),
      'call',
      file,
      '--url',
      `http://127.0.0.1:${bridge}`,
      '--tokenizer-url',
      `http://127.0.0.1:${tokenizer}`,
    ]);
    assert.match(stdout, /1 call/);
    await desk.close();
  });
});
