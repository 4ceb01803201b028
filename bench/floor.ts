import { Agent, createServer, request } from 'node:http';
import { beginOperation } from '../src/store/begin.ts';
import { ensureBreaker } from '../src/store/breaker.ts';
import { finishOperation } from '../src/store/finish.ts';
import type { NewOperation } from '../src/store/operations.ts';
import type { LedgerEntry } from '../src/payment/ledger.ts';
import { openStore } from '../src/store/open.ts';
import { systemClock } from '../src/system/clock.ts';
import { openLog } from '../src/system/log.ts';
import { newId, systemRandomness } from '../src/system/randomness.ts';

/**
 * The floor: one process on bare `node:http` that does what cannot be left out (the same two commits
 * and one call to the gateway) and nothing else: no secret handling, no second process, no checks, no
 * tokens, no rules. Settings as JSON in the first argument; prints its port.
 */
const settings = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string | null;
  dataDirectory: string;
  upstreamPort: number;
  keepStatements: boolean;
};
const log = openLog('floor', () => undefined, systemClock);
const store = await openStore(settings, systemClock, systemRandomness, log);
await ensureBreaker(store, 'sandbox', systemClock.now());
const agent = new Agent({ keepAlive: true });
const id = (prefix: string): string => newId(prefix, systemRandomness);

function entry(operation: NewOperation, action: string): LedgerEntry {
  return {
    id: id('led'),
    at: new Date(systemClock.now()).toISOString(),
    actor: operation.clientId,
    action,
    result: 'unknown',
    origin: 'floor',
    resource: operation.customerId ?? '',
    operationId: operation.id,
    interactionId: operation.interactionId,
    subscriptionId: null,
    gatewayTransactionId: null,
    detail: { gateway: 'sandbox' },
  };
}

function upstream(body: string): Promise<{ token_id: string; gateway_transaction_id: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: settings.upstreamPort,
        path: '/v1/tokens',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve(JSON.parse(text) as { token_id: string; gateway_transaction_id: string }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function tokenise(body: string): Promise<string> {
  const payload = JSON.parse(body) as {
    customer_id: string;
    metadata: { interaction_id: string };
  };
  const startedAtMs = systemClock.now();
  const operation: NewOperation = {
    id: id('op'),
    kind: 'tokenise',
    clientId: 'floor',
    key: id('key'),
    bodyHash: 'floor',
    cardMac: id('mac'),
    cardMacKey: 'floor',
    binMac: 'floor',
    interactionId: payload.metadata.interaction_id,
    customerId: payload.customer_id,
    subscriptionId: null,
    consentId: null,
    tokenId: null,
    planId: null,
    attempt: 1,
    language: 'en-us',
    gateway: 'sandbox',
    order: { brand: 'visa', last4: '4242' },
    startedAtMs,
  };
  await beginOperation(store, {
    operation,
    intent: entry(operation, 'tokenise.intent'),
    settleAtMs: startedAtMs + 28_000,
    jobId: id('job'),
    card: { panMac: id('pan'), binWindow: 20, allWindow: 100 },
  });
  const granted = await upstream(body);
  const answer = JSON.stringify({ outcome: 'approved', token_id: granted.token_id });
  await finishOperation(store, {
    operationId: operation.id,
    gateway: 'sandbox',
    holdsSubscription: false,
    state: 'approved',
    errorCode: null,
    rawCode: null,
    statusCode: 200,
    gatewayTransactionId: granted.gateway_transaction_id,
    latencyMs: 1,
    healthy: true,
    answer,
    finishedAtMs: systemClock.now(),
    outcome: entry(operation, 'tokenise.approved'),
    settleAtMs: startedAtMs,
    token: {
      id: id('tok'),
      customerId: payload.customer_id,
      interactionId: operation.interactionId,
      gateway: 'sandbox',
      reference: granted.token_id,
      networkTransactionId: null,
      brand: 'visa',
      last4: '4242',
    },
    created: null,
    changed: null,
    events: [],
    schedule: null,
    sampleCount: 20,
    confirmation: null,
  });
  return answer;
}

const server = createServer((incoming, response) => {
  let body = '';
  incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  incoming.on('end', () => {
    tokenise(body).then(
      (answer) => {
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(answer),
        });
        response.end(answer);
      },
      (error: unknown) => {
        response.writeHead(500).end(error instanceof Error ? error.message : 'error');
      },
    );
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) console.log(address.port);
});
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void store.close().then(() => process.exit(0));
});
