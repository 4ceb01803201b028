import { Type } from 'typebox';
import { ERROR_CODE_LIST, OUTCOMES } from '../payment/outcome.ts';
import { RETRY_FIELDS, ROUTES } from '../payment/route.ts';

/** An id that a client gives: a Genesys conversation id, or anything as plain. */
export const Reference = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$', description });

/** An id that Tokenline gave. */
export const OwnId = (description: string) =>
  Type.String({ pattern: '^[a-z]{2,5}_[a-z]{20}$', description });

/** E.164, with or without `+`, or a SIP address without a number in it; Genesys gives `tel:+1…` too. */
export const PhoneNumber = (description: string) =>
  Type.String({ pattern: '^(tel:)?\\+?[0-9]{3,15}$', description });

export const InteractionId = Reference('The conversation; Genesys: Call.ConversationId.');
export const CustomerId = Reference('The merchant’s id of the customer.');

export const Attempt = Type.Union(
  [Type.Integer({ minimum: 1, maximum: 99 }), Type.String({ pattern: '^[1-9][0-9]?$' })],
  {
    description: 'Counts the caller’s tries of this step from 1; part of the derived key.',
  },
);

export const LanguageTag = Type.String({
  pattern: '^[A-Za-z]{2}(-[A-Za-z]{2})?$',
  description: 'The language of the call, such as en-us.',
});

const words = <const T extends readonly string[]>(list: T, description: string) =>
  Type.Enum([...list] as [...T], { description });

/** What every answer has, so that a flow can go on without knowing more. */
export const COMMON = {
  outcome: words(OUTCOMES, 'What became of it.'),
  route: words(ROUTES, 'What the flow does next.'),
  prompt: Type.String({ description: 'The key of the sentence to play.' }),
  prompt_text: Type.String({ description: 'The sentence, in the language of the call.' }),
};

/** Empty where there was no error: Architect binds flat names and wants every one of them. */
export const ErrorCodeField = words(['', ...ERROR_CODE_LIST], 'Why it did not succeed, or empty.');
export const RetryFieldField = words(RETRY_FIELDS, 'What to ask again when the route is retry.');
export const Text = (description: string) => Type.String({ description });
export const Flag = (description: string) => Type.Boolean({ description });
export const Count = (description: string) => Type.Integer({ description });
