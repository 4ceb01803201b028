import assert from 'node:assert/strict';
import { checkEvidence } from '../../src/payment/ledger-check.ts';
import { sealDue } from '../../src/bridge/seal.ts';
import { startWork } from '../../src/bridge/work.ts';
import { hasDigitRun } from '../../src/system/digit-run.ts';
import { Caller, enrol } from './caller.ts';
import { ask, findings, linesOf, sealedWorld, walk } from './ledger-walk.ts';
import { dump, tampering } from './watched-store.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

/** Refuses entries of an action, as a full disk or a lost right would. */
async function refusing(world: World, like: string, work: () => Promise<void>): Promise<void> {
  await world.rows(`create function refuse_entry() returns trigger language plpgsql as $$
    begin if new.action like '${like}' then raise exception 'no room'; end if; return new; end $$`);
  await world.rows(`create trigger refuse_entry before insert on ledger
    for each row execute function refuse_entry()`);
  try {
    await work();
  } finally {
    await world.rows('drop trigger refuse_entry on ledger');
    await world.rows('drop function refuse_entry');
  }
}

/** What an owner can do by SQL that no statement of the program has. */
const AS_OWNER = { needsServer: 'it changes the ledger as only the owner of the database can' };

withWorlds((inWorld) => {
  inWorld(
    'a process that dies over a checkpoint leaves it to be shipped by another',
    async (world) => {
      await enrol(world);
      world.store.rule = (text) => (text.includes('ledger_checkpoint (') ? 'dies_after' : null);
      const state = { checkpointedSeq: null, checkpointedAtMs: 0 };
      void sealDue(world.bridge, { ...world.sealing, ship: () => new Promise(() => {}) }, state);
      await world.pass(0);
      world.store.rule = () => null;
      await world.restart();
      await world.seal();
      assert.equal(world.shipped.length, 1);
      assert.deepEqual(await findings(world), []);
    },
  );

  inWorld(
    'the intent is committed before the gateway is asked, the outcome after',
    async (world) => {
      const caller = new Caller(world);
      const seen: string[] = [];
      world.gateway.onArrival = async ({ step, key }) => {
        const rows = await world.rows(
          `select l.action from ledger l join ledger_unsealed w on w.entry_id = l.id
         where operation_id = $1 order by w.n`,
          key,
        );
        const state = await world.rows('select state from operation where id = $1', key);
        seen.push(
          `${step}: ${rows.map((row) => row['action']).join(' ')} ${String(state[0]?.['state'])}`,
        );
      };
      const { subscription_id: id } = await caller.enrol();
      await caller.change('pause', id);
      assert.deepEqual(seen, [
        'tokenise: tokenise.intent started',
        'subscribe: subscribe.intent started',
        'change: pause.intent started',
      ]);
      const told = await world.rows(
        `select l.action, l.result from ledger l join ledger_unsealed w on w.entry_id = l.id
       where operation_id = (select id from operation where kind = 'subscribe') order by w.n`,
      );
      assert.deepEqual(
        told.map((row) => `${String(row['action'])} ${String(row['result'])}`),
        ['subscribe.intent unknown', 'subscribe.approved success'],
      );
    },
  );

  inWorld(
    'if the intent cannot be written, money does not move',
    async (world) => {
      const caller = new Caller(world);
      const token = await caller.ready();
      const { subscription_id: other } = await enrol(world);
      const asked = world.gateway.arrivals.length;
      await refusing(world, '%.intent', async () => {
        await assert.rejects(caller.subscribe(token));
        await assert.rejects(caller.card({ card_mac: 'another' }));
        await assert.rejects(caller.change('cancel', other));
      });
      assert.equal(world.gateway.arrivals.length, asked);
      assert.equal(await world.count(`operation where state = 'started'`), 0);
      assert.equal((await caller.subscribe(token)).outcome, 'approved', 'the key is not used up');
    },
    AS_OWNER,
  );

  inWorld(
    'if the outcome cannot be written, it is in doubt until it can',
    async (world) => {
      const caller = new Caller(world);
      const token = await caller.ready();
      await refusing(world, 'subscribe.approved', async () => {
        const answer = await caller.subscribe(token);
        assert.equal(answer.outcome, 'in_doubt');
        await world.settleFor(60_000);
        assert.deepEqual(await world.states('subscribe'), ['started']);
        assert.equal(await world.count('subscription'), 0);
      });
      await world.settleFor(60_000);
      assert.deepEqual(await world.states('subscribe'), ['approved']);
      assert.equal(world.gateway.subscriptions.size, 1);
    },
    AS_OWNER,
  );

  inWorld('the ledger cannot be changed by the program', async (world) => {
    await sealedWorld(world);
    for (const statement of [
      `update ledger set actor = 'x'`,
      'delete from ledger_seal where seq = 12',
      `update ledger_checkpoint set signature = 'x'`,
      'truncate ledger cascade',
    ]) {
      await assert.rejects(world.rows(statement), /append-only/, statement);
    }
  });

  inWorld('the chain is whole, and covered by a checkpoint that is signed', async (world) => {
    await sealedWorld(world);
    const report = await walk(world);
    assert.equal(report.coveredSeq, 12);
    assert.ok(report.rows >= 12);
    const [checkpoint] = world.shipped;
    assert.equal(checkpoint?.seq, 12);
    await enrol(world);
    await world.seal();
    const later = await walk(world);
    assert.deepEqual(later.findings, []);
    assert.equal(later.checkpoints, 2);
  });

  inWorld('a checkpoint comes once a minute, not with every entry', async (world) => {
    const state = { checkpointedSeq: null, checkpointedAtMs: 0 };
    const round = (): Promise<number> => world.run(sealDue(world.bridge, world.sealing, state));
    for (let n = 0; n < 4; n++) {
      await new Caller(world).card();
      await round();
      await world.clock.advance(25_000);
    }
    assert.deepEqual(
      world.shipped.map((checkpoint) => checkpoint.seq),
      [2, 8],
    );
    assert.equal(await round(), 0, 'nothing is sealed twice');
  });

  inWorld('sealers at once give each entry one place', async (world) => {
    for (let n = 0; n < 3; n++) await enrol(world);
    const counts = await Promise.all([world.seal(), world.seal(), world.seal(), world.seal()]);
    assert.equal(
      counts.reduce((sum, n) => sum + n, 0),
      18,
    );
    assert.deepEqual(await findings(world), []);
    const [row] = await world.rows('select count(*)::int as n, max(seq) as top from ledger_seal');
    assert.equal(row?.['n'], row?.['top']);
  });

  inWorld('a busy ledger is sealed in rounds, not entry by entry', async (world) => {
    const work = startWork(world.bridge, { delivery: world.delivery, sealing: world.sealing });
    const before = world.store.asked.length;
    for (let n = 0; n < 20; n++) {
      await new Caller(world).card();
      await world.pass(20);
    }
    const rounds = world.store.asked.slice(before).filter((text) => text === 'tx').length;
    assert.ok(rounds >= 1 && rounds <= 4, `${rounds} transactions in 400 ms, one every 200`);
    await world.pass(200);
    assert.equal(await world.count('ledger_unsealed'), 0);
    await world.run(work.close());
  });

  inWorld('a sealer that dies in the middle leaves nothing half done', async (world) => {
    await enrol(world);
    world.store.rule = (text) => (text === 'tx' ? 'after' : null);
    await assert.rejects(world.seal());
    world.store.rule = () => null;
    await enrol(world);
    await world.seal();
    assert.deepEqual(await findings(world), []);
    const readings = await world.count(`ledger where action = 'audit.read'`);
    assert.equal(await world.count('ledger_unsealed'), readings, 'only those of the walk wait');
  });

  inWorld('any id of a call brings its whole story, with links that prove it', async (world) => {
    await enrol(world);
    const caller = new Caller(world);
    const answer = await caller.enrol();
    await world.deliver();
    await world.seal();
    await enrol(world);
    await world.seal();
    const byTransaction = { gateway_transaction_id: answer.gateway_transaction_id };
    for (const [query, least] of [
      [{ interaction_id: caller.interaction }, 6],
      [byTransaction, 6],
      [{ subscription_id: answer.subscription_id }, 2],
      [{ operation_id: answer.operation_id }, 2],
    ] as const) {
      const found = await ask(world, query);
      assert.ok(found.entries.length >= least, JSON.stringify(query));
      assert.equal(found.unsealed, 0);
      assert.ok(found.entries.every((entry) => entry.interaction_id !== 'call-1'));
      const lines = linesOf(found);
      const links = found.links.map(({ seq, entry_hash, chain_hash }) => {
        return { seq, entryHash: entry_hash, chainHash: chain_hash };
      });
      const checkpoints = found.checkpoints.map((one) => {
        const { seq, chain_hash, at, key_id, signature } = one;
        return { seq, chainHash: chain_hash, at, keyId: key_id, signature };
      });
      const keys = found.public_keys.map(({ key_id, pem }) => ({ keyId: key_id, pem }));
      const report = checkEvidence({ lines, links, checkpoints }, keys);
      assert.deepEqual(report.findings, []);
      assert.equal(report.proved, lines.length);
      const [line] = lines;
      assert.ok(line);
      const forged = { ...line, entry: { ...line.entry, actor: 'somebody else' } };
      const doubted = checkEvidence({ lines: [forged], links, checkpoints }, keys);
      assert.deepEqual(
        doubted.findings.map((finding) => finding.kind),
        ['content_changed'],
      );
    }
  });

  inWorld(
    'reading the ledger is an entry of its own, every page of it',
    async (world) => {
      await sealedWorld(world);
      const before = await world.count(`ledger where action = 'audit.read'`);
      await ask(world, { interaction_id: 'call-1' });
      await ask(world, { after_seq: 3 });
      await ask(world, { from: '2026-11-23T00:00:00Z', to: '2026-11-24T00:00:00Z' });
      assert.equal(await world.count(`ledger where action = 'audit.read'`), before + 3);
      const [row] = await world.rows(
        `select actor, detail from ledger where action = 'audit.read' and detail ? 'interaction_id'`,
      );
      assert.equal(row?.['actor'], 'auditor');
      assert.deepEqual(row?.['detail'], { interaction_id: 'call-1', entries: '6' });
      await assert.rejects(ask(world, { from: 'yesterday' }), { code: 'bad_request' });
      await refusing(world, 'audit.read', async () => {
        await assert.rejects(ask(world, {}), 'what is not told is not read');
      });
    },
    AS_OWNER,
  );

  inWorld('an entry that was changed before it was sealed raises an alarm', async (world) => {
    await enrol(world);
    await tampering(world.store.inner, async (sql) => {
      await sql.query(`update ledger set actor = 'x' where action = 'subscribe.approved'`);
    });
    await world.seal();
    assert.ok(world.alarms().includes('ledger.entry_broken'));
    assert.equal((await findings(world))[0], 'content_changed 6');
  });

  inWorld('no run of 12 digits is in any table or log line', async (world) => {
    const caller = new Caller(world, { ani: '+13175550100', customer: 'ada' });
    await caller.availability();
    await caller.lookup('ani');
    const { subscription_id: id } = await caller.enrol();
    await caller.change('cancel', id);
    world.gateway.will('tokenise', { does: 'lose', effectAfterMs: 0 });
    const other = new Caller(world);
    await other.card();
    await world.settleFor(10_000);
    await world.deliver();
    await other.handOff('in_doubt');
    await world.seal();
    await ask(world, { interaction_id: caller.interaction });
    const rows = (await dump(world.store.inner)).split('\n');
    const tables = new Set(rows.map((row) => row.split(' ')[0]));
    assert.ok(tables.size >= 14, [...tables].join());
    for (const row of rows) assert.ok(!hasDigitRun(row, 12), row);
    assert.ok(world.lines.length >= 4);
    for (const line of world.lines) assert.ok(!hasDigitRun(line, 12), line);
    assert.ok(hasDigitRun('x 424242424242 x', 12), 'the search finds one that is there');
  });
});
