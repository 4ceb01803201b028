import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { GatewayAdapter } from '../../src/gateway/gateway.ts';
import type { HostedPages, PageFinding, PageOrder } from '../../src/gateway/pages.ts';
import type { HttpClient } from '../../src/system/http-client.ts';
import { FaultyLine } from './gateway/faulty-line.ts';
import { factsOf, freshKey, valueOf } from './gateway/rig.ts';

/** What an adapter's author brings for its pages. */
export interface PagesBench {
  readonly origin: string;
  open(origin: string): { readonly adapter: GatewayAdapter; readonly http: HttpClient };
  isCredential(path: string): boolean;
  /** A customer enters a card on a page; `declined` is one that the issuer does not want. */
  enter(pageReference: string, url: string, card: 'good' | 'declined'): Promise<void>;
  reset(): Promise<void>;
  close(): Promise<void>;
}

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;

/**
 * The optional part of `gateway/gateway.ts`, `pages`, as a suite: pages that are made once, looked at,
 * closed, and found again where an answer was lost.
 */
export function pagesConformance(name: string, make: () => Promise<PagesBench>): void {
  describe(`pages: ${name}`, () => {
    let bench: PagesBench;
    let line: FaultyLine;
    let sides: ReturnType<PagesBench['open']>;

    before(async () => {
      bench = await make();
      line = await FaultyLine.open(bench.origin, (path) => bench.isCredential(path));
      sides = bench.open(line.origin);
    });
    beforeEach(async () => {
      line.mend();
      await bench.reset();
    });
    after(async () => {
      await sides.http.close();
      await line.close();
      await bench.close();
    });

    const pages = (): HostedPages => {
      const { pages: found } = sides.adapter;
      assert.ok(found, 'this gateway has pages');
      return found;
    };
    const orderOf = (key = freshKey()): PageOrder => ({
      ...factsOf(key),
      language: 'en-us',
      expiresAtMs: Date.now() + HOUR_MS,
      returnUrl: 'https://shop.test/thanks',
    });
    const lookUp = (order: PageOrder, pageReference: string | null) => {
      const { idempotencyKey, operationId, customerId } = order;
      return { idempotencyKey, operationId, customerId, pageReference };
    };
    const made = async (order = orderOf()) => {
      const page = valueOf(await pages().open(order, never));
      return { order, ...page };
    };
    const find = (order: PageOrder, reference: string | null): Promise<PageFinding> =>
      pages().find(lookUp(order, reference), never);
    const seen = async (order: PageOrder, reference: string | null) => {
      const found = await find(order, reference);
      assert.equal(found.kind, 'page');
      assert.ok(found.kind === 'page');
      return found.page;
    };

    test('a page has an address and is open', async () => {
      const { order, pageReference, url } = await made();
      assert.match(url, /^https?:\/\/\S+$/);
      assert.deepEqual(await seen(order, pageReference), { status: 'open', declines: 0 });
    });

    test('the same key is the same page', async () => {
      const first = await made();
      const again = await made(first.order);
      assert.equal(again.pageReference, first.pageReference);
      assert.equal(again.url, first.url);
    });

    test('declines are counted, and the card that follows is stored', async () => {
      const { order, pageReference, url } = await made();
      await bench.enter(pageReference, url, 'declined');
      await bench.enter(pageReference, url, 'declined');
      assert.deepEqual(await seen(order, pageReference), { status: 'open', declines: 2 });
      await bench.enter(pageReference, url, 'good');
      const page = await seen(order, pageReference);
      assert.ok(page.status === 'complete');
      assert.deepEqual([page.brand, page.last4], ['visa', '4242']);
      assert.notEqual(page.token.tokenReference, '');
      assert.notEqual(page.gatewayTransactionId, null);
    });

    test('a page that is closed is expired, also twice', async () => {
      const { order, pageReference } = await made();
      for (let time = 0; time < 2; time += 1) {
        await pages().close({ ...lookUp(order, null), pageReference }, never);
        assert.deepEqual(await seen(order, pageReference), { status: 'expired' });
      }
    });

    test('a page that is complete cannot be closed any more', async () => {
      const { order, pageReference, url } = await made();
      await bench.enter(pageReference, url, 'good');
      await pages().close({ ...lookUp(order, null), pageReference }, never);
      assert.equal((await seen(order, pageReference)).status, 'complete');
    });

    test('a page whose making was lost is found by its operation, among others', async () => {
      for (let others = 0; others < 3; others += 1) await made();
      const order = orderOf();
      line.next({ kind: 'reset', after: true });
      const lost = await pages().open(order, never);
      assert.equal(lost.outcome.kind, 'in_doubt');
      line.mend();
      for (let others = 0; others < 3; others += 1) await made();
      assert.deepEqual(await seen(order, null), { status: 'open', declines: 0 });
    });

    test('a page that was never made is absent', async () => {
      await made();
      assert.deepEqual(await find(orderOf(), null), { kind: 'absent' });
    });

    test('a gateway that does not answer has said nothing', async () => {
      const { order, pageReference } = await made();
      const away = { kind: 'status', status: 503, text: '{}', after: false } as const;
      line.next(...Array.from({ length: 3 }, () => away));
      assert.deepEqual(await find(order, pageReference), { kind: 'unanswered' });
      assert.deepEqual(await find(order, null), { kind: 'unanswered' });
      await pages().close({ ...lookUp(order, null), pageReference }, never);
      line.mend();
      assert.equal((await seen(order, pageReference)).status, 'open');
    });
  });
}
