import type { Exchange, HttpRequest } from '../../system/http-client.ts';
import type { CallFacts, GatewayReply } from '../gateway.ts';
import { membersOf, numberOf, parsed, textOf, type Members } from '../json.ts';
import type { HostedPage, HostedPages, OpenedPage, PageFinding, PageLookUp } from '../pages.ts';
import { readExchange } from '../reading.ts';
import { findIn } from './words.ts';

/** What the adapter lends: how a request is built and sent. */
export interface SandboxLine {
  readonly exchanged: (
    request: HttpRequest,
    signal: AbortSignal,
  ) => Promise<Exchange | GatewayReply<never>>;
  readonly getRequest: (path: string) => HttpRequest;
  readonly postRequest: (path: string, idempotencyKey: string, body: object) => HttpRequest;
  readonly metadataOf: (facts: CallFacts) => Record<string, string>;
}

const MINUTE = 60_000;

const UNANSWERED: PageFinding = { kind: 'unanswered' };

/** Its making is keyed by the operation, its closing by a key beside that. */
const closingKey = (idempotencyKey: string): string => `${idempotencyKey}.close`;

/** The sandbox's pages (`docs/reference/sandbox.md`). */
export function sandboxPages(line: SandboxLine): HostedPages {
  const { exchanged, getRequest, postRequest, metadataOf } = line;

  async function members(path: string, signal: AbortSignal): Promise<Members | 'absent' | null> {
    const exchange = await exchanged(getRequest(path), signal);
    if ('outcome' in exchange || exchange.kind !== 'answered') return null;
    const body = membersOf(parsed(exchange.response.body));
    if (exchange.response.status === 404 && body?.['error_code'] === 'Not_Found') return 'absent';
    return exchange.response.status === 200 ? body : null;
  }

  /** The name of a page whose making was not answered, by the key that it was made under. */
  async function referenceOf(order: PageLookUp, signal: AbortSignal) {
    const { pageReference, idempotencyKey } = order;
    if (pageReference !== null) return pageReference;
    const made = await members(`/v1/operations/${encodeURIComponent(idempotencyKey)}`, signal);
    if (made === 'absent' || made === null) return made === null ? UNANSWERED : ABSENT;
    return textOf(membersOf(made['body']), 'page_id') ?? ABSENT;
  }

  return {
    openMsMin: MINUTE,
    openMsMax: 24 * 60 * MINUTE,
    async open(order, signal) {
      const body = {
        customer_id: order.customerId,
        language: order.language,
        expires_at: new Date(order.expiresAtMs).toISOString(),
        return_url: order.returnUrl,
        metadata: metadataOf(order),
      };
      const request = postRequest('/v1/pages', order.idempotencyKey, body);
      const exchange = await exchanged(request, signal);
      return 'outcome' in exchange ? exchange : readExchange(exchange, findOpened);
    },
    async find(order, signal) {
      const reference = await referenceOf(order, signal);
      if (typeof reference !== 'string') return reference;
      const found = await members(`/v1/pages/${encodeURIComponent(reference)}`, signal);
      if (found === 'absent') return ABSENT;
      const page = found && pageOf(found);
      return page ? { kind: 'page', pageReference: reference, page } : UNANSWERED;
    },
    async close(order, signal) {
      const path = `/v1/pages/${encodeURIComponent(order.pageReference)}/close`;
      const metadata = { operation_id: order.operationId };
      await exchanged(postRequest(path, closingKey(order.idempotencyKey), { metadata }), signal);
    },
  };
}

const ABSENT: PageFinding = { kind: 'absent' };

function findOpened(body: unknown) {
  return findIn<OpenedPage>(body, (members) => {
    const pageReference = textOf(members, 'page_id');
    const url = textOf(members, 'url');
    return pageReference === null || url === null ? null : { pageReference, url };
  });
}

function pageOf(members: Members): HostedPage | null {
  switch (members['status']) {
    case 'open':
      return { status: 'open', declines: numberOf(members, 'declines') ?? 0 };
    case 'expired':
      return { status: 'expired' };
    case 'complete': {
      const tokenReference = textOf(members, 'token_id');
      if (tokenReference === null) return null;
      return {
        status: 'complete',
        token: { tokenReference, networkTransactionId: textOf(members, 'network_transaction_id') },
        brand: textOf(members, 'card_brand') ?? 'unknown',
        last4: textOf(members, 'card_last4') ?? '',
        gatewayTransactionId: textOf(members, 'gateway_transaction_id'),
      };
    }
    default:
      return null;
  }
}
