import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '../system/metrics.ts';
import { CHECKS, type Weakness } from './hardening.ts';

/** What observes the card process. */
export interface TokenizerMetrics {
  /** `route` is one of the table, never an address that somebody typed. */
  request(route: string, method: string, status: number, durationMs: number): void;
  fault(code: string): void;
  /** One operation at the gateway, retries included. */
  gatewayCall(outcome: string, latencyMs: number): void;
  tokenised(outcome: string): void;
  inFlight(count: number): void;
  /** 1 for every check of the process that is as it should be. */
  hardened(weaknesses: readonly Weakness[]): void;
  scrape(): Promise<string>;
  readonly contentType: string;
}

/** Adds what only the card process has to what every process measures. */
export function openTokenizerMetrics(metrics: Metrics): TokenizerMetrics {
  const registers = [metrics.registry];
  const faults = new Counter({
    name: 'tokenline_card_faults_total',
    help: 'Requests that were answered with a problem, by its code.',
    labelNames: ['code'],
    registers,
  });
  const outcomes = new Counter({
    name: 'tokenline_card_outcomes_total',
    help: 'Cards by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const inFlight = new Gauge({
    name: 'tokenline_card_requests_in_flight',
    help: 'Card requests that are being served.',
    registers,
  });
  const hardening = new Gauge({
    name: 'tokenline_card_hardening',
    help: '1 where the process keeps no copies of freed memory, core files or swap.',
    labelNames: ['check'],
    registers,
  });
  return {
    request: (route, method, status, durationMs) =>
      metrics.httpDuration.observe({ route, method, status: String(status) }, durationMs / 1_000),
    fault: (code) => faults.inc({ code }),
    gatewayCall: (outcome, latencyMs) =>
      metrics.gatewayDuration.observe({ kind: 'tokenise', outcome }, latencyMs / 1_000),
    tokenised: (outcome) => outcomes.inc({ outcome }),
    inFlight: (count) => inFlight.set(count),
    hardened(weaknesses) {
      for (const check of CHECKS) {
        const weak = weaknesses.some((weakness) => weakness.check === check);
        hardening.set({ check }, weak ? 0 : 1);
      }
    },
    scrape: () => metrics.text(),
    contentType: metrics.contentType,
  };
}
