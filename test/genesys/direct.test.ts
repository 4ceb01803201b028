import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Wanted } from '../../src/genesys/wanted.ts';
import { canonicalJson, fingerprint, lettersOf } from '../../src/payment/fingerprint.ts';
import { ConfigError } from '../../src/system/config.ts';
import { fileWith } from '../system/config-text.ts';
import {
  BRIDGE_OWN,
  DIRECT_KEY,
  REST,
  REST_FILE,
  STRIPE_FILE,
  wantedFrom,
} from './direct-world.ts';
import { smallDirect, smallWanted, withField } from './small.ts';
import { contentsOf, dueOf, startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
  assert.deepEqual(world.double.problems, []);
});

interface Named {
  readonly id?: string;
  readonly name?: string;
}

function named<T extends Named>(kept: ReadonlyMap<string, T>, name: string): T {
  const found = [...kept.values()].find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

/** What the organisation keeps of the integration with the gateway. */
function gatewayIn({ double: { org } }: World, prefix = '') {
  const integration = named(org.integrations, `${prefix}Tokenline Gateway`);
  const credential = named(
    org.credentials,
    `${prefix}Tokenline Gateway access, made by tokenline genesys`,
  );
  const config = org.integrationConfigs.get(integration.id ?? '');
  const auth = org.actions.get(`customAuth_-_${integration.id}`) ?? null;
  const fields = org.credentialFields.get(credential.id ?? '');
  return { integration, credential, config, auth, fields };
}

const CREDENTIAL = 'credential Tokenline Gateway access, made by tokenline genesys';

const GATEWAYS = [
  {
    gateway: 'Stripe',
    file: STRIPE_FILE,
    type: 'userDefined',
    fields: { apiKey: DIRECT_KEY },
    auth: null,
    sendsTo: 'https://api.stripe.com/v1/payment_methods',
  },
  {
    gateway: 'REST',
    file: REST_FILE,
    type: 'userDefinedOAuth',
    fields: { ...REST, loginUrl: 'https://gateway.example.com/oauth/token' },
    auth: 'Tokenline Gateway Access Token',
    sendsTo: 'https://gateway.example.com/v1/tokens',
  },
] as const;

for (const { gateway, file, type, fields, auth, sendsTo } of GATEWAYS) {
  describe(`cards from the flow to ${gateway}`, () => {
    const small = (): Wanted => smallDirect(wantedFrom(file));

    test('the files that Tokenline comes with: both integrations, and a second apply sends no write', async () => {
      const whole = wantedFrom(file);
      const due = dueOf(await world.plan(whole));
      assert.deepEqual(due.slice(0, 4), [
        'create credential Tokenline access, made by tokenline genesys',
        `create ${CREDENTIAL}`,
        'create integration Tokenline',
        'create integration Tokenline Gateway',
      ]);
      assert.ok(due.every((line) => line.startsWith('create ')));
      assert.deepEqual(world.double.writes(), []);
      await world.apply(whole);
      const { org } = world.double;
      assert.equal(org.flows.size, 3);
      const names = [...org.actions.values()].map(({ name }) => name);
      assert.ok(!names.includes('Tokenline Tokenise Card'));
      for (const name of ['Begin Card', 'Finish Card']) {
        assert.equal(named(org.actions, `Tokenline ${name}`).category, 'Tokenline');
      }
      const written = world.double.writes().length;
      assert.deepEqual(await world.apply(whole), []);
      assert.equal(world.double.writes().length, written);
    });

    test('the second integration has its own credential, and sends cards there and nowhere else', async () => {
      await world.apply(small());
      const { org } = world.double;
      const seen = gatewayIn(world);
      assert.equal(seen.credential.type?.name, type);
      assert.deepEqual(seen.fields, fields);
      assert.equal(seen.integration.intendedState, 'ENABLED');
      assert.equal(seen.config?.credentials['basicAuth']?.id, seen.credential.id);
      assert.equal(seen.auth?.name ?? null, auth);
      const send = named(org.actions, 'Tokenline Send Card');
      assert.equal(send.secure, true);
      assert.deepEqual(
        [send.integrationId, send.category, send.config?.request?.requestUrlTemplate],
        [seen.integration.id, 'Tokenline Gateway', sendsTo],
      );
      // Whatever a template reads of the credential is in it.
      const templates = JSON.stringify([send.config, seen.auth?.config ?? {}]);
      for (const [, field = ''] of templates.matchAll(/\$\{credentials\.(\w+)\}/g)) {
        assert.ok(field in fields, field);
      }
      assert.equal(templates.includes('authResponse'), auth !== null);
    });

    test('what the integration remembers tells nobody a secret, and nothing of the bridge is there', async () => {
      await world.apply(small());
      const { org } = world.double;
      assert.match(
        gatewayIn(world).config?.notes ?? '',
        /^Data actions of Tokenline Gateway\. .*\[tokenline [a-p]{16} 2026-[^\]]+\]$/,
      );
      // Whoever may read the notes cannot try guesses against the hash.
      const guess = createHmac('sha256', '').update(canonicalJson(fields)).digest();
      for (const letters of [lettersOf(guess), fingerprint(canonicalJson(fields))]) {
        assert.ok(!gatewayIn(world).config?.notes?.includes(letters.slice(0, 16)));
      }
      const kept = JSON.stringify([
        [...org.integrations.values(), ...org.integrationConfigs.values()],
        [...org.actions.values(), ...org.flowTexts.values(), ...org.credentials.values()],
      ]);
      for (const secret of [DIRECT_KEY, REST.apiKey, REST.clientSecret]) {
        assert.ok(!kept.includes(secret), secret);
      }
      const all = kept + JSON.stringify([...org.credentialFields.values()]);
      for (const secret of BRIDGE_OWN) assert.ok(!all.includes(secret), secret);
    });

    test('plan finds what somebody changed, and apply puts it right', async () => {
      await world.apply(small());
      const { org } = world.double;
      const notes =
        'change integration Tokenline Gateway: its notes are to remember the credential';
      const drifts: readonly [() => void, readonly string[]][] = [
        [
          () => Object.assign(gatewayIn(world).credential, { modifiedDate: '2027-01-01' }),
          [`change ${CREDENTIAL}: somebody changed it in Genesys: it is written again`, notes],
        ],
        [
          () => {
            const send = named(org.actions, 'Tokenline Send Card');
            const elsewhere = { requestUrlTemplate: 'https://elsewhere.example/v1' };
            Object.assign(send.config?.request ?? {}, elsewhere);
          },
          ['change data action Tokenline Send Card: the address is https://elsewhere.example/v1'],
        ],
        [
          () => Object.assign(gatewayIn(world).integration, { intendedState: 'DISABLED' }),
          ['change integration Tokenline Gateway: it is switched off'],
        ],
      ];
      for (const [drift, due] of drifts) {
        drift();
        assert.deepEqual(dueOf(await world.plan(small())), due);
        await world.apply(small());
        assert.deepEqual(dueOf(await world.plan(small())), []);
      }
      const newer = withField(small(), 'Tokenline Gateway', { apiKey: 'rk_test_newer' });
      assert.deepEqual(dueOf(await world.plan(newer)), [
        `change ${CREDENTIAL}: client, secret or address are others now`,
        notes,
      ]);
      await world.apply(newer);
      assert.equal(gatewayIn(world).fields?.['apiKey'], 'rk_test_newer');
    });

    test('destroy takes both integrations out', async () => {
      await world.apply(small());
      assert.deepEqual(await world.destroy(small()), []);
      const { credentials, integrations, actions } = contentsOf(world.double);
      assert.deepEqual([credentials, integrations, actions], [[], [], []]);
    });

    test('a second environment beside the first has a gateway’s integration of its own', async () => {
      await world.apply(small());
      const more = {
        TOKENLINE_GENESYS_PREFIX: 'test',
        TOKENLINE_GENESYS_PHONE_NUMBERS: '+13175550101',
      };
      const test_ = smallDirect(wantedFrom(file, more));
      await world.apply(test_);
      const { org } = world.double;
      assert.equal(gatewayIn(world, 'test_').integration.intendedState, 'ENABLED');
      const flow = named(org.flows, 'test_Tokenline Card Capture');
      const text = org.flowTexts.get(flow.id ?? '') ?? '';
      assert.match(text, /test_Tokenline Gateway:\n +dataAction:\n +test_Tokenline Send Card:/);
      assert.deepEqual(dueOf(await world.plan(small())), []);
      assert.deepEqual(await world.destroy(test_), []);
      assert.deepEqual(dueOf(await world.plan(small())), []);
    });

    test('an integration of that name that is not ours is not touched', async () => {
      await world.apply(small());
      const { config } = gatewayIn(world);
      Object.assign(config ?? {}, { notes: 'Made by hand.' });
      const due = dueOf(await world.plan(small()));
      assert.ok(
        due.some((line) => line.startsWith('refused integration Tokenline Gateway: There is a')),
        due.join('\n'),
      );
    });
  });
}

describe('another way of capture', () => {
  const stripe = (): Wanted => smallDirect(wantedFrom(STRIPE_FILE));
  const rest = (): Wanted => smallDirect(wantedFrom(REST_FILE));

  /** Names of what is there when nothing else was there before. */
  async function freshly(wanted: Wanted): Promise<Record<string, unknown>> {
    const fresh = await startWorld();
    await fresh.apply(wanted);
    const contents = contentsOf(fresh.double);
    await fresh.close();
    return contents;
  }

  for (const [title, from, to, removed] of [
    [
      'from the bridge to the flow',
      smallWanted,
      stripe,
      ['remove data action Tokenline Tokenise Card'],
    ],
    [
      'from the flow to the bridge',
      rest,
      smallWanted,
      [
        'remove data action Tokenline Begin Card',
        'remove data action Tokenline Send Card',
        'remove integration Tokenline Gateway',
        `remove ${CREDENTIAL}`,
      ],
    ],
    ['from Stripe to REST', stripe, rest, [`remove ${CREDENTIAL}`]],
    ['from REST to Stripe', rest, stripe, [`remove ${CREDENTIAL}`]],
  ] as const) {
    test(`${title}: what is not used any more goes when the flows have been published`, async () => {
      await world.apply(from());
      const due = dueOf(await world.plan(to()));
      assert.deepEqual(due.slice(-removed.length), removed, due.join('\n'));
      assert.equal(due.filter((line) => line.startsWith('remove')).length, removed.length);
      const contents = await freshly(to());
      await world.apply(to());
      assert.deepEqual(contentsOf(world.double), contents);
      assert.deepEqual(dueOf(await world.plan(to())), []);
    });
  }

  test('destroy with the configuration of another one leaves nothing of ours', async () => {
    await world.apply(rest());
    assert.deepEqual(await world.destroy(smallWanted()), []);
    const { credentials, integrations, actions } = contentsOf(world.double);
    assert.deepEqual([credentials, integrations, actions], [[], [], []]);
  });

  test('where somebody has put an action into the gateway’s integration, that stays', async () => {
    await world.apply(stripe());
    const integrationId = gatewayIn(world).integration.id ?? '';
    world.double.org.actions.set('theirs', { id: 'theirs', name: 'Theirs', integrationId });
    const due = dueOf(await world.plan(smallWanted()));
    assert.deepEqual(
      due.filter((line) => line.startsWith('remove')),
      ['remove data action Tokenline Begin Card', 'remove data action Tokenline Send Card'],
    );
    await world.apply(smallWanted());
    assert.equal(world.double.org.actions.get('theirs')?.name, 'Theirs');
    assert.equal(gatewayIn(world).fields?.['apiKey'], DIRECT_KEY);
  });

  test('pay-by-link: everything that its flows name is there, and no card could go anywhere', async () => {
    const file = `pay_link: { return_url: 'https://shop.example.com/' }\n${STRIPE_FILE}`.replace(
      'capture: direct',
      'capture: link',
    );
    await world.apply(wantedFrom(file));
    const { org } = world.double;
    assert.deepEqual([org.flows.size, org.integrations.size], [3, 1]);
    for (const name of ['Create', 'Read', 'Cancel']) {
      named(org.actions, `Tokenline ${name} Payment Link`);
    }
    const card = named(org.actions, 'Tokenline Tokenise Card').config?.request;
    assert.equal(card?.requestUrlTemplate, 'https://no-tokenizer.invalid/v1/tokens');
  });
});

describe('what the configuration has to say', () => {
  function problemsOf(text: string): string {
    try {
      wantedFrom(text);
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.problems.join('\n');
    }
    return '';
  }

  test('each key that is missing is named, and no tokenizer is asked for', () => {
    assert.equal(problemsOf(STRIPE_FILE), '');
    const bare = STRIPE_FILE.replace(DIRECT_KEY, 'null');
    assert.match(
      problemsOf(bare),
      /^direct\.api_key: tokenline genesys needs it[^\n]*Stripe[^\n]*$/,
    );
    const keys = REST_FILE.replaceAll(/(rest-direct-[a-z-]+|flow-at-gateway)/g, 'null');
    assert.deepEqual(
      problemsOf(keys)
        .split('\n')
        .map((line) => line.split(':')[0]),
      ['direct.api_key', 'direct.client_id', 'direct.client_secret'],
    );
    const nowhere = REST_FILE.replace('url: https://gateway.example.com/', 'url: null');
    assert.match(problemsOf(nowhere), /^gateway\.url: capture: direct needs it/);
    assert.match(
      problemsOf('capture: direct\ngateway: { url: http://gateway.example.com }'),
      /gateway\.url: expected https:\/\//,
    );
  });

  test('a mapping for which Send Card is not made is named by its keys', () => {
    const mapping = (text: string): string =>
      problemsOf(
        REST_FILE.replace('  name: rest', `  name: rest\n  mapping_file: ${fileWith(text)}`),
      );
    assert.equal(mapping('token_path: /login\n'), '');
    const wanted = wantedFrom(
      REST_FILE.replace(
        '  name: rest',
        `  name: rest\n  mapping_file: ${fileWith('token_path: /login')}`,
      ),
    );
    assert.equal(
      wanted.integrations[1]?.credential.fields['loginUrl'],
      'https://gateway.example.com/login',
    );
    assert.match(mapping('body: form\n'), /tokenline\.yaml: body: Tokenline Send Card sends what/);
    assert.match(mapping('answers: { token: card.id }\n'), /: answers\.token: /);
  });
});
