import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './command.ts';

const MAIN = resolve(ROOT, 'src/cli/main.ts');

/** `tokenline phone` with its lines piped in. */
function phone(
  lines: readonly string[],
  args: readonly string[],
): Promise<[number | null, string]> {
  const words = ['--import', import.meta.resolve('tsx'), MAIN, 'phone', ...args];
  const child = spawn(process.execPath, words, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stdin.end(`${lines.join('\n')}\n`);
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('close', (code) => done([code, out]));
  });
}

const FLOWS = ['--flows', 'test/cli/call-flows', '--flow', 'Front'];

test('a call is made with a keyboard, and no digit of a card is on the screen', async () => {
  const [code, out] = await phone(['1', '4242 4242 4242 4242 #', '123#'], FLOWS);
  assert.equal(code, 0, out);
  assert.match(out, /Please enter your card number\.\nyou dial: •{16}#\n/);
  assert.match(out, /payment_outcome = approved/);
  assert.match(out, /The call is over after \d+ s: disconnected\./);
  assert.doesNotMatch(out, /4242 4242|42424242|123#/);
});

test('words are said where the flow listens to them', async () => {
  const [code, out] = await phone([':an agent, please'], FLOWS);
  assert.equal(code, 0, out);
  assert.match(out, /you say: an agent, please\n/);
  assert.match(out, /transfer to Payment_Support_Group/);
});

test('the caller hangs up where the lines end', async () => {
  const [code, out] = await phone([], FLOWS);
  assert.equal(code, 0, out);
  assert.match(out, /: hung up\.$/m);
});

test('a flow that is not there is told with those that are', async () => {
  const [code, out] = await phone([], [...FLOWS.slice(0, 2), '--flow', 'nowhere']);
  assert.equal(code, 2);
  assert.match(out, /there is no such flow; there is Card, Front, Leak/);
});
