import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { TimedReport } from '../../src/cli/call/own-player.ts';
import { playInWorkers } from '../../src/cli/call/worker.ts';
import { callProblemLine, readCallFile } from '../../src/line/call-file/read.ts';
import type { CallFile } from '../../src/line/call-file/step.ts';

const FLOWS = ['test/cli/call-flows'];

/** A call to the flows of these tests: what is given, what the caller does, what has to be true. */
interface Story {
  readonly given?: readonly string[];
  readonly moves: readonly string[];
  readonly truths: readonly string[];
}

const TO_THE_CARD = [
  'hears "Welcome to the tests"',
  'hears "For a card, press 1"',
  'dials 1',
  'hears "card number"',
  'dials 4242 4242 4242 4242 #',
  'hears "security code"',
];
const STORED: Story = {
  moves: [...TO_THE_CARD, 'dials 123#', 'hears "ending in 4242"'],
  truths: ['outcome is approved'],
};
const TO_A_PERSON: Story = {
  moves: ['hears "press 0"', 'dials 0'],
  truths: ['transferred to Payment_Support_Group'],
};
const SUBSCRIBED: Story = { ...TO_A_PERSON, given: ['the caller is subscribed'] };

function textOf(name: string, { given = [], moves, truths }: Story): string {
  const lines = [
    ...given.map((line) => `given ${line}`),
    'ANI +13175550100',
    ...moves,
    ...truths.map((line) => `then ${line}`),
  ];
  return `${name}.\n\n${lines.join('\n')}\n`;
}

function fileOf(name: string, story: Story): CallFile {
  const { callFile, problems } = readCallFile(textOf(name, story), `${name}.call`);
  assert.deepEqual(problems.map(callProblemLine), []);
  assert.ok(callFile);
  return callFile;
}

const stories = new Map<string, Story>();
const reports = new Map<string, TimedReport>();

/** A story that is as it is told. */
function passes(name: string, story: Story): void {
  stories.set(name, story);
  test(name, () => assert.deepEqual(reports.get(name)?.failures, []));
}

/** The same story with something that is not so: the line that says it, and what is the case. */
function fails(name: string, line: string, message: RegExp, story: Story): void {
  stories.set(name, story);
  test(name, () => {
    const report = reports.get(name);
    assert.ok(report);
    const found = report.failures.find(({ text }) => text === line);
    assert.ok(found, `it failed at ${JSON.stringify(report.failures.map(({ text }) => text))}`);
    const place = textOf(name, story).split('\n').indexOf(line) + 1;
    assert.equal(found.position.line, place);
    assert.equal(found.position.file, `${name}.call`);
    assert.match(found.message, message);
  });
}

/** Something that holds after a story, and something of the same kind that does not. */
function expectation(right: string, wrong: string, message: RegExp, story: Story): void {
  passes(`then ${right}`, { ...story, truths: [right] });
  fails(`not so: then ${wrong}`, `then ${wrong}`, message, { ...story, truths: [wrong] });
}

describe('a call file', () => {
  before(async () => {
    const files = [...stories].map(([name, story]) => fileOf(name, story));
    const played = await playInWorkers({
      files,
      jobs: 2,
      task: { flows: FLOWS },
      report: () => undefined,
    });
    for (const [index, name] of [...stories.keys()].entries()) {
      const report = played[index];
      if (report !== undefined) reports.set(name, report);
    }
  });

  stories.set('a silent end', {
    moves: ['hears "press 0"', 'dials 1', 'hears "card number"'],
    truths: ['the call ended'],
  });

  describe('is played', () => {
    passes('a card is stored', STORED);

    test('the line takes the time of its prompts and of 22 keys', () => {
      const lineMs = reports.get('a card is stored')?.lineMs ?? 0;
      assert.ok(lineMs > 22 * 400 + 5_000 && lineMs < 40_000, `${lineMs} ms`);
    });
    test('the transcript shows keys of a secure flow as dots', () => {
      const transcript = reports.get('a card is stored')?.transcript.join('\n') ?? '';
      assert.match(transcript, /dials •{16}#/);
      assert.doesNotMatch(transcript, /4242424242424242/);
    });

    expectation('outcome is approved', 'outcome is enrolled', /^it is approved$/, STORED);
    expectation(
      'participant attribute payment_outcome is approved',
      'participant attribute payment_outcome is declined',
      /^it is approved$/,
      STORED,
    );
    expectation(
      'participant attribute payment_outcome contains "PROVED"',
      'participant attribute payment_outcome contains "declined"',
      /^it is approved$/,
      STORED,
    );
    expectation(
      'participant attribute card_number is not set',
      'participant attribute payment_outcome is not set',
      /^it is approved$/,
      STORED,
    );
    expectation(
      'billing received nothing',
      'billing received 1 subscription.created',
      /nothing/,
      STORED,
    );
    expectation('the gateway has 1 token', 'the gateway has 2 tokens', /^it has 1$/, STORED);
    expectation('the gateway has no charges', 'the gateway has 1 charge', /^it has 0$/, STORED);
    expectation(
      'the gateway has 0 new subscriptions',
      'the gateway has 0 subscriptions',
      /^it has 1$/,
      SUBSCRIBED,
    );
    expectation(
      'the subscription is active',
      'the subscription is paused',
      /^it is active$/,
      SUBSCRIBED,
    );
    expectation(
      'the subscription plan is recurring_monthly_premium',
      'the subscription plan is recurring_monthly_basic',
      /^it is recurring_monthly_premium$/,
      SUBSCRIBED,
    );
    expectation(
      'the subscription card is 4242',
      'the subscription card is 4444',
      /^it is 4242$/,
      SUBSCRIBED,
    );
    expectation(
      'transferred to Payment_Support_Group with skill Payment_Support_English with priority 3',
      'transferred to Payment_Support_Group with skill Payment_Support_Spanish',
      /skill Payment_Support_English, priority 3/,
      TO_A_PERSON,
    );
    expectation(
      'not transferred',
      'transferred to Payment_Support_Group',
      /the flow hung up/,
      STORED,
    );
    expectation('the flow hung up', 'the caller hung up', /^the flow hung up$/, STORED);
    expectation('the call ended', 'returned to the agent', /^the flow hung up$/, STORED);
    expectation(
      'the ledger has "tokenise.approved"',
      'the ledger has no "tokenise.approved"',
      /tokenise\.intent/,
      STORED,
    );
    expectation(
      'data action "Tokenline Tokenise Card" ran 1 time',
      'data action "Tokenline Tokenise Card" ran 2 times',
      /it ran 1 times/,
      STORED,
    );
    expectation(
      'the line took at most 60 s',
      'the line took at most 5 s',
      /^it took \d+\.\d s$/,
      STORED,
    );

    fails('a transfer that was not expected', 'then not transferred', /was transferred/, {
      ...TO_A_PERSON,
      truths: ['not transferred'],
    });
    fails('no hand-off has no note', 'then the agent note contains "card"', /no hand-off/, {
      ...STORED,
      truths: ['the agent note contains "card"'],
    });
  });

  describe('has a caller who', () => {
    fails('hears what was not said', 'hears "press 2"', /^did not hear "press 2"$/, {
      moves: ['hears "press 2"', 'dials 1'],
      truths: ['the call ended'],
    });
    fails('hears in another order', 'hears "Welcome"', /^did not hear "Welcome"$/, {
      moves: ['hears "press 1"', 'hears "Welcome"', 'dials 0'],
      truths: ['the call ended'],
    });
    fails('hears what must not be heard', 'does not hear "FOR: a person"', /^heard/, {
      moves: ['hears "press 0"', 'does not hear "FOR: a person"', 'dials 0'],
      truths: ['the call ended'],
    });
    fails('does not hear', 'does not hear "For a person"', /^heard "For a person"$/, {
      moves: ['does not hear "For a person"', 'dials 0'],
      truths: ['the call ended'],
    });
    fails('speaks where only keys count', 'says four', /keys only/, {
      moves: ['hears "press 1"', 'dials 1', 'hears "card number"', 'says four'],
      truths: ['the call ended'],
    });
    fails('would do more than the call lasts', 'dials 9', /the call was over/, {
      moves: ['hears "press 0"', 'dials 0', 'dials 9'],
      truths: ['transferred to Payment_Support_Group'],
    });
    test('has nothing more to do', () => {
      const [failure] = reports.get('a silent end')?.failures ?? [];
      assert.match(failure?.message ?? '', /nothing more; add "hangs up"/);
      assert.equal(failure?.position.line, 6);
      assert.match(failure?.heard[0]?.text ?? '', /card number/);
      assert.match(failure?.heard[0]?.action?.position.file ?? '', /card\.yaml$/);
    });
    fails(
      'hangs up during what does not run',
      'hangs up during "Tokenline Subscribe"',
      /did not run/,
      {
        moves: ['hears "press 0"', 'hangs up during "Tokenline Subscribe"'],
        truths: ['the call ended'],
      },
    );
    passes('says a word that the menu knows', {
      moves: ['hears "press 0"', 'says agent'],
      truths: ['transferred to Payment_Support_Group'],
    });
    passes('waits until the menu begins again', {
      moves: ['hears "press 0"', 'waits', 'hears "press 0"', 'dials 0'],
      truths: ['transferred to Payment_Support_Group'],
    });
    passes('waits for a time that is longer than a menu', {
      moves: ['hears "press 0"', 'waits 15 s', 'hears "press 0"', 'dials 0'],
      truths: ['transferred to Payment_Support_Group'],
    });
    passes('interrupts a prompt', {
      moves: ['hears "press 0"', 'interrupts with 0'],
      truths: ['transferred to Payment_Support_Group'],
    });
    passes('hangs up in the middle', {
      moves: ['hears "press 0"', 'hangs up'],
      truths: ['the caller hung up', 'outcome is hung_up'],
    });
    passes('hangs up while the card is checked, and the card is stored all the same', {
      given: ['gateway answers takes 8 s'],
      moves: [...TO_THE_CARD, 'dials 123#', 'hangs up during "Tokenline Tokenise Card"'],
      truths: ['the caller hung up', 'the gateway has 1 token'],
    });
  });

  describe('is searched for card digits', () => {
    stories.set('a leak', {
      given: ['the flow is Leak'],
      moves: [
        'hears "card number"',
        'dials 4242 4242 4242 4242 #',
        'hears "security code"',
        'dials 123#',
      ],
      truths: ['the flow hung up'],
    });
    test('and those that a flow leaks are found, whatever the file says', () => {
      const found = (reports.get('a leak')?.failures ?? []).map(({ message }) => message);
      assert.match(found.join('\n'), /^participant attributes: a card number that was keyed/m);
      assert.match(found.join('\n'), /^participant attributes: 3 digits behind cvv/m);
      assert.match(found.join('\n'), /^events of the call: a card number that was keyed/m);
      assert.doesNotMatch(found.join('\n'), /4242|"123"/);
    });
  });

  describe('what is given', () => {
    passes('a decline', {
      ...STORED,
      given: ['gateway answers cvv_mismatch'],
      moves: [...TO_THE_CARD, 'dials 123#', 'hears "verify the security code"'],
      truths: ['outcome is declined'],
    });
    fails(
      'an answer that nobody asks for',
      'given gateway answers card_declined to subscribe',
      /never asked/,
      {
        ...STORED,
        given: ['gateway answers card_declined to subscribe'],
      },
    );
    passes('a gateway that hangs', {
      ...STORED,
      given: ['gateway answers hangs'],
      moves: [...TO_THE_CARD, 'dials 123#', 'hears "We sent your request"'],
      truths: ['outcome is in_doubt'],
    });
    passes('a data action that fails', {
      given: ['data action "Tokenline Check Availability" fails'],
      moves: ['hears "We have a problem"'],
      truths: ['the flow hung up'],
    });
    fails(
      'a data action that is never run',
      'given data action "Tokenline Subscribe" fails',
      /did not run/,
      { ...STORED, given: ['data action "Tokenline Subscribe" fails'] },
    );
    fails(
      'an answer that nobody asks for, behind one that was given',
      'given gateway answers processing_error to cancel',
      /never asked for its answer \S+ to cancel/,
      {
        ...STORED,
        given: [
          'data action "Tokenline Check Availability" succeeds',
          'gateway answers takes 1 s',
          'gateway answers processing_error to cancel',
        ],
      },
    );
    fails(
      'a data action that is run less often, behind others that are met',
      'given data action "Tokenline Tokenise Card" succeeds, then fails',
      /did not run that often/,
      {
        ...STORED,
        given: [
          'gateway answers takes 1 s',
          'data action "Tokenline Check Availability" succeeds',
          'data action "Tokenline Tokenise Card" succeeds, then fails',
        ],
      },
    );
    fails(
      'a second line about a data action that runs once',
      'given data action "Tokenline Check Availability" fails',
      /did not run that often/,
      {
        ...STORED,
        given: [
          'data action "Tokenline Check Availability" succeeds',
          'data action "Tokenline Check Availability" fails',
        ],
      },
    );
    passes('no bridge', {
      given: ['the bridge is down'],
      moves: ['hears "We have a problem"'],
      truths: ['the flow hung up'],
    });
    passes('no transfer', {
      given: ['the transfer fails'],
      moves: ['hears "press 0"', 'dials 0', 'hears "Nobody is there"'],
      truths: ['the flow hung up', 'not transferred'],
    });
    fails('a flow that is not there', 'given the flow is nowhere', /there is Card, Front/, {
      ...STORED,
      given: ['the flow is nowhere'],
    });
    passes('cards that were declined before', {
      ...STORED,
      given: ['4 cards were declined before'],
      moves: [...TO_THE_CARD, 'dials 123#', 'hears "ending in 4242"'],
    });
  });
});
