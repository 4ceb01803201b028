import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/**
 * Seconds. Closest around the 15 s of the breaker's rule (guide, circuit breaker: mean latency above
 * 15 s) and the 27 and 30 s at which a request's and a data action's time is over.
 */
const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 15, 18, 22, 27, 30];

/** What both processes measure. No label may hold an id: each value is a time series of its own. */
export interface Metrics {
  readonly registry: Registry;
  /** Requests that were answered, in seconds; `route` is the pattern and not the path. */
  readonly httpDuration: Histogram<'route' | 'method' | 'status'>;
  /** Exchanges with the gateway, in seconds. */
  readonly gatewayDuration: Histogram<'kind' | 'outcome'>;
  /** The value of `Content-Type` for {@link Metrics.text}. */
  readonly contentType: string;
  /** Everything in the registry in Prometheus' text format. */
  text(): Promise<string>;
}

/** @param role the process, a label of every series. */
export function openMetrics(role: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  const httpDuration = new Histogram({
    name: 'tokenline_http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: BUCKETS_S,
    registers: [registry],
  });
  const gatewayDuration = new Histogram({
    name: 'tokenline_gateway_exchange_duration_seconds',
    help: 'Time of one exchange with the gateway.',
    labelNames: ['kind', 'outcome'] as const,
    buckets: BUCKETS_S,
    registers: [registry],
  });
  return {
    registry,
    httpDuration,
    gatewayDuration,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
