import type { ActionType, Played } from './action-type.ts';
import { BUILT_INS } from './expression/built-ins.ts';
import { describeFunctions, describeOperators } from './expression/describe.ts';
import { FLOW_TYPES, OTHER_FLOW_TYPES } from './flow-type.ts';
import { CHOICE_TYPES } from './menu.ts';
import { FLOW_KEYS } from './read.ts';
import { ACTION_TYPES } from './registry.ts';
import { READ_RULES } from './rules.ts';
import { FLOW_SETTINGS, SETTING_SENTENCES } from './settings.ts';
import type { Properties } from './shape.ts';
import { TYPE_WORDS } from './type-word.ts';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string): string => `\`${text}\``;
const words = (texts: readonly string[]): string => texts.map(code).join(', ');

const ON_THE_LINE: Readonly<Record<Played, string>> = {
  played: 'yes',
  answered: 'answered',
  named: 'no',
};

const SPELLING: Readonly<Record<ActionType['spelling'], string>> = {
  export: 'proven',
  name: 'name proven',
  sdk: 'derived',
};

/** Keys that have to be there are bold. */
function keysOf(properties: Properties): string {
  return Object.entries(properties)
    .map(([key, { required }]) => (required ? `**${code(key)}**` : code(key)))
    .join(', ');
}

function actionTable(types: readonly ActionType[]): string {
  const rows = types.map(({ key, says, played, spelling, properties, paths }) => [
    code(key),
    says,
    ON_THE_LINE[played],
    SPELLING[spelling],
    keysOf(properties),
    paths === null ? 'named by the flow' : words(paths),
  ]);
  return table(['action', 'what it does', 'on the line', 'spelling', 'keys', 'paths'], rows);
}

function actionSections(): string {
  const types = [...ACTION_TYPES.values()];
  const families = [...new Set(types.map(({ family }) => family))];
  return families
    .map(
      (family) => `### ${family}\n\n${actionTable(types.filter((type) => type.family === family))}`,
    )
    .join('\n\n');
}

function choiceTable(): string {
  const rows = CHOICE_TYPES.map(({ key, says, spelling }) => [code(key), says, SPELLING[spelling]]);
  return table(['choice', 'what it does', 'spelling'], rows);
}

function settingsTable(): string {
  const rows = Object.entries(SETTING_SENTENCES).map(([key, says]) => {
    const form = Object.entries(FLOW_SETTINGS).find(([name]) => name === key)?.[1].form ?? '';
    const inner = form.startsWith('{') ? words(form.slice(1, -1).split(', ')) : '';
    return [code(key), says, inner];
  });
  return table(['key', 'what it says', 'keys'], rows);
}

const NOTE = '<!-- Written by `npm run generate` from `src/architect`; do not edit. -->';

const cell = (text: string): string => text.replaceAll('|', '\\|');

function expressionSection(): string {
  const operators = describeOperators().map(({ sign, sentence }) => [
    sign
      .split(' ')
      .map((part) => code(cell(part)))
      .join(' '),
    cell(sentence),
  ]);
  const functions = describeFunctions().map(({ signatures, sentence }) => [
    signatures.map((signature) => code(cell(signature))).join('<br>'),
    cell(sentence),
  ]);
  const builtIns = BUILT_INS.map(({ scope, name, type, sentence, flowTypes }) => [
    code(`${scope}.${name}`),
    typeof type === 'string' ? type : `${type.collectionOf} collection`,
    sentence,
    words(flowTypes),
  ]);
  return `## Expressions

Functions and variables are found in any case. \`?\` takes NOT_SET, \`...\` repeats.

### Operators

From those that bind tightest.

${table(['operator', 'what it gives'], operators)}

### Functions

${table(['function', 'what it gives'], functions)}

### Built-in variables

${table(['variable', 'type', 'what it holds', 'in'], builtIns)}`;
}

/** `docs/reference/architect.md`. */
export function architectPage(): string {
  return `${[
    `# What Architect this understands

${NOTE}

Flows of Genesys Architect in the YAML that Archy exports and imports, YAML 1.2. What is not listed
here is named with file and line when a flow is read; nothing is skipped.`,
    `**Spelling**: _proven_ is seen in exports or deployments that somebody published. _Name proven_:
the action is seen there, or in a tool that reads exports, and its keys are derived. _Derived_ follows
from the names of Genesys's flow scripting SDK: every action in public exports is spelt as its class
is. So is \`isSecure\` of a variable. Compare with an export of your own before you publish what is
derived. In the last table, actions that are not proven may have other keys than those listed: they
are read for their values and variables.`,
    `**On the line**: _yes_ is played. _Answered_ would ask or tell the organisation: whoever sets the
call up gives the answer. Without one, what is looked for by name is found, the organisation is open,
and rows of tables and contacts are not found. _No_ is an error event at that
action, which the flow's error handling takes.`,
    `## Flow types

${table(
  ['root key', 'what it is'],
  Object.entries(FLOW_TYPES).map(([key, says]) => [code(key), says]),
)}

Refused by name: ${words(OTHER_FLOW_TYPES)}.`,
    `## Keys of a flow

${table(
  ['key', 'what it says'],
  Object.entries(FLOW_KEYS).map(([key, says]) => [code(key), says]),
)}

\`{{key}}\` is replaced before the text is YAML. Without a value it stays as text, where text may stand.

Variables are \`<type>Variable\` or \`<type>CollectionVariable\` with \`name\`, \`initialValue\`,
\`isInput\`, \`isOutput\`, \`isSecure\`, \`description\`. Types: ${words(TYPE_WORDS)}.

A value has exactly one of \`lit\`, \`exp\` and \`noValue: true\`; audio one of \`tts\`, \`prompt\`, \`exp\`
and \`noValue: true\`; an output \`var\` or \`noValue: true\`.`,
    `## Settings

${settingsTable()}`,
    `## Actions

Every action has a \`name\` too. Keys that have to be there are bold.

${actionSections()}`,
    `## Choices of a menu

Every choice has \`name\`, \`dtmf\`, \`globalDtmf\`, \`globalSpeechRecTerms\` and \`speechRecTerms\`; the
keys of its action stand beside them.

${choiceTable()}`,
    expressionSection(),
    `## What reading can find

${table(
  ['rule', 'what it means'],
  Object.entries(READ_RULES).map(([rule, says]) => [code(rule), says]),
)}`,
  ].join('\n\n')}\n`;
}
