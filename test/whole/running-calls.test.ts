import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tokenline, type Ended } from './command.ts';
import { System } from './system.ts';

/** Stories of callers in a hurry: what they hear takes its real time here. */
const STORIES = {
  card: `A subscriber changes the card, and mistypes the security code once.

given    the caller is subscribed
given    gateway answers cvv_mismatch, then approved
ANI      +13175550100
hears    "For English, press 1"
interrupts with 1
hears    "Your card ends in 4242"
interrupts with 2
hears    "Please enter your card number"
interrupts with 5555 5555 5555 4444 #
hears    "the expiration date"
interrupts with 1234
hears    "the security code"
interrupts with 999#
hears    "Please verify the security code"
hears    "the security code"
interrupts with 123#
hears    "card ending in 4444"
hangs up

then     outcome is card_changed
then     billing received 1 subscription.card_changed
then     the subscription card is 4444
then     the gateway has no new subscriptions
`,
  person: `Somebody else asks for a person.

ANI      +13175550102
hears    "For English, press 1"
interrupts with 1
hears    "To subscribe, press 1"
interrupts with 0

then     transferred to Payment_Support_Group with skill Payment_Support_English
then     billing received nothing
then     the gateway has no new tokens
`,
  wrong: `What earlier calls have left is counted unless the file says new.

ANI      +13175550102
hears    "For English, press 1"
hangs up

then     the gateway has 1 subscription
then     the gateway has 1 new subscription
`,
};

let system: System;
const folder = mkdtempSync(join(tmpdir(), 'tokenline-stories-'));

before(async () => {
  system = await System.start({ engine: 'pglite', limits: null });
  for (const [name, text] of Object.entries(STORIES)) {
    writeFileSync(join(folder, `${name}.call`), text);
  }
  // Looked for in everything that the system keeps when it is stopped.
  system.pans.add('4242424242424242');
  system.pans.add('5555555555554444');
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await system.stop();
});

function play(...names: readonly string[]): Promise<Ended> {
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const { bridge, tokenizer, sandbox } = system.ports;
  return tokenline(
    [
      'call',
      ...names.map((name) => join(folder, `${name}.call`)),
      '--url',
      url(bridge),
      '--tokenizer-url',
      url(tokenizer),
      '--sandbox-url',
      url(sandbox),
    ],
    { TOKENLINE_DATA: system.data },
  );
}

test('three stories, one after the other, on processes that run already', async (t) => {
  const { code, out, err } = await play('card', 'person', 'wrong');
  await t.test('a card is changed, and the events of the earlier enrolment are not counted', () =>
    assert.match(out, /^✔ A subscriber changes the card/m, out + err),
  );
  await t.test('what another call has left is not new', () =>
    assert.match(out, /^✔ Somebody else asks for a person/m, out + err),
  );
  await t.test('a line that does not hold is told with file and line, and ends with 1', () => {
    assert.match(out, /wrong\.call:8: then {5}the gateway has 1 new subscription\n\s+it has 0\n/);
    assert.doesNotMatch(out, /wrong\.call:7/);
    assert.match(out, /1 failed, 2 passed, 3 calls/);
    assert.equal(code, 1);
  });
});

test('what every other call would meet cannot be given', async () => {
  const text = STORIES.person.replace('ANI', 'given    billing is down\nANI');
  writeFileSync(join(folder, 'shared.call'), text);
  const { code, out } = await play('shared');
  assert.equal(code, 1);
  assert.match(out, /shared\.call:3: given {4}billing is down\n\s+this would happen to every call/);
});
