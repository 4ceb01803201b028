import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startSandbox, type Sandbox } from '../../src/sandbox/process.ts';
import { findChromium } from '../chromium.ts';
import { Client } from '../sandbox/client.ts';
import { sandboxSettings } from '../sandbox/settings.ts';
import { violations } from './axe.ts';
import { ARTEFACTS, openBrowser } from './browser.ts';

const skip = findChromium() === null ? 'Chromium is not installed' : false;

describe('the sandbox’s page for a card, in a browser', { skip }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tokenline-pay-page-'));
  let sandbox: Sandbox;
  let browser: Browser;
  let client: Client;

  before(async () => {
    sandbox = await startSandbox(sandboxSettings(dataDir));
    client = new Client(sandbox.origin);
    await client.signIn();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await sandbox.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A page in a browser, with the addresses that it has asked for. */
  async function open(options: { dark?: boolean; language?: string } = {}) {
    const made = await client.post('/v1/pages', {
      customer_id: 'customer-ada',
      language: options.language ?? 'en-us',
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const page = await browser.newPage({
      colorScheme: options.dark === true ? 'dark' : 'light',
      viewport: { width: 390, height: 760 },
    });
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).origin));
    await page.goto(String(made.body['url']));
    return { page, asked };
  }

  /** Keys alone: the number field has the focus when the page opens. */
  async function keys(page: Page, number: string): Promise<void> {
    await page.keyboard.type(number);
    for (const text of ['12/34', '123']) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
  }

  for (const dark of [false, true]) {
    test(`axe finds nothing to complain about ${dark ? 'at night' : 'by day'}, whatever it shows`, async () => {
      const { page, asked } = await open({ dark });
      const shot = async (what: string): Promise<void> => {
        assert.deepEqual(await violations(page), [], what);
        const file = `pay-page-${what}-${dark ? 'dark' : 'light'}.png`;
        await page.screenshot({ path: join(ARTEFACTS, file), fullPage: true });
      };
      await shot('open');
      await keys(page, '4000000000000002');
      await page.getByRole('alert').waitFor();
      await shot('declined');
      await keys(page, '4242424242424242');
      await page.getByRole('heading', { name: 'Thank you' }).waitFor();
      await shot('done');
      assert.deepEqual([...new Set(asked)], [sandbox.origin], 'nothing comes from elsewhere');
      await page.close();
    });
  }

  test('an error is at its field, which has the focus', async () => {
    const { page } = await open();
    await keys(page, '4242424242424241');
    const field = page.getByLabel('Card number');
    await page.getByRole('alert').waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await field.inputValue(), '');
    assert.equal(await page.locator(':focus').getAttribute('id'), 'number');
    await page.close();
  });

  test('it speaks Spanish', async () => {
    const { page } = await open({ language: 'es-us' });
    await page.getByRole('heading', { name: 'Ingrese su tarjeta' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.close();
  });
});
