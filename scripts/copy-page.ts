import { cpSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What of the softphone's page is not compiled goes beside what is. */
const from = new URL('../src/console/phone/', import.meta.url);
const to = new URL('../dist/console/phone/', import.meta.url);

for (const name of readdirSync(from)) {
  if (/\.(?:html|css|svg)$/.test(name)) {
    cpSync(fileURLToPath(new URL(name, from)), fileURLToPath(new URL(name, to)));
  }
}
