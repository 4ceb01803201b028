import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callProblemLine, readCallFile } from '../../../src/line/call-file/read.ts';
import { DECLINES, scriptOf } from '../../../src/line/call-file/gateway-words.ts';
import { DECLINE_WORDS, declineOf } from '../../../src/gateway/sandbox/words.ts';
import { Script } from '../../../src/sandbox/script.ts';

const GOOD = `A caller mistypes the security code once.

given    gateway answers cvv_mismatch, then approved  -- the issuer is strict
ANI      +13175550100

hears    "Please -- enter, your card number"
dials    4242 4242 4242 4242 #
says     agent
waits    5 s
hangs up
then     outcome is enrolled
then     billing received 1 subscription.created
`;

function problemsOf(text: string): string[] {
  return readCallFile(text, 'a.call').problems.map(callProblemLine);
}

/** One line in an otherwise good file, and what is said about it. */
function problemOf(line: string): string {
  const [problem = '', ...more] = problemsOf(
    `Title.\n${line}\nANI +13175550100\nhangs up\nthen the call ended\n`,
  );
  assert.deepEqual(more, []);
  return problem;
}

test('a file is read: title, givens, number, moves, expectations', () => {
  const { callFile, problems } = readCallFile(GOOD, 'a.call');
  assert.deepEqual(problems, []);
  assert.equal(callFile?.title, 'A caller mistypes the security code once.');
  assert.equal(callFile.ani, '+13175550100');
  assert.deepEqual(
    callFile.givens.map(({ given }) => given),
    [{ kind: 'gateway', operation: 'tokenize', answers: ['decline:CVV_Mismatch', 'approve'] }],
  );
  assert.deepEqual(
    callFile.moves.map(({ move, position }) => [position.line, move]),
    [
      [6, { kind: 'hears', words: 'Please -- enter, your card number', wanted: true }],
      [7, { kind: 'dials', keys: '4242424242424242#', interrupts: false }],
      [8, { kind: 'says', words: 'agent' }],
      [9, { kind: 'waits', durationMs: 5_000 }],
      [10, { kind: 'hangs_up', during: null }],
    ],
  );
  assert.deepEqual(
    callFile.expectations.map(({ expectation }) => expectation),
    [
      { kind: 'outcome', outcome: 'enrolled' },
      { kind: 'billing', count: 1, type: 'subscription.created' },
    ],
  );
});

test('a slip in a verb is told with its line and the verb that was meant', () => {
  assert.deepEqual(problemsOf('Title.\nhears "x"\ndial 1\nthen the call ended\n'), [
    "a.call:3: 'dial' is not a verb; did you mean 'dials'?",
  ]);
});

test('a word that is near no verb is told with all of them', () => {
  assert.match(
    problemOf('whistles a song'),
    /a\.call:2: 'whistles' is not a verb; the verbs are given, ANI/,
  );
});

const WRONG: readonly (readonly [string, RegExp])[] = [
  [
    'given the moon is full',
    /'given the moon is full' is not understood; write\n.*gateway answers/,
  ],
  ['given gateway answers cvv_mismach', /did you mean 'cvv_mismatch'\?/],
  ['given gateway answers nothing at all', /does not answer 'nothing at all'; it answers approved/],
  ['given gateway answers approved 999 times', /at most 100 answers/],
  ['given the time is 2026-13-45 10:00', /is no time; write 2026-11-25 14:30/],
  ['given data action "Tokenline Subscribe" explodes', /'explodes' is none of succeeds/],
  ['ANI 5550100', /written \+13175550100, or 'withheld'/],
  ['given', /'given ' is not understood/],
];
for (const [line, message] of WRONG) {
  test(`refused with what may stand there: ${line}`, () => {
    assert.match(problemOf(line), /^a\.call:[23]: /);
    assert.match(problemOf(line), message);
  });
}

const WRONG_MOVES: readonly (readonly [string, RegExp])[] = [
  ['hears hello', /'hears hello' is not understood; write\n {4}hears "WORDS"/],
  ['dials 12a', /write\n {4}dials KEYS/],
  ['hangs on', /write\n {4}hangs up/],
  ['waits five', /write\n {4}waits N s/],
];
for (const [line, message] of WRONG_MOVES) {
  test(`refused with what may stand there: ${line}`, () => {
    const [problem = ''] = problemsOf(`Title.\n${line}\nthen the call ended\n`);
    assert.match(problem, /^a\.call:2: /);
    assert.match(problem, message);
  });
}

const MISPLACED: Readonly<Record<string, readonly [string, RegExp]>> = {
  'an empty file': ['', /^a\.call:1: the file is empty/],
  'no title': ['dials 1\nthen the call ended\n', /^a\.call:1: the first line is the title/],
  'nothing that happens': ['Title.\nthen the call ended\n', /^a\.call:2: nothing happens/],
  'nothing that is expected': ['Title.\ndials 1\n', /^a\.call:2: the file ends without 'then'/],
  'a move behind a then': [
    'Title.\ndials 1\nthen the call ended\ndials 2\n',
    /^a\.call:4: the call is over at the first then/,
  ],
  'a given behind a move': [
    'Title.\ndials 1\ngiven billing is down\nthen the call ended\n',
    /^a\.call:3: 'given' stands above/,
  ],
  'two numbers': [
    'Title.\nANI withheld\nANI +13175550100\ndials 1\nthen the call ended\n',
    /^a\.call:3: a call has one ANI/,
  ],
};
for (const [what, [text, message]] of Object.entries(MISPLACED)) {
  test(`${what} is told with its line`, () => assert.match(problemsOf(text).join('\n'), message));
}

test('every answer of a gateway is one that the sandbox can give', () => {
  const words = [
    ...Object.keys(DECLINES),
    'approved',
    'status 503',
    'status 500 after taking effect',
    'takes 16 s',
    'hangs',
    'hangs after taking effect',
    'loses its answer',
    'resets before',
    'malformed',
    'takes effect 5 s late',
    'asks to come back in 2 s',
    'pending',
    'pending 2.5 s',
    'pending then approved',
    'pending 5 s then card_declined',
  ];
  const script = words.map((word) => ({ operation: 'tokenize', behave: scriptOf(word) }));
  assert.equal(new Script().add(script), null);
});

test('every decline becomes the error code that a file calls it', () => {
  for (const [code, word] of Object.entries(DECLINES)) assert.equal(declineOf(word), code);
});

test('every error code that the sandbox can cause has a word', () => {
  assert.deepEqual(new Set(DECLINE_WORDS.map(declineOf)), new Set(Object.keys(DECLINES)));
});
