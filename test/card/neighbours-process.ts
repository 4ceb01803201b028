import { setTimeout as wait } from 'node:timers/promises';
import { ok, startFakeBridge } from './fake-bridge.ts';
import { GRANT, startFakeGateway } from './fake-gateway.ts';

/** How a gateway says yes and no, by the name that the card process knows it by. */
const DIALECTS = {
  sandbox: { grant: GRANT, decline: '{"error_code":"Card_Declined"}', checksBearers: true },
  paypal: {
    grant: ok({ id: 'SETUPABC', status: 'APPROVED' }),
    decline:
      '{"name":"UNPROCESSABLE_ENTITY","message":"No","debug_id":"d","details":[{"issue":"INSTRUMENT_DECLINED"}]}',
    checksBearers: true,
  },
  stripe: {
    grant: ok({ id: 'pm_abc', object: 'payment_method' }),
    decline: '{"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card"}}',
    checksBearers: false,
  },
  rest: {
    grant: ok({ result: { state: 'OK', card: { id: 'card_abc' } } }),
    decline: '{"result":{"state":"NO"},"fault":{"code":"STOLEN"}}',
    checksBearers: false,
  },
} as const;

/** As a bridge ends an operation, as far as the doors read it. */
const APPROVED = JSON.stringify({
  outcome: 'approved',
  prompt_text: 'Thank you.',
  error_code: '',
  token_id: 'tok_abc',
  operation_id: 'op_abc',
  card_brand: 'visa',
  card_last4: '0000',
});

export interface Neighbourhood {
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Of the bridge's socket. */
  readonly path: string;
  readonly gateway: keyof typeof DIALECTS;
}

/**
 * Bridge and gateway of the memory scan, in a process of their own: they see card numbers, and the
 * scan has to look at the card process alone.
 */
process.once('message', (message: Neighbourhood) => {
  void start(message);
});

async function start({ tls, path, gateway: name }: Neighbourhood): Promise<void> {
  const bridge = await startFakeBridge(path);
  bridge.onFinish = () => ok({ answer: APPROVED });
  const { grant, decline, checksBearers } = DIALECTS[name];
  const gateway = await startFakeGateway(tls, checksBearers);
  gateway.onToken = async (_, index) => {
    // Long enough for clients to hang up meanwhile, and some of everything that gateways do.
    await wait(index % 20);
    if (index % 11 === 3) return { status: 503, body: '{}' };
    if (index % 17 === 5) return 'reset';
    if (index % 13 === 7) return { status: 402, body: decline };
    return grant;
  };
  const token = await bridge.token();
  process.send?.({ bridge: bridge.origin, gateway: gateway.origin, token });
  process.on('message', () => {
    process.send?.({ tokenCalls: gateway.calls.length, finishes: bridge.finishes.length });
  });
}
