import assert from 'node:assert/strict';
import { validate } from 'dockerfile-utils';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROLES } from '../../src/cli/banner.ts';
import { argumentsOf, dockerfiles, lastStage, placeOf, ROOT } from './dockerfile.ts';

const files = dockerfiles();
const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
const allowed = new Set(
  ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1)),
);

test('there is one Dockerfile for each role', () => {
  const roles = files.map(({ path }) => /([a-z]+)\.Dockerfile$/.exec(path)?.[1]);
  assert.deepEqual(roles, [...ROLES].sort());
});

test('the builder gets nothing that is not named', () => {
  assert.equal(
    ignored.find((line) => line !== '' && !line.startsWith('#')),
    '*',
  );
});

for (const file of files) {
  describe(file.path, () => {
    const last = lastStage(file);

    test('has nothing that a linter of Dockerfiles minds', () => {
      const found = validate(file.text).map(
        ({ message, range }) => `${range.start.line + 1}: ${JSON.stringify(message)}`,
      );
      assert.deepEqual(found, []);
    });

    test('stands on a Debian of one version, with glibc', () => {
      const version = /^ARG NODE_VERSION=(.*)$/m.exec(file.text)?.[1] ?? '';
      assert.match(version, /^\d+\.\d+\.\d+$/);
      assert.equal(file.stages.length, 3);
      for (const { base } of file.stages) assert.equal(base, 'node:${NODE_VERSION}-bookworm-slim');
    });

    test('installs from the lock file, and takes no package for development along', () => {
      const installs = file.text.match(/npm (?:ci|i|install)\b.*/g) ?? [];
      assert.equal(installs.length, 2);
      for (const line of installs) assert.match(line, /^npm ci .*--ignore-scripts/);
      const packages = file.stages.find(({ name }) => name === 'packages');
      const run = packages?.instructions.map((one) => one.getArgumentsContent()).join('\n');
      assert.match(run ?? '', /npm ci --omit=dev/);
      const copied = last.copies.filter(({ sources }) => sources.join().includes('node_modules'));
      assert.ok(copied.length > 0 && copied.every(({ from }) => from === 'packages'));
    });

    test('copies what is there and what the builder gets, by COPY alone', () => {
      assert.doesNotMatch(file.text, /^ADD\b/m);
      for (const stage of file.stages) {
        for (const line of stage.copies) {
          for (const source of line.sources) {
            assert.ok(existsSync(placeOf(line, source)), `${source} is not there`);
            assert.ok(
              line.from !== null || allowed.has(source),
              `.dockerignore keeps ${source} out`,
            );
          }
        }
      }
    });

    test('runs as a user that is not root, by number, and says how it is', () => {
      assert.deepEqual(argumentsOf(last, 'USER'), ['1000:1000']);
      const probe = last.instructions.find((one) => one.getKeyword() === 'HEALTHCHECK');
      assert.match(probe?.getArgumentsContent() ?? '', /probe-process\.js/);
      const order = last.instructions.map((one) => one.getKeyword());
      assert.ok(order.lastIndexOf('RUN') < order.indexOf('USER'), 'nothing is made as that user');
    });

    test('has no secret in it', () => {
      assert.doesNotMatch(file.text, /secret|password|credential|api_key/i);
    });
  });
}
