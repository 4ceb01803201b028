import assert from 'node:assert/strict';
import { readContract } from '../../../src/architect/check/data-actions.ts';
import type { Known } from '../../../src/architect/check/finding.ts';
import type { Case } from './secret-cases.ts';

const CONTRACT = JSON.stringify({
  name: 'Book Visit',
  secure: false,
  contract: {
    input: {
      inputSchema: {
        required: ['number'],
        properties: { number: { type: 'string' }, day: { type: 'string' } },
      },
    },
    output: {
      successSchema: {
        properties: {
          places: { type: 'integer' },
          days: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
});

/** One data action of a plumber, all that the category Home has, and one prompt. */
export function known(): Known {
  const contract = readContract(CONTRACT);
  assert.ok(typeof contract !== 'string');
  return {
    flows: [],
    dataActions: new Map([['book visit', contract]]),
    wholeCategory: 'Home',
    prompts: new Map([['plumber_hello', ['Hello.']]]),
  };
}

const VARIABLES = `- integerVariable: { name: Flow.Places, initialValue: { lit: 0 } }
- stringCollectionVariable: { name: Flow.Days, initialValue: { noValue: true } }`;

interface Call {
  readonly action?: string;
  readonly key?: string;
  readonly inputs?: string;
  readonly outputs?: string;
}

const book = ({
  key = 'callData:',
  action = 'Book Visit',
  inputs = 'number: { exp: Call.Ani }',
  outputs = 'places: { var: Flow.Places }',
}: Call) => ({
  variables: VARIABLES,
  actions: `- ${key}
    name: Book
    category:
      Home:
        dataAction:
          ${action}:
            inputs:
              ${inputs}
            successOutputs:
              ${outputs}
    outputs:
      failure: { actions: [{ disconnect: { name: Off } }] }
      timeout: { actions: [{ disconnect: { name: Off } }] }
- updateData:
    name: Note
    statements: [{ stringCollection: { variable: Flow.Days, value: { exp: 'MakeList(ToString(Flow.Places))' } } }]`,
});

export const KNOWN_CASES: readonly Case[] = [
  {
    rule: 'data-action-unknown',
    says: 'a data action is misspelt',
    bad: book({ key: 'callData: # <- here', action: 'Book Visitt' }),
    good: book({}),
  },
  {
    rule: 'data-action-input',
    says: 'an input is unknown',
    bad: book({ inputs: 'number: { exp: Call.Ani }\n              dya: { lit: x } # <- here' }),
    good: book({ inputs: 'number: { exp: Call.Ani }\n              day: { lit: x }' }),
  },
  {
    rule: 'data-action-input',
    says: 'an input is missing',
    bad: book({ key: 'callData: # <- here', inputs: 'day: { lit: x }' }),
    good: book({}),
  },
  {
    rule: 'data-action-output',
    says: 'an output is unknown',
    bad: book({ outputs: 'place: { var: Flow.Places } # <- here' }),
    good: book({ outputs: 'places: { noValue: true }' }),
  },
  {
    rule: 'data-action-output',
    says: 'an output has another type than its variable',
    bad: book({ outputs: 'places: { var: Flow.Days } # <- here' }),
    good: book({ outputs: 'days: { var: Flow.Days }' }),
  },
  {
    rule: 'data-action-secure',
    says: 'a secure call goes to a plain data action',
    bad: { ...book({ key: 'callDataSecure: # <- here' }), type: 'secureCall' },
    good: { ...book({}), type: 'secureCall' },
  },
  {
    rule: 'prompt-unknown',
    says: 'a prompt has no text',
    bad: {
      actions: '- playAudio: { name: Say, audio: { prompt: Prompt.plumber_helo } } # <- here',
    },
    good: { actions: '- playAudio: { name: Say, audio: { prompt: Prompt.plumber_hello } }' },
  },
];
