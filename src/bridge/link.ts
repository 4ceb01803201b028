import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import type { GatewayReply } from '../gateway/gateway.ts';
import type { HostedPages, OpenedPage } from '../gateway/pages.ts';
import { CONSENT_KEY } from '../payment/consent.ts';
import { languageOf } from '../payment/language.ts';
import type { LinkPolicy } from '../payment/link.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { Deadline } from '../resilience/deadline.ts';
import { findConsent, type GivenConsent } from '../store/consents.ts';
import { newId } from '../system/randomness.ts';
import { refusal } from './admit.ts';
import type { AnswerText, Bridge, Keyed } from './bridge.ts';
import { claim, repeated, type ClaimedOperation, type Draft } from './claim.ts';
import { conclude, endingOf, refusedEnding, refusedOr } from './conclude.ts';
import { attemptOf, operationKey } from './key.ts';
import { linkAnswer, type LinkNews } from './link-answer.ts';
import { linkCreated } from './link-event.ts';
import { committedOr, perform } from './perform.ts';

type Ask = Keyed<Body<typeof schemas.LinkRequest>>;

/** What a link needs of a bridge; `null` where none are offered. */
export function linkMeans(bridge: Bridge): { pages: HostedPages; policy: LinkPolicy } | null {
  const { links: policy, gateway } = bridge;
  const { pages } = gateway;
  return policy === undefined || policy.use === 'off' || pages === undefined
    ? null
    : { pages, policy };
}

function draftOf(bridge: Bridge, ask: Ask, consent: GivenConsent | null): Draft {
  const { request, bodyHash } = ask;
  const { links } = bridge;
  const attempt = attemptOf(request.attempt);
  const interactionId = request.interaction_id;
  const openMs = links?.openMs ?? 0;
  return {
    kind: 'link',
    key: operationKey({
      header: ask.key,
      interactionId,
      step: 'link',
      attempt,
      content: bodyHash,
    }),
    bodyHash,
    cardMac: null,
    cardMacKey: null,
    binMac: null,
    interactionId,
    customerId: request.customer_id,
    subscriptionId: null,
    consentId: request.consent_id ?? null,
    tokenId: null,
    planId: consent?.planId ?? null,
    attempt: attempt ?? 1,
    language: request.language === undefined ? null : languageOf(request.language),
    order: {
      channel: request.channel ?? links?.channel ?? null,
      expires_at: new Date(bridge.clock.now() + openMs).toISOString(),
      event_id: newId('evt', bridge.randomness),
    },
  };
}

/** What a subscription is to follow from has to be a consent of this call and this customer. */
function consents(ask: Ask, consent: GivenConsent | null): boolean {
  const { interaction_id, customer_id, consent_id } = ask.request;
  if (consent_id === undefined) return true;
  return (
    consent !== null &&
    consent.keyPressed === CONSENT_KEY &&
    consent.interactionId === interaction_id &&
    consent.customerId === customer_id
  );
}

/**
 * Makes a page at the gateway on which the customer enters a card, and has its address sent by the
 * merchant's system. The operation is `pending` as long as the page is open. Counts as one card
 * attempt of the call, and asks switch, breaker and limits as a card does.
 */
export async function createLink(bridge: Bridge, ask: Ask): Promise<AnswerText> {
  const deadline = new Deadline(bridge.clock, bridge.limits.deadlineMs);
  const { consent_id: id, interaction_id: interactionId } = ask.request;
  const consent =
    id === undefined ? null : await findConsent(bridge.store, { id, interactionId, planId: '' });
  const claimed = await claim(bridge, ask.actor, draftOf(bridge, ask, consent), '');
  if (claimed.kind === 'earlier') {
    const { operation } = claimed;
    return repeated(bridge, operation, () => tell(bridge, operation, NOBODY_HAS_IT));
  }
  const { operation, begun } = claimed;
  const means = linkMeans(bridge);
  const inDoubt = (): AnswerText => tell(bridge, operation, NOBODY_HAS_IT);
  const refused =
    (await refusal(bridge, begun, operation)) ??
    (means !== null && consents(ask, consent) ? null : 'not_allowed');
  if (refused !== null || means === null) {
    return refusedOr(() => refuse(bridge, ask, operation, refused ?? 'not_allowed'), inDoubt);
  }
  const reply = await perform(bridge, deadline, (signal) =>
    means.pages.open(
      {
        idempotencyKey: operation.id,
        operationId: operation.id,
        interactionId,
        customerId: ask.request.customer_id,
        language: operation.language,
        expiresAtMs: Date.parse(String(operation.order['expires_at'])),
        returnUrl: means.policy.returnUrl,
      },
      signal,
    ),
  );
  return committedOr(
    bridge,
    operation.id,
    () => commit(bridge, ask.actor, operation, reply),
    inDoubt,
  );
}

/** Its answer was lost, so the address was never told: `settle` closes the page. */
const NOBODY_HAS_IT: LinkNews = { kind: 'not_sent', outcome: 'in_doubt' };

function tell(
  bridge: Bridge,
  operation: ClaimedOperation,
  news: LinkNews,
  statusCode: number | null = null,
): AnswerText {
  return linkAnswer(bridge, { operation, declines: 0, statusCode }, news);
}

function refuse(
  bridge: Bridge,
  ask: Ask,
  operation: ClaimedOperation,
  errorCode: ErrorCode,
): Promise<AnswerText> {
  const answer = tell(bridge, operation, { kind: 'over', errorCode, outcome: 'failed' });
  const ending = { ...refusedEnding('failed', errorCode), answer };
  return conclude(bridge, ask.actor, operation, ending);
}

function commit(
  bridge: Bridge,
  actor: Ask['actor'],
  operation: ClaimedOperation,
  reply: GatewayReply<OpenedPage>,
): Promise<AnswerText> {
  const ending = endingOf(reply, 'by_call');
  const { outcome, statusCode } = reply;
  if (outcome.kind === 'approved') {
    const page = outcome.value;
    const news = { kind: 'waiting', sent: false } as const;
    return conclude(bridge, actor, operation, {
      ...ending,
      state: 'pending',
      gatewayTransactionId: page.pageReference,
      events: [linkCreated(bridge, operation, page)],
      answer: tell(bridge, operation, news, statusCode),
    });
  }
  if (outcome.kind === 'pending' || outcome.kind === 'in_doubt') {
    const answer = tell(bridge, operation, NOBODY_HAS_IT, statusCode);
    return conclude(bridge, actor, operation, { ...ending, state: 'in_doubt', answer });
  }
  const { errorCode } = outcome;
  const news = { kind: 'over', errorCode, outcome: outcome.kind } as const;
  const answer = tell(bridge, operation, news, statusCode);
  return conclude(bridge, actor, operation, { ...ending, answer });
}
