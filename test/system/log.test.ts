import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { openLog, type Log, type LogFields } from '../../src/system/log.ts';
import { ManualClock } from '../clock.ts';

function record(): { log: Log; lines: string[]; events: () => Record<string, unknown>[] } {
  const lines: string[] = [];
  const log = openLog('bridge', (line) => lines.push(line), new ManualClock());
  const events = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines, events };
}

const base = { at: '2026-11-23T12:00:00.000Z', role: 'bridge' };

test('an event is one line of JSON with its time, level, role and fields', () => {
  const { log, lines, events } = record();
  const interactionId = randomUUID();
  log.info('operation.finished', { interactionId, latencyMs: 12, outcome: 'approved' });
  log.alarm('gateway.rejected');
  assert.deepEqual(events(), [
    {
      ...base,
      level: 'info',
      event: 'operation.finished',
      interactionId,
      latencyMs: 12,
      outcome: 'approved',
    },
    { ...base, level: 'alarm', event: 'gateway.rejected' },
  ]);
  assert.ok(lines.every((line) => !line.includes('\n')));
});

test('the parent says of which process it speaks', () => {
  const { log, events } = record();
  log.alarm('child.ended', { role: 'tokenizer', pid: 7, signal: 'SIGKILL' });
  assert.equal(events()[0]?.['role'], 'tokenizer');
});

test('fields that are not on the list, of another type or too long are left out', () => {
  const { log, events } = record();
  const fields: unknown = {
    cardNumber: 'x',
    status: '200',
    code: 7,
    error: new Error('text'),
    kind: ['a'],
    count: Number.NaN,
    attempt: Number.POSITIVE_INFINITY,
    gatewayStatus: Number.MAX_VALUE,
    route: 'r'.repeat(129),
    method: 'm'.repeat(128),
  };
  log.info('x', fields as LogFields);
  assert.deepEqual(events(), [{ ...base, level: 'info', event: 'x', method: 'm'.repeat(128) }]);
});

test('a value that looks like a card number is withheld, and only its field is named', () => {
  const { log, lines, events } = record();
  log.info('x', { clientId: 'c4242424242424242', count: 4242424242424242, code: 'ok' });
  assert.deepEqual(events(), [
    { ...base, level: 'info', event: 'x', code: 'ok' },
    { ...base, level: 'alarm', event: 'log.value_withheld', field: 'clientId' },
    { ...base, level: 'alarm', event: 'log.value_withheld', field: 'count' },
  ]);
  assert.doesNotMatch(lines.join('\n'), /4242/);
});

test('an event that looks like a card number is withheld too', () => {
  const { log, events } = record();
  log.info('4242424242424242', { code: 'ok' });
  assert.deepEqual(events(), [
    { ...base, level: 'alarm', event: 'log.value_withheld', field: 'event' },
  ]);
});

test('a measured time is rounded to microseconds and never mistaken for a card number', () => {
  const { log, events } = record();
  log.info('x', { latencyMs: 12.345678901234567, durationMs: 1 / 3 });
  assert.deepEqual(events(), [
    { ...base, level: 'info', event: 'x', latencyMs: 12.346, durationMs: 0.333 },
  ]);
});

test('whatever is logged, no line has twelve digits in a row', () => {
  const value = fc.oneof(
    fc.stringMatching(/^[0-9a-z -]{0,40}$/),
    fc.stringMatching(/^[0-9]{8,20}$/),
    fc.double(),
    fc.maxSafeInteger(),
    fc.anything(),
  );
  const fields = fc.dictionary(
    fc.constantFrom('code', 'clientId', 'status', 'latencyMs', 'at', 'pan', 'event', 'level'),
    value,
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9.]{0,20}$/), fields, (event, given) => {
      const { log, lines } = record();
      log.info(event, given);
      for (const line of lines) assert.doesNotMatch(line, /[0-9]{12}/);
    }),
    { numRuns: 1000 },
  );
});
