import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { System } from '../whole/system.ts';
import { violations } from './axe.ts';
import { ARTEFACTS } from './browser.ts';

/** A browser, and the system whose console it looks at. */
export interface Place {
  readonly browser: Browser;
  readonly system: System;
}

/** Somebody in front of the console, and everything that it asked for or complained about. */
export class Desk {
  readonly complaints: string[] = [];
  readonly asked: string[] = [];
  readonly page: Page;
  readonly #system: System;

  private constructor(page: Page, system: System) {
    this.page = page;
    this.#system = system;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => this.asked.push(request.url()));
    page.on('console', (message) => {
      // The page asks who is signed in: the first time, nobody is.
      const signedOut = message.text().includes('401');
      if (message.type() === 'error' && !signedOut) this.complaints.push(message.text());
    });
  }

  /** Signs somebody of the sandbox in, who wants to see a page. */
  static async open(
    { browser, system }: Place,
    person: string,
    path: string,
    dark = false,
  ): Promise<Desk> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
    });
    const desk = new Desk(await context.newPage(), system);
    await desk.page.goto(`http://127.0.0.1:${system.ports.bridge}/console/${path}`);
    await desk.page.getByRole('button', { name: 'Sign in' }).click();
    await desk.page.getByRole('button', { name: person }).click();
    await desk.page.waitForURL(`**/console/${path}`);
    return desk;
  }

  shows(text: string): Promise<void> {
    return this.page.getByText(text, { exact: false }).first().waitFor();
  }

  /** axe has nothing to complain about; and a picture for people to look at. */
  async isSound(picture: string): Promise<void> {
    assert.deepEqual(await violations(this.page), []);
    await this.page.screenshot({ path: join(ARTEFACTS, picture), fullPage: true });
  }

  async close(): Promise<void> {
    await this.page.context().close();
    assert.deepEqual(this.complaints, []);
    const origins = new Set(this.asked.map((url) => new URL(url).origin));
    origins.delete(`http://127.0.0.1:${this.#system.ports.bridge}`);
    // Whoever signs in is sent to the identity provider, and back.
    origins.delete(`http://127.0.0.1:${this.#system.ports.sandbox}`);
    assert.deepEqual([...origins], []);
  }
}
