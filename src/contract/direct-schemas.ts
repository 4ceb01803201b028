import { Type, type Static } from 'typebox';
import { Attempt, CustomerId, InteractionId, LanguageTag } from './fields.ts';

/** Bodies of `capture: direct`, where the flow sends the card to the gateway itself. */
const shut = { additionalProperties: false };

/** How the secure data action ended, as a voice flow can tell: it gets no detail of a failure. */
export const SENT = ['success', 'failure', 'timeout'] as const;
export type Sent = (typeof SENT)[number];

export const BeginCardRequest = Type.Object(
  {
    interaction_id: InteractionId,
    customer_id: CustomerId,
    attempt: Type.Optional(Attempt),
    language: Type.Optional(LanguageTag),
  },
  shut,
);

export const FinishCardRequest = Type.Object(
  {
    interaction_id: InteractionId,
    sent: Type.Enum([...SENT], {
      description: 'The way out of the data action that sent the card.',
    }),
    token_reference: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,254}$',
        description:
          'What the gateway calls the card. It is believed only where the gateway says so.',
      }),
    ),
  },
  shut,
);
export type FinishCardRequest = Static<typeof FinishCardRequest>;
