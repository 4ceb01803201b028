import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { tokenline } from '../cli/command.ts';
import { approved, Caller } from '../whole/caller.ts';
import { System, until } from '../whole/system.ts';
import { ARTEFACTS, openBrowser } from './browser.ts';
import { Desk } from './desk.ts';

let system: System;
let browser: Browser;
let transactionId: string;
let interactionId: string;

before(async () => {
  // A checkpoint every second: nobody waits for one.
  system = await System.start({
    engine: 'pglite',
    config: { ledger: { checkpoint_every_ms: 1_000 } },
  });
  await system.ready();
  browser = await openBrowser();
  const caller = new Caller(system);
  const answer = await caller.enrol();
  approved(answer);
  transactionId = String(answer.body['gateway_transaction_id']);
  interactionId = caller.interactionId;
  approved(await new Caller(system).enrol());
  await until('the ledger to be sealed', async () =>
    (await system.gauge('ledger_unsealed')) === 0 ? true : null,
  );
  await new Promise((resolve) => setTimeout(resolve, 2_500));
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

/** Counts clicks as the document hears them, across pages. */
async function countClicks(desk: Desk): Promise<() => Promise<number>> {
  // As texts: the compiler of the tests knows no document.
  await desk.page.evaluate(
    `globalThis.clicks = 0; document.addEventListener('click', () => clicks++, { capture: true })`,
  );
  return () => desk.page.evaluate<number>('clicks');
}

describe('the page Audit in a browser', () => {
  test('an auditor’s question takes three clicks from the start page to a pack that the command proves', async () => {
    const desk = await Desk.open({ browser, system }, 'Audrey Auditor', 'live');
    const { page } = desk;
    const clicks = await countClicks(desk);
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByLabel('Any id').fill(transactionId);
    await page.getByRole('button', { name: 'Find' }).click();
    await desk.shows('each is in the chain that a signed checkpoint covers');
    await desk.shows('The enrolment was approved');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Evidence pack' }).click();
    const file = join(system.directory, 'evidence.json');
    await (await downloading).saveAs(file);
    assert.equal(await clicks(), 3);
    await desk.close();
    const key = join(system.data, 'keys', 'ledger.pub.pem');
    const verify = ['audit', 'verify', '--file', file, '--public-key', key];
    const good = await tokenline(verify).ended;
    assert.equal(good.code, 0, good.out + good.err);
    assert.match(good.out, /are unchanged/);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('subscribe.approved', 'subscribe.approvee'),
    );
    const changed = await tokenline(verify).ended;
    assert.equal(changed.code, 1);
    assert.match(changed.out, /content_changed/);
  });

  for (const dark of [false, true]) {
    const mode = dark ? 'dark' : 'light';
    test(`Audit is sound with its answer and its verdict ${dark ? 'at night' : 'by day'}`, async () => {
      const desk = await Desk.open({ browser, system }, 'Audrey Auditor', 'audit', dark);
      const { page } = desk;
      await page.getByLabel('Any id').fill(interactionId);
      await page.keyboard.press('Enter');
      await desk.shows('The caller agreed to the terms');
      await page.locator('summary').first().click();
      await page.getByRole('button', { name: 'Verify the whole ledger' }).click();
      await desk.shows('each unchanged and following from the one before');
      await desk.isSound(`console-audit-${mode}.png`);
      await desk.close();
    });

    test(`the printable page is sound ${dark ? 'at night' : 'by day'}, and comes out on paper`, async () => {
      const desk = await Desk.open({ browser, system }, 'Audrey Auditor', 'audit', dark);
      await desk.page.getByLabel('Any id').fill(transactionId);
      await desk.page.keyboard.press('Enter');
      const opening = desk.page.context().waitForEvent('page');
      await desk.page.getByRole('link', { name: 'Printable page' }).click();
      const paper = await opening;
      await paper.getByRole('heading', { name: 'Evidence from the audit ledger' }).waitFor();
      await paper.getByText(transactionId).first().waitFor();
      await paper.setViewportSize({ width: 1280, height: 900 });
      await paper.screenshot({
        path: join(ARTEFACTS, `console-audit-print-${mode}.png`),
        fullPage: true,
      });
      const file = join(ARTEFACTS, 'console-audit-print.pdf');
      const pdf = await paper.pdf({ path: file, preferCSSPageSize: true });
      assert.ok(pdf.byteLength > 5_000);
      await desk.close();
    });
  }

  test('who may not audit sees no such page, and gets none by its address', async () => {
    const desk = await Desk.open({ browser, system }, 'Otto Operator', 'live');
    await desk.shows('Above the line');
    assert.equal(await desk.page.getByRole('link', { name: 'Audit' }).count(), 0);
    await desk.page.goto(`${new URL(desk.page.url()).origin}/console/audit?id=${transactionId}`);
    await desk.page.getByRole('heading', { name: 'Live', level: 1 }).waitFor();
    await desk.close();
  });
});
