import assert from 'node:assert/strict';
import { chainHash, GENESIS } from '../../src/payment/ledger.ts';
import { enrol } from './caller.ts';
import { findings, sealedWorld } from './ledger-walk.ts';
import { tampering } from './watched-store.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

async function tampered(world: World, ...statements: readonly string[]): Promise<string[]> {
  await tampering(world.store.inner, async (sql) => {
    for (const statement of statements) await sql.query(statement);
  });
  return findings(world);
}

const ENTRY_5 = `id = (select entry_id from ledger_seal where seq = 5)`;

const CHANGES: Readonly<Record<string, string>> = {
  id: `'led_another'`,
  at: `'2026-11-23T12:00:00.001Z'`,
  actor: `actor || ' '`,
  action: `'tokenise.approved'`,
  result: `case result when 'success' then 'failure' else 'success' end`,
  origin: `'api 192.0.2.1'`,
  resource: `resource || 'x'`,
  operation_id: `'op_other'`,
  interaction_id: `null`,
  subscription_id: `'sub_other'`,
  gateway_transaction_id: `'transaction-other'`,
  detail: `detail || '{"more": "x"}'`,
};

/** What an owner can do by SQL that no statement of the program has. */
const AS_OWNER = { needsServer: 'it changes the ledger as only the owner of the database can' };

withWorlds((inWorld) => {
  for (const [column, to] of Object.entries(CHANGES)) {
    inWorld(
      `a changed ${column} is found and named`,
      async (world) => {
        await sealedWorld(world);
        const statements =
          column === 'id'
            ? [
                'alter table ledger_seal drop constraint ledger_seal_entry_id_fkey',
                `update ledger set id = ${to} where ${ENTRY_5}`,
                `update ledger_seal set entry_id = ${to} where seq = 5`,
                `alter table ledger_seal add constraint ledger_seal_entry_id_fkey
                foreign key (entry_id) references ledger (id)`,
              ]
            : [`update ledger set ${column} = ${to} where ${ENTRY_5}`];
        assert.deepEqual(await tampered(world, ...statements), ['content_changed 5']);
      },
      ['id', 'result', 'detail'].includes(column) ? AS_OWNER : {},
    );
  }

  inWorld(
    'a changed entry with its hash made to fit is found in the chain',
    async (world) => {
      await sealedWorld(world);
      const found = await tampered(
        world,
        `update ledger set actor = 'x', entry_hash = translate(entry_hash, 'a', 'b') where ${ENTRY_5}`,
      );
      assert.ok(found.includes('chain_broken 5'), found.join());
    },
    AS_OWNER,
  );

  inWorld('a deleted entry is found and named', async (world) => {
    await sealedWorld(world);
    const [row] = await world.rows('select entry_id from ledger_seal where seq = 5');
    const id = String(row?.['entry_id']);
    const found = await tampered(
      world,
      'delete from ledger_seal where seq = 5',
      `delete from ledger where id = '${id}'`,
    );
    assert.deepEqual(found, ['entry_missing 6']);
  });

  inWorld(
    'entries that changed places are found',
    async (world) => {
      await sealedWorld(world);
      const found = await tampered(
        world,
        'alter table ledger_seal drop constraint ledger_seal_entry_id_key',
        `update ledger_seal s set entry_id = o.entry_id from ledger_seal o
       where s.seq in (5, 6) and o.seq = 11 - s.seq`,
        'alter table ledger_seal add constraint ledger_seal_entry_id_key unique (entry_id)',
      );
      assert.deepEqual(found, ['chain_broken 5', 'chain_broken 6']);
    },
    AS_OWNER,
  );

  inWorld(
    'an end that was cut off is found by the checkpoint that was shipped',
    async (world) => {
      await sealedWorld(world);
      const found = await tampered(
        world,
        'delete from ledger_checkpoint',
        'create temporary table gone as select entry_id from ledger_seal where seq > 9',
        'delete from ledger_seal where seq > 9',
        'delete from ledger where id in (select entry_id from gone)',
        'drop table gone',
      );
      assert.deepEqual(found, ['tail_missing 12']);
    },
    AS_OWNER,
  );

  inWorld(
    'a ledger that was written anew is found by the checkpoint that was shipped',
    async (world) => {
      await sealedWorld(world);
      const rows = await world.rows(
        `select s.seq, l.id, l.entry_hash from ledger_seal s join ledger l on l.id = s.entry_id
       where s.seq <> 5 order by s.seq`,
      );
      let chain = GENESIS;
      const places = rows.map((row, index) => {
        chain = chainHash(chain, String(row['entry_hash']));
        return `insert into ledger_seal values (${index + 1}, '${String(row['id'])}', '${chain}')`;
      });
      const found = await tampered(
        world,
        'delete from ledger_checkpoint',
        'delete from ledger_seal',
        ...places,
      );
      assert.deepEqual(found, ['tail_missing 12']);
      await enrol(world);
      await world.seal();
      assert.deepEqual(await findings(world), ['checkpoint_differs 12']);
    },
  );
});
