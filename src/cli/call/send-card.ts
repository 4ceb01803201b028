import type { Value } from '../../architect/expression/value.ts';
import { SecretBytes } from '../../card/secret.ts';
import type { DataActions } from '../../line/call.ts';
import { textIn } from './system-client.ts';

/** A card of an earlier call, and whose it is. */
export interface EarlierCard {
  /** A published test number. */
  readonly pan: string;
  readonly customerId: string;
  readonly interactionId: string;
  readonly operationId: string;
}

const text = (value: string): Value => ({ type: 'string', value });

/** Sends a card to the gateway as a flow does with `capture: direct`. @returns what Finish Card is told. */
export async function sendCard(
  dataActions: DataActions,
  { pan, customerId, interactionId, operationId }: EarlierCard,
): Promise<{ readonly sent: string; readonly token_reference?: string }> {
  const secret = SecretBytes.copyOf(Buffer.from(pan, 'latin1'));
  try {
    const result = await dataActions.run(
      {
        category: 'Tokenline Gateway',
        action: 'Tokenline Send Card',
        secure: true,
        inputs: {
          card_number: secret,
          cvv: text('123'),
          expiry_month: text('12'),
          expiry_year: text('34'),
          customer_id: text(customerId),
          interaction_id: text(interactionId),
          operation_id: text(operationId),
        },
      },
      null,
    );
    if (result.kind !== 'success') return { sent: result.kind };
    const token = textIn(result.outputs, 'token_reference');
    return { sent: 'success', ...(token === '' ? {} : { token_reference: token }) };
  } finally {
    secret.zero();
  }
}
