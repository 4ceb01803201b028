import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../chromium.ts';
import { ROOT } from '../whole/system.ts';

/** Where screenshots go. */
export const ARTEFACTS = join(ROOT, 'artefacts');

/** Chromium asks nobody for anything by itself. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--mute-audio',
];

/** A browser, and a folder for its screenshots. @param flags beside the usual ones. */
export async function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  assert.ok(executablePath !== null, 'Chromium is not here; "npm test" installs it where it can');
  mkdirSync(ARTEFACTS, { recursive: true });
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}
