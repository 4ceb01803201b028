import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { BUILT_IN_PROMPTS, loadFlowPrompts, loadPrompts } from '../../src/cli/prompts.ts';
import { sentencesOf } from '../../src/line/speech/sentences.ts';
import { System } from '../whole/system.ts';
import { violations } from './axe.ts';
import { ARTEFACTS, openBrowser } from './browser.ts';

/** The disclosure alone takes half a minute, and no key interrupts it. */
const HEAR_MS_MAX = 60_000;

const flowPrompt = loadFlowPrompts(BUILT_IN_PROMPTS);
const tables = loadPrompts(BUILT_IN_PROMPTS);

/** The first sentence of a prompt, without what is filled in: prompts change, the test does not. */
function words(key: string, language = 'en-us'): string {
  const text = flowPrompt(`tokenline_${key}`, language);
  assert.ok(text !== null, key);
  return sentencesOf(text)[0] ?? '';
}

const ENGLISH = tables['en-us'];
const TERMS_END = sentencesOf(ENGLISH.disclosure).at(-1) ?? '';
const ENROLLED = /[^{[]+/.exec(sentencesOf(ENGLISH.plain.enrolled)[1] ?? '')?.[0].trim() ?? '';
const DECLINE = sentencesOf(ENGLISH.errors.card_declined[0] ?? '')[0] ?? '';
const LANGUAGE = words('language_choice');

const GOOD = '4242424242424242';
const DECLINED = '4000000000000002';

let system: System;
let browser: Browser;

before(async () => {
  system = await System.start({ engine: 'pglite', limits: null });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

/** A caller with a softphone in hand, and everything that its page asked for or complained about. */
class Softphone {
  readonly complaints: string[] = [];
  readonly asked: string[] = [];
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() !== 'log') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => this.asked.push(request.url()));
  }

  static async open(options: { readonly dark?: boolean } = {}): Promise<Softphone> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: options.dark === true ? 'dark' : 'light',
    });
    const phone = new Softphone(await context.newPage());
    // Found from the bridge's port, too.
    await phone.page.goto(`http://127.0.0.1:${system.ports.bridge}/phone`);
    await phone.page.waitForSelector('html[data-ready=true]');
    return phone;
  }

  async call(ani: string, scenario = 'approve'): Promise<void> {
    await this.page.check(`input[name=caller][value="${ani}"]`);
    await this.page.selectOption('#scenario', scenario);
    await this.page.click('#call');
  }

  async press(keys: string): Promise<void> {
    for (const key of keys) await this.page.click(`[data-key="${key}"]`);
  }

  /** Until the transcript holds the words. */
  async hears(words: string): Promise<void> {
    const transcript = this.page.locator('#transcript', { hasText: words });
    await transcript.waitFor({ timeout: HEAR_MS_MAX });
  }

  async listens(): Promise<void> {
    await this.page.waitForSelector('#display[data-hears=listens]', { timeout: HEAR_MS_MAX });
  }

  transcript(): Promise<string> {
    return this.page.innerText('#transcript');
  }

  /** From now on, notes the places that hold digits whenever they change. */
  async watchStations(): Promise<void> {
    await this.page.evaluate(`(() => {
      globalThis.placesSeen = [];
      const list = document.getElementById('journey');
      new MutationObserver(() => {
        const here = [...list.querySelectorAll('[data-here=true]')];
        const places = here.map(({ dataset }) => dataset.station).join('+');
        if (places !== placesSeen.at(-1)) placesSeen.push(places);
      }).observe(list, { subtree: true, attributes: true, attributeFilter: ['data-here'] });
    })()`);
  }

  placesSeen(): Promise<string[]> {
    return this.page.evaluate('placesSeen');
  }

  /** The loudest that the earpiece is within a second, 0 to 1. */
  loudness(): Promise<number> {
    return this.page.evaluate(`(async () => {
      const samples = new Float32Array(tokenlineEarpiece.fftSize);
      let loudest = 0;
      for (let frame = 0; frame < 60; frame++) {
        await new Promise(requestAnimationFrame);
        tokenlineEarpiece.getFloatTimeDomainData(samples);
        const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
        loudest = Math.max(loudest, Math.sqrt(energy / samples.length));
      }
      return loudest;
    })()`);
  }

  /** Runs of digits, however they are spaced, in all that a page holds but the published cards. */
  async digitRuns(): Promise<string[]> {
    const text = await this.page.evaluate<string>(`(() => {
      const copy = document.documentElement.cloneNode(true);
      copy.querySelector('[data-published-test-cards]').remove();
      return [copy.outerHTML, ...['localStorage', 'sessionStorage'].map((name) =>
        JSON.stringify(globalThis[name])), document.cookie].join(' ');
    })()`);
    const joined = text.replaceAll(/(?<=\d)[\s•-]+(?=\d)/g, '');
    return [...joined.matchAll(/\d{12,}/g)].map(([run]) => `${run.length} digits`);
  }

  async isTidy(): Promise<void> {
    assert.deepEqual(this.complaints, []);
    assert.deepEqual(await this.digitRuns(), []);
    const ours = [system.ports.bridge, system.ports.line].map(
      (port) => `http://127.0.0.1:${port}/`,
    );
    const others = this.asked.filter((url) => !ours.some((own) => url.startsWith(own)));
    assert.deepEqual(others, []);
    await this.page.context().close();
  }

  /** From the greeting to the question for the card. */
  async agreeToPlan(): Promise<void> {
    await this.hears(LANGUAGE);
    await this.press('1');
    await this.hears(words('new_caller_menu'));
    await this.press('1');
    await this.hears('Premium Monthly');
    await this.press('1');
    await this.hears(TERMS_END);
    await this.listens();
    await this.press('1');
    await this.hears(words('ask_card_number'));
  }
}

describe('the softphone in a browser', { concurrency: 2 }, () => {
  test('a caller enrols with clicks on the keypad, and no digit is shown or kept', async () => {
    const phone = await Softphone.open();
    await phone.call('+13175550100');
    await phone.hears(words('greeting'));
    assert.ok((await phone.loudness()) > 0.01, 'the greeting sounds');
    await phone.agreeToPlan();
    system.pans.add(GOOD);
    await phone.press(GOOD.slice(0, 6));
    assert.equal(await phone.page.innerText('#keyed'), '••••••');
    assert.match(await phone.page.innerText('#journey-says'), /^6 keyed/);
    assert.match(await phone.page.innerText('#tabs [aria-pressed=true]'), /Card Capture/);
    assert.match(await phone.page.innerText('#part-title'), /Card Number/);
    await phone.page.screenshot({ path: join(ARTEFACTS, 'softphone-card.png') });
    await phone.press(`${GOOD.slice(6)}#`);
    await phone.hears(words('ask_expiry'));
    await phone.press('1230');
    await phone.hears(words('ask_security_code'));
    await phone.watchStations();
    await phone.press('123#');
    await phone.hears(ENROLLED);
    const places = await phone.placesSeen();
    assert.deepEqual(places, ['keypad+line', 'line', 'tokenizer+gateway', '']);
    assert.equal(await phone.page.locator('.remark', { hasText: /^English$/ }).count(), 1);
    assert.ok((await phone.loudness()) > 0.01, 'a sentence with values in it sounds');
    await phone.page.screenshot({ path: join(ARTEFACTS, 'softphone-enrolled.png') });
    await phone.hears('The call has ended');
    assert.match(await phone.page.innerText('#actions'), /Tokenise Card/);
    assert.match(await phone.page.innerText('#actions'), /secure/);
    assert.match(await phone.page.innerText('#attributes'), /card_last4\s+4242/);
    const { subscriptions } = await system.ledger();
    assert.ok(subscriptions.length >= 1, 'the gateway has the subscription');
    await phone.isTidy();
  });

  test('a declined card is asked for again, as one sentence and not as a fault', async () => {
    const phone = await Softphone.open();
    await phone.call('+13175550102');
    await phone.agreeToPlan();
    system.pans.add(DECLINED);
    await phone.press(`${DECLINED}#`);
    await phone.hears(words('ask_expiry'));
    await phone.press('1230');
    await phone.hears(words('ask_security_code'));
    await phone.press('123#');
    await phone.hears(DECLINE);
    assert.match(await phone.page.innerText('#actions'), /declined/);
    await phone.page.click('#hang-up');
    await phone.hears('You hung up');
    await phone.isTidy();
  });

  test('a caller who is known to speak Spanish is spoken to in Spanish, and hangs up', async () => {
    const phone = await Softphone.open({ dark: true });
    await phone.call('+13175550101');
    await phone.hears('Para español');
    await phone.press('2');
    await phone.hears('Español');
    await phone.hears(words('new_caller_menu', 'es-us'));
    assert.equal(await phone.page.getAttribute('#transcript', 'lang'), 'es-us');
    assert.ok((await phone.loudness()) > 0.01, 'Spanish sounds');
    await phone.page.screenshot({ path: join(ARTEFACTS, 'softphone-spanish-dark.png') });
    await phone.page.click('#hang-up');
    await phone.hears('You hung up');
    assert.equal(await phone.page.isEnabled('#call'), true);
    await phone.isTidy();
  });

  test('a spoken word brings an agent, and keys of the keyboard are keys of the telephone', async () => {
    const phone = await Softphone.open();
    await phone.call('');
    await phone.hears(LANGUAGE);
    await phone.page.keyboard.press('1');
    await phone.listens();
    await phone.page.fill('#words', 'agent');
    await phone.page.click('text=Say');
    await phone.hears('Payment_Support_Group takes the call');
    await phone.isTidy();
  });

  for (const dark of [false, true]) {
    test(`axe finds nothing to complain about ${dark ? 'at night' : 'by day'}`, async () => {
      const phone = await Softphone.open({ dark });
      await phone.page.click('#cards summary');
      assert.deepEqual(await violations(phone.page), []);
      await phone.call('+13175550100');
      await phone.hears(LANGUAGE);
      assert.deepEqual(await violations(phone.page), []);
      await phone.page.setViewportSize({ width: 390, height: 844 });
      assert.deepEqual(await violations(phone.page), []);
      const wide = await phone.page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(wide <= 390, `nothing sticks out of a narrow screen: ${wide}`);
      const tops = await phone.page.evaluate<number[]>(
        `['.phone', '.journey', '.middle', '.flow'].map((part) =>
          document.querySelector(part).getBoundingClientRect().top)`,
      );
      assert.deepEqual(
        tops,
        tops.toSorted((a, b) => a - b),
        'the telephone comes first',
      );
      await phone.page.screenshot({ path: join(ARTEFACTS, `softphone-narrow-${dark}.png`) });
      await phone.page.context().close();
    });
  }
});
