import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Diagnosis } from '../../src/cli/diagnosis.ts';
import { deployedFindings, type Wanted } from '../../src/cli/doctor-genesys-deployed.ts';
import { digitFindings } from '../../src/cli/doctor-genesys-digits.ts';
import { isHeld, type Look, type LogLevel, type Survey } from '../../src/genesys/survey.ts';

const seen = <T>(value: T): Look<T> => ({ kind: 'seen', value });
const hidden = (...permissions: string[]): Look<never> => ({
  kind: 'hidden',
  permissions,
  said: 'forbidden',
});

const property = (instance: unknown): object => ({ value: { instance } });

const trunk = (properties: Record<string, unknown>, trunkType = 'EXTERNAL') => ({
  name: 'Carrier',
  trunkType,
  properties: Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, property(value)]),
  ),
});

const base: LogLevel = { level: 'Base', keepsValues: false };

const card = {
  id: 'action-1',
  name: 'Tokenline Tokenise Card',
  secure: true,
  config: {
    timeoutSeconds: 30,
    request: { requestUrlTemplate: 'https://card.example.com/v1/tokens' },
  },
};

const WANTED: Wanted = {
  actions: [
    { name: card.name, secure: true, origin: 'https://card.example.com', answers: 'bridge' },
  ],
  flows: ['Tokenline Card Capture'],
  permissions: { read: ['architect:flow:view'], write: ['architect:flow:add'] },
  deadlineMs: 27_000,
};

/** An organisation in which nothing is wrong. */
const GOOD: Survey = {
  organization: 'Acme',
  pci: true,
  permissions: seen(new Set(['architect:flow:*'])),
  limits: seen(
    new Map([
      ['actions.concurrent.executions.max', 50],
      ['requests.volume.max', 2500],
    ]),
  ),
  actions: seen([card]),
  flows: seen([
    { id: 'flow-1', name: 'Tokenline Card Capture', publishedVersion: { id: 'version-1' } },
  ]),
  queue: seen({ name: 'Payment_Support_Group', memberCount: 3 }),
  trunks: seen([trunk({ trunk_media_dtmf_method: 'RTP Events', trunk_recording_enabled: false })]),
  executionData: seen(true),
  defaultLogLevel: seen(base),
  logLevels: seen(new Map()),
};

const FLOWS = [{ id: 'flow-1', name: 'Tokenline Card Capture' }];

function found(
  changes: Partial<Survey>,
  { live = true, wanted = {} }: { live?: boolean; wanted?: Partial<Wanted> } = {},
): Record<string, Diagnosis> {
  const survey = { ...GOOD, ...changes };
  const all = [
    ...digitFindings(survey, live, FLOWS),
    ...deployedFindings(survey, { ...WANTED, ...wanted }),
  ];
  return Object.fromEntries(all.map((diagnosis) => [diagnosis.check, diagnosis]));
}

test('an organisation in which nothing is wrong is all right', () => {
  const all = found({});
  for (const { check, state, says } of Object.values(all)) {
    assert.equal(state, 'ok', `${check} ${says}`);
  }
  assert.equal(Object.keys(all).length, 13);
});

test('what cannot be seen is a place to look at, never a pass', () => {
  const all = found({
    pci: null,
    permissions: hidden(),
    limits: hidden(),
    actions: hidden('integrations:action:view'),
    flows: hidden('architect:flow:view'),
    queue: hidden('routing:queue:view'),
    trunks: hidden('telephony:plugin:all'),
    executionData: hidden('architect:flowinstanceexecutiondata:view'),
  });
  for (const { check, state, todo } of Object.values(all)) {
    assert.equal(state, 'warn', check);
    assert.match(todo, /^Look yourself: /, check);
  }
  assert.match(all['genesys.trunks']?.says ?? '', /has not telephony:plugin:all/);
});

describe('what would keep digits', () => {
  const CASES: readonly (readonly [string, Partial<Survey>, check: string, says: RegExp])[] = [
    ['the PCI setting is off', { pci: false }, 'pci', /off/],
    [
      'a trunk keeps media for diagnosis',
      { trunks: seen([trunk({ trunk_diagnostic_capture_enabled: true })]) },
      'trunks.diagnostics',
      /Carrier: trunk_diagnostic_capture_enabled true/,
    ],
    [
      'a trunk between edges records what is recognised',
      { trunks: seen([trunk({ trunk_diagnostic_recognizer_recording_enabled: true }, 'EDGE')]) },
      'trunks.diagnostics',
      /recognizer/,
    ],
    [
      'flows keep what actions get',
      { defaultLogLevel: seen({ level: 'All', keepsValues: true }) },
      'execution_data',
      /Tokenline Card Capture: All/,
    ],
    [
      'one flow keeps variables',
      { logLevels: seen(new Map([['flow-1', { level: 'Notes', keepsValues: false }]])) },
      'execution_data',
      /Tokenline Card Capture: Notes/,
    ],
    [
      'a level of another name says that it keeps values',
      { defaultLogLevel: seen({ level: 'Custom', keepsValues: true }) },
      'execution_data',
      /Custom/,
    ],
  ];
  for (const [what, changes, check, says] of CASES) {
    test(`${what}: fails where money is real, and is a warning before`, () => {
      const live = found(changes)[`genesys.${check}`];
      assert.equal(live?.state, 'fail');
      assert.match(live.says, says);
      assert.match(live.todo, /^A Genesys administrator: /);
      assert.equal(found(changes, { live: false })[`genesys.${check}`]?.state, 'warn');
    });
  }

  test('a trunk that records, or on which keys are tones, is a warning', () => {
    const all = found({
      trunks: seen([
        trunk({ trunk_recording_enabled: true, trunk_media_dtmf_method: 'In-band Audio' }),
      ]),
    });
    assert.equal(all['genesys.trunks.recording']?.state, 'warn');
    assert.match(all['genesys.trunks.keys']?.says ?? '', /In-band Audio/);
    assert.equal(all['genesys.trunks.diagnostics']?.state, 'ok');
  });

  test('a carrier’s trunk whose settings Genesys keeps to itself has to be looked at', () => {
    const { 'genesys.trunks': finding } = found({ trunks: seen([trunk({})]) });
    assert.match(finding?.says ?? '', /settings of Carrier/);
  });

  test('execution data that is not kept needs no level', () => {
    const all = found({ executionData: seen(false), defaultLogLevel: hidden('x') });
    assert.equal(all['genesys.execution_data']?.state, 'ok');
  });

  test('a flow’s own level goes before that of all', () => {
    const all = found({
      defaultLogLevel: seen({ level: 'All', keepsValues: true }),
      logLevels: seen(new Map([['flow-1', base]])),
    });
    assert.equal(all['genesys.execution_data']?.state, 'ok');
  });

  test('a queue that is empty, recorded or transcribed is told', () => {
    const { 'genesys.queue': finding } = found({
      queue: seen({
        memberCount: 0,
        suppressInQueueCallRecording: false,
        enableTranscription: true,
      }),
    });
    assert.match(finding?.says ?? '', /no members; waiting callers are recorded; .*transcribed/);
    assert.equal(found({ queue: seen(null) })['genesys.queue']?.state, 'fail');
  });
});

describe('what is deployed', () => {
  const deployed = (changes: object): Partial<Survey> => ({
    actions: seen([{ ...card, ...changes }]),
  });
  const CASES: readonly (readonly [string, Partial<Survey>, check: string, says: RegExp])[] = [
    ['a card’s action is not secure', deployed({ secure: false }), 'secure', /Tokenise Card/],
    [
      'it goes somewhere else',
      deployed({
        config: { request: { requestUrlTemplate: 'https://elsewhere.example/v1/tokens' } },
      }),
      'hosts',
      /goes to https:\/\/elsewhere\.example/,
    ],
    [
      'a host that only begins like ours is another one',
      deployed({
        config: { request: { requestUrlTemplate: 'https://card.example.com.evil.test/v1' } },
      }),
      'hosts',
      /evil/,
    ],
    [
      'it gives up before we do',
      deployed({ config: { ...card.config, timeoutSeconds: 27 } }),
      'timeouts',
      /within 27 s/,
    ],
    [
      'the client may not publish',
      { permissions: seen(new Set(['architect:flow:view'])) },
      'permissions',
      /missing for apply: architect:flow:add$/,
    ],
    [
      'the client may not even look',
      { permissions: seen(new Set<string>()) },
      'permissions',
      /missing for plan and apply: architect:flow:view, architect:flow:add/,
    ],
  ];
  for (const [what, changes, check, says] of CASES) {
    test(what, () => {
      const finding = found(changes)[`genesys.${check}`];
      assert.equal(finding?.state, 'fail');
      assert.match(finding.says, says);
    });
  }

  test('without our own addresses there is nothing to compare with', () => {
    const actions = [{ name: card.name, secure: true, origin: null, answers: 'bridge' as const }];
    const finding = found({}, { wanted: { actions } })['genesys.hosts'];
    assert.equal(finding?.state, 'warn');
    assert.match(finding.says, /is not set; .* goes to https:\/\/card\.example\.com/);
  });

  test('what is missing is to be applied', () => {
    const all = found({ actions: seen([]), flows: seen([]) });
    assert.match(all['genesys.actions']?.says ?? '', /1 of 1 are missing/);
    assert.match(all['genesys.flows']?.says ?? '', /not published: Tokenline Card Capture/);
    assert.match(all['genesys.flows']?.todo ?? '', /tokenline genesys apply/);
    assert.match(all['genesys.secure']?.says ?? '', /none is deployed/);
    assert.match(all['genesys.hosts']?.says ?? '', /^0 go to/);
  });

  test('an action without a timeout of its own waits for a minute', () => {
    const config = { request: card.config.request };
    assert.equal(found(deployed({ config }))['genesys.timeouts']?.state, 'ok');
    assert.equal(
      found(deployed({ config }), { wanted: { deadlineMs: 60_000 } })['genesys.timeouts']?.state,
      'fail',
    );
  });

  test('a limit that is lower than usual is told, and one that is not there has to be looked up', () => {
    const low = new Map([
      ['actions.concurrent.executions.max', 20],
      ['requests.volume.max', 2500],
    ]);
    assert.match(
      found({ limits: seen(low) })['genesys.limits']?.says ?? '',
      /20 data actions at once/,
    );
    assert.match(
      found({ limits: seen(new Map()) })['genesys.limits']?.todo ?? '',
      /^Look yourself/,
    );
  });
});

test('a permission is held by its name, or by one that stands for all of its kind', () => {
  const wanted = 'routing:queue:add';
  for (const held of [wanted, 'routing:queue:*', 'routing:*:*', '*:*:*', 'Routing:Queue:Add']) {
    assert.ok(isHeld(wanted, new Set([held])), held);
  }
  for (const held of ['routing:queue:view', 'routing:queueMember:*', 'architect:*:*']) {
    assert.ok(!isHeld(wanted, new Set([held])), held);
  }
});
