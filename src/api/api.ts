import type { Verbs } from '../bridge/verbs.ts';
import type { Signer, Verifier } from '../system/access-token.ts';
import { sleep } from '../system/clock.ts';
import type { PublicKey } from '../system/keys.ts';
import { serveAgent, type AgentMeans } from './agent/agent.ts';
import { serveConsole, type ConsoleMeans } from './console/console.ts';
import { listenInternal, portOf, serveInternal } from './internal.ts';
import { openListener, type Listener, type ListenerMeans } from './listener.ts';
import { serveOauth } from './oauth.ts';
import { serveProbes } from './probes.ts';
import { openBuckets } from './rate-limit.ts';
import { serveVerbs, serveWebhooks } from './routes.ts';
import type { ApiSettings } from './settings.ts';

export interface ApiMeans extends ListenerMeans {
  readonly signer: Signer;
  readonly verifier: Verifier;
  /** Those of the verifier, for the tokenizer. */
  readonly publicKeys: readonly PublicKey[];
  /** Where `settings.console` is given. */
  readonly console?: Pick<ConsoleMeans, 'desk' | 'fetch' | 'cookieKey'>;
  /** Where `settings.agent` is given. */
  readonly agent?: Pick<AgentMeans, 'seats' | 'conversations' | 'sealKey'>;
}

export interface Api {
  readonly port: number;
  /** `http+unix:///path` or `http://host:port`: where the tokenizer finds the bridge. */
  readonly internalAddress: string;
  /**
   * Stops: new requests are refused, those that are being served end, and what has not ended after
   * `limits.closeMsMax` is cut off. The tokenizer's line closes last, so that it can finish.
   */
  close(): Promise<void>;
}

function openPublic(settings: ApiSettings, verbs: Verbs, means: ApiMeans): Listener {
  const { limits } = settings;
  const listener = openListener(
    {
      name: 'public',
      tls: settings.listen.tls,
      limits,
      bodyBytesMax: limits.bodyBytesMax,
      limitPeers: true,
      pans: 'refused',
    },
    means,
  );
  serveProbes(listener.app, {
    verbs,
    metrics: means.metrics,
    version: settings.version,
    capture: settings.capture,
    stopping: () => listener.stopping(),
  });
  serveOauth(listener.app, {
    clients: settings.clients,
    failuresPerMinute: limits.failuresPerMinute,
    signer: means.signer,
    clock: means.clock,
  });
  const buckets = openBuckets(limits.clientPerSecond, limits.clientBurst, means.clock);
  const bearer = { verifier: means.verifier, clock: means.clock, buckets };
  serveVerbs(listener.app, verbs, bearer, settings.capture);
  serveWebhooks(listener.app, verbs, limits.webhookBytesMax);
  const { phone, console: pages, agent } = settings;
  const { clock, randomness, log } = means;
  if (pages !== undefined && means.console !== undefined) {
    serveConsole(listener.app, pages, { ...means.console, clock, randomness, log });
  }
  if (agent !== undefined && means.agent !== undefined) {
    serveAgent(listener.app, agent, { ...means.agent, clock, randomness, log });
  }
  if (phone !== undefined) listener.app.get('/phone', (_, reply) => reply.redirect(phone, 302));
  return listener;
}

function openInternal(settings: ApiSettings, verbs: Verbs, means: ApiMeans): Listener {
  const listener = openListener(
    {
      name: 'internal',
      tls: 'tls' in settings.internal ? settings.internal.tls : null,
      limits: settings.limits,
      bodyBytesMax: settings.limits.bodyBytesMax,
      limitPeers: false,
      pans: 'not_looked_for',
    },
    means,
  );
  serveInternal(listener.app, {
    verbs,
    credential: settings.internalCredential,
    publicKeys: means.publicKeys,
  });
  return listener;
}

/**
 * The bridge's HTTP face: a public listener for clients and gateways, and an internal one for the
 * tokenizer, which share nothing but the verbs.
 */
export async function startApi(settings: ApiSettings, verbs: Verbs, means: ApiMeans): Promise<Api> {
  const internal = openInternal(settings, verbs, means);
  const internalAddress = await listenInternal(internal.app, settings.internal);
  const shown = openPublic(settings, verbs, means);
  try {
    await shown.app.listen({ host: settings.listen.host, port: settings.listen.port });
  } catch (error) {
    await internal.app.close();
    throw error;
  }
  const stop = async (listener: Listener, signal: AbortSignal): Promise<void> => {
    listener.refuse();
    const cut = (): void => listener.cut();
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    await listener.app.close();
    signal.removeEventListener('abort', cut);
  };
  return {
    port: portOf(shown.app),
    internalAddress,
    async close() {
      const over = new AbortController();
      const done = new AbortController();
      void sleep(means.clock, settings.limits.closeMsMax, done.signal).then(() => over.abort());
      await stop(shown, over.signal);
      await stop(internal, over.signal);
      done.abort();
    },
  };
}
