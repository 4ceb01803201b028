import { join } from 'node:path';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { systemClock, type Clock } from '../system/clock.ts';
import { secretText, systemRandomness, type Randomness } from '../system/randomness.ts';
import { webhookSecret } from '../system/standard-webhooks.ts';
import { openHttpClient } from '../system/wire.ts';
import { Bearers } from './bearers.ts';
import { controlRoutes } from './control.ts';
import { Conversations } from './conversations.ts';
import { genesysRoutes } from './genesys.ts';
import { Journal } from './journal.ts';
import { Ledger, lineOf } from './ledger.ts';
import { merchantRoutes } from './merchant.ts';
import { Notifier, type NotifyTarget } from './notifier.ts';
import { Operations } from './operations.ts';
import { Refusal } from './refusal.ts';
import { pageRoutes } from './page-routes.ts';
import { gatewayRoutes, type Parts } from './routes.ts';
import { Script } from './script.ts';
import type { SandboxSettings } from './settings.ts';
import { send, Stage } from './stage.ts';

export interface Sandbox {
  readonly port: number;
  /** Such as `http://127.0.0.1:8082`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** No request of the guide's protocol comes near it. */
const BODY_BYTES_MAX = 1024 * 1024;

const COOKIE_KEY_BYTES = 32;

/** Another word than `Not_Found`, which says about an operation that it never happened. */
const UNKNOWN_ROUTE = new Refusal(404, 'Unknown_Route', 'no such route; GET / lists them');

/**
 * Starts the make-believe gateway, billing system and directory.
 *
 * @throws where its port is taken or its data folder cannot be written.
 */
export async function startSandbox(
  settings: SandboxSettings,
  clock: Clock = systemClock,
  randomness: Randomness = systemRandomness,
): Promise<Sandbox> {
  const { journal, entries } = Journal.open(join(settings.dataDir, 'sandbox-ledger.jsonl'), lineOf);
  const ledger = new Ledger(journal, entries);
  const target = targetOf(settings.webhook, clock);
  const notifier = new Notifier(target, ledger, clock);
  const operations = new Operations(ledger, clock, randomness, notifier);
  const { timeZone, verification, subscriptions } = settings;
  const parts: Parts = {
    world: { ledger, clock, randomness, timeZone, verification, subscriptions },
    operations,
    bearers: new Bearers(settings.gateway, clock, randomness),
    script: new Script(),
    stage: new Stage(clock),
  };
  const conversations = new Conversations(clock, randomness);
  const stop = (): void => {
    operations.forgetAll();
    notifier.stop();
    parts.stage.stop();
  };
  const forget = (): void => {
    stop();
    parts.script.clear();
    conversations.clear();
    ledger.clear();
  };
  const server = openServer(settings.tls);
  gatewayRoutes(server, parts);
  pageRoutes(server, parts, (key) => notifier.notify(key));
  merchantRoutes(server, parts, webhookSecret(settings.billingSecret));
  controlRoutes(server, parts, forget);
  if (settings.genesys !== null) {
    genesysRoutes(server, settings.genesys, { clock, randomness, conversations });
  }
  if (settings.people !== null) {
    const key = secretText(randomness, COOKIE_KEY_BYTES);
    const { peopleRoutes } = await quietly(() => import('./people.ts'));
    await peopleRoutes(server, { ...settings.people, cookieKeys: [key] });
  }
  const origin = await server.listen({ host: settings.host, port: settings.port });
  operations.resume();
  return {
    port: Number(new URL(origin).port),
    origin,
    async close() {
      stop();
      await server.close();
      await target?.http.close();
      journal.close();
    },
  };
}

/**
 * The provider warns whoever loads it on Node 20, on which it works: `test/api/console/` signs in with
 * it. It is loaded only where somebody may sign in.
 */
async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const { warn } = console;
  // oxlint-disable-next-line no-console -- for the time of one import
  console.warn = () => {};
  try {
    return await load();
  } finally {
    // oxlint-disable-next-line no-console -- as above
    console.warn = warn;
  }
}

function targetOf(webhook: SandboxSettings['webhook'], clock: Clock): NotifyTarget | null {
  if (webhook === null) return null;
  const { origin, pathname } = new URL(webhook.url);
  const http = openHttpClient({ origin }, clock);
  return { http, path: pathname, secret: webhookSecret(webhook.secret) };
}

function openServer(tls: SandboxSettings['tls']): FastifyInstance {
  const options = {
    bodyLimit: BODY_BYTES_MAX,
    // Idempotency keys stand in a path and have up to 255 characters.
    routerOptions: { maxParamLength: 512 },
    forceCloseConnections: true,
  };
  const server: FastifyInstance =
    tls === null
      ? fastify(options)
      : fastify({ ...options, https: { cert: tls.certPem, key: tls.keyPem } });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  server.setNotFoundHandler((_request, reply) => send(reply, UNKNOWN_ROUTE.answer));
  server.setErrorHandler((error: FastifyError | Refusal, _request, reply) => {
    if (error instanceof Refusal) return send(reply, error.answer);
    const status = error.statusCode ?? 500;
    // Never the message: it may repeat what was sent.
    const error_code = status < 500 ? 'Invalid_Request' : 'Internal_Error';
    return send(reply, { status, body: { error_code, message: error.code ?? error.name } });
  });
  return server;
}
