import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTexts } from '../../../src/architect/check/check-flow.ts';
import { NOTHING_KNOWN } from '../../../src/architect/check/finding.ts';
import { flowOf } from './flow-of.ts';

/** Name of the variable, what is said, and how many keys it takes. */
type Question = readonly [name: string, words: string, min: number, max: number];

const CARDS: readonly Question[] = [
  ['Digits', 'Enter the sixteen digits on the front of your card', 13, 19],
  ['CreditCard', 'Go ahead.', 16, 16],
  ['ccnum', 'Go ahead.', 16, 16],
  ['Num', 'Ingrese el número de su tarjeta de crédito', 12, 19],
  ['Code', 'Digite los tres dígitos de seguridad al dorso de su tarjeta', 3, 4],
  ['Code', 'Enter the security code', 3, 4],
  ['Cvv', 'Go ahead.', 3, 4],
  ['Exp', 'Enter the expiration date of your card, month and year', 4, 4],
  ['Fecha', 'Ingrese la fecha de vencimiento de su tarjeta', 4, 4],
];

const OTHERS: readonly Question[] = [
  ['Digits', 'Enter the last four digits of your card', 4, 4],
  ['Passport', 'Enter the expiry date of your passport', 6, 6],
  ['Menu', 'To pay by credit card press 1', 1, 1],
  ['Zip', 'Enter the postal code of your card', 5, 5],
  ['Account', 'Enter your account number', 8, 12],
  ['Gift', 'Please enter your gift card number', 16, 16],
  ['Code', 'Enter the 4 digit verification code that we sent to your phone', 4, 4],
  ['Panel', 'Enter the number of your panel', 8, 12],
];

function rulesOf([name, words, min, max]: Question): readonly string[] {
  const text = flowOf({
    variables: `- stringVariable: { name: Flow.${name}, initialValue: { noValue: true } }`,
    actions: `- collectInput:
    name: Ask
    inputData: { var: Flow.${name} }
    digits: { range: { min: ${min}, max: ${max} } }
    inputAudio: { tts: "${words}" }
    outputs: { failure: { actions: [{ disconnect: { name: Silence } }] } }`,
  });
  const [checked] = checkTexts([{ text, file: 'f' }], NOTHING_KNOWN);
  return checked?.findings.map(({ rule }) => rule) ?? ['nothing checked'];
}

for (const question of CARDS) {
  test(`"${question[1]}" into ${question[0]} asks for card data`, () => {
    assert.deepEqual(rulesOf(question), ['card-data-not-secure']);
  });
}

for (const question of OTHERS) {
  test(`"${question[1]}" into ${question[0]} does not`, () => {
    assert.deepEqual(rulesOf(question), []);
  });
}
