import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { Centre, runAgent, type Kept, type RunningAgent } from '../api/agent/running-agent.ts';
import { Caller } from '../bridge/caller.ts';
import { until } from '../whole/system.ts';
import { violations } from './axe.ts';
import { ARTEFACTS, openBrowser } from './browser.ts';

let browser: Browser;
let running: RunningAgent;
const ends: (() => unknown)[] = [];

before(async () => {
  running = await runAgent({ after: (end) => void ends.push(end) });
  // As browsers will have it, and some have it already.
  browser = await openBrowser(['--test-third-party-cookie-phaseout']);
});

after(async () => {
  await browser?.close();
  for (const end of ends.toReversed()) await end();
});

/** An agent's desktop: the sandbox's page, with the bridge's page in a frame of another site. */
class Desktop {
  readonly page: Page;
  readonly frame: FrameLocator;
  readonly complaints: string[] = [];
  readonly asked: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.frame = page.frameLocator('iframe');
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => this.asked.push(request.url()));
    page.on('console', (message) => {
      // The page asks whether the browser knows the agent: the first time, it does not.
      const expected = /40[13]/.test(message.text());
      if (message.type() === 'error' && !expected) this.complaints.push(message.text());
    });
  }

  static async open(
    interaction: string,
    from: Desktop | null = null,
    dark = false,
  ): Promise<Desktop> {
    const context =
      from?.page.context() ??
      (await browser.newContext({
        viewport: { width: 900, height: 1100 },
        colorScheme: dark ? 'dark' : 'light',
      }));
    const desktop = new Desktop(await context.newPage());
    await desktop.page.goto(`${running.sandbox}/genesys/desktop?conversation=${interaction}`);
    return desktop;
  }

  async signIn(agent: string): Promise<void> {
    const opened = this.page.waitForEvent('popup');
    await this.frame.getByRole('button', { name: 'Sign in with Genesys' }).click();
    const popup = await opened;
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: agent }).click();
    await closed;
  }

  shows(text: string | RegExp): Promise<void> {
    return this.frame.getByText(text).first().waitFor();
  }

  /** Where the page says that the caller is. */
  stands(text: string): Promise<void> {
    return this.frame.getByRole('heading', { name: text, level: 1 }).waitFor();
  }

  async close(): Promise<void> {
    await this.page.context().close();
    assert.deepEqual(this.complaints, []);
  }
}

/** A second of the bridge's, in which it looks again. */
const second = (): Promise<void> => running.world.pass(1_000);

/** Until Genesys has been asked to send the caller to the keypad. */
const begun = ({ interaction }: Caller): Promise<Kept> =>
  until('the secure session', async () => {
    const kept = await new Centre(running).kept(interaction);
    return kept.secureSessions.length > 0 ? kept : null;
  });

/** A caller who came to a person after a declined card. */
async function declined(options: ConstructorParameters<typeof Caller>[1] = {}): Promise<Caller> {
  const { world } = running;
  const caller = new Caller(world, options);
  await caller.availability();
  await caller.lookup();
  await caller.consent();
  world.gateway.will('tokenise', { does: 'decline', code: 'insufficient_funds' });
  await caller.card();
  await caller.handOff('caller_asked');
  await new Centre(running).arrive(caller.interaction);
  return caller;
}

describe('the agent’s page in a frame of another site, with third-party cookies blocked', () => {
  test('an agent signs in in a window, and the call is there', async () => {
    const caller = await declined({ language: 'es-us' });
    const desktop = await Desktop.open(caller.interaction);
    await desktop.signIn('Ana Agent');
    await desktop.shows('The account has not enough money');
    await desktop.shows('The bank has not accepted that card');
    await desktop.shows('El banco no aceptó esa tarjeta');
    await desktop.shows('2 more cards can be tried');
    // The next call of this agent opens without a window: the browser kept the cookie for this site.
    const next = await declined();
    const again = await Desktop.open(next.interaction, desktop);
    await again.shows('With you');
    const cookies = await desktop.page.context().cookies();
    const own = cookies.find(({ name }) => name === 'tokenline-agent');
    assert.equal(own?.httpOnly, true);
    assert.ok(own.partitionKey !== undefined, 'it is kept apart');
    for (const url of [...desktop.asked, ...again.asked]) {
      assert.ok([running.base, running.sandbox].includes(new URL(url).origin), url);
    }
    await desktop.close();
  });

  test('another agent sees nothing, and no page of somebody else’s may frame it', async () => {
    const caller = await declined();
    const desktop = await Desktop.open(caller.interaction);
    await desktop.signIn('Ben Agent');
    await desktop.shows('You are not at this call');
    assert.equal(await desktop.frame.getByText('not enough money').count(), 0);
    const stranger = await desktop.page.context().newPage();
    await stranger.route('http://stranger.localhost/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<iframe src="${running.base}/agent?interaction=${caller.interaction}"></iframe>`,
      }),
    );
    await stranger.goto('http://stranger.localhost/');
    // What Chromium puts in the place of a page that may not be framed.
    const url = await until('the refusal', () => {
      const shown = stranger.frames()[1]?.url() ?? '';
      return shown === '' || shown === 'about:blank' ? null : shown;
    });
    assert.match(url, /^chrome-error:/);
    await desktop.close();
  });

  test('a card is keyed while the page looks on, by keys alone', async () => {
    const caller = await declined();
    const desktop = await Desktop.open(caller.interaction);
    await desktop.signIn('Ana Agent');
    await desktop.shows('With you');
    const what = desktop.frame.getByLabel('What for');
    await what.focus();
    assert.equal(
      await what.inputValue(),
      `subscribe ${caller.plan}`,
      'what they heard the terms of',
    );
    await what.selectOption('subscribe recurring_monthly_basic');
    await what.focus();
    await desktop.page.keyboard.press('Tab');
    await desktop.page.keyboard.press('Enter');
    const { secureSessions } = await begun(caller);
    assert.equal(secureSessions.length, 1);
    await second();
    await desktop.stands('On the secure line');
    assert.equal(await desktop.frame.getByText('Start secure card entry').isVisible(), false);
    const consent = await caller.consent('recurring_monthly_basic');
    await second();
    await desktop.stands('Keying the card');
    const { token_id: token } = await caller.card({ attempt: 2, card_mac: 'another-card' });
    await second();
    await desktop.stands('Card keyed');
    await caller.subscribe(token, {
      consent_id: consent,
      plan_id: 'recurring_monthly_basic',
    });
    await second();
    await desktop.stands('Enrolled');
    await desktop.shows('Visa ending in 4242');
    await desktop.close();
  });

  for (const dark of [false, true]) {
    test(`axe has nothing to complain about ${dark ? 'at night' : 'by day'}`, async () => {
      const caller = await declined({ language: 'es-us' });
      const before = new Caller(running.world, {
        customer: caller.customer,
        plan: 'recurring_monthly_basic',
      });
      await before.enrol();
      const desktop = await Desktop.open(caller.interaction, null, dark);
      const name = dark ? 'dark' : 'light';
      await desktop.frame.getByRole('button', { name: 'Sign in with Genesys' }).waitFor();
      await desktop.page.screenshot({ path: join(ARTEFACTS, `agent-sign-in-${name}.png`) });
      await desktop.signIn('Ana Agent');
      await desktop.shows('What happened');
      await desktop.frame.locator('gux-badge[hydrated]').first().waitFor();
      const [, inner] = desktop.page.frames();
      assert.ok(inner);
      await desktop.page.screenshot({ path: join(ARTEFACTS, `agent-${name}.png`) });
      assert.deepEqual(await violations(inner), []);
      await desktop.frame.getByRole('button', { name: 'Start secure card entry' }).click();
      await begun(caller);
      await second();
      await desktop.stands('On the secure line');
      await desktop.page.screenshot({ path: join(ARTEFACTS, `agent-entry-${name}.png`) });
      await desktop.close();
    });
  }
});
