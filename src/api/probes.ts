import type { FastifyInstance } from 'fastify';
import type { Verbs } from '../bridge/verbs.ts';
import { openapi } from '../contract/openapi.ts';
import { ROUTES } from '../contract/routes.ts';
import type { CaptureMode } from '../payment/capture.ts';
import { Fault } from '../payment/fault.ts';
import type { ApiMetrics } from './metrics.ts';
import { sendText } from './problem.ts';

export interface ProbeMeans {
  readonly verbs: Verbs;
  readonly metrics: ApiMetrics;
  readonly version: string;
  readonly capture: CaptureMode;
  /** True from when the process was told to stop. */
  stopping(): boolean;
}

/** The open routes: health, readiness, metrics and the contract. None has personal data. */
export function serveProbes(app: FastifyInstance, means: ProbeMeans): void {
  const document = JSON.stringify(openapi('bridge', means.version));

  app.get(ROUTES.health.path, async (_, reply) => {
    sendText(reply, '{"status":"ok"}');
    return reply;
  });
  app.get(ROUTES.ready.path, async (_, reply) => {
    if (means.stopping()) throw new Fault('shutting_down', 'Ask another replica.');
    if (!(await means.verbs.ready())) {
      throw new Fault('store_unavailable', 'The database does not answer.');
    }
    sendText(reply, JSON.stringify({ status: 'ready', capture: means.capture }));
    return reply;
  });
  app.get(ROUTES.metrics.path, async (_, reply) => {
    // What this process counts is worth having above all while the store is away.
    const gauges = await means.verbs.gauges().catch(() => null);
    const text = await means.metrics.scrape(gauges);
    return reply.header('content-type', means.metrics.contentType).send(text);
  });
  app.get(ROUTES.openapi.path, async (_, reply) => {
    sendText(reply, document);
    return reply;
  });
}
