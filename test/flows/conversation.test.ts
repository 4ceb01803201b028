import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

/*
 * One conversation may go through the flows more than once: the caller reaches an agent, who starts
 * the secure flow or sends the caller back to the menu. It keeps its id, which is part of every
 * idempotency key, so nothing of the second time may be taken for a repeat of the first.
 */

async function failuresOf(parts: readonly string[]): Promise<unknown> {
  const program = join(import.meta.dirname, 'conversation-process.ts');
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', program, JSON.stringify(parts)],
    { env },
  );
  return JSON.parse(stdout);
}

const DECLINED_THEN_A_PERSON = `
The first card is declined, and the caller asks for a person.
given    gateway answers card_declined
ANI      +13175550100
hears    "For English, press 1"
dials    111
hears    "Press 1 to agree"
dials    1
hears    "Please enter your card number"
dials    4242 4242 4242 4242 #
hears    "the expiration date"
dials    1234#
hears    "the security code"
dials    123#
hears    "declined"
dials    *
hears    "For a person, press star"
dials    *
hears    "connect you with a person"
then     outcome is agent
`;

const WITH_THE_AGENT = `
The agent takes another card.
given    the flow is card-capture-agent
ANI      +13175550100
hears    "Please enter your card number"
dials    5555 5555 5555 4444 #
hears    "the expiration date"
dials    1234#
hears    "the security code"
dials    123#
hears    "Your confirmation code is"
then     outcome is enrolled
then     returned to the agent
then     the gateway has 1 new subscription
`;

test('an agent takes a card after the keypad has had one in the same conversation', async () => {
  assert.deepEqual(await failuresOf([DECLINED_THEN_A_PERSON, WITH_THE_AGENT]), []);
});

const PAUSED_AND_RESUMED = `
A subscriber pauses and resumes.
given    the caller is subscribed
ANI      +13175550100
hears    "For English, press 1"
dials    1
hears    "To pause or resume"
dials    4
hears    "To pause your payments"
dials    1
hears    "is paused"
hears    "To pause or resume"
dials    4
hears    "To start your payments again"
dials    1
hears    "is active again"
hears    "For a person"
dials    0
then     transferred to Payment_Support_Group
then     the subscription is active
`;

const PAUSED_AGAIN = `
The agent sends the caller back to the menu, who pauses once more.
ANI      +13175550100
hears    "For English, press 1"
dials    1
hears    "To pause or resume"
dials    4
hears    "To pause your payments"
dials    1
hears    "is paused"
hangs up
then     the subscription is paused
`;

test('what was asked for before is done anew when the caller is back at the menu', async () => {
  assert.deepEqual(await failuresOf([PAUSED_AND_RESUMED, PAUSED_AGAIN]), []);
});
