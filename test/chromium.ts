import { existsSync } from 'node:fs';

/** Where packages put it. */
export const CHROMIUM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

export function findChromium(): string | null {
  return CHROMIUM_PATHS.find((path) => existsSync(path)) ?? null;
}
