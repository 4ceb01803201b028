import type { Spelling } from './action-type.ts';
import type { TreeNode } from './document.ts';
import type { Action, Branch, Choice, Menu, Reference, Sequence } from './model.ts';
import type { Position } from './position.ts';
import { flag, key, listOf, text } from './property.ts';
import { nearest, type Fields, type Reading } from './reading.ts';
import { ACTION_TYPES } from './registry.ts';
import { SETTINGS_MENU, SETTINGS_SPEECH } from './settings.ts';
import { readProperties } from './shape.ts';
import { audio } from './value-property.ts';

/** A choice of a menu: its key in the YAML, and the action that it is. */
export interface ChoiceType {
  readonly key: string;
  /** `null` for a task or menu that is written inside the choice. */
  readonly action: string | null;
  readonly says: string;
  readonly spelling: Spelling;
}

function wrapping(
  action: string,
  says: string,
  spelling: ChoiceType['spelling'] = 'sdk',
): ChoiceType {
  return { key: `menu${action.charAt(0).toUpperCase()}${action.slice(1)}`, action, says, spelling };
}

/** Genesys SDK: the classes `ArchMenu…` are the choices that a menu can have. */
export const CHOICE_TYPES: readonly ChoiceType[] = [
  {
    key: 'menuTask',
    action: null,
    says: 'Does a task that is written inside the choice.',
    spelling: 'export',
  },
  {
    key: 'menuSubMenu',
    action: null,
    says: 'Opens a menu that is written inside the choice.',
    spelling: 'sdk',
  },
  wrapping('jumpToTask', 'Goes to a task of the flow.', 'export'),
  wrapping('jumpToMenu', 'Opens a menu of the flow.'),
  wrapping('previousMenu', 'Goes back to the menu before.'),
  wrapping('repeatMenu', 'Plays the menu again.', 'name'),
  wrapping('disconnect', 'Hangs up.', 'export'),
  wrapping('returnToAgent', 'Gives the caller back to the agent.'),
  wrapping('transferToAcd', 'Puts the caller into a queue.', 'export'),
  wrapping('transferToFlow', 'Goes on in another flow.'),
  wrapping('transferToFlowSecure', 'Goes on in a secure flow.'),
  wrapping('transferToNumber', 'Calls another number.', 'export'),
  wrapping('transferToUser', 'Rings one user.'),
  wrapping('transferToGroup', 'Rings a group of users.'),
  wrapping('transferToVoicemail', 'Takes a message.', 'export'),
  wrapping('dialByExtension', 'Lets the caller key in an extension.'),
];

const BY_KEY = new Map(CHOICE_TYPES.map((type) => [type.key, type]));

const CHOICE = { dtmf: key(), globalDtmf: flag(), globalSpeechRecTerms: flag() };

export const MENU_PROPERTIES = {
  audio: audio(),
  settingsMenu: SETTINGS_MENU,
  settingsSpeechRec: SETTINGS_SPEECH,
};

/** Reads `menus`: `[{menu: {…}}]`. */
export function readMenus(node: TreeNode, reading: Reading): readonly Menu[] {
  return reading.list(node, '`menus`').flatMap((item) => {
    const entry = reading.onlyEntry(item, 'an item of `menus`');
    if (entry === null) return [];
    if (entry.key !== 'menu') {
      reading.report(entry.keyPosition, 'unknown-key', `Write \`menu\` for \`${entry.key}\`.`);
      return [];
    }
    const fields = reading.fields(entry.value, 'menu');
    const menu = readMenu(fields);
    fields.end();
    return [{ ...menu, position: entry.keyPosition }];
  });
}

function readMenu(fields: Fields): Menu {
  const { reading, position } = fields;
  const { name, refId } = readProperties(fields, { name: text(), refId: text() });
  fields.take('trackingId');
  const values = readProperties(fields, MENU_PROPERTIES);
  const list = fields.take('choices');
  const read = (list === null ? [] : reading.list(list, '`choices`')).flatMap(
    (item) => readChoice(item, reading) ?? [],
  );
  const choices = read.map(({ choice }) => choice);
  const none = { kind: 'none', position } as const;
  return {
    name: name === '' ? refId : name,
    refId: refId === '' ? name : refId,
    audio: values.audio,
    choices,
    repeatAudio: none,
    selectionTimeout: values.settingsMenu.menuSelectionTimeout,
    repeatCount: values.settingsMenu.repeatCount,
    noSelection: defaultChoice(fields, read),
    position,
  };
}

interface ReadChoice {
  readonly choice: Choice;
  /** As `defaultChildMenuRef` names it: `menuTask[refId]`. */
  readonly segment: string;
}

/** `defaultChildMenuRef: ./choices/menuTask[refId]`: the choice that counts when nothing is chosen. */
function defaultChoice(fields: Fields, choices: readonly ReadChoice[]): Branch | null {
  const { reading } = fields;
  const node = fields.take('defaultChildMenuRef');
  if (node === null) return null;
  const path = node.kind === 'text' ? node.source : '';
  const segment = /\/choices\/(\w+\[[^\]]+\])$/.exec(path)?.[1];
  if (segment === undefined) {
    reading.wrongType(node, '`defaultChildMenuRef`', 'a path such as ./choices/menuTask[refId]');
    return null;
  }
  const found = choices.find((candidate) => candidate.segment === segment);
  if (found === undefined) {
    reading.report(
      node.position,
      'unresolved-reference',
      `The menu has no choice \`${segment}\`; add it, or correct the path ${path}.`,
    );
    return null;
  }
  const { choice } = found;
  return { name: choice.name, actions: choice.actions, position: choice.position };
}

function readChoice(item: TreeNode, reading: Reading): ReadChoice | null {
  const entry = reading.onlyEntry(item, 'a choice');
  if (entry === null) return null;
  const type = BY_KEY.get(entry.key);
  if (type === undefined) {
    const near = nearest(entry.key, BY_KEY.keys());
    reading.report(
      entry.keyPosition,
      'unknown-action',
      `${entry.key} is no choice of a menu; ${near === null ? 'correct its spelling or take it away.' : `did you mean ${near}?`}`,
    );
    return null;
  }
  const fields = reading.fields(entry.value, entry.key);
  const { dtmf, globalDtmf, globalSpeechRecTerms } = readProperties(fields, CHOICE);
  const terms = readTerms(fields);
  const position = entry.keyPosition;
  const name = fields.take('name');
  const refId = fields.take('refId');
  const actions = choiceActions(type, fields, position);
  fields.end();
  const choice: Choice = {
    name: name?.kind === 'text' && name.value !== null ? name.source : entry.key,
    key: dtmf,
    globalKey: globalDtmf,
    terms,
    globalTerms: globalSpeechRecTerms,
    actions,
    position,
  };
  const id = refId?.kind === 'text' ? refId.source : choice.name;
  return { choice, segment: `${entry.key}[${id}]` };
}

function choiceActions(type: ChoiceType, fields: Fields, position: Position): Sequence {
  fields.take('trackingId');
  if (type.key === 'menuTask') return inlineTask(fields);
  if (type.key === 'menuSubMenu') return [subMenu(fields, position)];
  const action = ACTION_TYPES.get(type.action ?? '')?.read(fields);
  return action === undefined ? [] : [{ ...action, position }];
}

function inlineTask(fields: Fields): Sequence {
  const { reading } = fields;
  const node = fields.take('task');
  if (node === null) {
    fields.missing('task', '`{actions: […]}`');
    return [];
  }
  const task = reading.fields(node, '`task` of menuTask');
  const actions = task.take('actions');
  for (const key of ['name', 'refId', 'trackingId']) task.take(key);
  task.end();
  return actions === null ? [] : reading.actions(actions, reading);
}

/** The inner menu becomes one of the flow's, and the choice a way to it. */
function subMenu(fields: Fields, position: Position): Action {
  const { reading } = fields;
  const read = { ...readMenu(fields), position };
  const refId = read.refId === '' ? `line ${position.line}` : read.refId;
  reading.subMenus.push({ ...read, refId });
  const target: Reference = { kind: 'menu', refId, text: refId, position };
  return { kind: 'jumpToMenu', name: read.name, type: 'menuSubMenu', target, inputs: [], position };
}

/** `speechRecTerms: {en-us: {terms: [agent]}}`. */
function readTerms(fields: Fields): Choice['terms'] {
  const { reading } = fields;
  const node = fields.take('speechRecTerms');
  if (node === null) return {};
  const languages = reading.fields(node, '`speechRecTerms`').takeRest();
  return Object.fromEntries(
    languages.map(({ key: language, keyPosition, value }) => {
      const inner = reading.fields(value, `\`${language}\` of \`speechRecTerms\``);
      const list = inner.take('terms');
      inner.end();
      const place = { what: `the terms of ${language}`, position: keyPosition };
      return [language, listOf(text()).read(list, place, reading)];
    }),
  );
}
