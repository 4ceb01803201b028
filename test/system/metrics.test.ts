import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics } from '../../src/system/metrics.ts';

test('the text holds the process, the requests and the exchanges, with the role', async () => {
  const metrics = openMetrics('tokenizer');
  metrics.httpDuration.observe({ route: '/v1/tokens', method: 'POST', status: 200 }, 0.3);
  metrics.gatewayDuration.observe({ kind: 'tokenise', outcome: 'approved' }, 15.2);
  const text = await metrics.text();
  assert.match(metrics.contentType, /^text\/plain/);
  assert.match(text, /^process_cpu_seconds_total\{role="tokenizer"\} /m);
  assert.match(
    text,
    /^tokenline_http_request_duration_seconds_count\{(?=.*role="tokenizer")(?=.*route="\/v1\/tokens")(?=.*method="POST")(?=.*status="200").*\} 1$/m,
  );
});

test('the buckets tell an exchange of 14.9 s from one of 15.1 s', async () => {
  const metrics = openMetrics('bridge');
  metrics.gatewayDuration.observe({ kind: 'subscribe', outcome: 'approved' }, 14.9);
  metrics.gatewayDuration.observe({ kind: 'subscribe', outcome: 'approved' }, 15.1);
  const counts = new Map<string, number>();
  for (const [, le, count] of (await metrics.text()).matchAll(
    /exchange_duration_seconds_bucket\{le="([^"]+)".*\} (\d+)/g,
  )) {
    counts.set(le ?? '', Number(count));
  }
  assert.deepEqual([counts.get('12'), counts.get('15'), counts.get('18')], [0, 1, 2]);
  const bounds = [...counts.keys()].filter((bound) => bound !== '+Inf').map(Number);
  assert.deepEqual([Math.min(...bounds), Math.max(...bounds)], [0.05, 30]);
});

test('two processes in one test do not share a registry', async () => {
  const [one, other] = [openMetrics('bridge'), openMetrics('bridge')];
  one.httpDuration.observe({ route: '/', method: 'GET', status: 200 }, 1);
  assert.match(await one.text(), /http_request_duration_seconds_count\{/);
  assert.doesNotMatch(await other.text(), /http_request_duration_seconds_count\{/);
});
