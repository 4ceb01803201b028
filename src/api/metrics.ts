import { Counter, Gauge, type Registry } from 'prom-client';
import type { BridgeMetrics } from '../bridge/bridge.ts';
import type { GaugeName } from '../bridge/verbs.ts';
import type { Metrics } from '../system/metrics.ts';

/** Counts what the bridge does, and what is asked of it. */
export interface ApiMetrics extends BridgeMetrics {
  /** `route` is the pattern of the table, never an address that somebody typed. */
  request(route: string, method: string, status: number, seconds: number): void;
  /** Prometheus' text; `gauges` is `null` where the store does not answer. */
  scrape(gauges: Readonly<Record<GaugeName, number>> | null): Promise<string>;
  readonly contentType: string;
}

const GAUGES: Readonly<Record<GaugeName, string>> = {
  operations_in_doubt: 'Operations whose outcome is being looked up.',
  operations_to_settle: 'Operations whose outcome will be looked up at its time.',
  charges_due: 'Subscriptions whose charge by Tokenline has come due.',
  charges_overdue: 'Active subscriptions whose charge came due on an earlier day.',
  deliveries_waiting: 'Events for billing that have not been delivered.',
  deliveries_dead: 'Events for billing that were given up; the console can replay them.',
  ledger_unsealed: 'Entries of the ledger that wait for their place in the chain.',
  breaker_open: '1 while the breaker keeps calls away from the gateway.',
  switch_on: '1 while automated payments are switched on.',
};

function isGaugeName(text: string): text is GaugeName {
  return Object.hasOwn(GAUGES, text);
}

function openGauges(
  registry: Registry,
): (gauges: Readonly<Record<GaugeName, number>> | null) => void {
  const registers = [registry];
  const up = new Gauge({
    name: 'tokenline_store_up',
    help: '1 while the database answers.',
    registers,
  });
  const all = Object.keys(GAUGES)
    .filter(isGaugeName)
    .map((name) => {
      const help = GAUGES[name];
      return [name, new Gauge({ name: `tokenline_${name}`, help, registers })] as const;
    });
  return (gauges) => {
    up.set(gauges === null ? 0 : 1);
    for (const [name, gauge] of all) {
      // What was true before the store went away is not shown as if it still were.
      if (gauges === null) gauge.set(Number.NaN);
      else gauge.set(gauges[name]);
    }
  };
}

/** @param metrics of the process; everything is registered once. */
export function openApiMetrics(metrics: Metrics): ApiMetrics {
  const registers = [metrics.registry];
  const counter = <const T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter<T>({ name, help, labelNames, registers });

  const answers = counter('tokenline_answers_total', 'Answers that callers got.', [
    'kind',
    'outcome',
  ]);
  const deliveries = counter('tokenline_deliveries_total', 'Deliveries to billing.', ['result']);
  const settled = counter('tokenline_settled_total', 'Operations in doubt that became clear.', [
    'outcome',
  ]);
  const breakerChanges = counter('tokenline_breaker_changes_total', 'Openings and closings.', [
    'to',
  ]);
  const suspected = counter(
    'tokenline_card_testing_refused_total',
    'Callers sent to a person because too many cards were declined: of their range, or of all.',
    ['cards'],
  );
  const setGauges = openGauges(metrics.registry);

  return {
    request: (route, method, status, seconds) =>
      metrics.httpDuration.observe({ route, method, status: String(status) }, seconds),
    gatewayCall: (kind, outcome, latencyMs) =>
      metrics.gatewayDuration.observe({ kind, outcome }, latencyMs / 1_000),
    answered: (kind, outcome) => answers.inc({ kind, outcome }),
    delivered: (result) => deliveries.inc({ result }),
    settled: (outcome) => settled.inc({ outcome }),
    breakerOpen: (open) => breakerChanges.inc({ to: open ? 'open' : 'closed' }),
    cardTestingSuspected: (of) => suspected.inc({ cards: of }),
    scrape(gauges) {
      setGauges(gauges);
      return metrics.text();
    },
    contentType: metrics.contentType,
  };
}
