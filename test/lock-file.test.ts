import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Entry {
  readonly version?: string;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, Entry>>;
};

/**
 * npm leaves out what it cannot fetch on the machine that writes the file, and `npm ci` then refuses
 * to install anywhere: https://github.com/npm/cli/issues/4828.
 */
test('the lock file names the binary packages of every platform, so that npm ci works', () => {
  let seen = 0;
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      seen += 1;
      const nested = lock.packages[`${path}/node_modules/${name}`];
      const found = nested ?? lock.packages[`node_modules/${name}`];
      assert.ok(found, `${path} needs ${name} ${version}: it is not in package-lock.json`);
      assert.equal(found.optional, true, `${name} has to be optional`);
    }
  }
  assert.ok(seen > 20, `${seen} optional packages seen`);
});
