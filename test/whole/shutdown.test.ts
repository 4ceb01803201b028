import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { approved, Caller } from './caller.ts';
import { audit, tokenline } from './command.ts';
import { System, until } from './system.ts';
import { assertEnrolment, settledTruth } from './truth.ts';

const IN_FLIGHT = 6;

for (const engine of ['pglite', 'postgres'] as const) {
  describe(`stopping and starting, on ${engine}`, () => {
    let system: System;
    before(async () => {
      system = await System.start({ engine, limits: { deadline_ms: 5_000 } });
    });
    after(() => system.stop());

    test('SIGTERM loses nothing of what is in flight, and the next start knows all of it', async () => {
      const callers = Array.from({ length: IN_FLIGHT * 2 }, () => new Caller(system));
      const cards = callers.slice(0, IN_FLIGHT);
      const enrolments = callers.slice(IN_FLIGHT);
      await Promise.all(callers.map((caller) => caller.consent()));
      for (const caller of enrolments) approved(await caller.tokenise());
      for (const caller of cards) await caller.script('tokenize', ['delay:900']);
      for (const caller of enrolments) await caller.script('subscribe', ['delay:900']);
      const answers = Promise.all([
        ...cards.map((caller) => caller.tokenise()),
        ...enrolments.map((caller) => caller.subscribe()),
      ]);
      await until('that the gateway has all of them', async () => {
        const { body } = await system.send('sandbox', { path: '/__sandbox/script' });
        return (body['left'] as unknown[]).length === 0 ? true : null;
      });
      assert.equal(await system.terminate(), 0);
      for (const answer of await answers) approved(answer);
      await system.start();
      for (const caller of cards) approved(await caller.subscribe());
      for (const caller of callers) {
        const repeated = approved(await caller.subscribe());
        const truth = await settledTruth(system, caller);
        assertEnrolment('after the restart', repeated.body['outcome'], truth);
      }
      assert.equal(await system.gauge('operations_in_doubt'), 0);
      const { code, out, err } = await audit(system, 'verify');
      assert.equal(code, 0, out + err);
    });

    test('a second start on the same data is refused in one sentence and disturbs nobody', async () => {
      const { code, out, err } = await tokenline(['serve', '--config', system.configFile]);
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, /^data: another "tokenline serve" runs \w+ on .*Stop it, or choose/);
      assert.doesNotMatch(err, /\n {4}at /);
      await new Caller(system).enrol();
    });
  });
}

for (const key of ['bridge', 'tokenizer', 'sandbox', 'line']) {
  test(`a port of ${key} that is in use is explained by the key to change`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'tl-whole-'));
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    t.after(() => {
      holder.close();
      rmSync(directory, { recursive: true, force: true });
    });
    const { port } = holder.address() as { port: number };
    const free = { port: 0 };
    const ports = { bridge: free, tokenizer: free, sandbox: free, line: free };
    const config = { ...ports, [key]: { port }, data: join(directory, 'data') };
    const file = join(directory, 'tokenline.yaml');
    writeFileSync(file, JSON.stringify(config));
    const { code, err } = await tokenline(['serve', '--config', file]);
    assert.equal(code, 1);
    const variable = `TOKENLINE_${key.toUpperCase()}_PORT`;
    assert.match(
      err,
      new RegExp(`^${key}\\.port: port ${port} on 127.0.0.1 is in use.*${variable}`),
    );
  });
}
