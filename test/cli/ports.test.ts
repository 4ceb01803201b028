import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdPort } from '../../src/cli/ports.ts';

const HOST = '127.0.0.1';

/** The first one that Linux gives to outgoing connections (`ip_local_port_range`). */
const OUTGOING_FROM = 32_768;

test('a free port is none that an outgoing connection may take before a child has it', async () => {
  const all = await Promise.all(
    Array.from({ length: 40 }, () => holdPort('bridge', { host: HOST, port: 0 })),
  );
  try {
    const ports = all.map(({ port }) => port);
    assert.equal(new Set(ports).size, 40, 'nobody else has it meanwhile');
    assert.deepEqual(
      ports.filter((port) => port < 1_024 || port >= OUTGOING_FROM),
      [],
    );
  } finally {
    await Promise.all(all.map((held) => held.release()));
  }
});

test('a port that is in use is named by its key, and is free again once it is released', async () => {
  const held = await holdPort('bridge', { host: HOST, port: 0 });
  const { port } = held;
  await assert.rejects(holdPort('line', { host: HOST, port }), /^CommandFailed: line\.port: port/);
  await held.release();
  const again = await holdPort('line', { host: HOST, port });
  assert.equal(again.port, port);
  await again.release();
});
