import { Type } from 'typebox';
import { LINK_CHANNELS } from '../payment/link.ts';
import {
  Attempt,
  COMMON,
  Count,
  CustomerId,
  ErrorCodeField,
  InteractionId,
  LanguageTag,
  OwnId,
  RetryFieldField,
  Text,
} from './fields.ts';

/** Pay-by-link: the card is entered on a page of the gateway's, and no request here can carry one. */
const shut = { additionalProperties: false };

export const LinkRequest = Type.Object(
  {
    interaction_id: InteractionId,
    customer_id: CustomerId,
    consent_id: Type.Optional(
      OwnId('Where a subscription follows: then a caller who hangs up is enrolled all the same.'),
    ),
    channel: Type.Optional(
      Type.Enum([...LINK_CHANNELS], { description: 'How the merchant sends it: sms or email.' }),
    ),
    attempt: Type.Optional(Attempt),
    language: Type.Optional(LanguageTag),
  },
  shut,
);

export const LinkStatusRequest = Type.Object(
  {
    interaction_id: InteractionId,
    declines_heard: Type.Optional(
      Type.Union(
        [Type.Integer({ minimum: 0, maximum: 999 }), Type.String({ pattern: '^[0-9]{1,3}$' })],
        {
          description: 'declines of the last answer: more than that are told.',
        },
      ),
    ),
  },
  shut,
);

export const LinkCancelRequest = Type.Object({ interaction_id: InteractionId }, shut);

export const LinkAnswer = Type.Object({
  ...COMMON,
  operation_id: Text('The link, by which it is read and closed.'),
  error_code: ErrorCodeField,
  retry_field: RetryFieldField,
  attempts_left: Count('Cards that may still be declined on the page.'),
  declines: Count('Cards that were declined on the page so far.'),
  token_id: Text('As that of a card that was keyed; empty until the page is finished.'),
  card_brand: Text('Such as visa.'),
  card_last4: Text('The last four digits.'),
  gateway: Text('The gateway whose page it is.'),
  gateway_transaction_id: Text('The gateway’s id of the stored card, for the audit trail.'),
  status_code: Count('The gateway’s HTTP status when the page was made; 0 without one.'),
});
