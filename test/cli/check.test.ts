import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { flowOf } from '../architect/check/flow-of.ts';
import { tokenline } from './command.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-check-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** A path as it is, in a pattern. */
const literal = (text: string): string => text.replaceAll(/[.\\/]/g, '\\$&');

const NEVER = '- disconnect: { name: Off }\n- playAudio: { name: Never, audio: { tts: Never } }';
const good = file('good.yaml', flowOf({}));
const warned = file('warned.yaml', flowOf({ actions: NEVER }));
const bad = file('bad.yaml', flowOf({ actions: '- loopExit: { name: Out }' }));

const checked = (...args: string[]) => tokenline(['check', ...args]).ended;

test('a clean flow is told in one line, exit 0', async () => {
  const { code, out, err } = await checked(good);
  assert.deepEqual([code, out, err], [0, '1 file checked: nothing found\n', '']);
});

test('an error is file:line: rule: message, exit 1', async () => {
  const { code, out } = await checked(bad);
  assert.equal(code, 1);
  const [first = '', last] = out.trim().split('\n');
  assert.ok(first.startsWith(`${bad}:11: loop-step-outside: Out stands outside of a loop;`), first);
  assert.equal(last, '1 file checked: 1 error, 0 warnings');
});

test('warnings alone exit 0, and 1 with --strict', async () => {
  const plain = await checked(warned);
  assert.equal(plain.code, 0);
  assert.match(plain.out, /:12: unreachable-action: .* \(warning\)\n/);
  assert.equal((await checked(warned, '--strict')).code, 1);
});

test('a folder stands for its flows, and those below', async () => {
  mkdirSync(join(directory, 'many/deep'), { recursive: true });
  file('many/a.yaml', flowOf({}));
  file('many/deep/b.yml', flowOf({}));
  file('many/notes.txt', 'not a flow');
  assert.equal((await checked(join(directory, 'many'))).out, '2 files checked: nothing found\n');
});

test('- is standard input', () => {
  const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), main, 'check', '-'],
    { input: flowOf({ actions: '- loopExit: { name: Out }' }), encoding: 'utf8' },
  );
  assert.equal(status, 1);
  assert.match(stdout, /^standard input:11: loop-step-outside: /);
});

test('placeholders are filled in, from the command line and from a file', async () => {
  const flow = file(
    'open.yaml',
    flowOf({ actions: '- loop: { name: L, loopCount: { lit: "{{turns}}" } }' }).replace(
      'name: Plumber',
      'name: "{{name}}"',
    ),
  );
  const values = file('values.yaml', 'turns: 3\n');
  const filled = await checked(flow, '--substitute', 'name=Pat', '--substitute', values);
  assert.deepEqual([filled.code, filled.out], [0, '1 file checked: nothing found\n']);
  const missing = await checked(flow, '--substitute', 'name=Pat');
  assert.match(missing.out, /missing-substitution: \{\{turns\}\} has no value/);
});

test('--format json is for programs, --format github for a pull request', async () => {
  const json = await checked(bad, '--format', 'json');
  const parsed = JSON.parse(json.out) as { findings: { rule: string; line: number }[] };
  assert.deepEqual(
    parsed.findings.map(({ rule, line }) => [rule, line]),
    [['loop-step-outside', 11]],
  );
  const github = await checked(bad, '--format', 'github');
  const line = new RegExp(
    `^::error file=${literal(bad)},line=11,col=\\d+,title=loop-step-outside::Out stands`,
  );
  assert.match(github.out, line);
});

test('--rules lists, --explain tells why with an example', async () => {
  assert.match((await checked('--rules')).out, /^ {2}secret-in-audio +error +An audio expression/m);
  const { code, out } = await checked('--explain', 'dead-end');
  assert.equal(code, 0);
  for (const words of ['Source: ', 'Breaks it:', 'Does not:'])
    assert.ok(out.includes(words), words);
  assert.equal((await checked('--explain', 'nothing')).code, 2);
});

test('what cannot be checked is exit 2 and a sentence, or a finding; never a stack', async () => {
  const folder = join(directory, 'empty');
  mkdirSync(folder);
  const usage = [
    [],
    [join(directory, 'absent.yaml')],
    [folder],
    [good, '--data-actions', folder],
    [good, '--prompts', join(directory, 'absent')],
    [good, '--substitute', 'absent.yaml'],
    [good, '--format', 'xml'],
  ];
  for (const args of usage) {
    const { code, out, err } = await checked(...args);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.doesNotMatch(err, /^\s+at /m);
    assert.notEqual(err, '');
  }
  const findings = [
    file('broken.yaml', 'inboundCall: [\n  name: {'),
    file('nothing.yaml', ''),
    file('binary.yaml', '\u0000\u0001\uFFFD'),
    file('lost.yaml', flowOf({}).replace('task[Start]', 'task[Strat]')),
  ];
  for (const path of findings) {
    const { code, out, err } = await checked(path);
    assert.deepEqual([code, err], [1, ''], path);
    assert.match(out, new RegExp(`^${literal(path)}:\\d+: [a-z-]+: `));
  }
});

test('data actions of a folder are compared', async () => {
  const folder = join(directory, 'actions');
  mkdirSync(folder);
  file(
    'actions/look.custom.json',
    JSON.stringify({
      name: 'Look',
      secure: true,
      contract: {
        input: { inputSchema: { properties: {} } },
        output: { successSchema: { properties: {} } },
      },
    }),
  );
  const flow = file(
    'calls.yaml',
    flowOf({ actions: '- callData: { name: L, category: { V: { dataAction: { Look: {} } } } }' }),
  );
  assert.equal((await checked(flow)).code, 0);
  const { out } = await checked(flow, '--data-actions', folder);
  assert.match(out, /:11: data-action-secure: Look is a secure data action/);
});
