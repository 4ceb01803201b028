import { Type, type TEnum } from 'typebox';
import { ERROR_CODE_LIST, OUTCOMES } from '../payment/outcome.ts';
import { RETRY_FIELDS, ROUTES } from '../payment/route.ts';

/** An id that a client gives: a Genesys conversation id, or anything as plain. */
export const Reference = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$', description });

/** An id that Tokenline gave. */
export const OwnId = (description: string) =>
  Type.String({ pattern: '^[a-z]{2,5}_[a-z]{20}$', description });

/**
 * E.164 with or without `+`, as Genesys gives it: `tel:+1…`, or a SIP address where the caller
 * withholds the number (`sip:anonymous@anonymous.invalid`, RFC 3323 4.1.1.3). A caller must not be
 * turned away for that, so what is no number is taken and means nobody.
 */
export const PhoneNumber = (description: string) =>
  Type.String({
    pattern: '^((tel:)?\\+?[0-9]{3,15}|(sips?:)?[A-Za-z0-9._~%+@:;=-]{1,128})$',
    description,
  });

export const InteractionId = Reference('The conversation; Genesys: Call.ConversationId.');
export const CustomerId = Reference('The merchant’s id of the customer.');

export const Attempt = Type.Union(
  [Type.Integer({ minimum: 1, maximum: 99 }), Type.String({ pattern: '^[1-9][0-9]?$' })],
  {
    description: 'Counts the caller’s tries of this step from 1; part of the derived key.',
  },
);

export const LanguageOf = (description: string) =>
  Type.String({ pattern: '^[A-Za-z]{2}(-[A-Za-z]{2})?$', description });
export const LanguageTag = LanguageOf('The language of the call, such as en-us.');

/** The return type is written out because the inferred one forgets the words. */
const words = <const T extends readonly string[]>(list: T, description: string): TEnum<[...T]> =>
  Type.Enum<[...T]>([...list], { description });

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
