import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { SHOWN_CARDS } from '../src/cli/shown-cards.ts';
import { findChromium } from '../test/chromium.ts';

/**
 * Takes the pictures of the documents from a softphone that runs: `npm start` in one terminal, `npx
 * tsx scripts/take-pictures.ts` in another. Start with a sandbox where nobody has enrolled. Make them small afterwards, `pngquant --quality 80-95
 * --strip --force --ext .png docs/pictures/*.png`: 150 kB each is the limit.
 */
const address = process.argv[2] ?? 'http://127.0.0.1:8083/phone';
const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
/** The terms take half a minute, and no key interrupts them. */
const PATIENCE_MS = 90_000;

const CARD = SHOWN_CARDS[0]?.digits.replaceAll(' ', '') ?? '';

/** What a caller keys, by the task or menu that asks for it. */
const ENROLMENT = [
  ['Choose Language', '1'],
  ['New Caller', '1'],
  ['Choose Plan', '1'],
  ['Get Consent', '1'],
  ['Card Number', `${CARD}#`],
  ['Expiry Date', '1230'],
  ['Security Code', '123#'],
] as const;

interface Call {
  /** Of a customer who has not enrolled since the sandbox was started. */
  readonly ani: string;
  readonly scenario: string;
}

async function enrol(page: Page, { ani, scenario }: Call): Promise<void> {
  await page.goto(address);
  await page.waitForSelector('html[data-ready=true]');
  await page.check(`input[name=caller][value="${ani}"]`);
  await page.selectOption('#scenario', scenario);
  await page.click('#call');
  for (const [part, keys] of ENROLMENT) {
    await page.locator('#part-title', { hasText: part }).waitFor();
    // A key before the end of the terms would be lost.
    if (part === 'Get Consent') await page.waitForSelector('#display[data-hears="speaks on"]');
    await page.waitForSelector('#display[data-hears=listens]');
    for (const key of keys) await page.click(`[data-key="${key}"]`);
  }
}

async function picture(
  name: string,
  colorScheme: 'light' | 'dark',
  call: Call,
  shows: (page: Page) => Promise<unknown>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await enrol(page, call);
  await shows(page);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
  console.log(`docs/pictures/${name}.png`);
}

const executablePath = findChromium();
if (executablePath === null) throw new Error('Chromium is not here: "apt-get install chromium"');
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--mute-audio'] });
try {
  // A gateway that does not answer leaves time to look at the tokenizer.
  await picture('softphone-private', 'light', { ani: '+13175550100', scenario: 'hang' }, (page) =>
    page.waitForSelector('[data-station=tokenizer][data-here=true]'),
  );
  await picture(
    'softphone-enrolled',
    'dark',
    { ani: '+13175550102', scenario: 'approve' },
    (page) => page.locator('#state', { hasText: 'The call has ended' }).waitFor(),
  );
} finally {
  await browser.close();
}
