import type { AudioSetting, CollectInput } from '../model.ts';
import type { Expression } from '../expression/ast.ts';
import { partsOf } from '../expression/check.ts';
import type { Known } from './finding.ts';

/** What of a card a question asks for. */
export type CardField = 'number' | 'security code' | 'expiry';

interface Clue {
  readonly field: CardField;
  /** Tried on lower-case words without accents, with single spaces. */
  readonly words: RegExp;
  /** Whether so many keys can be it. */
  readonly fits: (question: CollectInput) => boolean;
}

/** Cards that are no payment cards, and parts of a card number that may be said. */
const OTHERS =
  /\b(gift|loyalty|membership|member|library|calling|phone|fidelity|insurance|identity|id|medical|health|bus|rewards?|regalo|socio|fidelidad|seguro|sanitaria|identidad|identificacion|puntos) (?:card|tarjeta)|\btarjeta (?:de )?(regalo|socio|fidelidad|identidad|identificacion|puntos|sanitaria)\b|\b(?:last|final) (?:four|4)\b|\bultimos (?:cuatro|4)\b|\bsocial security\b|\bseguridad social\b/;

/**
 * How flows in English and Spanish ask for card data. A choice such as "press 1 to pay by card" is
 * no such question: it takes one key.
 */
const CLUES: readonly Clue[] = [
  {
    field: 'number',
    words:
      /\b(?:card|cc) ?(?:num(?:ber)?|no|digits?|details)\b|\bcardnum|\bpan\b|\b(?:credit|debit|payment|bank) ?card\b|\bprimary account number\b|\b(?:numero|digitos|datos) (?:\w+ ){0,3}tarjeta\b|\btarjeta (?:de )?(?:credito|debito|pago|bancaria)\b/,
    fits: ({ max }) => max >= 8,
  },
  {
    field: 'security code',
    words:
      /\b(?:cv[cnv]|cav|csc)2?\b|\b(?:card )?(?:security|verification) (?:code|number|value)\b|\bcodigo de (?:seguridad|verificacion) (?:\w+ ){0,3}tarjeta\b|\bcodigo de seguridad\b/,
    fits: ({ min, max }) => max >= 3 && min <= 4,
  },
  {
    field: 'expiry',
    words:
      /\b(?:expiry|expiration|expires|exp) ?(?:date|month|year|digits)?\b|\bvalid (?:thru|through|until)\b|\bfecha de (?:vencimiento|caducidad|expiracion)\b|\b(?:vencimiento|caducidad)\b/,
    fits: ({ min, max }) => max >= 2 && min <= 6,
  },
];

/** A question that asks for a card by its words. */
export interface CardQuestion {
  readonly field: CardField;
  readonly question: CollectInput;
}

/**
 * Questions of one flow that ask for card data, by the name of the action, of its variable and of its
 * prompt, and by what is said.
 *
 * An expiry date is one of a card only if the same flow asks for a number or a security code, or
 * if the question itself speaks of a card: passports expire too.
 */
export function cardQuestions(
  questions: readonly CollectInput[],
  prompts: Known['prompts'],
): readonly CardQuestion[] {
  const found = questions.flatMap((question): CardQuestion[] => {
    const said = wordsOf(question, prompts);
    if (OTHERS.test(said)) return [];
    const clue = CLUES.find(({ words, fits }) => words.test(said) && fits(question));
    return clue === undefined ? [] : [{ field: clue.field, question }];
  });
  const isCard = found.some(({ field }) => field !== 'expiry');
  return found.filter(
    ({ field, question }) =>
      field !== 'expiry' || isCard || /\b(?:card|tarjeta)\b/.test(wordsOf(question, prompts)),
  );
}

function wordsOf(question: CollectInput, prompts: Known['prompts']): string {
  const { name, into, audio } = question;
  return [name, into.replace(/^\w+\./, ''), ...said(audio, prompts)].map(plain).join(' ; ');
}

/** `visitNumber2` and `Número_de_visita` as a person says them. */
function plain(text: string): string {
  return text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();
}

function said(audio: AudioSetting, prompts: Known['prompts']): readonly string[] {
  switch (audio.kind) {
    case 'tts':
      return [audio.text];
    case 'prompt':
      return promptWords(audio.name, prompts);
    case 'expression':
      return textsIn(audio.expression, prompts);
    case 'none':
      return [];
  }
}

function promptWords(name: string, prompts: Known['prompts']): readonly string[] {
  const bare = name.replace(/^\w+\./, '');
  return [bare, ...(prompts?.get(bare.toLowerCase()) ?? [])];
}

function textsIn(expression: Expression, prompts: Known['prompts']): readonly string[] {
  if (expression.kind === 'text') return [expression.value];
  if (expression.kind === 'variable') {
    return /^prompt/i.test(expression.scope) ? promptWords(expression.name, prompts) : [];
  }
  return partsOf(expression).flatMap((part) => textsIn(part, prompts));
}
