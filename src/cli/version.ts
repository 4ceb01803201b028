import { readFileSync } from 'node:fs';

/** The version in `package.json`, which stands two folders above this module's, built or not. */
export function productVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return known ? String(parsed.version) : '0.0.0';
}
