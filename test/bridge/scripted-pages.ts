import type { GatewayReply } from '../../src/gateway/gateway.ts';
import type {
  HostedPage,
  HostedPages,
  OpenedPage,
  PageFinding,
  PageLookUp,
  PageOrder,
} from '../../src/gateway/pages.ts';
import type { WorldClock } from './world-clock.ts';

interface Made {
  readonly reference: string;
  readonly order: PageOrder;
  page: HostedPage;
}

/** How the gateway answers when a page is to be made. */
export type Opening = 'opens' | 'loses its answer' | 'is lost before' | 'refuses';

/** Pages of a gateway in memory, which a test fills in for the customer. */
export class ScriptedPages implements HostedPages {
  readonly openMsMin = 60_000;
  readonly openMsMax = 86_400_000;
  readonly made = new Map<string, Made>();
  readonly closings: string[] = [];
  opening: Opening = 'opens';
  answers = true;
  readonly #clock: WorldClock;

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  get only(): Made {
    const [first] = this.made.values();
    if (!first) throw new Error('no page was made');
    return first;
  }

  decline(declines: number): void {
    this.only.page = { status: 'open', declines };
  }

  pay(last4 = '4242'): void {
    const token = { tokenReference: `card-on-${this.only.reference}`, networkTransactionId: null };
    const gatewayTransactionId = `stored-on-${this.only.reference}`;
    this.only.page = { status: 'complete', token, brand: 'visa', last4, gatewayTransactionId };
  }

  open(order: PageOrder): Promise<GatewayReply<OpenedPage>> {
    const reference = `page-of-${order.idempotencyKey}`;
    const { opening } = this;
    if (opening === 'opens' || opening === 'loses its answer') {
      this.made.set(reference, { reference, order, page: { status: 'open', declines: 0 } });
    }
    const url = `https://pay.test/${reference}`;
    const outcome = {
      opens: { kind: 'approved', value: { pageReference: reference, url } },
      'loses its answer': { kind: 'in_doubt' },
      'is lost before': { kind: 'in_doubt' },
      refuses: { kind: 'failed', errorCode: 'gateway_rejected' },
    } as const;
    return Promise.resolve({
      outcome: outcome[opening],
      again: { kind: 'never' },
      latencyMs: 20,
      healthy: true,
      statusCode: 200,
      rawCode: null,
      gatewayTransactionId: reference,
    });
  }

  find(order: PageLookUp): Promise<PageFinding> {
    if (!this.answers) return Promise.resolve({ kind: 'unanswered' });
    const reference = order.pageReference ?? `page-of-${order.idempotencyKey}`;
    const made = this.made.get(reference);
    if (!made) return Promise.resolve({ kind: 'absent' });
    if (made.page.status === 'open' && this.#clock.now() >= made.order.expiresAtMs) {
      made.page = { status: 'expired' };
    }
    return Promise.resolve({ kind: 'page', pageReference: reference, page: made.page });
  }

  close({ pageReference }: PageLookUp & { readonly pageReference: string }): Promise<void> {
    this.closings.push(pageReference);
    const made = this.made.get(pageReference);
    if (this.answers && made?.page.status === 'open') made.page = { status: 'expired' };
    return Promise.resolve();
  }
}
