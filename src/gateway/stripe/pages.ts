import type { HttpRequest } from '../../system/http-client.ts';
import { ok } from '../answered.ts';
import { membersOf, textOf, type Members } from '../json.ts';
import type { HostedPage, HostedPages, OpenedPage, PageFinding, PageLookUp } from '../pages.ts';
import type { StripeCustomers } from './customers.ts';
import { contradiction, type StripeLine } from './line.ts';
import { pageOf } from './look-up.ts';
import {
  attemptsParams,
  closingKey,
  sessionParams,
  sessionPath,
  sessionReadParams,
  SESSIONS_PATH,
} from './page-requests.ts';
import { getRequest, META, postRequest } from './requests.ts';
import { granted, readStripe } from './words.ts';

const MINUTE = 60_000;

/** Stripe's own maximum of a list. */
const PAGE = 100;
/** A customer with more pages than this many times a hundred is looked at by a person. */
const LISTS_MAX = 5;

const UNANSWERED: PageFinding = { kind: 'unanswered' };
const ABSENT: PageFinding = { kind: 'absent' };

/** What a look at a page goes by. */
interface Ground {
  readonly line: StripeLine;
  readonly customers: StripeCustomers;
}

/** Stripe's Checkout as the page of a payment link: it saves a card for the customer. */
export function stripePages(line: StripeLine, customers: StripeCustomers): HostedPages {
  const ground: Ground = { line, customers };
  return {
    openMsMin: 30 * MINUTE,
    openMsMax: 24 * 60 * MINUTE,
    async open(order, signal) {
      if (order.returnUrl === null) return refusedReply('no_return_url');
      const customer = await customers.idOf(order.customerId, signal);
      if (customer.kind === 'refused') return customer.reply;
      const params = sessionParams(order, customer.value, order.returnUrl);
      const request: HttpRequest = postRequest(SESSIONS_PATH, order.idempotencyKey, params);
      const reply = readStripe(await line.exchange(request, signal), findOpened);
      if (reply.rawCode === 'resource_missing') customers.forget(order.customerId);
      return reply;
    },
    async find(order, signal) {
      const reference = await referenceOf(ground, order, signal);
      return typeof reference === 'string' ? read(line, reference, signal) : reference;
    },
    async close(order, signal) {
      const path = `${sessionPath(order.pageReference)}/expire`;
      await line.exchange(postRequest(path, closingKey(order.idempotencyKey), {}), signal);
    },
  };
}

async function read(
  line: StripeLine,
  reference: string,
  signal: AbortSignal,
): Promise<PageFinding> {
  const request = getRequest(sessionPath(reference), sessionReadParams());
  const exchange = await line.exchange(request, signal);
  if (exchange.kind === 'answered' && exchange.response.status === 404) {
    return readStripe(exchange, () => null).rawCode === 'resource_missing' ? ABSENT : UNANSWERED;
  }
  const session = ok(exchange, sessionOf);
  const page = session && (await hostedOf(line, session, signal));
  return page ? { kind: 'page', pageReference: reference, page } : UNANSWERED;
}

async function hostedOf(
  line: StripeLine,
  session: Members,
  signal: AbortSignal,
): Promise<HostedPage | null> {
  const intent = membersOf(session['setup_intent']);
  switch (session['status']) {
    case 'expired':
      return { status: 'expired' };
    case 'complete':
      return completeOf(intent);
    case 'open': {
      const declines = await declinesOf(line, intent, signal);
      return declines === null ? null : { status: 'open', declines };
    }
    default:
      return null;
  }
}

/** The last error says that there was one; each try stands in a list of its own. */
async function declinesOf(
  line: StripeLine,
  intent: Members | null,
  signal: AbortSignal,
): Promise<number | null> {
  const id = textOf(intent, 'id');
  if (id === null || membersOf(intent?.['last_setup_error']) === null) return 0;
  const request = getRequest('/v1/setup_attempts', attemptsParams(id));
  const tries = ok(await line.exchange(request, signal), pageOf);
  return tries === null ? null : tries.data.filter(({ status }) => status === 'failed').length;
}

/** A page whose making was not answered is found by its operation, in the list of its customer. */
async function referenceOf(
  { line, customers }: Ground,
  order: PageLookUp,
  signal: AbortSignal,
): Promise<string | PageFinding> {
  if (order.pageReference !== null) return order.pageReference;
  const customer = await customers.idOf(order.customerId, signal);
  if (customer.kind === 'refused') return UNANSWERED;
  let after: string | null = null;
  for (let lists = 0; lists < LISTS_MAX; lists++) {
    const params = { customer: customer.value, limit: PAGE, starting_after: after };
    const list = ok(await line.exchange(getRequest(SESSIONS_PATH, params), signal), pageOf);
    if (list === null) return UNANSWERED;
    const found = list.data.find(
      ({ metadata }) => textOf(membersOf(metadata), META.operation) === order.operationId,
    );
    if (found) return textOf(found, 'id') ?? UNANSWERED;
    if (!list.more) return ABSENT;
    after = textOf(list.data.at(-1) ?? null, 'id');
  }
  return UNANSWERED;
}

function refusedReply(rawCode: string) {
  const refused = contradiction(rawCode);
  if (refused.kind !== 'refused') throw new Error('a contradiction refuses');
  return refused.reply;
}

function sessionOf(members: Members): Members | null {
  return members['object'] === 'checkout.session' ? members : null;
}

function findOpened(members: Members) {
  const pageReference = textOf(members, 'id');
  const url = textOf(members, 'url');
  const opened: OpenedPage | null =
    sessionOf(members) === null || pageReference === null || url === null
      ? null
      : { pageReference, url };
  return granted(opened, pageReference);
}

/**
 * The card that a page has saved. What Stripe's own page has taken is taken, also where a check of the
 * security code failed and the account's Radar rules let it pass: the page is over by then.
 */
function completeOf(intent: Members | null): HostedPage | null {
  const method = membersOf(intent?.['payment_method']);
  const tokenReference = textOf(method, 'id');
  const card = membersOf(method?.['card']);
  if (intent?.['status'] !== 'succeeded' || tokenReference === null || card === null) return null;
  return {
    status: 'complete',
    token: { tokenReference, networkTransactionId: null },
    brand: textOf(card, 'brand') ?? 'unknown',
    last4: textOf(card, 'last4') ?? '',
    gatewayTransactionId: textOf(intent, 'id'),
  };
}
