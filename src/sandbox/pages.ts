import { newId } from '../system/randomness.ts';
import { declined, today, type World } from './gateway.ts';
import { brandOf, formWord, storingWord, type KeyedCard } from './issuer.ts';
import type { Answer, Origin, PageRecord, TokenRecord } from './ledger.ts';
import type { Decision } from './operations.ts';
import { invalidRequest, notFound } from './refusal.ts';
import type { PageRequest } from './requests.ts';

/** Where its pages are, below the sandbox's own address. */
export const PAGES_PATH = '/pay';

/** As a page stands now: its time may be up although nobody has closed it. */
export type PageState = 'open' | 'complete' | 'expired';

export function pageState({ clock }: World, page: PageRecord): PageState {
  if (page.status === 'complete') return 'complete';
  if (page.status === 'closed') return 'expired';
  return clock.now() < Date.parse(page.expires_at) ? 'open' : 'expired';
}

/** `POST /v1/pages`: a page on which a customer enters a card, which is stored and not charged. */
export function openPage(
  world: World,
  request: PageRequest,
  siteOrigin: string,
  origin: Origin,
  word: string | null,
): Decision {
  if (word !== null) return { answer: declined(word, origin.gateway_transaction_id) };
  const expiresAtMs = Date.parse(request.expires_at);
  if (!(expiresAtMs > world.clock.now())) throw invalidRequest('/expires_at is no time to come');
  const page: PageRecord = {
    ...origin,
    page_id: newId('page', world.randomness),
    customer_id: request.customer_id,
    language: request.language ?? 'en-us',
    expires_at: new Date(expiresAtMs).toISOString(),
    status: 'open',
    return_url: request.return_url ?? null,
    declines: 0,
    token_id: null,
  };
  const url = `${siteOrigin}${PAGES_PATH}/${page.page_id}`;
  return { answer: { status: 200, body: { ...pageBody(world, page), url } }, page };
}

/** `POST /v1/pages/{id}/close`. One that is complete stays so. */
export function closePage(
  world: World,
  pageId: string,
  origin: Origin,
  word: string | null,
): Decision {
  const page = world.ledger.page(pageId);
  if (!page) throw notFound('page');
  if (word !== null) return { answer: declined(word, origin.gateway_transaction_id) };
  if (pageState(world, page) !== 'open') {
    return { answer: { status: 200, body: pageBody(world, page) } };
  }
  const closed: PageRecord = { ...page, status: 'closed' };
  return { answer: { status: 200, body: pageBody(world, closed) }, page: closed };
}

/** `GET /v1/pages/{id}`. */
export function pageBody(world: World, page: PageRecord): Answer['body'] {
  const token = page.token_id === null ? undefined : world.ledger.token(page.token_id);
  return {
    page_id: page.page_id,
    status: pageState(world, page),
    expires_at: page.expires_at,
    declines: page.declines,
    gateway_transaction_id: (token ?? page).gateway_transaction_id,
    ...(token && {
      token_id: token.token_id,
      card_brand: token.card_brand,
      card_last4: token.card_last4,
      network_transaction_id: token.network_transaction_id,
    }),
  };
}

/** What became of a card on a page. */
export interface Entered {
  readonly page: PageRecord;
  readonly token: TokenRecord | null;
  /** Why the card was not taken; `null` where it was. */
  readonly word: string | null;
}

/**
 * A customer has entered a card on a page that is open. What is no card at all is the customer's to
 * mend and no decline. The digits are read here and go nowhere.
 */
export function enterCard(world: World, page: PageRecord, card: KeyedCard): Entered {
  const slip = formWord(card, today(world).slice(0, 7));
  if (slip !== null) return { page, token: null, word: slip };
  const last4 = card.number.slice(-4);
  const word = storingWord(last4);
  if (word !== null) {
    return { page: { ...page, declines: page.declines + 1 }, token: null, word };
  }
  const { idempotency_key, interaction_id, operation_id, customer_id } = page;
  const token: TokenRecord = {
    idempotency_key,
    interaction_id,
    operation_id,
    gateway_transaction_id: newId('txn', world.randomness),
    at: new Date(world.clock.now()).toISOString(),
    token_id: newId('tok', world.randomness),
    customer_id,
    card_brand: brandOf(card.number),
    card_last4: last4,
    status: 'active',
    network_transaction_id: newId('ntx', world.randomness),
  };
  const complete: PageRecord = { ...page, status: 'complete', token_id: token.token_id };
  return { page: complete, token, word: null };
}
