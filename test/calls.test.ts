import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { ROOT, tokenline, type Ended } from './cli/command.ts';

const FOLDER = 'test/calls';
const FILES = readdirSync(join(ROOT, FOLDER))
  .filter((name) => name.endsWith('.call'))
  .sort();

/** Forty were asked for; a folder that lost its files must not pass. */
const FILES_MIN = 40;

describe('the calls of the shipped flows', () => {
  let ended: Ended = { code: null, out: '', err: '' };

  before(async () => {
    const paths = FILES.map((name) => `${FOLDER}/${name}`);
    ended = await tokenline(['call', ...paths]).ended;
  });

  test('there are enough of them', () => assert.ok(FILES.length >= FILES_MIN));

  for (const name of FILES) {
    test(name, () => {
      const lines = ended.out.split('\n');
      const at = lines.findIndex((line) => line.includes(`${FOLDER}/${name}: `));
      assert.ok(at >= 0, `it was not played: ${ended.err}`);
      const end = lines.findIndex((line, index) => index > at && /^[✔✖\d]/.test(line));
      assert.ok(lines[at]?.startsWith('✔'), lines.slice(at, end).join('\n'));
    });
  }

  test('the command says how it went, and ends with it', () => {
    assert.match(ended.out, new RegExp(`^${FILES.length} calls passed in `, 'm'));
    assert.equal(ended.code, 0);
  });
});
