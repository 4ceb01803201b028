import { setTimeout as wait } from 'node:timers/promises';
import { startFakeBridge } from './fake-bridge.ts';
import { GRANT, startFakeGateway } from './fake-gateway.ts';

/**
 * Bridge and gateway of the memory scan, in a process of their own: they see card numbers, and the
 * scan has to look at the card process alone.
 */
process.once('message', (message: { tls: { cert: string; key: string } | null; path: string }) => {
  void start(message.tls, message.path);
});

async function start(tls: { cert: string; key: string } | null, path: string): Promise<void> {
  const bridge = await startFakeBridge(path);
  const gateway = await startFakeGateway(tls);
  gateway.onToken = async (_, index) => {
    // Long enough for clients to hang up meanwhile, and some of everything that gateways do.
    await wait(index % 20);
    if (index % 11 === 3) return { status: 503, body: '{}' };
    if (index % 17 === 5) return 'reset';
    if (index % 13 === 7) return { status: 402, body: '{"error_code":"Card_Declined"}' };
    return GRANT;
  };
  const token = await bridge.token();
  process.send?.({ bridge: bridge.origin, gateway: gateway.origin, token });
  process.on('message', () => {
    process.send?.({ tokenCalls: gateway.calls.length, finishes: bridge.finishes.length });
  });
}
