import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action, Flow } from '../../src/architect/model.ts';
import { readFlow } from '../../src/architect/read.ts';
import { GOOD_FLOW } from './flow.ts';

function read(): Flow {
  const { flow, problems } = readFlow(GOOD_FLOW, 'plumber.yaml');
  assert.deepEqual(problems, []);
  assert.ok(flow !== null);
  return flow;
}

function find<K extends Action['kind']>(actions: readonly Action[], kind: K) {
  const action = actions.find((candidate) => candidate.kind === kind);
  assert.ok(action !== undefined, kind);
  return action as Extract<Action, { kind: K }>;
}

const start = (): readonly Action[] => read().tasks[0]?.actions ?? [];

test('a flow has its names, languages and start', () => {
  const flow = read();
  assert.equal(flow.type, 'inboundCall');
  assert.equal(flow.name, 'Plumber');
  assert.deepEqual(flow.languages, ['en-us', 'es-us']);
  assert.deepEqual([flow.startUp?.kind, flow.startUp?.refId], ['task', 'Start_1']);
  assert.deepEqual([flow.initialGreeting.kind], ['prompt']);
});

test('a flow has its settings, and its error handling is an action', () => {
  const { settings } = read();
  assert.deepEqual(settings.noEntryTimeout.kind === 'literal' && settings.noEntryTimeout.literal, {
    kind: 'duration',
    durationMs: 7000,
  });
  assert.equal(settings.interDigitTimeout.kind, 'none');
  assert.equal(settings.speechEnabled, true);
  assert.equal(settings.errorHandling.action.kind, 'jumpToTask');
});

test('variables have type, scope and first value', () => {
  assert.deepEqual(
    read().variables.map(({ name, type, initial, isSecure }) => [
      name,
      type,
      initial.kind,
      isSecure,
    ]),
    [
      ['Flow.Visit', 'string', 'none', false],
      ['Flow.Turn', 'integer', 'literal', false],
      ['Flow.Days', { collectionOf: 'string' }, 'none', false],
    ],
  );
});

test('every action knows the line it stands in', () => {
  const lines = GOOD_FLOW.split('\n');
  const walk = (actions: readonly Action[]): void => {
    for (const { type, position } of actions) {
      const line = lines[position.line - 1] ?? '';
      assert.equal(line.slice(position.column - 1, position.column - 1 + type.length), type);
    }
  };
  for (const task of read().tasks) walk(task.actions);
});

test('collectInput has its variable, its range and both its ways', () => {
  const loop = find(start(), 'loop');
  const collect = find(loop.body?.actions ?? [], 'collectInput');
  assert.deepEqual(
    [collect.into, collect.min, collect.max, collect.terminator, collect.verification],
    ['Flow.Visit', 1, 6, '#', 'none'],
  );
  assert.equal(collect.success?.actions[0]?.kind, 'loopExit');
  assert.equal(collect.failure?.actions[0]?.kind, 'loopNext');
});

test('callData has category, data action, inputs, outputs and three ways', () => {
  const action = find(start(), 'callData');
  assert.deepEqual(
    [action.category, action.action, action.secure],
    ['Plumbing', 'Find Visit', false],
  );
  assert.deepEqual(
    action.inputs.map(({ name, value }) => [name, value.kind]),
    [
      ['number', 'expression'],
      ['channel', 'literal'],
    ],
  );
  assert.deepEqual(
    action.successOutputs.map(({ name, variable }) => [name, variable]),
    [
      ['days', 'Flow.Days'],
      ['ignored', null],
    ],
  );
  assert.deepEqual(
    [action.success?.name, action.failure?.name, action.timedOut?.name],
    ['success', 'failure', 'timeout'],
  );
});

test('callDataSecure is the same with secure on', () => {
  const { flow, problems } = readFlow(GOOD_FLOW.replace('- callData:', '- callDataSecure:'), 'f');
  assert.deepEqual(problems, []);
  assert.equal(find(flow?.tasks[0]?.actions ?? [], 'callData').secure, true);
});

test('a switch has its cases in order, and an expression its tree', () => {
  const action = find(find(start(), 'callData').success?.actions ?? [], 'switch');
  const value = action.cases[0]?.value;
  assert.ok(value?.kind === 'expression');
  assert.equal(value.text, 'Count(Flow.Days) > 3');
  assert.equal(value.expression.kind, 'binary');
  assert.equal(action.otherwise?.actions.length, 0);
});

test('a transfer has its queue by name and its skills', () => {
  const transfer = find(read().tasks[1]?.actions ?? [], 'transfer');
  assert.equal(transfer.to, 'acd');
  assert.deepEqual(transfer.target.kind === 'literal' && transfer.target.literal, {
    kind: 'named',
    name: 'Plumbers',
  });
  assert.equal(transfer.skills.length, 1);
  assert.equal(transfer.failure?.actions[0]?.kind, 'disconnect');
});

test('a task is called with its paths by name', () => {
  const no = find(start(), 'decision').no?.actions ?? [];
  const call = find(no, 'callTask');
  assert.deepEqual([call.target.refId, call.paths[0]?.name], ['Sorry_2', 'Better']);
});

test('a menu has keys and words, and a menu in it becomes one of the flow', () => {
  const { menus } = read();
  assert.deepEqual(
    menus.map(({ refId }) => refId),
    ['Main_3', 'More_4'],
  );
  const [book, more, person] = menus[0]?.choices ?? [];
  assert.deepEqual([book?.key, book?.globalKey, book?.globalTerms], ['1', true, false]);
  assert.deepEqual(book?.terms, { 'en-us': ['book', 'a visit'] });
  assert.equal(book?.actions[0]?.kind, 'endTask');
  assert.deepEqual(menus[0]?.noSelection?.actions, book?.actions);
  const [jump] = more?.actions ?? [];
  assert.ok(jump?.kind === 'jumpToMenu');
  assert.deepEqual([more?.key, jump.target.refId], ['*', 'More_4']);
  assert.equal(find(person?.actions ?? [], 'transfer').to, 'acd');
});

test('a secure flow and a common module are read by their own roots', () => {
  const secure = `secureCall:
  name: Card
  startUpRef: "/secureCall/tasks/task[a]"
  tasks:
    - task:
        refId: a
        variables:
          - stringVariable: { name: Task.Pan, initialValue: { noValue: true }, isSecure: true }
        actions:
          - returnToAgent: { name: Back }
`;
  const card = readFlow(secure, 'card.yaml');
  assert.deepEqual(card.problems, []);
  assert.equal(card.flow?.tasks[0]?.variables[0]?.isSecure, true);
  const module = readFlow('commonModule:\n  name: M\n  startUpTaskActions: []\n', 'm.yaml');
  assert.deepEqual(module.problems, []);
  assert.equal(module.flow?.startUp, null);
});

test('an action that is only named is read for its values and variables', () => {
  const text = `inqueueCall:
  name: Waiting
  startUpTaskActions:
    - callBotFlow:
        name: Bot
        botFlow:
          Helper:
            ver_latestPublished:
              inputs: { Bot.x: { exp: Flow.y } }
              outputs: { Bot.z: { var: Flow.z } }
              intents: { Help: { actions: [{ playAudio: { audio: { tts: Yes. } } }] } }
        outputs:
          intents:
            actions:
              - holdMusic: { name: Music, prompt: { exp: Flow.HoldPrompt }, playStyle: { entirePrompt: true } }
`;
  const { flow, problems } = readFlow(text, 'q.yaml');
  assert.deepEqual(problems, []);
  const bot = find(flow?.startUpActions ?? [], 'notPlayed');
  assert.deepEqual(
    bot.settings.map(({ name }) => name),
    ['botFlow.Helper.ver_latestPublished.inputs.Bot.x'],
  );
  assert.deepEqual(
    bot.outputs.map(({ variable }) => variable),
    ['Flow.z'],
  );
  assert.deepEqual(
    bot.paths.map(({ actions }) => actions[0]?.type),
    ['holdMusic', 'playAudio'],
  );
});
