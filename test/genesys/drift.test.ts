import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { named } from './kept.ts';
import { smallWanted, withField } from './small.ts';
import { dueOf, startWorld, type World } from './world.ts';

let world: World;

before(async () => {
  world = await startWorld();
  await world.apply(smallWanted());
});
after(async () => {
  await world.close();
  assert.deepEqual(world.double.problems, []);
});

type Org = World['double']['org'];

/** What somebody does in Genesys, what plan says of it, and how many writes put it right. */
const DRIFTS: readonly [string, (org: Org) => void, readonly string[], number][] = [
  [
    'the credential is written by hand',
    (org) => {
      const [credential] = org.credentials.values();
      Object.assign(credential ?? {}, { modifiedDate: '2027-01-01T00:00:00.000Z' });
    },
    [
      'change credential Tokenline access, made by tokenline genesys: somebody changed it in Genesys: it is written again',
      'change integration Tokenline: its notes are to remember the credential',
    ],
    2,
  ],
  [
    'the credential is gone',
    (org) => {
      org.credentials.clear();
      org.credentialFields.clear();
    },
    [
      'create credential Tokenline access, made by tokenline genesys',
      'change integration Tokenline: it uses another credential, or none; its notes are to remember the credential',
    ],
    2,
  ],
  [
    'the integration is switched off',
    (org) => Object.assign(named(org.integrations, 'Tokenline'), { intendedState: 'DISABLED' }),
    ['change integration Tokenline: it is switched off'],
    1,
  ],
  [
    'the authentication action asks elsewhere',
    (org) => {
      const { config } = named(org.actions, 'Tokenline Access Token');
      Object.assign(config?.request ?? {}, { requestUrlTemplate: 'https://elsewhere.example' });
    },
    [
      'change authentication action Tokenline Access Token: the address is https://elsewhere.example',
    ],
    1,
  ],
  [
    'a data action has other headers, another template and another timeout',
    (org) => {
      const { config } = named(org.actions, 'Tokenline Subscribe');
      Object.assign(config?.request ?? {}, { headers: {}, requestTemplate: '{}' });
      Object.assign(config ?? {}, { timeoutSeconds: 3 });
    },
    [
      'change data action Tokenline Subscribe: the headers are others; the request is put together differently; it gives up after 3 s',
    ],
    1,
  ],
  [
    'a data action reads its answer differently',
    (org) => {
      const { config } = named(org.actions, 'Tokenline Subscribe');
      Object.assign(config?.response ?? {}, { successTemplate: '${rawResult}' });
    },
    ['change data action Tokenline Subscribe: the answer is read differently'],
    1,
  ],
  [
    'a skill is removed: the flow that asks for it is published again',
    (org) => org.skills.clear(),
    [
      'create skill Payment_Support_English',
      'change flow Tokenline Recurring Payments: it is bound anew to skill Payment_Support_English',
    ],
    3,
  ],
  [
    'the queue looks at skills in another way',
    (org) =>
      Object.assign(named(org.queues, 'Payment_Support_Group'), { skillEvaluationMethod: 'BEST' }),
    ['change queue Payment_Support_Group: it looks at skills by the method BEST'],
    1,
  ],
  [
    'a prompt says something else in one language and nothing in the other',
    (org) => {
      const prompt = named(org.prompts, 'tokenline_greeting');
      const [english] = prompt.resources ?? [];
      prompt.resources = english === undefined ? [] : [{ ...english, ttsString: 'Howdy.' }];
    },
    [
      'change user prompt tokenline_greeting: its text for en-us is another; it has no text for es-us',
    ],
    2,
  ],
  [
    'a flow is published by a person',
    (org) => {
      const flow = named(org.flows, 'Tokenline Card Capture');
      flow.publishedVersion = { id: 'v', createdBy: { id: 'p', name: 'Pat Person', version: 1 } };
      flow.savedVersion = flow.publishedVersion;
    },
    ['change flow Tokenline Card Capture: Pat Person published it last'],
    2,
  ],
  [
    'a flow is published by another client, from another text',
    (org) => {
      const flow = named(org.flows, 'Tokenline Card Capture');
      flow.description = 'Takes a card. [tokenline abc]';
      flow.publishedVersion = { id: 'v', createdByClient: { id: 'terraform', name: 'Terraform' } };
    },
    [
      'change flow Tokenline Card Capture: its text, or something that it names, is not what was published last; Terraform published it last',
    ],
    2,
  ],
  [
    'a flow is removed, and what leads to it is bound anew',
    (org) => {
      const { id = '' } = named(org.flows, 'Tokenline Card Capture');
      org.flows.delete(id);
      org.bindings.delete(id);
    },
    [
      'create flow Tokenline Card Capture',
      'change flow Tokenline Recurring Payments: it is bound anew to flow Tokenline Card Capture',
    ],
    4,
  ],
  [
    'the call route has another number and leads elsewhere',
    (org) =>
      Object.assign(named(org.callRoutes, 'Tokenline Recurring Payments'), {
        dnis: ['+13175550101'],
        openHoursFlow: { id: 'other', name: 'Other Flow' },
      }),
    [
      'change call route Tokenline Recurring Payments: its numbers are +13175550101; it leads to Other Flow',
    ],
    1,
  ],
];

for (const [title, drift, due, writes] of DRIFTS) {
  test(`plan finds it and apply puts it right: ${title}`, async () => {
    drift(world.double.org);
    assert.deepEqual(dueOf(await world.plan(smallWanted())), due);
    const sent = world.double.writes().length;
    await world.apply(smallWanted());
    assert.equal(world.double.writes().length - sent, writes);
    assert.deepEqual(dueOf(await world.plan(smallWanted())), []);
  });
}

test('another secret in the configuration is written, and seen without reading it back', async () => {
  const wanted = withField(smallWanted(), 'Tokenline', { clientSecret: 'quite-another-one' });
  assert.deepEqual(dueOf(await world.plan(wanted)), [
    'change credential Tokenline access, made by tokenline genesys: client, secret or address are others now',
    'change integration Tokenline: its notes are to remember the credential',
  ]);
  await world.apply(wanted);
  const [fields] = world.double.org.credentialFields.values();
  assert.equal(fields?.['clientSecret'], 'quite-another-one');
  await world.apply(smallWanted());
});

test('another address of the bridge changes the data actions, and another sentence its prompt alone', async () => {
  const moved = dueOf(await world.plan(smallWanted({ tokenizer_url: 'https://new.example.com' })));
  assert.deepEqual(moved, [
    'change data action Tokenline Tokenise Card: the address is https://cards.example.com/v1/tokens',
  ]);
  const { prompts } = smallWanted();
  const [greeting, ...others] = prompts;
  assert.ok(greeting);
  const texts = greeting.texts.map((one) => ({ ...one, text: `${one.text} Hi.` }));
  const said = dueOf(
    await world.plan(smallWanted({}, { prompts: [{ ...greeting, texts }, ...others] })),
  );
  assert.deepEqual(said, [
    `change user prompt ${greeting.name}: its text for en-us is another; its text for es-us is another`,
  ]);
});

test('changes that are saved and not published are told of, and left', async () => {
  const flow = named(world.double.org.flows, 'Tokenline Card Capture');
  const published = flow.savedVersion;
  flow.savedVersion = { id: 'draft' };
  const findings = await world.plan(smallWanted());
  const look = findings.find(({ part }) => part.name === 'Tokenline Card Capture')?.look;
  assert.deepEqual(look, {
    verdict: 'left',
    remark: 'somebody has saved changes in Architect that are not published',
  });
  if (published) flow.savedVersion = published;
});
