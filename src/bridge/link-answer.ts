import type { ErrorCode, OutcomeKind } from '../payment/outcome.ts';
import type { CardToken } from '../store/finish.ts';
import { answerText, errorCommon, FIRST_TELLING, plainCommon, tokenFields } from './answer.ts';
import type { AnswerText, Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';

/** What a caller who waits for a page is told. */
export type LinkNews =
  /** The page is open; `sent` once the merchant's system has taken the event. */
  | { readonly kind: 'waiting'; readonly sent: boolean }
  /** A card was declined on the page, where the customer may try another one. */
  | { readonly kind: 'declined' }
  | {
      readonly kind: 'paid';
      readonly token: CardToken;
      readonly gatewayTransactionId: string | null;
    }
  /** The customer cannot have got it. */
  | { readonly kind: 'not_sent'; readonly outcome: OutcomeKind }
  | { readonly kind: 'over'; readonly errorCode: ErrorCode; readonly outcome: OutcomeKind };

interface Source {
  readonly operation: ClaimedOperation;
  readonly declines: number;
  readonly statusCode: number | null;
}

/** The answer to everything that is asked about a link. */
export function linkAnswer(bridge: Bridge, source: Source, news: LinkNews): AnswerText {
  const { operation, declines, statusCode } = source;
  const { id, gateway, language, order } = operation;
  const table = bridge.prompts[language];
  const channel = { channel: String(order['channel'] ?? '') };
  const fields = {
    ...tokenFields({ operation_id: id, gateway, status_code: statusCode ?? 0 }),
    attempts_left: Math.max(0, bridge.limits.cardTriesPerCall - declines),
    declines,
  };
  switch (news.kind) {
    case 'waiting': {
      const common = news.sent
        ? plainCommon(table, 'link_waiting', 'wait', {}, 'pending')
        : plainCommon(table, 'link_sending', 'wait', channel, 'pending');
      return answerText({ ...fields, ...common });
    }
    case 'declined': {
      const common = plainCommon(table, 'link_declined', 'retry', {}, 'declined');
      const why = { error_code: 'card_declined', retry_field: 'card' };
      return answerText({ ...fields, ...common, ...why });
    }
    case 'paid': {
      const { id: token_id, brand: card_brand, last4: card_last4 } = news.token;
      const card = { card_brand, card_last4 };
      const transaction = { gateway_transaction_id: news.gatewayTransactionId ?? '' };
      const common = plainCommon(table, 'card_accepted', 'continue', card);
      return answerText({ ...fields, ...common, ...card, ...transaction, token_id });
    }
    case 'not_sent': {
      const common = plainCommon(table, 'link_not_sent', 'agent', channel, news.outcome);
      return answerText({ ...fields, ...common, error_code: 'link_expired' });
    }
    case 'over': {
      const common = errorCommon(table, news.outcome, news.errorCode, FIRST_TELLING);
      return answerText({ ...fields, ...common });
    }
  }
}
