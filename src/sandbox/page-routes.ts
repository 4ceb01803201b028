import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KeyedCard } from './issuer.ts';
import type { PageRecord } from './ledger.ts';
import { PAGE_STYLE, pageHtml } from './page-html.ts';
import { enterCard, PAGES_PATH, pageState } from './pages.ts';
import { headerOf, param, rawBody, type Parts } from './routes.ts';

/** Nothing of anybody else's, no script, and the card goes nowhere but here. */
const POLICY =
  "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * The pages on which customers enter cards, as a gateway hosts them: a form without script, which a
 * keyboard and a screen reader can fill in.
 *
 * @param over told of the key of a page that is finished.
 */
export function pageRoutes(
  server: FastifyInstance,
  { world }: Parts,
  over: (idempotencyKey: string) => void,
): void {
  const { ledger } = world;

  function show(reply: FastifyReply, page: PageRecord, word: string | null): FastifyReply {
    const state = pageState(world, page);
    const token = page.token_id === null ? undefined : ledger.token(page.token_id);
    const html = pageHtml({
      language: page.language,
      state,
      last4: token?.card_last4 ?? '',
      returnUrl: page.return_url,
      word,
    });
    const status = word === null ? (state === 'expired' ? 410 : 200) : 422;
    return reply.code(status).headers(HEADERS).type('text/html; charset=utf-8').send(html);
  }

  const nobodys = (reply: FastifyReply): FastifyReply =>
    reply
      .code(404)
      .headers(HEADERS)
      .type('text/plain; charset=utf-8')
      .send('There is no such page.\n');

  server.get(`${PAGES_PATH}/pay.css`, (_, reply) =>
    reply.headers(HEADERS).type('text/css; charset=utf-8').send(PAGE_STYLE),
  );
  server.get(`${PAGES_PATH}/:id`, (request: FastifyRequest, reply: FastifyReply) => {
    const page = ledger.page(param(request, 'id'));
    return page ? show(reply, page, null) : nobodys(reply);
  });
  server.post(`${PAGES_PATH}/:id`, (request: FastifyRequest, reply: FastifyReply) => {
    const page = ledger.page(param(request, 'id'));
    if (!page) return nobodys(reply);
    if (pageState(world, page) !== 'open') return show(reply, page, null);
    const entered = enterCard(world, page, cardOf(request));
    if (entered.page !== page) ledger.entered(entered.page, entered.token);
    if (entered.token !== null) over(page.idempotency_key);
    return show(reply, entered.page, entered.word);
  });
}

/** The card as it was entered: people write groups of four, and 4/30, 04/30 or 0430. */
function cardOf(request: FastifyRequest): KeyedCard {
  const form = headerOf(request, 'content-type')?.startsWith('application/x-www-form-urlencoded');
  const fields = new URLSearchParams(form ? rawBody(request).toString('utf8') : '');
  const digits = (name: string): string => (fields.get(name) ?? '').replaceAll(/[^0-9]/g, '');
  const [, month = '', year = ''] =
    /^\s*(\d{1,2})\s*[/ -]?\s*(?:20)?(\d{2})\s*$/.exec(fields.get('expiry') ?? '') ?? [];
  return {
    number: digits('number'),
    cvv: digits('cvv'),
    expiryMonth: Number(month),
    expiryYear: 2000 + Number(year),
  };
}
